"""The planner: from what Neutron wants and what z/VM shows to the steps that lead there. Pure.

Every step carries the ports it serves and the reason an operator will read. A NIC that is right yields no
step: on z/VM even a repeated grant can cut a guest's other NICs (Feilong PR 810). Where z/VM's behaviour is
unsettled the order of steps is right under either answer: a NIC is uncoupled before its guest is
deauthorized, and a grant is never repeated but taken back and given anew. Which way a guest is let onto a
vswitch is decided in `authorization`.
"""

import collections
import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping

from networking_zvm import authorization, model, service_guests
from networking_zvm.claims import Claim, Policy, State, Verdict, make_claims
from networking_zvm.hypervisor import base
from networking_zvm.steps import GuestStep, Step, VSwitchStep

_NO_STEPS: tuple[GuestStep, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """All that should be done now. Steps of one guest are in order; guests are independent of each other.

    Service guests come first. places: where the NICs of the ports are. served: whose verdicts do not depend
    on a NIC that is still to come: ports without any of their own, and service guests. awaited: of ports with
    a NIC, the steps for service guests that come before they may be up, by what stands for the guest in
    Step.ports.
    """

    vswitches: tuple[VSwitchStep, ...]
    guests: Mapping[model.Userid, tuple[GuestStep, ...]]
    verdicts: Mapping[str, Verdict]
    places: tuple[model.PortRecord, ...] = ()
    served: frozenset[str] = frozenset()
    awaited: Mapping[str, Mapping[str, GuestStep]] = dataclasses.field(default_factory=dict)

    def told(self, failing: Collection[str] = ()) -> dict[str, Verdict]:
        """What to tell of each port now. failing: what stands for steps that were tried in vain.

        A port is not up before its VLAN reaches the service guests of its network; but where that fails, it
        waits no longer: DHCP that is missing must not keep a guest from being started.
        """
        verdicts = dict(self.verdicts)
        for port_id, steps in self.awaited.items():
            first = next((step for key, step in steps.items() if key not in failing), None)
            if first and verdicts[port_id].state is State.UP:
                verdicts[port_id] = Verdict(State.PENDING, f"a service guest comes first: {first}")
        return verdicts

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
    if policy.trusts_records:
        system = dataclasses.replace(system, directory_authorizes=True)
    wanted = tuple(wanted)
    claims, verdicts, served = make_claims(wanted, records, system, policy)
    owned = {claim.address for claim in claims}
    tenants = _tenants(system)
    claims_of, released_of = collections.defaultdict(list), collections.defaultdict(list)
    for claim in claims:
        claims_of[claim.address.userid].append(claim)
    for record in released:
        if record.address not in owned:
            released_of[record.address.userid].append(record)
    numbers = authorization.PortNumbers(system)
    guests: dict[model.Userid, tuple[GuestStep, ...]] = {}
    for userid in sorted(claims_of.keys() | released_of.keys()):
        nics = tenants.get(userid, {})
        guest = _Guest(userid, claims_of[userid], released_of[userid], nics, system, policy, verdicts)
        guest.arrange(numbers)
        if steps := tuple(guest.steps()):
            guests[userid] = steps
    for claim in claims:
        verdicts.setdefault(claim.port.port_id, _settled(claim, guests.get(claim.address.userid, ())))
    places = tuple(model.PortRecord(c.port.port_id, c.address, c.vswitch.name) for c in claims)
    services = service_guests.arrange(wanted, served, system, policy, numbers)
    first = {userid: guests.pop(userid, _NO_STEPS) + steps for userid, steps in services.guests.items()}
    return Plan(
        tuple(_missing_vswitches(system, policy)),
        first | guests,
        {**verdicts, **services.verdicts},
        places,
        frozenset(services.verdicts),
        {c.port.port_id: awaited for c in claims if (awaited := services.awaited(c.port, c.vswitch))},
    )


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
        self._access: dict[model.VSwitchName, authorization.Access] = {}

    def arrange(self, numbers: authorization.PortNumbers) -> None:
        """Decide how the guest's NICs are let onto their vswitches; to be called before steps()."""
        self._refuse_wrong_macs()
        by_vswitch: dict[model.VSwitchName, list[Claim]] = collections.defaultdict(list)
        for claim in sorted(self._up, key=lambda c: c.address):
            by_vswitch[claim.vswitch.name].append(claim)
        for name, claims in by_vswitch.items():
            way = authorization.way_for(claims[0].vswitch, self._system, self._policy)
            access = authorization.arrange(self._on(claims[0].vswitch), claims, way, numbers)
            self._access[name] = access
            for claim in claims:
                if reason := access.refused.get(claim.port.port_id):
                    self._refuse(claim, reason)

    def steps(self) -> Iterator[GuestStep]:
        """All steps of the guest, in the order in which they must be made."""
        yield from self._uncouple()
        yield from self._deauthorize()
        yield from self._authorize()
        yield from self._define()
        yield from self._couple()
        yield from self._remove()
        yield from self._record()

    def _on(self, vswitch: model.VSwitch) -> authorization.Guest:
        nics = self._nics.get(vswitch.name, set())
        return authorization.Guest(self._userid, vswitch, nics, self._owned, self._system)

    def _terms(self, claim: Claim) -> authorization.Terms:
        return self._access[claim.vswitch.name].terms[claim.port.port_id]

    def _refuse(self, claim: Claim, reason: str) -> None:
        self._verdicts[claim.port.port_id] = Verdict(State.REFUSED, reason)
        self._up.remove(claim)
        self._cut.append(claim)

    def _refuse_wrong_macs(self) -> None:
        """A NIC that somebody else defined with another MAC than its port's is not the port's to use."""
        if self._policy.capabilities.defines_nics:
            return
        for claim in list(self._up):
            nic = self._system.directory.get(claim.address)
            if nic and nic.confirmed and nic.macid != claim.port.mac.macid:
                what = f"NIC {claim.address} has MACID {nic.macid} in the directory"
                self._refuse(claim, _mac_reason(claim, what))

    def _uncouple(self) -> Iterator[GuestStep]:
        for record in self._released:
            yield from self._uncouple_fully(
                record.address, frozenset({record.port_id}), "its port is no longer here"
            )
        for claim in self._cut:
            because = "its port is refused" if claim.port.admin_up else "its port is administratively down"
            yield from self._uncouple_fully(claim.address, claim.port_ids, because)
        for claim in self._up:
            yield from self._uncouple_what_is_wrong(claim)

    def _uncouple_fully(
        self, address: model.NicAddress, port_ids: frozenset[str], because: str
    ) -> Iterator[GuestStep]:
        nic, live = self._system.directory.get(address), self._system.live.get(address)
        in_directory, is_live = bool(nic and nic.vswitch), live is not None
        if in_directory or is_live:
            yield Step(base.Uncouple(address, directory=in_directory, live=is_live), port_ids, because)

    def _uncouple_what_is_wrong(self, claim: Claim) -> Iterator[GuestStep]:
        """Where a driver defines NICs, DefineNic mends wrong operands of the record without this."""
        name = claim.vswitch.name
        nic, live = self._system.directory.get(claim.address), self._system.live.get(claim.address)
        bad_record = not self._accepts_record(claim)
        rewrites = bad_record and not self._policy.capabilities.defines_nics
        in_directory = bool(nic and nic.vswitch and (nic.vswitch != name or rewrites))
        is_live = bool(live and (live.vswitch != name or bad_record or self._must_recouple(claim)))
        if in_directory or is_live:
            change = base.Uncouple(claim.address, directory=in_directory, live=is_live)
            wrong_place = (nic and nic.vswitch not in (None, name)) or (live and live.vswitch != name)
            because = f"its port belongs on {name}" if wrong_place else "what authorizes it must be replaced"
            yield Step(change, claim.port_ids, because)

    def _accepts_record(self, claim: Claim) -> bool:
        """Whether the operands of its directory record are as they must be once it is coupled."""
        return self._on(claim.vswitch).accepts(self._terms(claim), claim)

    def _must_recouple(self, claim: Claim) -> bool:
        return claim.port.port_id in self._access[claim.vswitch.name].recouple

    def _deauthorize(self) -> Iterator[GuestStep]:
        for name, ports in sorted(self._left().items()):
            vswitch = self._system.vswitches.get(name)
            if vswitch is None or name in self._revoked():
                continue
            because = "none of its NICs uses this vswitch any more"
            if self._on(vswitch).has_grant and not self._needs_grant(name):
                yield Step(base.Deauthorize(self._userid, name), frozenset(ports), because)
            for number in self._deserted_ports(vswitch):
                yield Step(base.ReleasePort(self._userid, name, number), frozenset(ports), because)
        for name, access in sorted(self._access.items()):
            port_ids = frozenset(access.terms)
            if access.revoke:
                yield Step(base.Deauthorize(self._userid, name), port_ids, access.revoke)
            for number in access.released:
                change = base.ReleasePort(self._userid, name, number)
                yield Step(change, port_ids, "it is for other VLANs")

    def _revoked(self) -> set[model.VSwitchName]:
        return {name for name, access in self._access.items() if access.revoke}

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

    def _staying(self, name: model.VSwitchName) -> set[model.NicAddress]:
        """NICs of the guest, ours and foreign, that keep using the vswitch, and those that come to it."""
        leaving = {r.address for r in self._released} | {c.address for c in self._cut}
        leaving |= {c.address for c in self._up if c.vswitch.name != name}
        return (self._nics.get(name, set()) - leaving) | {
            c.address for c in self._up if c.vswitch.name == name
        }

    def _needs_grant(self, name: model.VSwitchName) -> bool:
        """Whether any NIC that stays is let onto the vswitch by a grant, or may be."""
        ways = {c.address: self._terms(c).way for c in self._up if c.vswitch.name == name}
        return any(ways.get(address, model.Way.GRANT) is model.Way.GRANT for address in self._staying(name))

    def _deserted_ports(self, vswitch: model.VSwitch) -> list[int]:
        """Numbers of our kind that are kept for the guest and that no NIC which stays asks for."""
        directory = self._system.directory
        asked = {directory[a].port for a in self._staying(vswitch.name) if a in directory}
        asked |= {self._terms(c).port for c in self._up if c.vswitch.name == vswitch.name}
        return sorted(
            number
            for number, port in vswitch.ports.items()
            if port.userid == self._userid
            and number >= authorization.FIRST_PORT
            and number not in asked
            and (self._userid, vswitch.name) not in self._policy.places_of_service_guests
        )

    def _authorize(self) -> Iterator[GuestStep]:
        for _, access in sorted(self._access.items()):
            for change in access.grants:
                yield Step(change, frozenset(access.terms), "its ports need it")

    def _define(self) -> Iterator[GuestStep]:
        for claim in self._up:
            nic = self._system.directory.get(claim.address)
            if self._must_define(claim, nic):
                change = base.DefineNic(claim.address, claim.port.mac, claim.vswitch.name)
                yield Step(change, claim.port_ids, _define_reason(nic))
            elif nic and (nic.vswitch != claim.vswitch.name or not self._accepts_record(claim)):
                couple = self._coupling(claim, directory=True, live=False)
                yield Step(couple, claim.port_ids, "its port belongs there")
        for claim in self._cut:
            nic = self._system.directory.get(claim.address)
            if self._must_define(claim, nic):
                change = base.DefineNic(claim.address, claim.port.mac, None)
                yield Step(change, claim.port_ids, _define_reason(nic))

    def _must_define(self, claim: Claim, nic: model.DirectoryNic | None) -> bool:
        right = bool(nic and nic.macid == claim.port.mac.macid and nic.vlans <= claim.vlans)
        return self._policy.capabilities.defines_nics and not right

    def _coupling(self, claim: Claim, *, directory: bool, live: bool) -> base.Couple:
        terms = self._terms(claim)
        mac, name = claim.port.mac, claim.vswitch.name
        return base.Couple(claim.address, mac, name, directory, live, terms.vlans, terms.port)

    def _couple(self) -> Iterator[GuestStep]:
        if self._userid not in self._system.logged_on:
            return
        for claim in self._up:
            live = self._system.live.get(claim.address)
            if live and live.mac != claim.port.mac:
                what = f"NIC {claim.address} is live with MAC {live.mac} until the guest's next logon"
                self._verdicts[claim.port.port_id] = Verdict(State.REFUSED, _mac_reason(claim, what))
            stays = live and live.vswitch == claim.vswitch.name and self._accepts_record(claim)
            if not stays or self._must_recouple(claim):
                change = self._coupling(claim, directory=False, live=True)
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


def _define_reason(nic: model.DirectoryNic | None) -> str:
    return "the directory does not hold it" if nic is None else "the directory has another MAC or VLAN for it"


def _mac_reason(claim: Claim, what: str) -> str:
    return f"{what}, but its port has MAC {claim.port.mac}"
