"""Virtual_Network_Adapter_* on the running system: create, delete, connect, disconnect, query."""

from typing import cast

from zvmsim.world.answers import AdapterType
from zvmsim.world.functions.parameters import (
    CHPID,
    DEVICE,
    NAME,
    Arguments,
    Parameter,
    choice,
    number,
    numbered,
    required,
    star_or,
)
from zvmsim.world.functions.registry import function
from zvmsim.world.nicdef import DEFAULT_DEVICES
from zvmsim.world.smapi import Reply
from zvmsim.world.system import System
from zvmsim.world.views import adapter_infos

VDEV = required("image_device_number", DEVICE)
SWITCH = required("switch_name", NAME)
VDEV_OR_ALL = required("image_device_number", star_or(DEVICE))
LAN_AND_OWNER = (required("lan_name", NAME), required("lan_owner", star_or(NAME)))
CHANNEL_PATH = Parameter("channel_path_id", CHPID)
NUMBERED_TYPE = required("adapter_type", numbered("HIPERSOCKETS", "QDIO"))
TYPE_KEYWORD = Parameter("adapter_type", choice("HIPERsockets", "QDIO", "IEDN", "INMN"))


@function(
    "Virtual_Network_Adapter_Create",
    VDEV,
    NUMBERED_TYPE,
    Parameter("network_adapter_devices", number(3, 3072)),
    CHANNEL_PATH,
    mutating=True,
    positional=True,
)
def create(system: System, call: Arguments) -> Reply:
    """Define a NIC: 200/4, 200/12, 204/2, 204/4."""
    devices = call.number("network_adapter_devices") or DEFAULT_DEVICES
    system.define_nic(call.target, call.text("image_device_number"), adapter_type(call), devices)
    return Reply()


@function(
    "Virtual_Network_Adapter_Create_Extended",
    VDEV,
    TYPE_KEYWORD,
    Parameter("devices", number(3, 3072)),
    CHANNEL_PATH,
    mutating=True,
)
def create_extended(system: System, call: Arguments) -> Reply:
    """Define a NIC; adapter_type is HIPERSOCKETS unless given."""
    devices = call.number("devices") or DEFAULT_DEVICES
    system.define_nic(call.target, call.text("image_device_number"), adapter_type(call), devices)
    return Reply()


@function("Virtual_Network_Adapter_Delete", VDEV, mutating=True, positional=True)
def delete(system: System, call: Arguments) -> Reply:
    """Detach a NIC, coupled or not: 200/4, 200/12, 204/8."""
    system.detach_nic(call.target, call.text("image_device_number"))
    return Reply()


@function("Virtual_Network_Adapter_Connect_Vswitch", VDEV, SWITCH, mutating=True, positional=True)
def connect_vswitch(system: System, call: Arguments) -> Reply:
    """Couple a NIC to a vswitch, or to a SYSTEM guest LAN of that name (pysmapi capture)."""
    system.couple(call.target, call.text("image_device_number"), call.text("switch_name"))
    return Reply()


@function(
    "Virtual_Network_Adapter_Connect_Vswitch_Extended",
    VDEV,
    SWITCH,
    Parameter("port_selection", number(0, 65535, "AUTO")),
    mutating=True,
)
def connect_vswitch_extended(system: System, call: Arguments) -> Reply:
    """Couple a NIC, possibly to a numbered port; AUTO and 0 leave the choice to CP."""
    wish = call.text("port_selection", "AUTO")
    port = None if wish in ("AUTO", "0") else int(wish)
    system.couple(call.target, call.text("image_device_number"), call.text("switch_name"), port=port)
    return Reply()


@function(
    "Virtual_Network_Adapter_Connect_LAN", VDEV, *LAN_AND_OWNER, mutating=True, positional=True
)
def connect_lan(system: System, call: Arguments) -> Reply:
    """Couple a NIC to a guest LAN."""
    owner = call.text("lan_owner").replace("*", call.target)
    system.couple(call.target, call.text("image_device_number"), call.text("lan_name"), owner)
    return Reply()


@function("Virtual_Network_Adapter_Disconnect", VDEV, mutating=True, positional=True)
def disconnect(system: System, call: Arguments) -> Reply:
    """Uncouple a NIC: 200/4, 200/12, 204/8, 204/48."""
    system.uncouple(call.target, call.text("image_device_number"))
    return Reply()


def _query(system: System, call: Arguments) -> Reply:
    """NICs of a logged-on guest: 200/4, 200/12, 204/8, 212/8 no NIC at all."""
    return Reply(data=adapter_infos(system, call.target, call.text("image_device_number")))


function("Virtual_Network_Adapter_Query", VDEV_OR_ALL, mutating=False, positional=True)(_query)
function("Virtual_Network_Adapter_Query_Extended", VDEV_OR_ALL, mutating=False)(_query)


def adapter_type(call: Arguments) -> AdapterType:
    """The NIC type asked for; HIPERSOCKETS is SMAPI's default."""
    return cast(AdapterType, call.text("adapter_type", "HIPERSOCKETS"))
