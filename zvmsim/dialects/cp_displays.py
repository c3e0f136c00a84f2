"""How CP prints its QUERY answers: one function per display, state in, lines out.

Source: xCAT wiki samples (QUERY NIC, QUERY LAN; z/VM 6.1), hercules-390/hyperion issue 195 and Feilong PR 810
(QUERY VSWITCH; z/VM 6.x, 7.x), vm.ibm.com mntlvl (QUERY VMLAN), Feilong smtclient and fvt (QUERY USER, user
list of QUERY VSWITCH). Guess: spacing of the user list, QUERY NAMES and of the adapter list of DETAILS.
"""

from collections.abc import Iterator, Sequence

from zvmsim.world.answers import AuthorizedUserInfo, LanInfo, SystemInfo, VmlanInfo, VswitchInfo
from zvmsim.world.guest import Nic

_TYPES = {"HIPERSOCKETS": "HIPERS"}
_PROTECTION = {"UNSPECIFIED": "Unspecified", "MACPROTECT": "ON", "NOMACPROTECT": "OFF"}
_ON = {True: "ON", False: "OFF"}
_UPLINK_STATE = {4: "Disconnected", 8: "Ready"}


def virtual_nic(nic: Nic, is_vswitch: bool) -> Iterator[str]:
    """Two lines; Name is the port name the guest's driver set."""
    kind = _TYPES.get(nic.type, nic.type)
    name = nic.port_name or "UNASSIGNED"
    yield f"Adapter {nic.vdev}.P00 Type: {kind:9} Name: {name:11} Devices: {nic.devices}"
    if not nic.coupled:
        yield f"  MAC: {nic.mac}         LAN: * None"
    else:
        yield f"  MAC: {nic.mac}         {'VSWITCH' if is_vswitch else 'LAN'}: {nic.lan_owner} {nic.lan_name}"


def virtual_device(nic: Nic, number: int) -> str:
    """One of a NIC's devices."""
    unit = number - int(nic.vdev, 16)
    return f"OSA  {number:04X} ON NIC  {nic.vdev}  UNIT {unit:03} SUBCHANNEL = {unit + 1:04X}"


def user(userid: str) -> str:
    return f"{userid:8} - DSC "


def cplevel(info: SystemInfo) -> Iterator[str]:
    """Feilong takes the third line as the IPL time (QUERY CPLEVEL 7.1)."""
    yield (
        f"z/VM Version {info.version} Release {info.release}.0, "
        f"service level {info.service_level:04} (64-bit)"
    )
    yield f"Generated at {info.generation_time:%m/%d/%y %H:%M:%S} {info.zone}"
    yield f"IPL at {info.ipl_time:%m/%d/%y %H:%M:%S} {info.zone}"


def names(userids: Sequence[str]) -> Iterator[str]:
    """Four users in a line."""
    for at in range(0, len(userids), 4):
        yield ", ".join(f"{userid:8} - DSC " for userid in userids[at : at + 4])


def lan(info: LanInfo) -> Iterator[str]:
    """Guest LANs and vswitches alike; ETHERNET in the second line means layer 2."""
    kind = "VSWITCH" if info.is_vswitch else "LAN"
    type_ = _TYPES.get(info.type, info.type)
    title = f"{kind} {info.owner} {info.name}"
    yield f"{title:23} Type: {type_:7} Connected: {len(info.adapters):<4} Maxconn: INFINITE"
    yield _second_line(info.persistent, info.restricted, info.transport)
    yield "  IPTimeout: 5                 MAC Protection: Unspecified"
    yield "  Isolation Status: OFF"


def _second_line(persistent: bool, restricted: bool, transport: str) -> str:
    life = "PERSISTENT" if persistent else "TRANSIENT"
    access = "RESTRICTED" if restricted else "UNRESTRICTED"
    return f"  {life:11} {access:13} {transport:25} Accounting: OFF"


def vswitch(info: VswitchInfo, details: str = "") -> Iterator[str]:
    """details: "" , "ACCESSLIST" adds the authorized users, "DETAILS" users and adapters."""
    yield (
        f"VSWITCH SYSTEM {info.name:10} Type: {info.type:7} "
        f"Connected: {len(info.adapters):<4} Maxconn: INFINITE"
    )
    yield _second_line(info.persistent, True, info.transport)
    yield f"  {'PORTBASED' if info.port_based else 'USERBASED'} LOCAL"
    yield from _vlan_lines(info)
    yield f"  MAC address: {info.mac}    MAC Protection: {_PROTECTION[info.mac_protect]}"
    yield f"  IPTimeout: {info.ip_timeout:<9} QueueStorage: {info.queue_memory_limit}"
    yield f"  Isolation Status: {_ON[info.isolation]:10} VEPA Status: {_ON[info.vepa]}"
    if details:
        yield from _users(info)
    yield from _uplink(info)
    if details == "DETAILS":
        yield from _adapters(info)


def _vlan_lines(info: VswitchInfo) -> Iterator[str]:
    if not info.vlan_aware:
        yield "  VLAN Unaware"
        return
    yield (
        f"  VLAN Aware  Default VLAN: {_vlan(info.default_vlan)}    "
        f"Default Porttype: {info.port_type.capitalize():7} GVRP: "
        f"{'Enabled' if info.gvrp_enabled else 'Disabled'}"
    )
    yield f"              Native  VLAN: {_vlan(info.native_vlan)}    VLAN Counters: {_ON[info.vlan_counters]}"


def _vlan(number: int | None) -> str:
    return "NONE" if number is None else f"{number:04}"


def _users(info: VswitchInfo) -> Iterator[str]:
    """One user a line on a VLAN-aware switch, several without colons on an unaware one."""
    yield "  Authorized userids:"
    if info.vlan_aware:
        yield from (f"    {_aware_user(info, user)}" for user in info.users)
        return
    userids = [f"{user.userid:8}" for user in info.users]
    for at in range(0, len(userids), 6):
        yield f"    {' '.join(userids[at : at + 6])}".rstrip()


def _aware_user(info: VswitchInfo, user: AuthorizedUserInfo) -> str:
    vlans = " ".join(user.vlan_tokens) if user.vlans else _vlan(info.default_vlan)
    return f"{user.userid:8} Porttype: {(user.port_type or info.port_type).capitalize():6} VLAN: {vlans}"


def _uplink(info: VswitchInfo) -> Iterator[str]:
    state = _UPLINK_STATE.get(info.status, "Defined")
    yield " Uplink Port:"
    yield f"  State: {state:29} PriQueuing: OFF"
    yield "  PMTUD setting: EXTERNAL   PMTUD value: 8992     Trace Pages: 8"
    for device in info.devices:
        tail = {1: " ACTIVE", 2: " BACKUP"}.get(device.status, "")
        rdev = device.rdev if "." in device.rdev else f"{device.rdev}.P00"
        yield f"  RDEV: {rdev} VDEV: {device.vdev} Controller: {device.controller or 'NONE'}{tail}"


def _adapters(info: VswitchInfo) -> Iterator[str]:
    yield f" Adapter Connections:          Connected: {len(info.adapters)}"
    for nic in info.adapters:
        yield f"  Adapter Owner: {nic.userid:8} NIC: {nic.vdev}.P00 Name: UNASSIGNED Type: {nic.type}"


def vmlan(info: VmlanInfo) -> Iterator[str]:
    """The prefix line ends with the USER prefix: clients take the rest of the line."""
    yield "VMLAN maintenance level:"
    yield "  Latest Service: Base"
    yield "VMLAN MAC address assignment:"
    yield f"  System MAC Protection: {_ON[info.mac_protect]}"
    yield f"  MACADDR Prefix: {info.system_prefix} USER Prefix: {info.user_prefix}"
    yield "  MACIDRANGE SYSTEM: 000001-FFFFFF"
    yield "             USER:   000000-000000"
    yield "VMLAN default accounting status:"
    yield "  SYSTEM Accounting: OFF       USER Accounting: OFF"
    yield "VMLAN general activity:"
    yield f"  PERSISTENT Limit: INFINITE   Current: {info.persistent_lans}"
    yield f"  TRANSIENT  Limit: INFINITE   Current: {info.transient_lans}"
