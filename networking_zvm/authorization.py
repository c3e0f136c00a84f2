"""How a guest is let onto one vswitch: by grant, by its directory record, or by a numbered port. Pure.

- grant: SET VSWITCH GRANT names the guest and its VLANs; all its NICs there share them.
- directory: the NICDEF record itself authorizes, with VLANs of its own (Directory Network Authorization).
- port: as directory, and a numbered port of the vswitch is kept for the NIC with the same VLANs.

Whether a grant or the record decides where both speak is unsettled (Feilong PR 810 hints at whoever came
last), so they are never left to contradict each other: a grant that the records do not explain is taken back.
The list of authorized guests shows a guest that its record lets in like one that was granted, at least while
it is coupled (Feilong PR 810); so a grant that says what the records say counts as theirs.
What is right already is left as it is, whichever way was taken then.
"""

import dataclasses
from collections.abc import Collection, Iterable, Mapping

from networking_zvm import model
from networking_zvm.claims import Claim, Policy
from networking_zvm.hypervisor import base

FIRST_PORT = 1024
"""The agent's port numbers begin here: CP hands out its own from 1 on (guess), operators count likewise."""

_VLANS = frozenset[model.VlanId]
_SAID = frozenset[model.VlanId | None]  # None: no VLAN is named, and the vswitch has no default


@dataclasses.dataclass(frozen=True, slots=True)
class Terms:
    """What a NIC's directory record must say besides its vswitch; no VLANs: a grant is relied on."""

    way: model.Way
    vlans: _VLANS = frozenset()
    port: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Access:
    """What lets the NICs of one guest onto one vswitch.

    terms: by port id. refused: by port id, with the reason. revoke: why its grant must be taken back, None if
    it may stay. grants: what must be set then. released: port numbers to be taken from the guest. recouple:
    ids of the ports whose live NIC must be uncoupled before all that and coupled again afterwards.
    """

    terms: Mapping[str, Terms]
    refused: Mapping[str, str] = dataclasses.field(default_factory=dict)
    revoke: str | None = None
    grants: tuple[base.Authorize | base.AssignPort, ...] = ()
    released: tuple[int, ...] = ()
    recouple: frozenset[str] = frozenset()


class PortNumbers:
    """Hands out numbers that no port of a vswitch has, nor any directory record asks for."""

    def __init__(self, system: model.System) -> None:
        self._taken = {name: set(vswitch.ports) for name, vswitch in system.vswitches.items()}
        for nic in system.directory.values():
            if nic.vswitch and nic.port:
                self._taken.setdefault(nic.vswitch, set()).add(nic.port)

    def take(self, name: model.VSwitchName) -> int:
        """A free number, not free any more."""
        taken = self._taken.setdefault(name, set())
        number = next(n for n in range(FIRST_PORT, FIRST_PORT + len(taken) + 1) if n not in taken)
        taken.add(number)
        return number


class Guest:
    """One guest on one vswitch, as observed. owned: its NICs that are Neutron's, wherever they are."""

    def __init__(
        self,
        userid: model.Userid,
        vswitch: model.VSwitch,
        nics: Iterable[model.NicAddress],
        owned: Iterable[model.NicAddress],
        system: model.System,
    ) -> None:
        self.userid = userid
        self.vswitch = vswitch
        self.nics = frozenset(nics)
        self.owned = frozenset(owned)
        self._system = system
        self._default: _SAID = frozenset({vswitch.default_vlan})

    @property
    def is_granted(self) -> bool:
        """Whether it is on the vswitch's list."""
        return self.userid in self.vswitch.grants

    @property
    def has_grant(self) -> bool:
        """Whether it is on that list by a grant, not just because of what the records of live NICs say."""
        return self.is_granted and not self._is_listed_for(a for a in self.nics if a in self._system.live)

    def contradicts(self, terms: Mapping[model.NicAddress, Terms], changing: Collection[Claim]) -> bool:
        """Whether its place on the list could give its NICs other VLANs than the terms do.

        terms: of all its NICs that are Neutron's, changing: those whose records will be rewritten. A foreign
        NIC's grant is not ours to take back, so beside one the answer must not depend on whether our own
        NIC is coupled yet, or it would turn to and fro.
        """
        if not self.is_granted:
            return False
        granted = self._listed()
        final = [t.vlans or self._default for t in terms.values()]
        live = [a for a in self.nics if a in self._system.live]
        if self.foreign:
            beside = self._said(a for a in live if a not in self.owned)
            return not self._is_all_said([*final, *beside])
        settled = [a for a in live if a not in {claim.address for claim in changing}]
        return not self._is_listed_for(settled) if settled else any(vlans != granted for vlans in final)

    @property
    def foreign(self) -> list[model.NicAddress]:
        """Its NICs there that are not Neutron's: they may rely on a grant, whatever their records say."""
        return sorted(self.nics - self.owned)

    def is_surely_granted(self, vlans: _VLANS) -> bool:
        """Whether a grant gives just these VLANs, and what is listed cannot be some record's doing."""
        by_record = self._system.directory_authorizes and any(
            nic.vlans for address in self.nics if (nic := self._record(address))
        )
        return self.vswitch.grants_exactly(self.userid, vlans) and not by_record

    def is_right_by_grant(self, claim: Claim) -> bool:
        """Whether the NIC is in place, and the grant alone gives it its VLAN."""
        nic = self._system.directory.get(claim.address)
        in_place = bool(nic and nic.vswitch == self.vswitch.name and not (nic.vlans or nic.port))
        return in_place and self.is_surely_granted(claim.vlans)

    def is_right_by_record(self, claim: Claim) -> bool:
        """Whether the NIC is in place with its VLAN in the record, and no grant contradicts it."""
        nic = self._system.directory.get(claim.address)
        in_place = bool(nic and nic.vswitch == self.vswitch.name and nic.vlans and nic.vlans == claim.vlans)
        return in_place and self._system.directory_authorizes and not self.has_grant

    def any_live(self, addresses: Iterable[model.NicAddress]) -> bool:
        """Whether any of these NICs is coupled in the running guest."""
        return any(address in self._system.live for address in addresses)

    def port_of(self, claim: Claim, numbers: PortNumbers) -> int:
        """The number of the NIC's own port: what its record says, unless that is somebody else's."""
        nic = self._record(claim.address)
        if nic and nic.port:
            assigned = self.vswitch.ports.get(nic.port)
            if assigned is None or assigned.userid == self.userid:
                return nic.port
        return numbers.take(self.vswitch.name)

    def accepts(self, terms: Terms, claim: Claim) -> bool:
        """Whether the operands of the NIC's record are good enough; of an uncoupled NIC any are."""
        nic = self._system.directory.get(claim.address)
        if nic is None or nic.vswitch is None:
            return True
        if terms.way is model.Way.GRANT:
            return not nic.vlans if self._system.directory_authorizes else nic.vlans <= claim.vlans
        same_vlans = (nic.vlans or self._default) == (terms.vlans or self._default)
        return same_vlans and (terms.port is None or nic.port == terms.port)

    def _is_listed_for(self, nics: Iterable[model.NicAddress]) -> bool:
        """Whether the records of these NICs say just what the list says."""
        said = self._said(nics)
        return self._system.directory_authorizes and bool(said) and self._is_all_said(said)

    def _is_all_said(self, said: Collection[_SAID]) -> bool:
        """Whether the list says just this."""
        if self.vswitch.one_each:
            return self._listed() in said
        return self._listed() == frozenset().union(*said)

    def _listed(self) -> _SAID:
        """The VLANs for which it is on the list."""
        vlans = self.vswitch.grants[self.userid]
        return vlans | self._default if self.userid in self.vswitch.defaulted or not vlans else vlans

    def _said(self, nics: Iterable[model.NicAddress]) -> list[_SAID]:
        """The VLANs that the NICs' records give."""
        return [nic.vlans or self._default for address in nics if (nic := self._record(address))]

    def _record(self, address: model.NicAddress) -> model.DirectoryNic | None:
        nic = self._system.directory.get(address)
        return nic if nic and nic.vswitch == self.vswitch.name else None


def way_for(vswitch: model.VSwitch, system: model.System, policy: Policy) -> model.Way:
    """The way for NICs that are not right yet: the operator's choice, or the first that fits.

    Of their own accord port based vswitches get ports and the others directory records, where z/VM and the
    driver can; a grant serves everywhere.
    """
    pinned = policy.authorization_of.get(vswitch.name, policy.authorization)
    if pinned:
        return pinned
    able = policy.capabilities.ways if system.directory_authorizes else frozenset({model.Way.GRANT})
    if vswitch.port_based and model.Way.PORT in able:
        return model.Way.PORT
    return model.Way.DIRECTORY if model.Way.DIRECTORY in able else model.Way.GRANT


def arrange(guest: Guest, claims: list[Claim], way: model.Way, numbers: PortNumbers) -> Access:
    """What the claims, all of this guest on this vswitch, need. way: for those that are not right yet."""
    if way is model.Way.GRANT and any(guest.is_right_by_record(claim) for claim in claims):
        return _by_record(guest, claims, model.Way.DIRECTORY, numbers)
    if way is model.Way.GRANT or any(guest.is_right_by_grant(claim) for claim in claims):
        return _by_grant(guest, claims, also_possible=way)
    return _by_record(guest, claims, way, numbers)


def _by_grant(guest: Guest, claims: list[Claim], also_possible: model.Way) -> Access:
    """Under grants all NICs of a guest on one vswitch share their VLANs."""
    vswitch = guest.vswitch
    winner = next((c for c in claims if guest.is_surely_granted(c.vlans)), claims[0])
    agreed = [c for c in claims if c.vlans == winner.vlans]
    refused = {
        c.port.port_id: _shared_vlan_reason(c, winner, also_possible)
        for c in claims
        if c.vlans != winner.vlans
    }
    terms = {c.port.port_id: Terms(model.Way.GRANT) for c in agreed}
    if guest.is_surely_granted(winner.vlans):
        return Access(terms, refused)
    if guest.foreign and (guest.is_granted or guest.any_live(guest.foreign)):
        return Access({}, refused | _foreign_reasons(guest, agreed))
    return Access(
        terms,
        refused,
        revoke="its grant is for other VLANs" if guest.is_granted else None,
        grants=(base.Authorize(guest.userid, vswitch.name, winner.vlans, vswitch.vlan_aware),),
        recouple=frozenset(terms),
    )


def _by_record(guest: Guest, claims: list[Claim], way: model.Way, numbers: PortNumbers) -> Access:
    """Each NIC has VLANs of its own; a grant that says anything else would only confuse."""
    numbered = way is model.Way.PORT
    terms = {
        claim.port.port_id: Terms(way, claim.vlans, guest.port_of(claim, numbers) if numbered else None)
        for claim in claims
    }
    changing = [c for c in claims if not guest.accepts(terms[c.port.port_id], c)]
    revoke = guest.contradicts({c.address: terms[c.port.port_id] for c in claims}, changing)
    if revoke and guest.foreign:
        return Access({}, _foreign_reasons(guest, claims))
    grants: list[base.AssignPort] = []
    released: list[int] = []
    recouple = {c.port.port_id for c in claims} if revoke else set()
    for claim in claims:
        number = terms[claim.port.port_id].port
        assigned = guest.vswitch.ports.get(number) if number else None
        if number and (revoke or assigned != model.SwitchPort(guest.userid, claim.vlans)):
            recouple.add(claim.port.port_id)
            released += [number] if assigned and not revoke else []
            grants.append(_assignment(guest, number, claim))
    reason = "its grant is not what its directory records say" if revoke else None
    return Access(terms, {}, reason, tuple(grants), tuple(released), frozenset(recouple))


def _assignment(guest: Guest, number: int, claim: Claim) -> base.AssignPort:
    vswitch = guest.vswitch
    return base.AssignPort(guest.userid, vswitch.name, number, claim.vlans, vswitch.vlan_aware)


def _foreign_reasons(guest: Guest, claims: list[Claim]) -> dict[str, str]:
    name, foreign = guest.vswitch.name, guest.foreign[0].vdev
    reason = (
        f"{guest.userid} uses {name} in another VLAN with its NIC {foreign}, which is not Neutron's: "
        "uncouple that NIC and revoke the grant, or use another vswitch"
    )
    return {claim.port.port_id: reason for claim in claims}


def _shared_vlan_reason(loser: Claim, winner: Claim, also_possible: model.Way) -> str:
    remedy = "use another vswitch for it"
    if also_possible is not model.Way.GRANT:
        remedy += ", or set the other port administratively down and up again: then each gets its own VLAN"
    return (
        f"{loser.address.userid} uses {winner.vswitch.name} with {winner.port.segment} through NIC "
        f"{winner.address.vdev}; under grants all NICs of a guest on one vswitch share their VLAN, so NIC "
        f"{loser.address.vdev} cannot have {loser.port.segment}: {remedy}"
    )
