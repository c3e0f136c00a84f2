"""Virtual_Network_Adapter_*_DM: the same NICs in the user directory, in force at the next LOGON or COUPLE."""

from dataclasses import replace

from zvmsim.world import directory
from zvmsim.world.functions.adapter import (
    CHANNEL_PATH,
    LAN_AND_OWNER,
    NUMBERED_TYPE,
    SWITCH,
    TYPE_KEYWORD,
    VDEV,
    adapter_type,
)
from zvmsim.world.functions.parameters import MAC_ID, Arguments, Parameter, number
from zvmsim.world.functions.registry import function
from zvmsim.world.nicdef import DEFAULT_DEVICES, Nicdef
from zvmsim.world.smapi import Reply
from zvmsim.world.system import System, refusal

_MAC_ID = Parameter("mac_id", MAC_ID)


@function(
    "Virtual_Network_Adapter_Create_DM",
    VDEV,
    NUMBERED_TYPE,
    Parameter("network_adapter_devices", number(3, 3072)),
    CHANNEL_PATH,
    _MAC_ID,
    mutating=True,
    positional=True,
)
def create(system: System, call: Arguments) -> Reply:
    """Add a NICDEF: 400/4, 400/12, 404/4, 404/12."""
    return _define(system, call, call.number("network_adapter_devices"))


@function(
    "Virtual_Network_Adapter_Create_Extended_DM",
    VDEV,
    TYPE_KEYWORD,
    Parameter("devices", number(3, 3072)),
    CHANNEL_PATH,
    _MAC_ID,
    mutating=True,
)
def create_extended(system: System, call: Arguments) -> Reply:
    """Add a NICDEF; adapter_type is HIPERSOCKETS unless given."""
    return _define(system, call, call.number("devices"))


@function("Virtual_Network_Adapter_Delete_DM", VDEV, mutating=True, positional=True)
def delete(system: System, call: Arguments) -> Reply:
    """Remove all NICDEF records of a NIC: 400/4, 400/12, 404/8."""
    system.directory.remove_nic(call.target, call.text("image_device_number"), call.caller)
    return Reply()


@function("Virtual_Network_Adapter_Connect_Vswitch_DM", VDEV, SWITCH, mutating=True, positional=True)
def connect_vswitch(system: System, call: Arguments) -> Reply:
    """Put LAN SYSTEM on the NICDEF: 400/4, 400/12, 404/8, 404/12, 412/28.

    Whether the switch exists does not matter to the directory; VLAN and port type cannot be given (Feilong).
    """
    return _connect(system, call, "SYSTEM", call.text("switch_name"))


@function(
    "Virtual_Network_Adapter_Connect_LAN_DM", VDEV, *LAN_AND_OWNER, mutating=True, positional=True
)
def connect_lan(system: System, call: Arguments) -> Reply:
    """Put a guest LAN on the NICDEF."""
    return _connect(system, call, call.text("lan_owner"), call.text("lan_name"))


@function("Virtual_Network_Adapter_Disconnect_DM", VDEV, mutating=True, positional=True)
def disconnect(system: System, call: Arguments) -> Reply:
    """Take the LAN off the NICDEF: 400/4, 400/12, 404/8; 212/32 or 412/16 if it has none (Behaviour)."""

    def change(nicdef: Nicdef) -> Nicdef:
        if not nicdef.lan_name:
            raise refusal(system.behaviour.disconnect_dm_uncoupled, f"{nicdef.vdev} has no LAN")
        if system.behaviour.disconnect_dm_keeps_vlan:
            return replace(nicdef, lan_owner="", lan_name="")
        return directory.disconnect(nicdef)

    system.directory.change_nic(call.target, call.text("image_device_number"), call.caller, change)
    return Reply()


def _define(system: System, call: Arguments, devices: int | None) -> Reply:
    nicdef = Nicdef(
        call.text("image_device_number"),
        adapter_type(call),
        devices or DEFAULT_DEVICES,
        chpid=call.text("channel_path_id"),
        mac_id=call.text("mac_id"),
    )
    system.directory.define_nic(call.target, nicdef, call.caller)
    return Reply()


def _connect(system: System, call: Arguments, owner: str, lan: str) -> Reply:
    vdev = call.text("image_device_number")
    system.directory.change_nic(
        call.target, vdev, call.caller, lambda nicdef: directory.connect(nicdef, owner, lan)
    )
    return Reply()
