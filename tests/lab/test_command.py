"""`zvmlab` as a user starts it: what it says, how it exits, and that it leaves nothing behind.

The story is told to its end through every control point.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from zvmlab import dhcp_client, dhcp_node
from zvmlab.cloud.errors import CloudError
from zvmlab.feilong import environment
from zvmlab.lab import CONTROL_POINTS
from zvmlab.neutron_api import wait_for

NO_DHCP = [*dhcp_node.missing(), *dhcp_client.missing()]


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


# Through xCAT it is told by the lab that stays up, too.
ONCE = [pytest.param(name, marks=[pytest.mark.long] if name == "xcat" else []) for name in CONTROL_POINTS]


@pytest.fixture(params=ONCE)
def control_point(request: pytest.FixtureRequest) -> str:
    if request.param == "feilong":
        _skip_without_feilong()
    return str(request.param)


def _skip_without_feilong() -> None:
    try:
        environment.python()
    except CloudError as error:
        pytest.skip(str(error))


def nothing_is_left(scratch: Path) -> bool:
    places = [_target(link) for link in Path("/proc").glob("[0-9]*/cwd")]
    return not any(place.startswith(str(scratch)) for place in places) and not list(scratch.iterdir())


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def assert_all_is_told(told: str, control_point: str) -> None:
    assert "✗" not in told
    assert f"Ports through {CONTROL_POINTS[control_point].manner.title}" in told
    can_dhcp = CONTROL_POINTS[control_point].manner.trunks and not NO_DHCP
    assert ("Addresses by DHCP" in told, "Lease, from" in told) == (can_dhcp, can_dhcp)
    for heading in ("Map ─", "Who reaches whom ─", "Figures ─", "expectations held"):
        assert heading in told


@pytest.mark.timeout(600)
def test_once_tells_all_and_leaves_nothing(scratch: Path, control_point: str) -> None:
    with zvmlab(scratch, "--once", "--control-point", control_point) as lab:
        told, _ = lab.communicate(timeout=500)
    assert lab.returncode == 0, told
    assert_all_is_told(told, control_point)
    wait_for(lambda: nothing_is_left(scratch), bool, what="nothing to be left", timeout=10)


LATER = pytest.param("Six guests", marks=pytest.mark.long)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("chapter", ["Three networks", LATER])
def test_an_interruption_in_the_middle_leaves_nothing(scratch: Path, chapter: str) -> None:
    with zvmlab(scratch, "--once") as lab:
        assert lab.stdout is not None
        assert any(chapter in line for line in lab.stdout)
        lab.send_signal(signal.SIGINT)
        lab.communicate(timeout=90)
    assert lab.returncode == 130
    wait_for(lambda: nothing_is_left(scratch), bool, what="nothing to be left", timeout=10)


@pytest.mark.parametrize("module", ["zvmlab.main", "zvmlab.full_story.main"])
def test_a_state_directory_with_files_in_it_is_refused_before_anything_starts(
    tmp_path: Path, module: str
) -> None:
    (tmp_path / "mine").touch()
    command = [sys.executable, "-m", module, "--state-dir", str(tmp_path)]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert f"{tmp_path} is not empty: name one that is, or none yet" in refused.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("control_point", "chapter"),
    [
        ("feilong", "Six guests"),
        ("smapi", "Three networks"),
        pytest.param("smapi", "Who reaches", marks=pytest.mark.long),
    ],
)
def test_even_killed_it_leaves_nothing(scratch: Path, control_point: str, chapter: str) -> None:
    """Feilong's lab has the most files to leave behind, one with a DHCP node the most processes."""
    if control_point == "feilong":
        _skip_without_feilong()
    with zvmlab(scratch, "--once", "--control-point", control_point) as lab:
        assert lab.stdout is not None
        assert any(chapter in line for line in lab.stdout)
        assert not nothing_is_left(scratch)
        lab.kill()
    wait_for(lambda: nothing_is_left(scratch), bool, what="nothing to be left", timeout=20)


@pytest.mark.timeout(600)
def test_it_tells_all_and_stays_up_with_guests_to_look_at_and_says_how_to_go_on(scratch: Path) -> None:
    with zvmlab(scratch) as lab:
        assert lab.stdout is not None
        told = []
        for line in lab.stdout:
            told.append(line.strip())
            if "ends the lab" in line:
                break
        assert_all_is_told("\n".join(told), "xcat")
        exports = dict(word.split("=") for word in next(t for t in told if "OS_AUTH_TYPE" in t).split()[1:])
        assert f"cd {next(scratch.glob('zvmlab-*'))} && export" in "\n".join(told)
        openstack = Path(sys.executable).with_name("openstack")
        listed = subprocess.run(
            [openstack, "port", "list", "--device-owner", "compute:nova", "-f", "value", "-c", "Status"],
            env={**os.environ, **exports},
            capture_output=True,
            text=True,
            check=True,
        )
        lab.send_signal(signal.SIGTERM)
        lab.communicate(timeout=30)
    assert lab.returncode == 0
    assert listed.stdout.split() == ["ACTIVE"] * 14
    wait_for(lambda: nothing_is_left(scratch), bool, what="nothing to be left", timeout=10)
