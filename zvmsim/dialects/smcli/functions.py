"""The functions that smcli knows: options, what they are called in SMAPI, and the text printed while at work.

Source: feilong zthin smcliVirtual.c, smcliImage.c, smcliImageDefinition.c, smcliDirectory.c, smcliSystem.c
and smcliUnDocumented.c (the same program as the xCAT zHCP's /opt/zhcp/bin/smcli).
"""

import dataclasses
from collections.abc import Mapping
from typing import Literal


@dataclasses.dataclass(frozen=True, slots=True)
class Option:
    """One option letter with a value; a number goes through atoi, so "2-4094" becomes 2.

    name: the parameter's, "" for an option that only smcli itself heeds.
    """

    name: str
    kind: Literal["text", "number"] = "text"


@dataclasses.dataclass(frozen=True, slots=True)
class Function:
    """One function.

    options: by letter, without -T; keywords: takes -k key=value instead.
    required: letters that must come (T for the target).
    status: printed before a failure, with {target}, {device}, {name} filled in; "" prints nothing.
    records: directory records come from -f file or standard input (-s).
    """

    options: Mapping[str, Option] = dataclasses.field(default_factory=dict)
    required: str = "T"
    status: str = ""
    keywords: bool = False
    records: bool = False


_DEVICE = {"v": Option("image_device_number")}
_CONFIG_DISKS = {
    letter: Option(name)
    for letter, name in zip(
        "LFRCPNYOMD",
        (
            *("system_config_name", "system_config_type"),
            *("parm_disk_owner", "parm_disk_number", "parm_disk_password"),
            *("alt_system_config_name", "alt_system_config_type"),
            *("alt_parm_disk_owner", "alt_parm_disk_number", "alt_parm_disk_password"),
        ),
        strict=True,
    )
}
_UPDATE = {"u": Option("update_system_config_indicator", "number"), **_CONFIG_DISKS}
_LAN = {"n": Option("lan_name"), "o": Option("lan_owner")}


def _texts(**names: str) -> dict[str, Option]:
    return {letter: Option(name) for letter, name in names.items()}


def _numbers(**names: str) -> dict[str, Option]:
    return {letter: Option(name, "number") for letter, name in names.items()}


def _device(status: str, **more: str) -> Function:
    return Function({**_DEVICE, **_texts(**more)}, "Tv" + "".join(more), status)


def _keywords(status: str) -> Function:
    return Function(required="Tk", status=status, keywords=True)


_ADAPTERS = {
    "Create": Function(
        {**_DEVICE, **_numbers(t="adapter_type", d="network_adapter_devices"), **_texts(c="channel_path_id")},
        "Tvtd",
        "Adding virtual NIC to {target}'s active configuration... ",
    ),
    "Create_DM": Function(
        {
            **_DEVICE,
            **_numbers(a="adapter_type", n="network_adapter_devices"),
            **_texts(c="channel_path_id", m="mac_id"),
        },
        "Tvan",
        "Adding virtual NIC to {target}'s directory entry... ",
    ),
    "Create_Extended": _keywords("Adding virtual NIC to {target}'s active configuration... "),
    "Create_Extended_DM": _keywords("Adding virtual NIC to {target}'s directory entry... "),
    "Delete": _device("Removing virtual NIC from {target}'s active configuration... "),
    "Delete_DM": _device("Removing virtual NIC from {target}'s directory entry... "),
    "Query": _device(""),
    "Query_Extended": _keywords(""),
    "Connect_Vswitch": _device(
        "Connecting virtual network adapter at {device} to {name}... ", n="switch_name"
    ),
    "Connect_Vswitch_DM": _device(
        "Defining virtual switch connection in {target}'s directory entry... ", n="switch_name"
    ),
    "Connect_Vswitch_Extended": _keywords("Connecting virtual network adapter to virtual switch... "),
    "Connect_LAN": _device(
        "Connecting virtual network adapter at {device} to {name}... ", l="lan_name", o="lan_owner"
    ),
    "Connect_LAN_DM": _device(
        "Defining virtual network LAN connection in {target}'s directory entry... ",
        n="lan_name",
        o="lan_owner",
    ),
    "Disconnect": _device("Disconnecting virtual network adapter... "),
    "Disconnect_DM": Function(
        _DEVICE,
        "T",
        "Removing virtual network LAN or virtual switch connection from {target}'s directory entry... ",
    ),
}

_LANS = {
    "LAN_Create": Function(
        {**_LAN, **_numbers(t="lan_type", p="transport_type")}, "Tnotp", "Creating virtual network LAN... "
    ),
    "LAN_Delete": Function(_LAN, "Tno", "Deleting virtual network LAN... "),
    "LAN_Query": Function(_LAN, "Tno"),
    "LAN_Access": Function(
        {**_LAN, **_texts(a="access_op", u="access_user", p="promiscuity")},
        "Tnoaup",
        "Changing access to virtual network LAN... ",
    ),
    "LAN_Access_Query": Function(_LAN, "Tno"),
    "OSA_Query": Function(),
}

_VSWITCHES = {
    "Vswitch_Query": Function(_texts(s="switch_name"), "Ts"),
    "Vswitch_Query_Extended": _keywords(""),
    "Vswitch_Query_Byte_Stats": _keywords(""),
    "Vswitch_Create": Function(
        {
            **_texts(n="switch_name", r="real_device_address", a="port_name", i="controller_name"),
            **_numbers(
                c="connection_value",
                q="queue_memory_limit",
                e="routing_value",
                t="transport_type",
                v="vlan_id",
                p="port_type",
                G="gvrp_value",
                V="native_vlanid",
            ),
            **_UPDATE,
        },
        "Tn",
        "Creating virtual switch {name}... ",
    ),
    "Vswitch_Create_Extended": _keywords("Creating virtual switch... "),
    "Vswitch_Set": Function(
        {
            **_texts(n="switch_name", I="grant_userid", v="user_vlan_id", U="revoke_userid"),
            **_texts(r="real_device_address", a="port_name", i="controller_name", m="mac_id"),
            **_numbers(c="connection_value", q="queue_memory_limit", e="routing_value"),
            **_numbers(p="port_type", G="gvrp_value"),
            **_UPDATE,
        },
        "Tn",
        "Changing virtual switch configuration ... ",
    ),
    "Vswitch_Set_Extended": _keywords("Changing virtual switch configuration ... "),
    "Vswitch_Delete": Function(
        {**_texts(n="switch_name"), **_UPDATE}, "Tn", "Deleting virtual switch {name}... "
    ),
    "Vswitch_Delete_Extended": _keywords("Deleting virtual switch... "),
}

_IMAGES = {
    "Image_Activate": Function(status="Activating {target}... "),
    "Image_Deactivate": Function(_texts(f="force_time"), "T", "Deactivating {target}... "),
    "Image_Recycle": Function(status="Recycling {target}... "),
    "Image_Status_Query": Function(),
    "Image_Query_DM": Function(),
    "Image_Name_Query_DM": Function(required=""),
    "Image_Performance_Query": Function(_numbers(c="number_of_guests"), "Tc"),
    "Image_Volume_Space_Query_DM": Function(
        {**_numbers(q="query_type", e="entry_type"), **_texts(n="entry_names")}, "Tqe"
    ),
    "Image_Lock_DM": Function(_texts(v="device_address"), "T", "Locking {target}... "),
    "Image_Unlock_DM": Function(_texts(v="device_address"), "T", "Unlocking {target}... "),
    "Image_Lock_Query_DM": Function(),
    "Image_Create_DM": Function(
        _texts(p="prototype_name", w="initial_password", a="initial_account_number"),
        "T",
        "Defining {target} in the directory... ",
        records=True,
    ),
    "Image_Replace_DM": Function(status="Replacing {target}'s directory entry... ", records=True),
    "Image_Delete_DM": Function(
        _numbers(e="data_security_erase"), "T", "Deleting {target} from the directory... "
    ),
    "Image_Disk_Create_DM": Function(
        {
            **_texts(v="image_disk_number", t="image_disk_device_type", a="image_disk_allocation_type"),
            **_texts(r="allocation_area_name_or_volser", m="image_disk_mode", l="image_disk_label"),
            **_texts(R="read_password", W="write_password", M="multi_password"),
            **_numbers(u="allocation_unit_size", z="image_disk_size", f="image_disk_formatting"),
        },
        "Tvtaruzm",
        "Adding a disk to {target}'s directory entry... ",
    ),
    "Image_Definition_Query_DM": _keywords(""),
    "Image_Definition_Update_DM": _keywords("Updating {target} virtual machine directory entry... "),
    "Image_Definition_Create_DM": _keywords("Creating {target} virtual machine directory entry... "),
    "Image_Definition_Delete_DM": _keywords("Deleting from {target} virtual machine directory entry... "),
    "Directory_Manager_Search_DM": Function(_texts(s="search_pattern"), "Ts"),
    "Static_Image_Changes_Activate_DM": Function(
        status="Enabling changes to the source directory to be made immediately available... "
    ),
    "Static_Image_Changes_Deactivate_DM": Function(
        status="Preventing changes to the source directory from being made available... "
    ),
    "Static_Image_Changes_Immediate_DM": Function(
        status="Making changes to {target}'s directory immediately available... "
    ),
    "Query_API_Functional_Level": Function(),
    "System_Info_Query": Function(required=""),
    "System_Information_Query": Function({"k": Option("")}),
    "System_Performance_Information_Query": _keywords(""),
    "System_Processor_Query": Function(required=""),
    "System_RDR_File_Manage": _keywords("Managing reader files of {target}... "),
    "System_WWPN_Query": Function(keywords=True),
    "SSI_Query": Function(required=""),
    "Name_List_Add": Function(_texts(n="name"), "Tn", "Adding to list {target}... "),
    "Name_List_Remove": Function(_texts(n="name"), "Tn", "Removing from list {target}... "),
    "Name_List_Query": Function(),
    "Name_List_Destroy": Function(status="Destroying list {target}... "),
}

FUNCTIONS: Mapping[str, Function] = {
    **{f"Virtual_Network_Adapter_{name}": function for name, function in _ADAPTERS.items()},
    **{f"Virtual_Network_{name}": function for name, function in (_LANS | _VSWITCHES).items()},
    **_IMAGES,
}

FIRST_LEVELS: Mapping[str, int] = {
    **dict.fromkeys(
        (
            "Image_Definition_Delete_DM",
            "Image_Definition_Query_DM",
            "Image_Definition_Update_DM",
            "Virtual_Network_Adapter_Create_Extended",
            "Virtual_Network_Adapter_Create_Extended_DM",
            "Virtual_Network_OSA_Query",
        ),
        611,
    ),
    **dict.fromkeys(
        (
            "Image_Definition_Create_DM",
            "Virtual_Network_Adapter_Connect_Vswitch_Extended",
            "Virtual_Network_Vswitch_Query_Extended",
        ),
        620,
    ),
    **dict.fromkeys(
        ("Image_Lock_Query_DM", "System_Information_Query", "Virtual_Network_Adapter_Query_Extended"), 630
    ),
}
"""SMAPI levels from which on smcli admits functions (zVMopenstack zhcp smcli.c, APIS_611 and further)."""
