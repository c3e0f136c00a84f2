"""Typed answers of the world's queries; dialects turn them into bytes or text.

Reply.data by function:

=====================================================  ==========================================
Virtual_Network_Vswitch_Query, .._Query_Extended       tuple[VswitchInfo, ...]
Virtual_Network_Adapter_Query, .._Query_Extended       tuple[AdapterInfo, ...]
Virtual_Network_LAN_Query                              tuple[LanInfo, ...] (vswitches too, as on z/VM)
Virtual_Network_LAN_Access_Query                       tuple[str, ...] of userids
Virtual_Network_OSA_Query                              tuple[OsaInfo, ...]
Image_Query_DM                                         tuple[str, ...] of records
Image_Lock_Query_DM                                    LockInfo
Image_Name_Query_DM, Image_Status_Query                tuple[str, ...] of userids
Image_Create_DM, Image_Delete_DM                       int, the operation id (-1 = done)
Image_Definition_Query_DM                              tuple[DefinitionInfo, ...]
Directory_Manager_Search_DM                            tuple[SearchHit, ...]
Query_All_DM                                           tuple[DirectoryEntry, ...]
Network_IP_Interface_Query                             tuple[str, ...] of "INTERFACE_ID=..." texts
Virtual_Network_Vswitch_Query_Stats, .._Byte_Stats     tuple[VswitchInfo, ...], counters are zero
Virtual_Network_VLAN_Query_Stats                       tuple[AdapterInfo, ...], counters are zero
System_Information_Query, System_Info_Query            SystemInfo
System_Processor_Query                                 tuple[ProcessorInfo, ...]
System_Performance_Information_Query                   PerformanceInfo
Image_Performance_Query                                tuple[GuestPerformanceInfo, ...]
Image_Volume_Space_Query_DM, System_WWPN_Query         tuple[str, ...] of lines
Name_List_Query                                        tuple[str, ...] of names
Query_API_Functional_Level                             None; the level is the reason code
=====================================================  ==========================================

All names and device numbers are upper case, device numbers 4 digits, MACs like "02-00-01-00-00-05", nothing
is padded.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Transport = Literal["IP", "ETHERNET"]
PortType = Literal["ACCESS", "TRUNK"]
MacProtect = Literal["UNSPECIFIED", "MACPROTECT", "NOMACPROTECT"]
AdapterType = Literal["HIPERSOCKETS", "QDIO", "INMN", "IEDN"]
OsaState = Literal["FREE", "BOXED", "OFFLINE", "ATTACHED"]


@dataclass(frozen=True, slots=True)
class CpReply:
    """Return code of a CP command (0, or the number of the HCP message) and its output lines."""

    rc: int = 0
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RealDeviceInfo:
    """One uplink device of a vswitch.

    rdev: "0500", or "0000" when only a port name is defined. vdev: "0600" at the controller, "0000" when
        not attached.
    controller, port_name: "" when there is none.
    status: 0 not active, 1 active, 2 backup. error: 0 none, 3 no such device, 4 attached elsewhere, 11
        offline.
    """

    rdev: str
    vdev: str
    controller: str
    port_name: str
    status: int
    error: int


@dataclass(frozen=True, slots=True)
class AuthorizedUserInfo:
    """One authorization block of a vswitch.

    port: 0 for a GRANT, otherwise the port number.
    vlans: VLAN ids, sorted, empty for the switch's default VLAN.
    vlan_tokens: the same as Vswitch_Query_Extended lists them, 4 digits each ("0030"; a range "0030-0040",
        and "0000" or the default VLAN for none, if Behaviour says so).
    port_type: as given or the switch's default; None on a VLAN-unaware switch (not part of SMAPI's answer,
        shown by QUERY VSWITCH ACC).
    temporary: made by coupling with Directory Network Authorization.
    """

    port: int
    userid: str
    promiscuous: bool
    osd_sim: bool
    vlans: tuple[int, ...]
    vlan_tokens: tuple[str, ...]
    port_type: PortType | None
    temporary: bool


@dataclass(frozen=True, slots=True)
class ConnectedNicInfo:
    """One NIC coupled to a vswitch."""

    userid: str
    vdev: str
    mac: str
    type: AdapterType


@dataclass(frozen=True, slots=True)
class VswitchInfo:
    """One vswitch as Virtual_Network_Vswitch_Query_Extended and QUERY VSWITCH show it.

    default_vlan, native_vlan: None for a VLAN-unaware switch and for NONE (SMAPI's 32768); `vlan_aware`
        tells them apart.
    port_type: NONE for a VLAN-unaware switch.
    routing: NA for ETHERNET in the Extended query; the plain query says NONROUTER there.
    status: 1 defined, 3 operator intervention required, 4 disconnected, 8 OSA ready (1-12, SMAPI's table).
    queue_memory_limit: MB. ip_timeout: minutes.
    persistent: defined in SYSTEM CONFIG.
    devices, users, adapters: in the order SMAPI lists them (adapters newest first).
    """

    name: str
    transport: Transport
    port_type: Literal["NONE", "ACCESS", "TRUNK"]
    queue_memory_limit: int
    routing: Literal["NA", "NONROUTER", "PRIROUTER"]
    vlan_aware: bool
    default_vlan: int | None
    native_vlan: int | None
    mac: str
    gvrp_requested: bool
    gvrp_enabled: bool
    status: int
    ip_timeout: int
    type: Literal["QDIO", "IEDN", "INMN", "IVL"]
    isolation: bool
    mac_protect: MacProtect
    port_based: bool
    vlan_counters: bool
    vepa: bool
    persistent: bool
    connected: bool
    devices: tuple[RealDeviceInfo, ...] = ()
    users: tuple[AuthorizedUserInfo, ...] = ()
    adapters: tuple[ConnectedNicInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class AdapterInfo:
    """One virtual NIC of a logged-on guest.

    status: 0 not coupled, 1 coupled and not active, 2 coupled and active (a driver in the guest runs it).
    lan_owner, lan_name: "" when not coupled. is_vswitch: the LAN is a vswitch.
    """

    userid: str
    vdev: str
    type: AdapterType
    devices: int
    status: int
    mac: str
    port_name: str
    lan_owner: str
    lan_name: str
    is_vswitch: bool


@dataclass(frozen=True, slots=True)
class LanInfo:
    """One guest LAN, or a vswitch, as QUERY LAN and Virtual_Network_LAN_Query show it; adapters are
    (userid, vdev).
    """

    name: str
    owner: str
    type: Literal["QDIO", "HIPERSOCKETS"]
    transport: Transport
    restricted: bool
    persistent: bool
    is_vswitch: bool
    adapters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OsaInfo:
    """One OSA device; attached_to and vdev are "" unless state is ATTACHED."""

    rdev: str
    state: OsaState
    attached_to: str
    vdev: str
    type: str
    chpid: str


@dataclass(frozen=True, slots=True)
class LockInfo:
    """Locks of one directory entry: owner of the image lock ("" if none) and (device, owner) pairs."""

    owner: str
    devices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One record that Directory_Manager_Search_DM found."""

    userid: str
    statement: str


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """One entry of Query_All_DM: its records or its definitions.

    kind: USER, PROFILE, IDENTITY or SUBCONFIG.
    """

    kind: str
    userid: str
    records: tuple[str, ...] = ()
    definitions: "tuple[DefinitionInfo, ...]" = ()


@dataclass(frozen=True, slots=True)
class DefinitionInfo:
    """One line of Image_Definition_Query_DM: keyword "NICDEF" and its value "VDEV=0600 TYPE=QDIO LAN=SYSTEM
    SWITCHNAME=X".
    """

    keyword: str
    value: str


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """What System_Information_Query and System_Info_Query tell; times in the system's own zone.

    level: SMAPI functional level, 710 = z/VM 7.1. zone: its name, e.g. "EDT". storage: e.g. "64G".
    """

    name: str
    level: int
    version: int
    release: int
    service_level: int
    now: datetime
    ipl_time: datetime
    generation_time: datetime
    zone: str
    storage: str


@dataclass(frozen=True, slots=True)
class ProcessorInfo:
    """One processor; status: MASTER-PROCESSOR, ALTERNATE, PARKED, STANDBY. type: CP, IFL, ..."""

    address: str
    status: str
    type: str
    core: str


@dataclass(frozen=True, slots=True)
class PerformanceInfo:
    """Load of a system; memory in pages of 4 KB."""

    processors: int
    memory_total: int
    memory_in_use: int


@dataclass(frozen=True, slots=True)
class GuestPerformanceInfo:
    """Load of a guest; times in microseconds, memory in KB."""

    userid: str
    cpu_time: int
    elapsed: int
    memory_max: int
    memory_used: int
    processors: int


@dataclass(frozen=True, slots=True)
class VmlanInfo:
    """MAC assignment as QUERY VMLAN shows it: prefixes of 6 hex digits; counts of persistent and transient
    LANs and vswitches.
    """

    system_prefix: str
    user_prefix: str
    mac_protect: bool
    dna: bool
    persistent_lans: int
    transient_lans: int
