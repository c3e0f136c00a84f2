"""Nothing stays on the machine: not at the end, and not when somebody is killed."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dataplane.site import PATIENCE_S, Site, inventory, reaches, until
from zvmsim.dataplane.errors import PacketsError
from zvmsim.dataplane.machine import Machine
from zvmsim.server import Simulator

pytestmark = pytest.mark.usefixtures("packets_possible")

SERVE = """
import sys, yaml
from zvmsim.server import Simulator
with Simulator.from_inventory(yaml.safe_load(sys.argv[1]), packets=True) as simulator:
    simulator.packets.settle(60)
    print(simulator.packets.process, flush=True)
    sys.stdin.read()
"""

Served = tuple["subprocess.Popen[str]", int]
"""A simulator, and the first process of its private tree."""


@pytest.fixture
def served() -> Iterator[Served]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(inventory())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    yield process, int(process.stdout.readline())
    process.kill()
    process.communicate()


def test_many_starts_and_stops_leave_nothing() -> None:
    with Site() as site:
        site.join("WEB1", "10")
    before = host()
    for _ in range(5):
        with Site() as site:
            site.packets.outside("probe", "campus")
            machine = site.join("WEB1", "10")
            machine.listen(0, ("127.0.0.1", 9))
            subprocess.run(machine.command(["true"], own_run=True), check=True, timeout=PATIENCE_S)
    assert host() == before


def test_a_killed_simulator_takes_everything_along(served: Served) -> None:
    simulator, first = served
    inside = inhabitants(first)
    simulator.kill()
    simulator.wait(PATIENCE_S)
    until(lambda: gone(inside), "the tree to end")


def test_a_killed_switch_process_takes_its_tree_along(served: Served) -> None:
    _, first = served
    inside = inhabitants(first)
    os.kill(first, signal.SIGKILL)
    until(lambda: gone(inside), "the tree to end")


def test_a_switch_process_whose_parent_is_killed_ends(served: Served) -> None:
    _, first = served
    inside = inhabitants(first)
    os.kill(parent_of(first), signal.SIGKILL)
    until(lambda: gone(inside), "the tree to end")


def test_all_killed_at_once_leave_nothing(served: Served) -> None:
    simulator, first = served
    inside = inhabitants(first)
    for process in (simulator.pid, parent_of(first), first):
        os.kill(process, signal.SIGKILL)
    until(lambda: gone(inside), "the tree to end")


def test_ctrl_c_ends_all_in_good_order(tmp_path: Path) -> None:
    file = tmp_path / "inventory.yaml"
    file.write_text(str(inventory()))
    command = [sys.executable, "-m", "zvmsim.cli", "serve", str(file), "--packets"]
    command += ["--control-port", "0", "--xcat-port", "0"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout
    while not (line := process.stdout.readline()).startswith("packets"):
        assert line
    inside = inhabitants(int(line.split("--target ")[1].split()[0]))
    os.killpg(process.pid, signal.SIGINT)
    _, complaints = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, complaints) == (0, "")
    until(lambda: gone(inside), "the tree to end")


def test_the_world_goes_on_without_its_switch_process(caplog: pytest.LogCaptureFixture) -> None:
    with Site() as site:
        machine = site.machine("WEB1")
        os.kill(site.packets.process, signal.SIGKILL)
        with site.world.lock:
            site.world.systems["ZVMA"].logoff("WEB2")
        with pytest.raises(PacketsError, match="the switch process is gone"):
            site.packets.settle()
        with pytest.raises(PacketsError, match="the switch process is gone"):
            machine.ping("10.0.0.1")
        assert "WEB2" not in site.world.systems["ZVMA"].guests
        until(lambda: "packets no longer follow the world" in caplog.text, "a line in the log")


def test_a_stopped_simulator_has_no_machines_and_may_start_again() -> None:
    simulator = Simulator.from_inventory(inventory(), packets=True)
    assert simulator.packets
    with simulator:
        before = simulator.packets.machine("ZVMA", "WEB1")
    with pytest.raises(PacketsError, match="the simulator does not run"):
        simulator.packets.settle()
    with pytest.raises(PacketsError):
        before.ping("10.0.0.1")
    with simulator:
        assert simulator.packets.machine("ZVMA", "WEB1").run(["true"], PATIENCE_S).returncode == 0


def test_simulators_side_by_side_do_not_meet() -> None:
    with Site() as one, Site() as other:
        for site in (one, other):
            site.join("WEB1", "10", "10.0.0.1/24")
        web2 = one.join("WEB2", "10", "10.0.0.2/24")
        db1 = other.join("DB1", "10", "10.0.0.3/24")
        assert reaches(web2, "10.0.0.1")
        assert reaches(db1, "10.0.0.1")
        assert web2.ping("10.0.0.3", 0.6) is None


def test_300_guests_come_up_and_go() -> None:
    guests = tuple(f"G{number:03d}" for number in range(300))
    with Site(inventory(guests, ("ZVMA",))) as site:
        for guest in guests[::3]:
            with site.world.lock:
                site.world.systems["ZVMA"].logoff(guest)
        site.packets.settle(60)
        first, second = site.join("G001", "10", "10.0.0.1/16"), site.join("G299", "10", "10.0.0.2/16")
        assert reaches(first, "10.0.0.2")
        assert reaches(second, "10.0.0.1")
        inside = inhabitants(site.packets.process)
    until(lambda: gone(inside), "the tree to end")


def test_a_flood_does_not_keep_the_world_from_changing() -> None:
    """Every frame goes to everybody, as fast as two threads can send, while guests are coupled."""
    with Site() as site:
        machines = [site.join(guest, "10") for guest in ("WEB1", "WEB2")]
        over = threading.Event()
        floods = [threading.Thread(target=flood, args=(machine, over)) for machine in machines]
        for thread in floods:
            thread.start()
        try:
            for vlan in ("20", "10", "20"):
                site.allow("DB1", vlan)
            db1 = site.join("DB1", "20", "10.0.0.3/24")
            site.join("TRUNK1", "20", "10.0.0.4/24")
            assert reaches(db1, "10.0.0.4")
        finally:
            over.set()
            for thread in floods:
                thread.join()


def flood(machine: Machine, over: threading.Event) -> None:
    with machine.open_socket(socket.AF_PACKET, socket.SOCK_RAW) as mouth:
        mouth.bind(("enc1000", 0))
        frame = b"\xff" * 6 + mouth.getsockname()[4] + b"\x88\xb5" + bytes(200)
        while not over.is_set():
            with contextlib.suppress(OSError):
                mouth.send(frame)


def host() -> dict[str, object]:
    """What this process and its machine have, as far as packets could leave anything there."""
    return {
        "descriptors": len(os.listdir("/proc/self/fd")),
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "interfaces": {line.split(":")[0] for line in Path("/proc/net/dev").read_text().splitlines()},
        "mounts": Path("/proc/mounts").read_text(),
        "names": Path("/run/netns").exists() and os.listdir("/run/netns"),
    }


Inhabitant = tuple[str, str]
"""A process: its id, and when it started, as ids are used again; numbers of namespaces are even at once."""


def inhabitants(first: int) -> set[Inhabitant]:
    """The processes of a private tree, and of the runs of their own in it."""
    tree = Path(f"/proc/{first}/root/proc")
    inside = {os.readlink(tree / name / "ns" / "pid") for name in os.listdir(tree) if name.isdigit()}
    found = {(name, stat(name)[-1]) for name in processes() if namespace(name) in inside}
    assert str(first) in {name for name, _ in found}
    return found


def gone(inhabitants: set[Inhabitant]) -> bool:
    return not inhabitants & {(name, stat(name)[-1]) for name in processes() if stat(name)[0] != "Z"}


def processes() -> list[str]:
    return [name for name in os.listdir("/proc") if name.isdigit()]


def namespace(process: str) -> str:
    with contextlib.suppress(OSError):
        return os.readlink(f"/proc/{process}/ns/pid")
    return ""


def stat(process: str) -> list[str]:
    """proc(5), /proc/PID/stat, from the state to the start time."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rsplit(")")[-1].split()[:20]
    return ["Z"]


def parent_of(process: int) -> int:
    return int(stat(str(process))[1])
