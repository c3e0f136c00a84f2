"""`zvmlab` as a user starts it: what it says, how it exits, and that it leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from zvmlab.neutron_api import wait_for


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where the lab puts its files, all of them."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return scratch


@contextmanager
def zvmlab(scratch: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    command: Sequence[str] = [sys.executable, "-m", "zvmlab.main", *options]
    environment = {**os.environ, "TMPDIR": str(scratch)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as lab:
        try:
            yield lab
        finally:
            lab.kill()


def nothing_is_left(scratch: Path) -> bool:
    places = [_target(link) for link in Path("/proc").glob("[0-9]*/cwd")]
    return not any(place.startswith(str(scratch)) for place in places) and not list(scratch.iterdir())


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def test_once_tells_all_and_leaves_nothing(scratch: Path) -> None:
    with zvmlab(scratch, "--once") as lab:
        told, _ = lab.communicate(timeout=200)
    assert lab.returncode == 0, told
    assert "✗" not in told
    for heading in ("Ports ─", "Map ─", "Who reaches whom ─", "Figures ─", "expectations held"):
        assert heading in told
    wait_for(lambda: nothing_is_left(scratch), bool, what="nothing to be left", timeout=10)


def test_an_interruption_in_the_middle_leaves_nothing(scratch: Path) -> None:
    with zvmlab(scratch, "--once") as lab:
        assert lab.stdout is not None
        assert any("Six guests" in line for line in lab.stdout)
        lab.send_signal(signal.SIGINT)
        lab.communicate(timeout=30)
    assert lab.returncode == 130
    wait_for(lambda: nothing_is_left(scratch), bool, what="nothing to be left", timeout=10)


def test_it_stays_up_with_guests_to_look_at_and_says_how_to_go_on(scratch: Path) -> None:
    with zvmlab(scratch) as lab:
        assert lab.stdout is not None
        told = []
        for line in lab.stdout:
            told.append(line.strip())
            if "ends the lab" in line:
                break
        exports = dict(word.split("=") for word in next(t for t in told if "OS_AUTH_TYPE" in t).split()[1:])
        openstack = Path(sys.executable).with_name("openstack")
        listed = subprocess.run(
            [openstack, "port", "list", "-f", "value", "-c", "Status"],
            env={**os.environ, **exports},
            capture_output=True,
            text=True,
            check=True,
        )
        lab.send_signal(signal.SIGTERM)
        lab.communicate(timeout=30)
    assert lab.returncode == 0
    assert listed.stdout.split() == ["ACTIVE"] * 14
