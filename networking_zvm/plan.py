"""The planner: from what Neutron wants and what z/VM shows to the steps that lead there. Pure.

Every step carries the ports it serves and the reason an operator will read. A NIC that is right yields no
step: on z/VM even a repeated grant can cut a guest's other NICs (Feilong PR 810). Where z/VM's behaviour is
unsettled the order of steps is right under either answer: a NIC is uncoupled before its guest is
deauthorized, and a grant is never repeated but taken back and given anew.
"""

import collections
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from networking_zvm import model
from networking_zvm.claims import Claim, Policy, State, Verdict, make_claims
from networking_zvm.hypervisor import base

Change = TypeVar("Change", base.GuestChange, base.CreateVSwitch, covariant=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Step(Generic[Change]):
    """One change, the ports that need it, and why.

    ports: ids of Neutron ports; for a vswitch, which serves many, its own name stands in.
    """

    change: Change
    ports: frozenset[str]
    because: str

    def __str__(self) -> str:
        return f"{self.change}: {self.because}"


GuestStep = Step[base.GuestChange]
VSwitchStep = Step[base.CreateVSwitch]


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """All that should be done now. Steps of one guest are in order; guests are independent of each other."""

    vswitches: tuple[VSwitchStep, ...]
    guests: Mapping[model.Userid, tuple[GuestStep, ...]]
    verdicts: Mapping[str, Verdict]

    def without(self, held: frozenset[str]) -> "Plan":
        """The plan less the steps that only ports in `held` need (they wait before they try again)."""
        kept = {u: tuple(s for s in steps if not s.ports <= held) for u, steps in self.guests.items()}
        vswitches = tuple(s for s in self.vswitches if not s.ports <= held)
        return dataclasses.replace(
            self, vswitches=vswitches, guests={u: steps for u, steps in kept.items() if steps}
        )

    def steps(self) -> Iterator[GuestStep | VSwitchStep]:
        """Every step."""
        yield from self.vswitches
        for steps in self.guests.values():
            yield from steps


def make_plan(
    wanted: Iterable[model.PortBinding],
    records: Iterable[model.PortRecord],
    released: Iterable[model.PortRecord],
    system: model.System,
    policy: Policy,
) -> Plan:
    """Decide what to change.

    wanted: every port bound to this system. records: what the control point's tables say of them.
    released: records of ports that Neutron has confirmed are no longer here; their NICs are let go.
    """
    claims, verdicts = make_claims(wanted, records, system, policy)
    owned = {claim.address for claim in claims}
    tenants = _tenants(system)
    claims_of, released_of = collections.defaultdict(list), collections.defaultdict(list)
    for claim in claims:
        claims_of[claim.address.userid].append(claim)
    for record in released:
        if record.address not in owned:
            released_of[record.address.userid].append(record)
    guests: dict[model.Userid, tuple[GuestStep, ...]] = {}
    for userid in sorted(claims_of.keys() | released_of.keys()):
        nics = tenants.get(userid, {})
        guest = _Guest(userid, claims_of[userid], released_of[userid], nics, system, policy, verdicts)
        if steps := tuple(guest.steps()):
            guests[userid] = steps
    for claim in claims:
        verdicts.setdefault(claim.port.port_id, _settled(claim, guests.get(claim.address.userid, ())))
    return Plan(tuple(_missing_vswitches(system, policy)), guests, verdicts)


_Nics = Mapping[model.VSwitchName, set[model.NicAddress]]


def _tenants(system: model.System) -> Mapping[model.Userid, _Nics]:
    """Each guest's NICs by the vswitch they use, now or from the next logon on."""
    tenants: dict[model.Userid, dict[model.VSwitchName, set[model.NicAddress]]] = {}
    every: list[model.DirectoryNic | model.LiveNic] = [*system.directory.values(), *system.live.values()]
    for nic in every:
        if nic.vswitch:
            nics = tenants.setdefault(nic.address.userid, {})
            nics.setdefault(nic.vswitch, set()).add(nic.address)
    return tenants


def _missing_vswitches(system: model.System, policy: Policy) -> Iterator[VSwitchStep]:
    for name, spec in sorted(policy.specs.items()):
        if name not in system.vswitches:
            yield Step(base.CreateVSwitch(spec), frozenset({name}), "it is configured and missing")


def _settled(claim: Claim, steps: tuple[GuestStep, ...]) -> Verdict:
    pending = next((s for s in steps if claim.port.port_id in s.ports), None)
    if pending:
        return Verdict(State.PENDING, str(pending))
    if claim.port.admin_up:
        return Verdict(State.UP, f"NIC {claim.address} is coupled to {claim.vswitch.name}")
    return Verdict(State.DOWN, f"NIC {claim.address} is uncoupled, as the port's admin state asks")


class _Guest:
    """Plans the steps of one guest. They are given phase by phase, so that all its NICs move together."""

    def __init__(
        self,
        userid: model.Userid,
        claims: list[Claim],
        released: list[model.PortRecord],
        nics: _Nics,
        system: model.System,
        policy: Policy,
        verdicts: dict[str, Verdict],
    ) -> None:
        self._userid = userid
        self._nics = nics
        self._system = system
        self._policy = policy
        self._verdicts = verdicts
        self._released = released
        self._owned = {c.address for c in claims} | {r.address for r in released}
        self._up = [c for c in claims if c.port.admin_up]
        self._cut = [c for c in claims if not c.port.admin_up]
        self._regrants: dict[model.VSwitchName, list[Claim]] = {}
        self._settle_vlans()

    def steps(self) -> Iterator[GuestStep]:
        """All steps of the guest, in the order in which they must be made."""
        yield from self._uncouple()
        yield from self._deauthorize()
        yield from self._authorize()
        yield from self._define()
        yield from self._couple()
        yield from self._remove()
        yield from self._record()

    def _settle_vlans(self) -> None:
        """Sort out which claims can hold together: under grants a guest has one VLAN set per vswitch."""
        by_vswitch: dict[model.VSwitchName, list[Claim]] = collections.defaultdict(list)
        for claim in sorted(self._up, key=lambda c: c.address):
            by_vswitch[claim.vswitch.name].append(claim)
        for name, claims in by_vswitch.items():
            vswitch = claims[0].vswitch
            winner = next((c for c in claims if vswitch.grants_exactly(self._userid, c.vlans)), claims[0])
            for claim in claims:
                if claim.vlans != winner.vlans:
                    self._refuse(claim, _shared_vlan_reason(claim, winner))
            agreed = [c for c in claims if c.vlans == winner.vlans]
            if not vswitch.grants_exactly(self._userid, winner.vlans):
                self._plan_grant(name, agreed)

    def _plan_grant(self, name: model.VSwitchName, claims: list[Claim]) -> None:
        foreign = sorted(self._nics.get(name, set()) - self._owned)
        if foreign and (self._is_granted(name) or any(a in self._system.live for a in foreign)):
            reason = (
                f"{self._userid} uses {name} in another VLAN with its NIC {foreign[0].vdev}, which is "
                "not Neutron's: uncouple that NIC and revoke the grant, or use another vswitch"
            )
            for claim in claims:
                self._refuse(claim, reason)
        else:
            self._regrants[name] = claims

    def _is_granted(self, name: model.VSwitchName) -> bool:
        vswitch = self._system.vswitches.get(name)
        return vswitch is not None and self._userid in vswitch.grants

    def _refuse(self, claim: Claim, reason: str) -> None:
        self._verdicts[claim.port.port_id] = Verdict(State.REFUSED, reason)
        self._up.remove(claim)
        self._cut.append(claim)

    def _uncouple(self) -> Iterator[GuestStep]:
        for record in self._released:
            yield from self._uncouple_nic(record.address, record.port_id, None, "its port is no longer here")
        for claim in self._cut:
            because = "its port is refused" if claim.port.admin_up else "its port is administratively down"
            yield from self._uncouple_nic(claim.address, claim.port.port_id, None, because)
        for claim in self._up:
            because = f"its port belongs on {claim.vswitch.name}"
            yield from self._uncouple_nic(claim.address, claim.port.port_id, claim.vswitch.name, because)
        for name, claims in self._regrants.items():
            for claim in claims:
                live = self._system.live.get(claim.address)
                if live and live.vswitch == name and self._is_granted(name):
                    change = base.Uncouple(claim.address, directory=False, live=True)
                    yield Step(change, claim.port_ids, "its grant must be replaced")

    def _uncouple_nic(
        self, address: model.NicAddress, port_id: str, right: model.VSwitchName | None, because: str
    ) -> Iterator[GuestStep]:
        """Uncouple the NIC wherever it is coupled to anything but `right`."""
        nic, live = self._system.directory.get(address), self._system.live.get(address)
        in_directory = bool(nic and nic.vswitch and nic.vswitch != right)
        is_live = bool(live and live.vswitch != right)
        if in_directory or is_live:
            change = base.Uncouple(address, directory=in_directory, live=is_live)
            yield Step(change, frozenset({port_id}), because)

    def _deauthorize(self) -> Iterator[GuestStep]:
        for name, ports in sorted(self._left().items()):
            if self._is_granted(name) and not self._needs(name):
                change = base.Deauthorize(self._userid, name)
                yield Step(change, frozenset(ports), "none of its NICs uses this vswitch any more")
        for name, claims in sorted(self._regrants.items()):
            if self._is_granted(name):
                change = base.Deauthorize(self._userid, name)
                yield Step(change, _ports(claims), "its grant is for other VLANs")

    def _left(self) -> dict[model.VSwitchName, set[str]]:
        """The vswitches that NICs of the guest leave, or have left, and the ports for which they do."""
        left: dict[model.VSwitchName, set[str]] = collections.defaultdict(set)
        for record in self._released:
            for name in self._places(record.address, record):
                left[name].add(record.port_id)
        for claim in self._cut:
            for name in self._places(claim.address, claim.record) | {claim.vswitch.name}:
                left[name].add(claim.port.port_id)
        for claim in self._up:
            for name in self._places(claim.address, claim.record) - {claim.vswitch.name}:
                left[name].add(claim.port.port_id)
        return left

    def _places(self, address: model.NicAddress, record: model.PortRecord | None) -> set[model.VSwitchName]:
        """The vswitches the NIC is, or was last known to be, coupled to."""
        nic, live = self._system.directory.get(address), self._system.live.get(address)
        return {place.vswitch for place in (nic, live, record) if place and place.vswitch}

    def _needs(self, name: model.VSwitchName) -> bool:
        """Whether any NIC of the guest, ours or foreign, still needs the vswitch."""
        leaving = {r.address for r in self._released} | {c.address for c in self._cut}
        leaving |= {c.address for c in self._up if c.vswitch.name != name}
        staying = self._nics.get(name, set()) - leaving
        return bool(staying) or any(c.vswitch.name == name for c in self._up)

    def _authorize(self) -> Iterator[GuestStep]:
        for name, claims in sorted(self._regrants.items()):
            change = base.Authorize(self._userid, name, claims[0].vlans, claims[0].vswitch.vlan_aware)
            yield Step(change, _ports(claims), "its ports need it")

    def _define(self) -> Iterator[GuestStep]:
        for claim in self._up:
            nic = self._system.directory.get(claim.address)
            if self._must_define(claim, nic):
                change = base.DefineNic(claim.address, claim.port.mac, claim.vswitch.name)
                yield Step(change, claim.port_ids, _define_reason(nic))
            elif nic and nic.vswitch != claim.vswitch.name:
                couple = base.Couple(
                    claim.address, claim.port.mac, claim.vswitch.name, directory=True, live=False
                )
                yield Step(couple, claim.port_ids, "its port belongs there")
        for claim in self._cut:
            nic = self._system.directory.get(claim.address)
            if self._must_define(claim, nic):
                change = base.DefineNic(claim.address, claim.port.mac, None)
                yield Step(change, claim.port_ids, _define_reason(nic))

    def _must_define(self, claim: Claim, nic: model.DirectoryNic | None) -> bool:
        if nic and nic.macid == claim.port.mac.macid and nic.vlans <= claim.vlans:
            return False
        if nic and nic.macid != claim.port.mac.macid and not self._policy.capabilities.defines_nics:
            self._mac_mismatch(claim, f"NIC {claim.address} has MACID {nic.macid} in the directory")
        return self._policy.capabilities.defines_nics

    def _mac_mismatch(self, claim: Claim, what: str) -> None:
        reason = f"{what}, but its port has MAC {claim.port.mac}"
        self._verdicts[claim.port.port_id] = Verdict(State.REFUSED, reason)

    def _couple(self) -> Iterator[GuestStep]:
        if self._userid not in self._system.logged_on:
            return
        for claim in self._up:
            live = self._system.live.get(claim.address)
            if live and live.mac != claim.port.mac:
                what = f"NIC {claim.address} is live with MAC {live.mac} until the guest's next logon"
                self._mac_mismatch(claim, what)
            if not live or live.vswitch != claim.vswitch.name or claim.vswitch.name in self._regrants:
                change = base.Couple(
                    claim.address, claim.port.mac, claim.vswitch.name, directory=False, live=True
                )
                yield Step(change, claim.port_ids, "the guest is logged on")

    def _remove(self) -> Iterator[GuestStep]:
        if not self._policy.capabilities.defines_nics:
            return
        for record in self._released:
            if record.address in self._system.directory:
                change = base.RemoveNic(record.address, live=False)
                yield Step(change, frozenset({record.port_id}), "its port is no longer here")

    def _record(self) -> Iterator[GuestStep]:
        if not self._policy.capabilities.notes:
            return
        for claim in self._up:
            vlan = claim.port.segment.vlan
            noted = claim.record
            if noted and (noted.vswitch, noted.vlan) != (claim.vswitch.name, vlan):
                change = base.Record(claim.port.port_id, claim.address, claim.vswitch.name, vlan)
                yield Step(change, claim.port_ids, "the compute side waits for it")


def _ports(claims: list[Claim]) -> frozenset[str]:
    return frozenset(claim.port.port_id for claim in claims)


def _define_reason(nic: model.DirectoryNic | None) -> str:
    return "the directory does not hold it" if nic is None else "the directory has another MAC or VLAN for it"


def _shared_vlan_reason(loser: Claim, winner: Claim) -> str:
    return (
        f"{loser.address.userid} uses {winner.vswitch.name} with {winner.port.segment} through NIC "
        f"{winner.address.vdev}; under grants all NICs of a guest on one vswitch share their VLAN, so NIC "
        f"{loser.address.vdev} cannot have {loser.port.segment}: use another vswitch for it"
    )
