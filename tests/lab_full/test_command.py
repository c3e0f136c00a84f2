"""`zvmlab-full` as a user starts it: what it says, how it exits, and that it leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from zvmlab.neutron_api import wait_for

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("whole_openstack"), pytest.mark.timeout(1200)]


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where the lab puts its files, all of them."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return scratch


@contextmanager
def zvmlab_full(scratch: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "zvmlab.full_story.main", *options]
    environment = {**os.environ, "TMPDIR": str(scratch)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as lab:
        try:
            yield lab
        finally:
            lab.kill()


def left(scratch: Path) -> list[str]:
    """Processes that work in the lab's directory, and its files."""
    places = [_target(link) for link in Path("/proc").glob("[0-9]*/cwd")]
    return [place for place in places if place.startswith(str(scratch))] + os.listdir(scratch)


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def expect_nothing_left(scratch: Path) -> None:
    wait_for(lambda: left(scratch), lambda left: left == [], what="nothing to be left", timeout=30)


def test_once_tells_all_and_leaves_nothing(scratch: Path) -> None:
    with zvmlab_full(scratch, "--once") as lab:
        told, _ = lab.communicate(timeout=1000)
    assert lab.returncode == 0, told
    assert "✗" not in told
    for words in ("Keystone answers", "becomes ACTIVE", "network-vif-plugged", "Map ─", "expectations held"):
        assert words in told
    expect_nothing_left(scratch)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_end_amidst_the_start_leaves_nothing(scratch: Path, number: signal.Signals) -> None:
    """Several services are filling their databases side by side."""
    with zvmlab_full(scratch, "--once") as lab:
        assert lab.stdout is not None
        assert any("MariaDB" in line for line in lab.stdout)
        wait_for(lambda: list(scratch.glob("*/log/*-manage-*")), bool, what="a service to make its tables")
        lab.send_signal(number)
        lab.wait(timeout=60)
    assert lab.returncode == (130 if number == signal.SIGINT else -number)
    expect_nothing_left(scratch)


def test_it_stays_up_with_servers_and_says_how_to_go_on(scratch: Path) -> None:
    with zvmlab_full(scratch) as lab:
        assert lab.stdout is not None
        told = []
        for line in lab.stdout:
            told.append(line.strip())
            if "ends the lab" in line:
                break
        enter = next(line for line in told if line.startswith("cd "))
        columns = "-f value -c Name -c Status"
        listed = _shell(f"{enter} && openstack server list {columns}")
        assert sorted(listed.splitlines()) == ["web1 ACTIVE", "web2 ACTIVE"]
        show = next(line for line in told if line.startswith("neutron-zvm show")).partition("#")[0]
        assert "ZVM00003" in _shell(f"{enter} && {show}")
        lab.send_signal(signal.SIGTERM)
        lab.wait(timeout=120)
    assert lab.returncode == 0
    expect_nothing_left(scratch)


def _shell(line: str) -> str:
    return subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True, timeout=120).stdout
