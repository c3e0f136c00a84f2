"""Every SMAPI function that zvmsim answers: its parameters in a request, its payload in a reply.

Read a request off `REQUESTS`: what comes behind the target identifier, in this order. The names are the
manual's, as `zvmsim.world.functions` knows them. Read a payload off `REPLIES`; a function that is not there
has none. Both follow the pysmapi captures of z/VM 7.1, and zthin vmapi*.c where there is no capture.
"""

from collections.abc import Mapping
from typing import cast

from zvmsim.dialects.smapi import reply_fields as out
from zvmsim.dialects.smapi import reply_texts, wire
from zvmsim.dialects.smapi.request_fields import (
    Keywords,
    Records,
    RequestField,
    int1,
    int4,
    optional,
    string,
    terminated,
)
from zvmsim.world.answers import DirectoryEntry, LockInfo, VswitchInfo
from zvmsim.world.smapi import Reply, Request

_NOTHING: tuple[RequestField, ...] = ()
_KEYWORDS = (Keywords(),)
_COUNTED_KEYWORDS = (Keywords(counted=True),)
_DEVICE = string("image_device_number")
_SWITCH = string("switch_name")
_LAN = (string("lan_name"), string("lan_owner"))
_CONFIG_DISKS = tuple(
    string(prefix + name)
    for prefix in ("", "alt_")
    for name in (
        "system_config_name",
        "system_config_type",
        "parm_disk_owner",
        "parm_disk_number",
        "parm_disk_password",
    )
)
_UPDATE = (int1("update_system_config_indicator"), *_CONFIG_DISKS)
_NEW_ADAPTER = (
    _DEVICE,
    int1("adapter_type"),
    int4("network_adapter_devices"),
    string("channel_path_id"),
)
_RECEIVER = (
    int1("communication_type"),
    int4("port_number"),
    string("ip_address"),
    int1("encoding"),
    string("subscriber_data"),
)

REQUESTS: Mapping[str, tuple[RequestField, ...]] = {
    "Virtual_Network_Adapter_Create": _NEW_ADAPTER,
    "Virtual_Network_Adapter_Create_DM": (*_NEW_ADAPTER, string("mac_id")),
    "Virtual_Network_Adapter_Create_Extended": _KEYWORDS,
    "Virtual_Network_Adapter_Create_Extended_DM": _COUNTED_KEYWORDS,
    "Virtual_Network_Adapter_Delete": (_DEVICE,),
    "Virtual_Network_Adapter_Delete_DM": (_DEVICE,),
    "Virtual_Network_Adapter_Query": (_DEVICE,),
    "Virtual_Network_Adapter_Query_Extended": _COUNTED_KEYWORDS,
    "Virtual_Network_Adapter_Connect_LAN": (_DEVICE, *_LAN),
    "Virtual_Network_Adapter_Connect_LAN_DM": (_DEVICE, *_LAN),
    "Virtual_Network_Adapter_Connect_Vswitch": (_DEVICE, _SWITCH),
    "Virtual_Network_Adapter_Connect_Vswitch_DM": (_DEVICE, _SWITCH),
    "Virtual_Network_Adapter_Connect_Vswitch_Extended": _KEYWORDS,
    "Virtual_Network_Adapter_Disconnect": (_DEVICE,),
    "Virtual_Network_Adapter_Disconnect_DM": (_DEVICE,),
    "Virtual_Network_LAN_Create": (*_LAN, int1("lan_type"), int1("transport_type")),
    "Virtual_Network_LAN_Delete": _LAN,
    "Virtual_Network_LAN_Query": _LAN,
    "Virtual_Network_LAN_Access": tuple(
        terminated(name) for name in ("lan_name", "lan_owner", "access_op", "access_user", "promiscuity")
    ),
    "Virtual_Network_LAN_Access_Query": (terminated("lan_name"), terminated("lan_owner")),
    "Virtual_Network_OSA_Query": _NOTHING,
    "Virtual_Network_Vswitch_Create": (
        _SWITCH,
        string("real_device_address"),
        string("port_name"),
        string("controller_name"),
        int1("connection_value"),
        int4("queue_memory_limit"),
        int1("routing_value"),
        int1("transport_type"),
        int4("vlan_id"),
        int1("port_type"),
        *_UPDATE,
        int1("gvrp_value"),
        int4("native_vlanid"),
    ),
    "Virtual_Network_Vswitch_Create_Extended": _KEYWORDS,
    "Virtual_Network_Vswitch_Set": (
        _SWITCH,
        string("grant_userid"),
        string("user_vlan_id"),
        string("revoke_userid"),
        string("real_device_address"),
        string("port_name"),
        string("controller_name"),
        int1("connection_value"),
        int4("queue_memory_limit"),
        int1("routing_value"),
        int1("port_type"),
        *_UPDATE,
        int1("gvrp_value"),
        string("mac_id"),
    ),
    "Virtual_Network_Vswitch_Set_Extended": _KEYWORDS,
    "Virtual_Network_Vswitch_Delete": (_SWITCH, *_UPDATE),
    "Virtual_Network_Vswitch_Delete_Extended": _KEYWORDS,
    "Virtual_Network_Vswitch_Query": (_SWITCH,),
    "Virtual_Network_Vswitch_Query_Extended": _KEYWORDS,
    "Virtual_Network_Vswitch_Query_Stats": _KEYWORDS,
    "Virtual_Network_Vswitch_Query_Byte_Stats": _KEYWORDS,
    "Virtual_Network_VLAN_Query_Stats": _KEYWORDS,
    "Image_Query_DM": _NOTHING,
    "Image_Replace_DM": (Records(),),
    "Image_Lock_DM": (string("device_address"),),
    "Image_Unlock_DM": (string("device_address"),),
    "Image_Lock_Query_DM": _NOTHING,
    "Image_Create_DM": (
        string("prototype_name"),
        string("initial_password"),
        string("initial_account_number"),
        Records(),
    ),
    "Image_Delete_DM": (int1("data_security_erase"),),
    "Image_Name_Query_DM": _NOTHING,
    "Directory_Manager_Search_DM": (string("search_pattern"),),
    "Static_Image_Changes_Immediate_DM": _NOTHING,
    "Static_Image_Changes_Activate_DM": _NOTHING,
    "Static_Image_Changes_Deactivate_DM": _NOTHING,
    "Image_Definition_Query_DM": (Keywords(counted=True, bare=True),),
    "Image_Definition_Update_DM": _COUNTED_KEYWORDS,
    "Image_Definition_Create_DM": _COUNTED_KEYWORDS,
    "Image_Definition_Delete_DM": _COUNTED_KEYWORDS,
    "Query_Asynchronous_Operation_DM": (int4("operation_id"),),
    "Query_All_DM": _COUNTED_KEYWORDS,
    "Asynchronous_Notification_Enable_DM": (
        int1("entity_type"),
        int1("subscription_type"),
        *_RECEIVER,
    ),
    "Asynchronous_Notification_Disable_DM": (int1("entity_type"), *_RECEIVER),
    "Name_List_Add": (string("name"),),
    "Name_List_Remove": (string("name"),),
    "Name_List_Query": _NOTHING,
    "Name_List_Destroy": _NOTHING,
    "Event_Subscribe": (optional(string("match_key")),),
    "Event_Unsubscribe": _NOTHING,
    "Response_Recovery": (int4("failed_request_id"),),
    "Check_Authentication": _NOTHING,
    "Network_IP_Interface_Create": _KEYWORDS,
    "Network_IP_Interface_Modify": _KEYWORDS,
    "Network_IP_Interface_Query": _KEYWORDS,
    "Network_IP_Interface_Remove": _KEYWORDS,
    "Image_Activate": _NOTHING,
    "Image_Deactivate": (string("force_time"),),
    "Image_Recycle": _NOTHING,
    "Image_Status_Query": _NOTHING,
    "Query_API_Functional_Level": _NOTHING,
    "System_Information_Query": _NOTHING,
    "System_Info_Query": _NOTHING,
}

_TRANSPORTS = {"IP": 1, "ETHERNET": 2}
_PORT_TYPES = {"NONE": 0, "ACCESS": 1, "TRUNK": 2}
_ROUTINGS = {"NA": 1, "NONROUTER": 1, "PRIROUTER": 2}

_ENTRY_KINDS = {"USER": 0, "PROFILE": 1, "IDENTITY": 6, "SUBCONFIG": 7}

_NAMES = out.array(out.string(out.itself))
_VSWITCH = out.structure(
    out.string("name"),
    out.int1(lambda v: _TRANSPORTS[v.transport]),
    out.int1(lambda v: _PORT_TYPES[v.port_type]),
    out.int4("queue_memory_limit"),
    out.int1(lambda v: _ROUTINGS[v.routing]),
    out.int4(lambda v: reply_texts.vlan_number(v, v.default_vlan)),
    out.int4(lambda v: reply_texts.vlan_number(v, v.native_vlan)),
    out.int8(lambda v: int(v.mac.replace("-", ""), 16)),
    out.int1(lambda v: 1 if v.gvrp_requested else 2),
    out.int1(lambda v: 1 if v.gvrp_enabled else 2),
    out.int1("status"),
    out.array(
        out.structure(
            out.int4(lambda d: int(d.rdev[:4], 16)),
            out.padded("controller"),
            out.padded("port_name"),
            out.int1("status"),
            out.int1("error"),
        ),
        "devices",
    ),
    out.array(
        out.structure(
            out.padded("userid"),
            out.array(out.structure(out.int4(out.itself)), "vlans"),
        ),
        "users",
    ),
    out.array(out.structure(out.padded("userid"), out.string("vdev")), "adapters"),
)
_ADAPTER = out.structure(
    out.string("vdev"),
    out.int1(lambda a: reply_texts.ADAPTER_TYPES[a.type]),
    out.int4("devices"),
    out.int1("status"),
    out.padded("lan_owner"),
    out.padded("lan_name"),
)
_LAN_FOUND = out.structure(
    out.padded("name"),
    out.padded("owner"),
    out.int1(lambda lan: 2 if lan.type == "QDIO" else 1),
    out.array(
        out.structure(out.padded(lambda nic: nic[0]), out.string(lambda nic: nic[1])),
        "adapters",
    ),
)

_DEFINITIONS = out.counted(out.texts(lambda found: (f"{line.keyword}={line.value}" for line in found)))


def _entry_data(entry: DirectoryEntry) -> bytes:
    """Records (FORMAT=NO) or definitions (FORMAT=YES)."""
    if entry.records:
        return out.array(out.string(out.itself))(entry.records)
    return _DEFINITIONS(entry.definitions)


_ENTRY = out.structure(out.int4(lambda entry: _ENTRY_KINDS[entry.kind]), out.string("userid"), _entry_data)


def _vswitch_extended(vepa: bool) -> out.ReplyField:
    """The fields behind the NICs: uplink NIC and members of a global switch, which zvmsim does not have."""
    return out.structure(
        out.counted(out.texts(lambda v: [reply_texts.vswitch_attributes(v, vepa)])),
        out.counted(out.texts(lambda v: map(reply_texts.real_device, v.devices))),
        out.counted(out.texts(lambda v: map(reply_texts.authorized_user, v.users))),
        out.counted(out.texts(lambda v: map(reply_texts.connected_nic, v.adapters))),
        out.int4(lambda _: 0),
        out.int4(lambda _: 0),
    )


def _lock(lock: LockInfo) -> bytes:
    """ "IMAGE MAINT", or DEVICE, and the locked devices: 4 bytes of number, 8 of userid (pysmapi)."""
    what = f"IMAGE {lock.owner}" if lock.owner else "DEVICE"
    devices = "".join(f"{device:4}{owner:8}" for device, owner in lock.devices)
    return wire.string(what) + wire.string(devices)


REPLIES: Mapping[str, out.ReplyField] = {
    "Virtual_Network_Vswitch_Query": out.array(_VSWITCH),
    "Virtual_Network_Vswitch_Query_Extended": out.count_of(_vswitch_extended(vepa=False)),
    "Virtual_Network_Adapter_Query": out.array(_ADAPTER),
    "Virtual_Network_Adapter_Query_Extended": out.counted(out.texts(reply_texts.adapters)),
    "Virtual_Network_LAN_Query": out.array(_LAN_FOUND),
    "Virtual_Network_LAN_Access_Query": out.texts(
        lambda users: (f"{user:8} NONPROMISCUOUS" for user in users)
    ),
    "Virtual_Network_OSA_Query": out.texts(lambda devices: map(reply_texts.osa, devices)),
    "Image_Query_DM": out.array(out.padded(out.itself, 72)),
    "Image_Name_Query_DM": _NAMES,
    "Image_Status_Query": _NAMES,
    "Name_List_Query": _NAMES,
    "Image_Lock_Query_DM": _lock,
    "Image_Create_DM": out.int4(out.itself),
    "Image_Delete_DM": out.int4(out.itself),
    "Image_Definition_Query_DM": _DEFINITIONS,
    "Query_All_DM": out.array(_ENTRY),
    "Virtual_Network_Vswitch_Query_Byte_Stats": out.texts(reply_texts.byte_stats),
    "Virtual_Network_Vswitch_Query_Stats": out.array(
        out.sequence(out.string("name"), out.counted(out.texts(lambda _: ())))
    ),
    "Virtual_Network_VLAN_Query_Stats": out.array(
        out.structure(
            out.texts(lambda nic: [f"NIC {nic.vdev} 0"]), out.counted(out.texts(lambda _: ["0 0 0 0 0"]))
        )
    ),
    "Network_IP_Interface_Query": out.counted(out.texts(out.itself)),
    "Directory_Manager_Search_DM": out.array(out.sequence(out.string("userid"), out.string("statement"))),
    "System_Information_Query": out.counted(out.texts(reply_texts.system_information)),
    "System_Info_Query": out.texts(reply_texts.system_info),
}

_VSWITCHES_WITH_VEPA = out.count_of(_vswitch_extended(vepa=True))

_NUL_COUNTED = tuple(f"Image_Definition_{verb}_DM" for verb in ("Create", "Update", "Query", "Delete"))
_NUL_NOT_COUNTED = ("Network_IP_Interface_Modify",)


def payload(request: Request, reply: Reply) -> bytes:
    """The bytes behind the codes; most functions have some only when they succeed."""
    if reply.error_text:
        return _error_text(request.function, reply.error_text)
    if reply.data is None or request.function not in REPLIES:
        return b""
    if request.function == "Virtual_Network_Vswitch_Query_Extended" and _asks_for_vepa(request):
        return _VSWITCHES_WITH_VEPA(cast("tuple[VswitchInfo, ...]", reply.data))
    return REPLIES[request.function](reply.data)


def _asks_for_vepa(request: Request) -> bool:
    given = {key.lower(): value.strip().upper() for key, value in request.arguments.items()}
    return given.get("vepa_status") == "YES"


def _error_text(function: str, text: str) -> bytes:
    """SMAPI's error buffer: z/VM terminates and counts it differently from function to function."""
    if function in _NUL_COUNTED:
        return wire.counted(wire.terminated(text))
    return wire.string(text) + (b"\0" if function in _NUL_NOT_COUNTED else b"")
