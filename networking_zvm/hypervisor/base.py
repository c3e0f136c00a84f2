"""The contract every way to z/VM fulfils: bulk reads, and changes that are safe to repeat.

A read returns a complete and trusted answer or raises; it never returns half of one. A change names its
object and its wished state, not a difference. Sources of each driver's facts are in its own module.
"""

import dataclasses
from collections.abc import Sequence
from typing import Protocol

from networking_zvm import errors, model


@dataclasses.dataclass(frozen=True, slots=True)
class Capabilities:
    """What a driver can do; the planner respects it.

    ways: the kinds of authorization it can set. defines_nics: whether the agent writes the NIC into the
    directory itself (xCAT: Nova only announces it in a table) or waits until the compute side has.
    records: whether port_records() tells which NIC is which port; otherwise NICs are matched by MAC.
    notes: whether the compute side waits for a Record of what has been done. trunks: whether it can make a
    guest a trunk port, with several VLANs.
    """

    ways: frozenset[model.Way]
    defines_nics: bool
    records: bool
    notes: bool = False
    trunks: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class CreateVSwitch:
    """Create a vswitch that does not exist."""

    spec: model.VSwitchSpec

    def __str__(self) -> str:
        kind = "VLAN aware" if self.spec.vlan_aware else "VLAN unaware"
        uplink = f"uplink {' '.join(self.spec.rdevs)}" if self.spec.rdevs else "no uplink"
        return f"create vswitch {self.spec.name} ({kind}, {uplink})"


@dataclasses.dataclass(frozen=True, slots=True)
class DefineNic:
    """Write the NIC's directory record: its MAC and, if a vswitch is given, its coupling from logon on.

    port_id: the Neutron port it is, for control points that keep that with the NIC (Feilong). live: make it
    in the running guest as well, if it runs; there CP picks the MAC until the next logon, unless the way to
    z/VM can tell it (xCAT): no function of SMAPI does (SMAPI 7.1, Virtual_Network_Adapter_Create_Extended).
    """

    address: model.NicAddress
    mac: model.Mac
    vswitch: model.VSwitchName | None
    port_id: str | None = None
    live: bool = False

    def __str__(self) -> str:
        where = f" on {self.vswitch}" if self.vswitch else ""
        live = " and the running guest" if self.live else ""
        return f"define NIC {self.address} with MAC {self.mac}{where} in the directory{live}"


@dataclasses.dataclass(frozen=True, slots=True)
class RemoveNic:
    """Take the NIC out of the directory and, with live set, out of the running guest."""

    address: model.NicAddress
    live: bool

    def __str__(self) -> str:
        return f"remove NIC {self.address}"


@dataclasses.dataclass(frozen=True, slots=True)
class Couple:
    """Couple the NIC to the vswitch: in the directory, for later logons, and/or in the running guest.

    mac: of its NICDEF record, which may have to be written anew; None where CP picks it. vlans: what the
    record itself shall authorize (Directory Network Authorization; as an access port); none: another
    authorization stands. port: number of the vswitch's port it shall take, None for any.
    """

    address: model.NicAddress
    mac: model.Mac | None
    vswitch: model.VSwitchName
    directory: bool
    live: bool
    vlans: frozenset[model.VlanId] = frozenset()
    port: int | None = None

    def __str__(self) -> str:
        vlans = f" on VLAN {', '.join(map(str, sorted(self.vlans)))}" if self.vlans else ""
        port = f" at port {self.port}" if self.port else ""
        return f"couple {self.address} to {self.vswitch}{port}{vlans}"


@dataclasses.dataclass(frozen=True, slots=True)
class Uncouple:
    """Disconnect the NIC, in the directory and/or in the running guest.

    Its NICDEF record then names no vswitch, and authorizes nothing any more.
    """

    address: model.NicAddress
    directory: bool
    live: bool

    def __str__(self) -> str:
        return f"uncouple {self.address}"


@dataclasses.dataclass(frozen=True, slots=True)
class Authorize:
    """Give the guest leave to use the vswitch on exactly these VLANs (none: the default VLAN).

    vlan_aware: of the vswitch. There the guest becomes a port of this type whatever the vswitch's default
    port type is, or of that default type for None; on an unaware one a port type must not be named (CP SET
    VSWITCH, Feilong commit cdda3e207). replaces: the guest has leave for other VLANs, which shall be
    replaced; NICs that stay in a VLAN keep their traffic if z/VM lets them, or come out uncoupled.
    """

    userid: model.Userid
    vswitch: model.VSwitchName
    vlans: frozenset[model.VlanId]
    vlan_aware: bool
    port_type: model.PortType | None = model.PortType.ACCESS
    replaces: bool = False

    def __str__(self) -> str:
        vlans = f" on VLAN {', '.join(map(str, sorted(self.vlans)))}" if self.vlans else ""
        trunk = " as a trunk" if self.vlan_aware and self.port_type is model.PortType.TRUNK else ""
        return f"grant {self.userid} {self.vswitch}{vlans}{trunk}"


@dataclasses.dataclass(frozen=True, slots=True)
class Deauthorize:
    """Take the guest's leave to use the vswitch away."""

    userid: model.Userid
    vswitch: model.VSwitchName

    def __str__(self) -> str:
        return f"revoke {self.userid} from {self.vswitch}"


@dataclasses.dataclass(frozen=True, slots=True)
class AssignPort:
    """Keep a numbered port of the vswitch for the guest, of this type and on exactly these VLANs.

    vlan_aware: as for Authorize. Source: CP SET VSWITCH (7.2), PORTNUMBER.
    """

    userid: model.Userid
    vswitch: model.VSwitchName
    port: int
    vlans: frozenset[model.VlanId]
    vlan_aware: bool
    port_type: model.PortType = model.PortType.ACCESS

    def __str__(self) -> str:
        vlans = f" on VLAN {', '.join(map(str, sorted(self.vlans)))}" if self.vlans else ""
        vlans += " as a trunk" if self.port_type is model.PortType.TRUNK else ""
        return f"give {self.userid} port {self.port} of {self.vswitch}{vlans}"


@dataclasses.dataclass(frozen=True, slots=True)
class ReleasePort:
    """Take a numbered port of the vswitch away from the guest it was kept for."""

    userid: model.Userid
    vswitch: model.VSwitchName
    port: int

    def __str__(self) -> str:
        return f"take port {self.port} of {self.vswitch} from {self.userid}"


@dataclasses.dataclass(frozen=True, slots=True)
class AllowVlan:
    """Let a numbered trunk port into one VLAN more, while it carries the traffic of the others.

    Source: CP SET VSWITCH (7.2), VLANID ADD.
    """

    userid: model.Userid
    vswitch: model.VSwitchName
    port: int
    vlan: model.VlanId

    def __str__(self) -> str:
        return f"let port {self.port} of {self.vswitch} ({self.userid}) into VLAN {self.vlan}"


@dataclasses.dataclass(frozen=True, slots=True)
class DenyVlan:
    """Take a numbered trunk port out of one VLAN, while it carries the traffic of the others.

    Source: CP SET VSWITCH (7.2), VLANID REMOVE.
    """

    userid: model.Userid
    vswitch: model.VSwitchName
    port: int
    vlan: model.VlanId

    def __str__(self) -> str:
        return f"take port {self.port} of {self.vswitch} ({self.userid}) out of VLAN {self.vlan}"


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """Note for the compute side where the port's NIC has been connected."""

    port_id: str
    address: model.NicAddress
    vswitch: model.VSwitchName
    vlan: model.VlanId | None

    def __str__(self) -> str:
        return f"record {self.vswitch}{f' VLAN {self.vlan}' if self.vlan else ''} for {self.address}"


PortChange = AssignPort | ReleasePort | AllowVlan | DenyVlan

GuestChange = DefineNic | RemoveNic | Couple | Uncouple | Authorize | Deauthorize | PortChange | Record


class ChangeFailed(errors.ZvmError):
    """One change of a sequence failed; those before it are done, those after it were not tried.

    position: index of the change that failed. cause: why, as one of the HypervisorError classes.
    """

    def __init__(self, position: int, cause: errors.HypervisorError) -> None:
        super().__init__(str(cause))
        self.position = position
        self.cause = cause


class Hypervisor(Protocol):
    """One z/VM system as a control point lets us see and change it. Safe to use from several threads."""

    capabilities: Capabilities

    def describe(self) -> model.SystemInfo:
        """Who answers. Raises Unreachable, Untrusted, Unknown."""

    def observe(self) -> model.System:
        """One bulk look at everything that matters to networking. Raises Unreachable, Untrusted, Unknown."""

    def port_records(self) -> tuple[model.PortRecord, ...]:
        """Which NIC is which Neutron port, in bulk; empty without the capability. Raises as observe()."""

    def look_at(self, userid: model.Userid) -> model.GuestView:
        """One guest alone, at a cost that does not grow with the number of guests.

        Raises Gone if the user directory has no such guest, and as observe().
        """

    def change(self, changes: Sequence[GuestChange]) -> None:
        """Carry out changes of one guest in order. Raises ChangeFailed with how far it came.

        What the driver's capabilities exclude fails as Refused before anything of the sequence is sent.
        """

    def create_vswitch(self, spec: model.VSwitchSpec) -> None:
        """Create the vswitch. Raises Refused, Busy, Unknown, Unreachable."""

    def maintain(self) -> None:
        """Look after what the control point itself needs; called now and then, cheap when all is well.

        Raises ConfigurationError for what only the operator can mend, and what observe() raises.
        """

    def close(self) -> None:
        """Give connections back; the object is not used afterwards."""
