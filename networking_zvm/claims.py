"""Which NIC is which port's, and whether the port can be served at all. Pure.

The control point's record of a port names its NIC; without a record the MAC does. A port that cannot be
served gets a verdict that tells its operator why.
"""

import collections
import dataclasses
import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import Self

from networking_zvm import model
from networking_zvm.hypervisor import base
from networking_zvm.settings import ServiceGuest, Settings


class State(enum.StrEnum):
    """How a port stands after one look at both sides. UNCLEAR: z/VM does not show enough to say."""

    UP = "up"
    DOWN = "down"
    PENDING = "pending"
    WAITING = "waiting"
    REFUSED = "refused"
    UNCLEAR = "unclear"


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """A port's state and the reason for it, in words for an operator."""

    state: State
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """What the operator has decided.

    vswitch_of: physical network to vswitch. specs: how to create a vswitch that is missing. authorization:
    how guests are let onto vswitches, None to pick what fits; authorization_of: the same for single ones.
    service_guests: each on a physical network of vswitch_of.
    """

    vswitch_of: Mapping[str, model.VSwitchName]
    specs: Mapping[model.VSwitchName, model.VSwitchSpec]
    capabilities: base.Capabilities
    authorization: model.Way | None = None
    authorization_of: Mapping[model.VSwitchName, model.Way] = dataclasses.field(default_factory=dict)
    service_guests: tuple[ServiceGuest, ...] = ()

    @property
    def places_of_service_guests(self) -> frozenset[tuple[model.Userid, model.VSwitchName]]:
        """Where service guests are: each guest with its vswitch."""
        of = self.vswitch_of
        return frozenset((s.address.userid, of[s.physical_network]) for s in self.service_guests)

    @property
    def trusts_records(self) -> bool:
        """Whether the operator vouches that directory records authorize: z/VM 6.4 can be given it by APAR."""
        ways = {self.authorization, *self.authorization_of.values()}
        return not ways.isdisjoint({model.Way.DIRECTORY, model.Way.PORT})

    @classmethod
    def of(cls, settings: Settings, capabilities: base.Capabilities) -> Self:
        """The operator's decisions, for a driver with these capabilities."""
        return cls(
            settings.vswitch_of,
            settings.specs,
            capabilities,
            settings.authorization,
            settings.authorization_of,
            settings.service_guests,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """A port with the NIC that is its own and the vswitch it belongs on."""

    port: model.PortBinding
    address: model.NicAddress
    vswitch: model.VSwitch
    record: model.PortRecord | None

    @property
    def vlans(self) -> frozenset[model.VlanId]:
        """The VLANs its guest must be authorized for. A flat network's is the default VLAN, if there is one.

        That is named too: a guest authorized without VLAN hides others (see VSwitch.unclear).
        """
        return vlans_of(self.port.segment, self.vswitch)

    @property
    def port_ids(self) -> frozenset[str]:
        """The port's id, as steps want it."""
        return frozenset({self.port.port_id})


def vlans_of(segment: model.Segment, vswitch: model.VSwitch) -> frozenset[model.VlanId]:
    """The VLANs that a NIC in this segment has there: one at most."""
    vlan = segment.vlan or vswitch.default_vlan
    return frozenset({vlan}) if vlan else frozenset()


def make_claims(
    wanted: Iterable[model.PortBinding],
    records: Iterable[model.PortRecord],
    system: model.System,
    policy: Policy,
) -> tuple[list[Claim], dict[str, Verdict], list[model.PortBinding]]:
    """Match ports and NICs; every port ends in exactly one of the results.

    The third are ports of services that have no NIC of their own, but a service guest's.
    """
    finder = _NicFinder(records, system)
    verdicts: dict[str, Verdict] = {}
    claims: list[Claim] = []
    served: list[model.PortBinding] = []
    for port in wanted:
        if port.is_of_service and not finder.addresses_of(port):
            served.append(port)
            continue
        found = _claim(port, finder, system, policy)
        if isinstance(found, Verdict):
            verdicts[port.port_id] = found
        else:
            claims.append(found)
    return list(_without_rivals(claims, system, verdicts)), verdicts, served


def unfitness(vswitch: model.VSwitch, network_type: model.NetworkType) -> str | None:
    """Why the vswitch cannot carry such a network, or None. A lost uplink does not make it unfit.

    Source: CP DEFINE VSWITCH (7.4): transport and VLAN awareness cannot be changed afterwards.
    """
    if vswitch.layer is not model.Layer.ETHERNET:
        return f"vswitch {vswitch.name} is layer 3 (IP); Neutron networks need a layer 2 (ETHERNET) vswitch"
    if network_type is model.NetworkType.VLAN and not vswitch.vlan_aware:
        return f"vswitch {vswitch.name} is VLAN unaware; a VLAN network needs a VLAN aware vswitch"
    return None


class _NicFinder:
    """Finds the NIC of a port: by the control point's record or, without one, by its MAC."""

    def __init__(self, records: Iterable[model.PortRecord], system: model.System) -> None:
        self._records: dict[str, list[model.PortRecord]] = collections.defaultdict(list)
        for record in records:
            self._records[record.port_id].append(record)
        self._by_mac: dict[model.Mac, set[model.NicAddress]] = collections.defaultdict(set)
        for nic in system.directory.values():
            if nic.macid:
                self._by_mac[model.Mac.assemble(system.mac_prefix, nic.macid)].add(nic.address)
        for live in system.live.values():
            self._by_mac[live.mac].add(live.address)

    def addresses_of(self, port: model.PortBinding) -> set[model.NicAddress]:
        """All NICs that claim to be this port."""
        return {r.address for r in self._records.get(port.port_id, [])} or self._by_mac.get(port.mac, set())

    def find(self, port: model.PortBinding) -> tuple[model.NicAddress, model.PortRecord | None] | Verdict:
        """The NIC's address and its record, or why there is none."""
        records, addresses = self._records.get(port.port_id, []), sorted(self.addresses_of(port))
        if not addresses:
            return Verdict(State.WAITING, "no NIC has been defined for this port yet")
        if len(addresses) > 1:
            nics = ", ".join(map(str, addresses))
            return Verdict(State.REFUSED, f"several NICs claim to be this port ({nics}): remove all but one")
        return addresses[0], records[-1] if records else None


def _claim(
    port: model.PortBinding, finder: _NicFinder, system: model.System, policy: Policy
) -> Claim | Verdict:
    vswitch = vswitch_for(port.segment, system, policy)
    if isinstance(vswitch, Verdict):
        return vswitch
    if port.mac.prefix != system.mac_prefix:
        reason = (
            f"MAC {port.mac} is outside {system.mac_prefix}, the user prefix of this z/VM: set base_mac = "
            f"{system.mac_prefix}:00:00:00 in neutron.conf and create the port again"
        )
        return Verdict(State.REFUSED, reason)
    found = finder.find(port)
    if isinstance(found, Verdict):
        return found
    address, record = found
    if any(address == service.address for service in policy.service_guests):
        reason = f"NIC {address} is that of a service guest ([zvm] service_guests) and no port's: correct one"
        return Verdict(State.REFUSED, reason)
    if address.userid in vswitch.unclear:
        reason = (
            f"{address.userid} may use vswitch {vswitch.name}, but z/VM does not show on which VLANs: give a "
            "VLAN by number to every guest that is authorized for that vswitch without any"
        )
        return Verdict(State.UNCLEAR, reason)
    nic = system.directory.get(address)
    if nic is None and not policy.capabilities.defines_nics:
        return Verdict(State.WAITING, f"NIC {address} is not in the user directory yet")
    if nic and not nic.confirmed and record and record.vswitch:
        reason = f"the directory entry of {address.userid} cannot be read: {address} was on {record.vswitch}"
        return Verdict(State.UNCLEAR, reason)
    return Claim(port, address, vswitch, record)


def vswitch_for(segment: model.Segment, system: model.System, policy: Policy) -> model.VSwitch | Verdict:
    """The vswitch that carries the segment, or why none does."""
    if segment.network_type is model.NetworkType.LOCAL:
        return Verdict(State.REFUSED, "a local network has no vswitch: use a flat or VLAN network")
    name = policy.vswitch_of.get(segment.physical_network or "")
    if name is None:
        reason = f"physical network {segment.physical_network} is mapped to no vswitch: see vswitch_mappings"
        return Verdict(State.REFUSED, reason)
    vswitch = system.vswitches.get(name)
    if vswitch is None:
        return Verdict(State.WAITING, f"this z/VM has no vswitch {name}")
    unfit = unfitness(vswitch, segment.network_type)
    return Verdict(State.REFUSED, unfit) if unfit else vswitch


def _without_rivals(
    claims: list[Claim], system: model.System, verdicts: dict[str, Verdict]
) -> Iterator[Claim]:
    """Drop claims of several ports to one NIC, unless the NIC's MAC tells whose it is."""
    by_address: dict[model.NicAddress, list[Claim]] = collections.defaultdict(list)
    for claim in claims:
        by_address[claim.address].append(claim)
    for address, rivals in by_address.items():
        nic = system.directory.get(address)
        rightful = [c for c in rivals if nic and nic.macid == c.port.mac.macid] if len(rivals) > 1 else rivals
        for claim in rivals:
            if len(rightful) == 1 and claim is rightful[0]:
                yield claim
            else:
                others = ", ".join(c.port.port_id for c in rivals if c is not claim)
                verdicts[claim.port.port_id] = Verdict(
                    State.REFUSED, f"NIC {address} is also claimed by port {others}: correct the records"
                )
