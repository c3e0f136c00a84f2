"""How the packets learn that a world has changed, and what then has to be done."""

import os
import socket
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dataplane.site import inventory
from zvmsim import dataplane
from zvmsim.dataplane.channel import Channel
from zvmsim.dataplane.slots import Slot, Tap, changes, interface
from zvmsim.world.lock import WorldLock

NAMES = st.sampled_from(["ZVMA:A", "ZVMA:B", "ZVMB:A", "line:x"])


@st.composite
def machines(draw: st.DrawFn) -> dict[str, Slot]:
    return {name: draw(slot(name)) for name in draw(st.sets(NAMES))}


@st.composite
def slot(draw: st.DrawFn, name: str) -> Slot:
    macs = st.sampled_from(["02:00", "02:01"])
    taps = [
        Tap(f"{name}:{vdev}", f"enc{vdev}", draw(macs), 1500, draw(st.booleans()))
        for vdev in sorted(draw(st.sets(st.sampled_from(["600", "700"]))))
    ]
    return Slot(name, draw(st.sampled_from(["b1", "b2"])), tuple(taps))


@given(old=machines(), new=machines())
def test_changes_lead_from_the_old_machines_to_the_new(old: dict[str, Slot], new: dict[str, Slot]) -> None:
    steps = changes(old, new)
    alive = {name: {tap.port: tap for tap in slot.taps} for name, slot in old.items()}
    for slot in steps.ended:
        del alive[slot.name]
    for tap in steps.removed:
        del alive[tap.port.rsplit(":", 1)[0]][tap.port]
    for name, was, tap in steps.altered:
        assert alive[name][tap.port] == was != tap
        alive[name][tap.port] = tap
    for name, tap in steps.added:
        assert tap.port not in alive[name]
        alive[name][tap.port] = tap
    for slot in steps.started:
        assert slot.name not in alive
        alive[slot.name] = {tap.port: tap for tap in slot.taps}
    assert alive == {name: {tap.port: tap for tap in slot.taps} for name, slot in new.items()}


@given(old=machines(), new=machines())
def test_a_machine_that_runs_on_is_not_started_anew(old: dict[str, Slot], new: dict[str, Slot]) -> None:
    staying = {name for name in old.keys() & new.keys() if old[name].boot_id == new[name].boot_id}
    steps = changes(old, new)
    assert {slot.name for slot in steps.ended} == old.keys() - staying
    assert {slot.name for slot in steps.started} == new.keys() - staying


@pytest.mark.parametrize(
    ("vdev", "name"), [("1000", "enc1000"), ("0600", "enc600"), ("0A0B", "enca0b"), ("0000", "enc0")]
)
def test_nics_are_called_as_on_linux_on_z(vdev: str, name: str) -> None:
    assert interface(vdev) == name


def test_the_worlds_lock_tells_of_changes_once_and_not_of_reads() -> None:
    lock, told = WorldLock(), threading.Semaphore(0)
    lock.listeners.append(told.release)
    with lock.reading(), lock.reading():
        pass
    assert not told.acquire(blocking=False)
    with lock, lock, lock.reading():
        assert not told.acquire(blocking=False)
    assert told.acquire(blocking=False)
    assert not told.acquire(blocking=False)


def test_the_worlds_lock_tells_after_a_failure_too_and_holds_others_off() -> None:
    lock, told = WorldLock(), threading.Event()
    lock.listeners.append(told.set)
    with pytest.raises(ValueError, match="refused"), lock:
        raise ValueError("refused")
    assert told.is_set()
    with lock:
        other = threading.Thread(target=lambda: lock.__enter__() or lock.__exit__())
        other.start()
        other.join(0.05)
        assert other.is_alive()
    other.join()


def test_messages_cross_in_pieces_and_with_sockets() -> None:
    ends = socket.socketpair()
    one, other = map(Channel, ends)
    writer = threading.Thread(target=one.send, args=({"text": "x" * 1_000_000},))
    writer.start()
    message, descriptors = other.receive(10)
    writer.join()
    assert (len(message["text"]), descriptors) == (1_000_000, [])
    with socket.socket() as sent:
        other.send({"a": 1}, [sent.fileno()])
        other.send({"b": 2})
        message, descriptors = one.receive(10)
        with socket.socket(fileno=descriptors[0]) as received:
            assert os.fstat(received.fileno()).st_ino == os.fstat(sent.fileno()).st_ino
            assert not os.get_inheritable(received.fileno())
    assert one.receive(10) == ({"b": 2}, [])
    with pytest.raises(TimeoutError):
        one.receive(0.01)
    other.end()
    with pytest.raises(EOFError):
        one.receive(10)
    one.close()
    other.close()


SAY_WHAT_IS_MISSING = """
import sys, yaml
from zvmsim.server import Simulator
with Simulator.from_inventory(yaml.safe_load(sys.argv[1]), packets=True) as simulator:
    with simulator.world.lock:
        simulator.world.systems["ZVMA"].logoff("WEB1")
    print(simulator.packets, len(simulator.world.systems["ZVMA"].guests), *simulator.packets_missing)
"""


def test_a_machine_without_tap_devices_is_told_so_and_has_a_world_all_the_same() -> None:
    if lacks := dataplane.missing():
        pytest.skip(f"to take TAP devices away needs {'; '.join(lacks)}")
    hide = 'mount --bind /dev/null /dev/net/tun && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", hide, "sh"]
    done = subprocess.run(
        [*command, sys.executable, "-c", SAY_WHAT_IS_MISSING, str(inventory())],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "None 3 /dev/net/tun to read and write: Inappropriate ioctl for device\n"


def test_a_machine_without_unshare_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "the program unshare (package util-linux)" in dataplane.missing()
