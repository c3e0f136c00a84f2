"""The two layouts in which smcli prints virtual switches.

Source: feilong zthin smcliVirtual.c fed with the pysmapi captures; zVMopenstack zhcp smcliVirtual.c.
"""

from collections.abc import Iterator, Sequence

from zvmsim.world.answers import AuthorizedUserInfo, RealDeviceInfo, VswitchInfo

NO_VLAN_INFO = "Error vlan_info is NULL!!"
"""What smcli of the zHCP says of a user without VLANs, before it forgets all that follow."""

_NO_VLAN = 32768
"""SMAPI's number for NONE."""

_SWITCH_STATUS = {
    1: "Virtual switch defined",
    2: "Controller not available",
    3: "Operator intervention required",
    4: "Disconnected",
    5: "Virtual devices attached to controller",
    6: "OSA initialization in progress",
    7: "OSA device not ready",
    8: "OSA device ready",
    9: "OSA devices being detached",
    10: "Virtual switch delete pending",
    11: "Virtual switch fail over recovering",
    12: "Auto restart in progress",
}
_NOT = {True: "", False: "not "}
_DEVICE_STATUS = {0: "Device is not active", 1: "Device is active", 2: "Device is a backup device"}
_DEVICE_ERROR = {
    0: "No error",
    3: "Real device does not exist",
    4: "Real device is attached elsewhere",
    5: "Real device is not QDIO OSA-E",
    6: "Initialization error",
    11: "Device is offline",
    12: "Device was detached",
}


def _vlan_number(switch: VswitchInfo, vlan: int | None) -> int:
    if vlan is not None:
        return vlan
    return _NO_VLAN if switch.vlan_aware else 0


def vswitch_query(switches: Sequence[VswitchInfo]) -> Iterator[str]:
    """Virtual_Network_Vswitch_Query; indented by 0, 2 and 4 blanks, names padded to 8."""
    for switch in switches:
        yield f"VSWITCH:  Name: {switch.name}"
        yield f"  Transport type: {'Ethernet' if switch.transport == 'ETHERNET' else 'IP'}"
        yield f"  Port type: {'Unknown' if switch.port_type == 'NONE' else switch.port_type.capitalize()}"
        yield f"  Queue memory limit: {switch.queue_memory_limit}"
        yield f"  Routing value: The device will {_NOT[switch.routing == 'PRIROUTER']}act as a router"
        yield f"  VLAN ID: {_vlan_number(switch, switch.default_vlan)}"
        yield f"  Native VLAN ID: {_vlan_number(switch, switch.native_vlan)}"
        yield f"  MAC ID: {switch.mac.replace('-', '')}"
        yield f"  GVRP request attributes: GVRP {_NOT[switch.gvrp_requested]}requested"
        yield f"  GVRP enabled attributes: GVRP {_NOT[switch.gvrp_enabled]}enabled"
        yield f"  Switch status: {_SWITCH_STATUS[switch.status]}"
        yield "  Devices:"
        for device in switch.devices:
            yield f"    Real device: {device.rdev[:4]}"
            yield f"    Controller name: {device.controller:8}"
            yield f"    Port name: {device.port_name:8}"
            yield f"    Device status: {_DEVICE_STATUS[device.status]}"
            yield f"    Device error status: {_DEVICE_ERROR.get(device.error, '')}"
            yield ""
        yield "  Authorized users:"
        yield from (f"    User: {user.userid:8}" for user in switch.users)
        yield "  Connections:"
        for nic in switch.adapters:
            yield f"    Adapter owner: {nic.userid:8}  Device number: {nic.vdev}"


def vswitch_query_extended(switches: Sequence[VswitchInfo], vepa: bool, of_zhcp: bool) -> Iterator[str]:
    """Virtual_Network_Vswitch_Query_Extended: attribute lines start with a blank, the rest do not."""
    for switch in switches:
        yield from (f" {line}" for line in _attributes(switch, vepa, of_zhcp))
        for device in switch.devices:
            yield from _device(device)
        yield from _users_of_zhcp(switch.users) if of_zhcp else _users(switch.users)
        for nic in switch.adapters:
            yield f"adapter_owner: {nic.userid}"
            yield f"adapter_vdev: {nic.vdev}"
            yield f"adapter_macaddr: {nic.mac}"
            yield f"adapter_type: {nic.type}"


def _attributes(switch: VswitchInfo, vepa: bool, of_zhcp: bool) -> Iterator[str]:
    yield f"switch_name: {switch.name}"
    yield f"transport_type: {switch.transport}"
    yield f"port_type: {switch.port_type}"
    yield f"queue_memory_limit: {switch.queue_memory_limit}"
    yield f"routing_value: {switch.routing}"
    yield f"vlan_awareness: {'AWARE' if switch.vlan_aware else 'UNAWARE'}"
    yield f"vlan_id: {_vlan_text(_vlan_number(switch, switch.default_vlan), of_zhcp)}"
    yield f"native_vlan_id: {_vlan_text(_vlan_number(switch, switch.native_vlan), of_zhcp)}"
    yield f"mac_address: {switch.mac}"
    yield f"gvrp_request_attribute: {'GVRP' if switch.gvrp_requested else 'NOGVRP'}"
    yield f"gvrp_enabled_attribute: {'GVRP' if switch.gvrp_enabled else 'NOGVRP'}"
    yield f"switch_status: {switch.status}"
    yield "link_ag: LAG:"
    yield "lag_interval: 0"
    yield "lag_group: (NOGRP)"
    yield f"IP_timeout: {switch.ip_timeout}"
    yield f"switch_type: {switch.type}"
    yield f"isolation_status: {'ISOLATION' if switch.isolation else 'NOISOLATION'}"
    yield f"MAC_protect: {switch.mac_protect}"
    yield f"user_port_based: {'PORTBASED' if switch.port_based else 'USERBASED'}"
    yield f"VLAN_counters: {'COUNTERS' if switch.vlan_counters else 'NOCOUNTERS'}"
    if vepa:
        yield f"vepa_status: {'ON' if switch.vepa else 'OFF'}"
    yield "spg_scope: (NONE)"


def _vlan_text(number: int, raw: bool) -> str:
    if raw:
        return f"{number:05}"
    return "NONE" if number == _NO_VLAN else str(number)


def _device(device: RealDeviceInfo) -> Iterator[str]:
    """The last line has no colon."""
    yield f"real_device_address: {device.rdev[:4]}"
    yield f"virtual_device_address: {device.vdev}"
    yield f"controller_name: {device.controller or '(NONE)'}"
    yield f"port_name: {device.port_name or '(NONE)'}"
    yield f"device_status: {device.status}"
    yield f"device_error_status {device.error}"


def _users(users: Sequence[AuthorizedUserInfo]) -> Iterator[str]:
    """atoi turns "0030" into 30 and the range "0030-0040" into 30, too."""
    for user in users:
        yield from _user(user)
        yield from (f"user_vlan_id: {int(token.partition('-')[0])}" for token in user.vlan_tokens)


def _users_of_zhcp(users: Sequence[AuthorizedUserInfo]) -> Iterator[str]:
    """The ids as they come. Where none comes, strtok_r finds nothing behind vlan_count and the loop ends.

    The user itself is not printed either; the vswitch's adapters and all further vswitches are.
    """
    for user in users:
        if not user.vlan_tokens:
            yield NO_VLAN_INFO
            return
        yield from _user(user)
        yield from (f"user_vlan_id: {token}" for token in user.vlan_tokens)


def _user(user: AuthorizedUserInfo) -> Iterator[str]:
    yield f"port_num: {user.port:04}"
    yield f"grant_userid: {user.userid}"
    yield f"promiscuous_mode: {'PROM' if user.promiscuous else 'NOPROM'}"
    yield f"osd_sim: {'OSDSIM' if user.osd_sim else 'NOOSDSIM'}"
    yield f"vlan_count: {len(user.vlan_tokens)}"
