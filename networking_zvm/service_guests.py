"""Service guests: kept authorized for exactly the VLANs in use on their system. Pure.

A service guest, a DHCP node for instance, is a guest that the operator declares with the NIC by which it
serves one physical network. All that NIC may do on the vswitch is decided here: the VLANs of the ports that
Neutron binds to this system on that physical network, and no others; without such a port it is uncoupled.
On a VLAN aware vswitch it is a trunk port, where the control point can say so:

- as a numbered port of its own where those can be had: VLANs come and go one by one, and nothing else moves;
- by grant otherwise, which is replaced as a whole: where z/VM uncouples the NIC then, the next look finds
  that and couples it again. A grant names few VLANs: those that it has stay, the others are refused.

z/VM does not show of a NIC by which authorization it is coupled. So a guest that has any other leave there
than ours is uncoupled, loses all of it and gets ours; after that order there is but one to be coupled by.
For the same reason a directory record that itself authorizes is refused: it would count first.

A port that has no NIC of its own, because it belongs to such a service, is up when a service guest of its
physical network is right for its VLAN. A port with a NIC waits for a service guest only in passes that try a
step it needs (see Plan.told): what is refused, or fails, delays nobody.
"""

import dataclasses
from collections.abc import Collection, Iterable, Mapping

from networking_zvm import model, service_steps
from networking_zvm.authorization import PortNumbers
from networking_zvm.claims import Policy, State, Verdict, unfitness, vlans_of, vswitch_for
from networking_zvm.hypervisor import base, vlan_list
from networking_zvm.service_steps import Situation, vlan_key
from networking_zvm.settings import ServiceGuest
from networking_zvm.steps import GuestStep

_READINESS = (State.UP, State.DOWN, State.PENDING, State.WAITING, State.UNCLEAR, State.REFUSED)


@dataclasses.dataclass(frozen=True, slots=True)
class Stand:
    """What is to be done for one service guest. problem: why nothing is; left_out: VLANs it cannot have."""

    guest: ServiceGuest
    situation: Situation | None = None
    problem: Verdict | None = None
    steps: tuple[GuestStep, ...] = ()
    left_out: Mapping[model.VlanId, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Services:
    """What is to be done for all service guests, and the verdicts of the ports that live by them.

    Among the verdicts are those of service guests that are not right, by their NICs.
    """

    stands: tuple[Stand, ...]
    verdicts: Mapping[str, Verdict]

    @property
    def guests(self) -> dict[model.Userid, tuple[GuestStep, ...]]:
        """All steps, those of one guest in order."""
        guests: dict[model.Userid, tuple[GuestStep, ...]] = {}
        for stand in self.stands:
            if stand.steps:
                userid = stand.guest.address.userid
                guests[userid] = (*guests.get(userid, ()), *stand.steps)
        return guests

    def awaited(self, port: model.PortBinding, vswitch: model.VSwitch) -> dict[str, GuestStep]:
        """The steps that come before the port may be up, by what stands for the service guest in them."""
        awaited: dict[str, GuestStep] = {}
        for stand in self.stands:
            if stand.guest.physical_network == port.segment.physical_network:
                keys = {str(stand.guest)}
                keys |= {vlan_key(stand.guest, vlan) for vlan in vlans_of(port.segment, vswitch)}
                for step in stand.steps:
                    awaited |= {key: step for key in keys & step.ports if key not in awaited}
        return awaited


@dataclasses.dataclass(frozen=True, slots=True)
class Sight:
    """One service guest as z/VM shows it, for people.

    way: how it is let onto the vswitch, None while nothing can be said. vlans: of its authorization. coupled:
    live.
    """

    guest: ServiceGuest
    vswitch: model.VSwitchName
    way: model.Way | None
    vlans: tuple[model.VlanId, ...]
    logged_on: bool
    coupled: bool
    problem: str | None

    def __str__(self) -> str:
        vlans = f" VLAN {', '.join(map(str, self.vlans))}" if self.vlans else ""
        state = "coupled" if self.coupled else "uncoupled" if self.logged_on else "logged off"
        return f"{self.guest.physical_network} on {self.vswitch}{vlans}: {self.problem or state}"


def sight(guest: ServiceGuest, system: model.System, policy: Policy) -> Sight:
    """What z/VM shows of the service guest."""
    name = policy.vswitch_of[guest.physical_network]
    vswitch, userid = system.vswitches.get(name), guest.address.userid
    way, vlans = None, frozenset[model.VlanId]()
    if vswitch:
        way = model.Way.PORT if by_numbered_port(vswitch, system, policy) else model.Way.GRANT
        of_ports = (port.vlans for port in vswitch.ports.values() if port.userid == userid)
        vlans = vlans.union(vswitch.grants.get(userid, vlans), *of_ports)
    live = system.live.get(guest.address)
    coupled = live is not None and live.vswitch == name
    problem = hindrance(guest, system, policy)
    on = userid in system.logged_on
    return Sight(guest, name, way, tuple(sorted(vlans)), on, coupled, problem.reason if problem else None)


def arrange(
    wanted: Collection[model.PortBinding],
    served: Collection[model.PortBinding],
    system: model.System,
    policy: Policy,
    numbers: PortNumbers,
) -> Services:
    """Decide what to do for each service guest, and how the ports without a NIC stand.

    wanted: all ports of this system. served: those of them that have no NIC of their own.
    """
    stands = tuple(_stand(guest, wanted, served, system, policy, numbers) for guest in policy.service_guests)
    verdicts = {port.port_id: _verdict_of(port, stands, system, policy) for port in served}
    verdicts |= {str(stand.guest): stand.problem for stand in stands if stand.problem}
    for stand in stands:
        for vlan, reason in stand.left_out.items():
            verdicts[vlan_key(stand.guest, vlan)] = Verdict(State.REFUSED, reason)
    return Services(stands, verdicts)


def by_numbered_port(vswitch: model.VSwitch, system: model.System, policy: Policy) -> bool:
    """Whether a service guest there has a numbered port, otherwise a grant.

    Before Directory Network Authorization numbered ports were for PORTBASED vswitches (APAR VM65925).
    """
    pinned = policy.authorization_of.get(vswitch.name, policy.authorization)
    possible = model.Way.PORT in policy.capabilities.ways and policy.capabilities.trunks
    numbered = vswitch.port_based or system.directory_authorizes
    return vswitch.vlan_aware and possible and numbered and pinned is not model.Way.GRANT


def hindrance(guest: ServiceGuest, system: model.System, policy: Policy) -> Verdict | None:
    """Why nothing can be done for the service guest, None if something can."""
    name = policy.vswitch_of[guest.physical_network]
    vswitch = system.vswitches.get(name)
    if vswitch is None:
        return Verdict(State.WAITING, f"this z/VM has no vswitch {name}")
    if unfit := unfitness(vswitch, model.NetworkType.FLAT):
        return Verdict(State.REFUSED, unfit)
    return _hindrance_of_nic(guest, vswitch, system) or _hindrance_of_means(vswitch, policy)


def _hindrance_of_nic(guest: ServiceGuest, vswitch: model.VSwitch, system: model.System) -> Verdict | None:
    nic, live = system.directory.get(guest.address), system.live.get(guest.address)
    elsewhere = {place.vswitch for place in (nic, live) if place and place.vswitch} - {vswitch.name}
    if elsewhere:
        places = ", ".join(sorted(map(str, elsewhere)))
        reason = f"NIC {guest} is coupled to {places}: uncouple it there, or correct service_guests"
        return Verdict(State.REFUSED, reason)
    if nic is None and live is None:
        return Verdict(State.WAITING, f"NIC {guest} is not in the user directory: define it there")
    if live is None and nic and not nic.confirmed:
        return Verdict(State.UNCLEAR, f"the directory entry of {guest.address.userid} cannot be read")
    if vswitch.vlan_aware and nic and nic.authorizes:
        return Verdict(
            State.REFUSED,
            f"the NICDEF record of {guest} authorizes by itself (VLAN, PORTTYPE, PORTNUMBER, PROMISCUOUS), "
            "which counts before all the agent could do: take these operands out",
        )
    others = [a for a in _coupled_to(vswitch.name, guest.address.userid, system) if a != guest.address]
    if others:
        reason = f"{others[0]} is on {vswitch.name} too, where one authorization would be for both: move it"
        return Verdict(State.REFUSED, reason)
    if guest.address.userid in vswitch.unclear:
        reason = f"z/VM does not show on which VLANs {guest.address.userid} may use {vswitch.name}"
        return Verdict(State.UNCLEAR, reason)
    return None


def _coupled_to(
    name: model.VSwitchName, userid: model.Userid, system: model.System
) -> list[model.NicAddress]:
    nics: list[model.DirectoryNic | model.LiveNic] = [*system.directory.values(), *system.live.values()]
    return sorted({n.address for n in nics if n.vswitch == name and n.address.userid == userid})


def _hindrance_of_means(vswitch: model.VSwitch, policy: Policy) -> Verdict | None:
    trunk = policy.capabilities.trunks or vswitch.port_type is model.PortType.TRUNK
    if trunk or not vswitch.vlan_aware:
        return None
    return Verdict(
        State.REFUSED,
        f"this control point cannot make a guest a trunk port of {vswitch.name}: let the vswitch's own port "
        "type be TRUNK (then one VLAN can be had), or use control_point = smapi",
    )


def _stand(
    guest: ServiceGuest,
    wanted: Iterable[model.PortBinding],
    served: Iterable[model.PortBinding],
    system: model.System,
    policy: Policy,
    numbers: PortNumbers,
) -> Stand:
    if problem := hindrance(guest, system, policy):
        return Stand(guest, problem=problem)
    vswitch = system.vswitches[policy.vswitch_of[guest.physical_network]]
    here = [p for p in wanted if _fits(p.segment, guest, vswitch)]
    vlans = frozenset[model.VlanId]()
    if vswitch.vlan_aware:
        vlans = vlans.union(*(vlans_of(p.segment, vswitch) for p in here))
    situation = Situation(
        guest,
        vswitch,
        system.directory.get(guest.address),
        live=guest.address in system.live,
        logged_on=guest.address.userid in system.logged_on,
        needed=bool(vlans if vswitch.vlan_aware else here),
        vlans=vlans,
        served=tuple(p for p in served if _fits(p.segment, guest, vswitch)),
    )
    if not situation.needed:
        return Stand(guest, situation, steps=tuple(service_steps.retire(situation)))
    if not vswitch.vlan_aware:
        return Stand(guest, situation, steps=tuple(service_steps.admit(situation)))
    if by_numbered_port(vswitch, system, policy):
        return Stand(guest, situation, steps=tuple(service_steps.by_port(situation, numbers)))
    return _by_grant(situation, policy.capabilities)


def _fits(segment: model.Segment, guest: ServiceGuest, vswitch: model.VSwitch) -> bool:
    here = segment.physical_network == guest.physical_network
    return here and not unfitness(vswitch, segment.network_type)


def _by_grant(here: Situation, able: base.Capabilities) -> Stand:
    granted = here.vswitch.grants.get(here.userid)
    vlans = service_steps.affordable(here.vlans, granted or frozenset(), able)
    limit = vlan_list.LIMIT if able.trunks else "one VLAN"
    left_out = {
        vlan: f"a grant through this control point holds {limit}, and {here.userid} has "
        f"{', '.join(map(str, sorted(vlans)))} of {here.vswitch.name}: use control_point = smapi, whose "
        "numbered ports hold any number"
        for vlan in sorted(here.vlans - vlans)
    }
    steps = tuple(service_steps.by_grant(here, vlans, granted, able))
    return Stand(here.guest, here, steps=steps, left_out=left_out)


def _verdict_of(
    port: model.PortBinding, stands: Iterable[Stand], system: model.System, policy: Policy
) -> Verdict:
    """The best that any service guest of its physical network has for the port."""
    vswitch = vswitch_for(port.segment, system, policy)
    if isinstance(vswitch, Verdict):
        return vswitch
    here = [stand for stand in stands if stand.guest.physical_network == port.segment.physical_network]
    if not here:
        network = port.segment.physical_network
        reason = f"no service guest of this z/VM serves physical network {network}: see [zvm] service_guests"
        return Verdict(State.REFUSED, reason)
    verdicts = [_verdict_by(port, stand, vswitch) for stand in here]
    return min(verdicts, key=lambda verdict: _READINESS.index(verdict.state))


def _verdict_by(port: model.PortBinding, stand: Stand, vswitch: model.VSwitch) -> Verdict:
    guest = stand.guest
    if not port.admin_up:
        return Verdict(State.DOWN, "it has no NIC of its own, and is administratively down")
    if stand.problem:
        return Verdict(stand.problem.state, f"service guest {guest}: {stand.problem.reason}")
    vlans = vlans_of(port.segment, vswitch) if vswitch.vlan_aware else frozenset()
    if vswitch.vlan_aware and not vlans:
        reason = f"{vswitch.name} has no default VLAN, so guests of a flat network are in none there"
        return Verdict(State.REFUSED, reason)
    for vlan in vlans & stand.left_out.keys():
        return Verdict(State.REFUSED, f"service guest {guest}: {stand.left_out[vlan]}")
    pending = next((step for step in stand.steps if port.port_id in step.ports), None)
    if pending:
        return Verdict(State.PENDING, str(pending))
    if stand.situation and not stand.situation.live:
        return Verdict(State.WAITING, f"service guest {guest.address.userid} is not logged on")
    where = f"{f'VLAN {min(vlans)} of ' if vlans else ''}{vswitch.name}"
    return Verdict(State.UP, f"service guest {guest} is on {where}")
