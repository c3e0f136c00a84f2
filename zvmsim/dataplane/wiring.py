"""Everything that decides where frames go, as plain values: what a world says at one moment.

A wiring travels as JSON to the process in which the switches run, so it stands for itself: it also lists
every guest that is logged on with its NICs, from which namespaces and TAP devices can be made.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from zvmsim.world.guest import Guest, Nic
from zvmsim.world.lan import Lan
from zvmsim.world.system import System
from zvmsim.world.uplinks import ACTIVE, Osa, attachments
from zvmsim.world.vlans import NO_VLANS, VlanSet, ranges
from zvmsim.world.vswitch import Block, Vswitch
from zvmsim.world.world import World

DEFAULT_MTU = 1500
"""Bytes; of Linux for Ethernet. The world has no MTU of its own."""


@dataclass(frozen=True, slots=True)
class NicPort:
    """A virtual NIC and, where it is coupled, its port of a switch.

    name: "SYSTEM:USERID:VDEV". mac: as Linux writes it, "02:00:01:00:00:05". mtu: bytes. switch: name of the
    switch it is coupled to, "" for none. trunk, vlans: port type and VLANs on a VLAN-aware switch (a port
    without VLANs carries nothing). promiscuous: it sees what is for others of its VLANs, too.
    """

    name: str
    mac: str
    mtu: int = DEFAULT_MTU
    switch: str = ""
    trunk: bool = False
    vlans: VlanSet = NO_VLANS
    promiscuous: bool = False

    @property
    def vdev(self) -> str:
        """Its device number, 4 hex digits."""
        return self.name[-4:]

    @property
    def coupled(self) -> bool:
        """Whether it has a carrier."""
        return bool(self.switch)


@dataclass(frozen=True, slots=True)
class GuestSlot:
    """A guest that is logged on; boot_id: of this run, another one after each logon."""

    system: str
    userid: str
    boot_id: str
    nics: tuple[NicPort, ...] = ()


@dataclass(frozen=True, slots=True)
class Switch:
    """A running vswitch or guest LAN.

    name: "SYSTEM:OWNER:NAME" (a vswitch's owner is SYSTEM). layer3: it carries IP packets, not Ethernet
    frames. aware: it looks at VLAN tags; native: VLAN of untagged frames, 0 for none, means nothing when it
    is not aware. isolated: guests are kept from each other. vepa: guests meet over the uplink. mac_protect:
    a NIC sends with its own MAC only. lan: physical LAN that the working uplink is cabled to, "" when there
    is none. osa_port: that uplink's OSA port, by which several systems may share it.
    """

    name: str
    layer3: bool = False
    aware: bool = False
    native: int = 0
    isolated: bool = False
    vepa: bool = False
    mac_protect: bool = False
    lan: str = ""
    osa_port: str = ""


@dataclass(frozen=True, slots=True)
class OutsideLine:
    """A line into a physical LAN on which a machine outside z/VM hangs; name: "line:NAME"."""

    name: str
    lan: str


@dataclass(frozen=True, slots=True)
class Wiring:
    """All switches, all outside lines, all guests of a world."""

    switches: tuple[Switch, ...] = ()
    lines: tuple[OutsideLine, ...] = ()
    guests: tuple[GuestSlot, ...] = ()

    @property
    def nics(self) -> Iterator[NicPort]:
        """Every NIC of every guest."""
        return (nic for guest in self.guests for nic in guest.nics)

    def to_json(self) -> str:
        """Compact JSON that `from_json` reads."""
        return json.dumps(
            [
                [_row(switch) for switch in self.switches],
                [_row(line) for line in self.lines],
                [[g.system, g.userid, g.boot_id, [_nic_row(nic) for nic in g.nics]] for g in self.guests],
            ],
            separators=(",", ":"),
        )

    @staticmethod
    def from_json(text: str) -> "Wiring":
        """The wiring that `to_json` wrote."""
        switches, lines, guests = json.loads(text)
        return Wiring(
            tuple(Switch(*row) for row in switches),
            tuple(OutsideLine(*row) for row in lines),
            tuple(
                GuestSlot(system, userid, boot_id, tuple(map(_read_nic, nics)))
                for system, userid, boot_id, nics in guests
            ),
        )


def wiring_of(world: World, outside: Mapping[str, str]) -> Wiring:
    """The world as it is now; `outside`: name of each outside line and the physical LAN it is plugged into.

    Takes the world's lock.
    """
    with world.lock.reading():
        systems = list(world.systems.values())
        return Wiring(
            tuple(switch for system in systems for switch in _switches(system)),
            tuple(OutsideLine(f"line:{name}", lan) for name, lan in outside.items()),
            tuple(_guest(system, guest) for system in systems for guest in system.guests.values()),
        )


def switch_name(system: str, owner: str, name: str) -> str:
    """What the wiring calls a vswitch (owner SYSTEM) or guest LAN."""
    return f"{system}:{owner}:{name}"


def _switches(system: System) -> Iterator[Switch]:
    uplinks = {
        attachment.vswitch: system.osas[attachment.device.rdev[:4]]
        for attachment in attachments(system.vswitches.values(), system.osas, system.controllers)
        if attachment.device.status == ACTIVE
    }
    for vswitch in system.vswitches.values():
        yield _vswitch(system, vswitch, uplinks.get(vswitch.name))
    for lan in system.lans.values():
        yield _guest_lan(system, lan)


def _vswitch(system: System, vswitch: Vswitch, osa: Osa | None) -> Switch:
    lan = osa.lan if osa else ""
    return Switch(
        name=switch_name(system.name, "SYSTEM", vswitch.name),
        layer3=vswitch.transport == "IP",
        aware=vswitch.vlan_aware,
        native=(vswitch.native_vlan or 0) if vswitch.vlan_aware else 0,
        isolated=vswitch.isolation,
        vepa=vswitch.vepa,
        mac_protect=_protects_macs(system, vswitch),
        lan=lan,
        osa_port=(osa.port or f"{system.name}:{osa.rdev}") if osa and lan else "",
    )


def _protects_macs(system: System, vswitch: Vswitch) -> bool:
    """MACPROTECT is about layer 2 connections; UNSPECIFIED leaves it to the system (CP SET NIC 7.2; that
    the switch inherits is a guess).
    """
    if vswitch.transport == "IP":
        return False
    if vswitch.mac_protect == "UNSPECIFIED":
        return system.mac_protect
    return vswitch.mac_protect == "MACPROTECT"


def _guest_lan(system: System, lan: Lan) -> Switch:
    """VLANs on it are the guests' own matter (z/VM Connectivity 7.3, "Guest LAN versus Virtual Switch")."""
    layer3 = lan.transport == "IP"
    name = switch_name(system.name, lan.owner, lan.name)
    return Switch(name, layer3=layer3, mac_protect=system.mac_protect and not layer3)


def _guest(system: System, guest: Guest) -> GuestSlot:
    nics = tuple(_nic(system, nic) for nic in guest.nics.values())
    return GuestSlot(system.name, guest.userid, guest.boot_id, nics)


def _nic(system: System, nic: Nic) -> NicPort:
    name = f"{system.name}:{nic.userid}:{nic.vdev}"
    mac = nic.mac.replace("-", ":").lower()
    if not nic.coupled:
        return NicPort(name, mac)
    switch = switch_name(system.name, nic.lan_owner, nic.lan_name)
    vswitch = system.vswitches.get(nic.lan_name) if nic.lan_owner == "SYSTEM" else None
    if vswitch is None:
        return NicPort(name, mac, switch=switch)
    block = nic.block or Block(nic.userid)
    return NicPort(
        name,
        mac,
        switch=switch,
        trunk=vswitch.vlan_aware and vswitch.port_type_of(block) == "TRUNK",
        vlans=vswitch.vlans_of(block) if vswitch.vlan_aware else NO_VLANS,
        promiscuous=block.promiscuous,
    )


def _row(value: Any) -> list[str | int]:
    return [getattr(value, name) for name in value.__slots__]


def _nic_row(nic: NicPort) -> list[Any]:
    flags = nic.trunk | nic.promiscuous << 1
    return [nic.name, nic.mac, nic.mtu, nic.switch, _as_ranges(nic.vlans), flags]


def _read_nic(row: list[Any]) -> NicPort:
    name, mac, mtu, switch, vlans, flags = row
    return NicPort(name, mac, mtu, switch, bool(flags & 1), _from_ranges(tuple(vlans)), bool(flags & 2))


@lru_cache(maxsize=1024)
def _as_ranges(vlans: VlanSet) -> tuple[int, ...]:
    """First and last of each run, one after the other: trunks often have thousands of VLANs."""
    return tuple(end for run in ranges(vlans) for end in run)


@lru_cache(maxsize=1024)
def _from_ranges(ends: tuple[int, ...]) -> VlanSet:
    pairs: Iterable[tuple[int, int]] = zip(ends[::2], ends[1::2], strict=True)
    return frozenset(vlan for first, last in pairs for vlan in range(first, last + 1))
