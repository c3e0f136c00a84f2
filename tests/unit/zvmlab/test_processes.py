"""The processes of a cloud start, complain and end as promised, whichever way the lab itself ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.guard import groups_left, runs
from zvmlab.cloud.processes import Processes
from zvmlab.neutron_api import wait_for

SLEEPER = ["sh", "-c", "echo ready; sleep 600 & sleep 600"]
STUBBORN = ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 600; done"]
LAB = """
import sys
from pathlib import Path
from zvmlab.cloud.processes import Processes
processes = Processes(Path(sys.argv[1]), remove=Path(sys.argv[1]))
processes.start("sleeper", ["sh", "-c", "echo $$; sleep 600 & sleep 600"])
log = processes.logs["sleeper"]
processes.wait_ready("sleeper", lambda: log.read_text().endswith(chr(10)), timeout=10)
print(log.read_text(), end="", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(tmp_path)
    yield processes
    processes.close()


def start(processes: Processes, name: str, command: list[str]) -> None:
    processes.start(name, command)
    processes.wait_ready(name, lambda: "ready" in processes.logs[name].read_text(), timeout=10)


def test_a_process_and_what_it_started_end_together(processes: Processes) -> None:
    processes.start("family", ["sh", "-c", "echo $$; sleep 600 & sleep 600"])
    log = processes.logs["family"]
    processes.wait_ready("family", lambda: log.read_text().endswith("\n"), timeout=10)
    group = int(log.read_text())
    assert runs(group)
    processes.stop("family", grace=0)
    assert not runs(group)
    assert not processes.alive("family")


def test_a_child_with_a_session_of_its_own_ends_with_it_too(processes: Processes) -> None:
    inner = "import os; os.fork() or (os.setsid(), print(os.getpgrp(), flush=True)); os.read(0, 1)"
    processes.start("family", ["sh", "-c", f"sleep 600 | {sys.executable} -c '{inner}'; true"])
    log = processes.logs["family"]
    processes.wait_ready("family", lambda: log.read_text().endswith("\n"), timeout=10)
    group = int(log.read_text())
    assert runs(group)
    processes.stop("family", grace=0)
    assert not runs(group)


def test_an_orderly_end_is_told_from_a_kill(processes: Processes) -> None:
    start(processes, "polite", SLEEPER)
    start(processes, "stubborn", STUBBORN)
    assert processes.stop("polite", grace=10)
    assert not processes.stop("stubborn", grace=0.1)
    assert not processes.alive("stubborn")


def test_a_process_that_dies_in_its_start_says_why(processes: Processes) -> None:
    processes.start("broken", ["sh", "-c", "echo no such table; exit 3"])
    with pytest.raises(CloudError, match=r"broken ended during its start(.|\n)*no such table"):
        processes.wait_ready("broken", lambda: False, timeout=10)


def test_a_process_that_never_gets_ready_is_named(processes: Processes) -> None:
    start(processes, "slow", SLEEPER)
    with pytest.raises(CloudError, match=r"slow is not ready after 0\.1 s"):
        processes.wait_ready("slow", lambda: False, timeout=0.1)


def test_a_failing_command_shows_the_end_of_its_output(processes: Processes) -> None:
    with pytest.raises(CloudError, match=r"migrate failed with exit code 7(.|\n)*bad revision"):
        processes.run("migrate", ["sh", "-c", "echo bad revision >&2; exit 7"], timeout=10)


def test_a_command_that_does_not_end_is_ended(processes: Processes) -> None:
    with pytest.raises(CloudError, match="migrate is not done after"):
        processes.run("migrate", SLEEPER, timeout=0.1)
    assert not processes.alive("migrate")


def test_closing_ends_everything_and_removes_the_directory(tmp_path: Path) -> None:
    state_dir = tmp_path / "state"
    state_dir.mkdir()
    processes = Processes(state_dir, remove=state_dir)
    start(processes, "sleeper", SLEEPER)
    processes.close()
    assert not processes.alive("sleeper")
    assert not state_dir.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_nothing_outlives_a_killed_lab(tmp_path: Path, number: signal.Signals) -> None:
    state_dir = tmp_path / "state"
    state_dir.mkdir()
    command = [sys.executable, "-c", LAB, str(state_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as lab:
        assert lab.stdout is not None
        group = int(lab.stdout.readline())
        assert runs(group)
        os.kill(lab.pid, number)
    wait_for(lambda: runs(group), lambda running: not running, what="the orphan to end", timeout=10)
    wait_for(state_dir.exists, lambda exists: not exists, what="its files to go", timeout=10)


def test_the_guard_ends_only_what_it_was_not_told_to_forget() -> None:
    assert groups_left(["+10\n", "+20\n", "-10\n", "+30\n"]) == [30, 20]


def test_the_number_of_one_that_has_ended_is_no_other_process_s_before_its_group_is_ended(
    processes: Processes,
) -> None:
    processes.start("short", ["sh", "-c", "echo $$"])
    wait_for(lambda: processes.alive("short"), lambda alive: not alive, what="its end", timeout=10)
    process = Path("/proc") / processes.logs["short"].read_text().strip()
    assert process.exists()
    assert processes.stop("short", grace=0)
    assert not process.exists()
