"""What a wiring means for namespaces and TAP devices, and what has to change for another one. Pure."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from zvmsim.dataplane.wiring import GuestSlot, NicPort, OutsideLine, Wiring

OUTSIDE_INTERFACE: Final = "eth0"
OUTSIDE_MTU: Final = 1500


@dataclass(frozen=True, slots=True)
class Tap:
    """A network interface; port: its name in the wiring. mac: "" for any. mtu: bytes. carrier: plugged in."""

    port: str
    interface: str
    mac: str
    mtu: int
    carrier: bool


@dataclass(frozen=True, slots=True)
class Slot:
    """A machine that runs; name: "SYSTEM:USERID" or "line:NAME". boot_id: another one after each logon."""

    name: str
    boot_id: str
    taps: tuple[Tap, ...]

    @property
    def boot(self) -> tuple[str, str]:
        """What no other run of this or another machine has."""
        return self.name, self.boot_id


Slots = Mapping[str, Slot]


@dataclass(frozen=True, slots=True)
class Changes:
    """In the order in which to carry them out. taps: added to machines that stay, by their names.

    altered: the TAP as it was and as it shall be: same port, but another MAC, MTU or carrier.
    """

    ended: tuple[Slot, ...] = ()
    removed: tuple[Tap, ...] = ()
    altered: tuple[tuple[str, Tap, Tap], ...] = ()
    added: tuple[tuple[str, Tap], ...] = ()
    started: tuple[Slot, ...] = ()

    @property
    def dead_ports(self) -> list[str]:
        """Ports whose TAP goes."""
        return [tap.port for slot in self.ended for tap in slot.taps] + [tap.port for tap in self.removed]


NOTHING: Final[Slots] = {}


def interface(vdev: str) -> str:
    """What Linux on Z calls the NIC with this device number: 0600 is enc600.

    Source: systemd, src/udev/udev-builtin-net_id.c, names_ccw: "enc" and the bus id without the zeros and
    dots it begins with.
    """
    return f"enc{vdev.lower().lstrip('0') or '0'}"


def machine_name(system: str, userid: str) -> str:
    """Of a guest."""
    return f"{system}:{userid}"


def slots(wiring: Wiring) -> dict[str, Slot]:
    """Every machine that the wiring asks for, by name."""
    machines = [*map(_guest, wiring.guests), *map(_outside, wiring.lines)]
    return {machine.name: machine for machine in machines}


def changes(old: Slots, new: Slots) -> Changes:
    """What leads from the old machines to the new ones; one that booted anew ends and starts."""
    same = {name for name, slot in old.items() if name in new and new[name].boot_id == slot.boot_id}
    staying = [(old[name], new[name]) for name in same if old[name] != new[name]]
    return Changes(
        ended=tuple(slot for name, slot in old.items() if name not in same),
        removed=tuple(tap for before, after in staying for tap in _others(before, after)),
        altered=tuple(
            (after.name, was, tap)
            for before, after in staying
            for was, tap in itertools.product(before.taps, after.taps)
            if was.port == tap.port and was != tap
        ),
        added=tuple((after.name, tap) for before, after in staying for tap in _others(after, before)),
        started=tuple(slot for name, slot in new.items() if name not in same),
    )


def _others(slot: Slot, than: Slot) -> list[Tap]:
    """TAPs of ports that the other has not."""
    ports = {tap.port for tap in than.taps}
    return [tap for tap in slot.taps if tap.port not in ports]


def _guest(guest: GuestSlot) -> Slot:
    name = machine_name(guest.system, guest.userid)
    return Slot(name, guest.boot_id, tuple(map(_tap, guest.nics)))


def _tap(nic: NicPort) -> Tap:
    return Tap(nic.name, interface(nic.vdev), nic.mac, nic.mtu, nic.coupled)


def _outside(line: OutsideLine) -> Slot:
    """A machine whose line moves to another LAN is the same machine."""
    return Slot(line.name, "", (Tap(line.name, OUTSIDE_INTERFACE, "", OUTSIDE_MTU, True),))
