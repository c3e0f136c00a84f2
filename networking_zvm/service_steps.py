"""The steps that keep one service guest as it must be. Pure; what that is, is told in `service_guests`."""

import dataclasses
from collections.abc import Iterator

from networking_zvm import model
from networking_zvm.authorization import FIRST_PORT, PortNumbers
from networking_zvm.claims import vlans_of
from networking_zvm.hypervisor import base, vlan_list
from networking_zvm.settings import ServiceGuest
from networking_zvm.steps import GuestStep, Step

_Vlans = frozenset[model.VlanId]


@dataclasses.dataclass(frozen=True, slots=True)
class Situation:
    """One service guest as observed, and what it should have.

    needed: whether any port needs it. vlans: those in use, none on an unaware vswitch. served: ports without
    a NIC, on its physical network.
    """

    guest: ServiceGuest
    vswitch: model.VSwitch
    nic: model.DirectoryNic | None
    live: bool
    logged_on: bool
    needed: bool
    vlans: _Vlans
    served: tuple[model.PortBinding, ...]

    @property
    def userid(self) -> model.Userid:
        """Of the guest."""
        return self.guest.address.userid

    @property
    def numbers(self) -> list[int]:
        """Of all ports of the vswitch that are kept for the guest."""
        return sorted(n for n, port in self.vswitch.ports.items() if port.userid == self.userid)

    def step(self, change: base.GuestChange, because: str) -> GuestStep:
        """A step that all ports of the guest need."""
        return Step(change, frozenset({str(self.guest), *(p.port_id for p in self.served)}), because)

    def vlan_step(self, change: base.AllowVlan | base.DenyVlan, because: str) -> GuestStep:
        """A step that the ports of one VLAN need."""
        ports = {p.port_id for p in self.served if change.vlan in vlans_of(p.segment, self.vswitch)}
        return Step(change, frozenset({vlan_key(self.guest, change.vlan), *ports}), because)


def vlan_key(guest: ServiceGuest, vlan: model.VlanId) -> str:
    """What stands for the guest in steps about one VLAN alone."""
    return f"{guest} VLAN {vlan}"


def retire(here: Situation) -> Iterator[GuestStep]:
    """No port needs the guest: it has no leave at all, until one does."""
    because = "no port needs its service any more"
    name, userid, address = here.vswitch.name, here.userid, here.guest.address
    in_directory = bool(here.nic and here.nic.vswitch)
    if in_directory or here.live:
        yield here.step(base.Uncouple(address, in_directory, here.live), because)
    yield from _deny_all(here, because)
    if here.numbers or userid in here.vswitch.grants:
        yield here.step(base.Deauthorize(userid, name), because)


def _deny_all(here: Situation, because: str) -> Iterator[GuestStep]:
    """A number keeps its VLANs, for all we know, whoever has it next."""
    for number in here.numbers:
        if number >= FIRST_PORT:
            for vlan in sorted(here.vswitch.ports[number].vlans):
                change = base.DenyVlan(here.userid, here.vswitch.name, number, vlan)
                yield here.vlan_step(change, because)


def admit(here: Situation) -> Iterator[GuestStep]:
    """Onto an unaware vswitch: whatever lets the NIC in is as good as a grant."""
    if not here.live and here.userid not in here.vswitch.grants:
        change = base.Authorize(here.userid, here.vswitch.name, frozenset(), vlan_aware=False)
        yield here.step(change, "ports need its service")
    yield from _couple(here, afresh=False)


def by_port(here: Situation, numbers: PortNumbers) -> Iterator[GuestStep]:
    """Onto an aware vswitch, by a numbered port that enters and leaves VLANs one by one."""
    vswitch, userid, because = here.vswitch, here.userid, "ports need its service"
    ours = [number for number in here.numbers if number >= FIRST_PORT]
    other_leave = userid in vswitch.grants or len(here.numbers) > len(ours[:1])
    afresh = other_leave or not ours
    number = ours[0] if ours else numbers.take(vswitch.name)
    has = frozenset() if afresh else vswitch.ports[number].vlans
    if afresh and here.live:
        change = base.Uncouple(here.guest.address, directory=False, live=True)
        yield here.step(change, "what authorizes it must be replaced")
    if other_leave:
        yield from _deny_all(here, "its port is assigned anew")
        yield here.step(base.Deauthorize(userid, vswitch.name), "it has other leave than its own port")
    if afresh:
        trunk = model.PortType.TRUNK
        port = base.AssignPort(userid, vswitch.name, number, frozenset(), vlan_aware=True, port_type=trunk)
        yield here.step(port, because)
    for vlan in sorted(here.vlans - has):
        yield here.vlan_step(base.AllowVlan(userid, vswitch.name, number, vlan), "a port is in this VLAN")
    for vlan in sorted(has - here.vlans):
        yield here.vlan_step(base.DenyVlan(userid, vswitch.name, number, vlan), "no port is in this VLAN")
    yield from _couple(here, afresh, number)


def by_grant(
    here: Situation, vlans: _Vlans, granted: _Vlans | None, able: base.Capabilities
) -> Iterator[GuestStep]:
    """Onto an aware vswitch by grant, for these of its VLANs.

    granted: as it is listed now; without VLANs that may be no grant, but what the record of a live
    NIC has brought.
    """
    name, userid = here.vswitch.name, here.userid
    afresh = not granted or bool(here.numbers)
    if afresh and here.live:
        change = base.Uncouple(here.guest.address, directory=False, live=True)
        yield here.step(change, "what authorizes it must be replaced")
    if afresh and (granted is not None or here.numbers):
        yield here.step(base.Deauthorize(userid, name), "it has other leave than a grant with VLANs")
    if afresh or granted != vlans:
        trunk = model.PortType.TRUNK if able.trunks else None
        grant = base.Authorize(userid, name, vlans, vlan_aware=True, port_type=trunk, replaces=not afresh)
        yield here.step(grant, "ports need its service in these VLANs")
    yield from _couple(here, afresh)


def _couple(here: Situation, afresh: bool, number: int | None = None) -> Iterator[GuestStep]:
    """afresh: it has been uncoupled for its new authorization."""
    address, name = here.guest.address, here.vswitch.name
    if here.nic and here.nic.vswitch is None:
        change = base.Couple(address, None, name, directory=True, live=False)
        yield here.step(change, "it shall be there from the next logon on")
    if here.logged_on and (afresh or not here.live):
        change = base.Couple(address, None, name, directory=False, live=True, port=number)
        yield here.step(change, "the guest is logged on")


def affordable(wanted: _Vlans, has: _Vlans, able: base.Capabilities) -> _Vlans:
    """As many of the wanted VLANs as one grant can name, first those that it has."""
    chosen: _Vlans = frozenset()
    for vlan in (*sorted(wanted & has), *sorted(wanted - has)):
        more = chosen | {vlan}
        if vlan_list.short(more) if able.trunks else len(more) == 1:
            chosen = more
    return wanted if able.trunks and vlan_list.short(wanted) else chosen
