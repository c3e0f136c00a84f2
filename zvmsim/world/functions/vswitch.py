"""Virtual_Network_Vswitch_*: create, delete and query, in the plain and the Extended form."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from zvmsim.world.functions.parameters import (
    CONTROLLERS,
    NAME,
    PORT_NAMES,
    REAL_DEVICES,
    YES_NO,
    Arguments,
    Parameter,
    choice,
    number,
    numbered,
    required,
    star_or,
    text,
    unless,
    vlan,
)
from zvmsim.world.functions.registry import function
from zvmsim.world.smapi import Reply, SmapiError
from zvmsim.world.system import System
from zvmsim.world.views import vswitch_infos
from zvmsim.world.vswitch import Vswitch

LIVE, BOTH, CONFIG_ONLY = "NO", "YES", "CONFIG"

SWITCH = required("switch_name", NAME)
PERSIST = Parameter("persist", YES_NO)
UPDATE = Parameter("update_system_config_indicator", numbered(LIVE, BOTH, CONFIG_ONLY))
SYSTEM_CONFIG_PLACE = tuple(
    Parameter(f"{prefix}{name}", text(32))
    for prefix in ("", "alt_")
    for name in (
        "system_config_name",
        "system_config_type",
        "parm_disk_owner",
        "parm_disk_number",
        "parm_disk_password",
    )
)
KEYWORD_ATTRIBUTES = (
    Parameter("real_device_address", REAL_DEVICES),
    Parameter("port_name", PORT_NAMES),
    Parameter("controller_name", CONTROLLERS),
    Parameter("connection_value", choice("CONnect", "DISCONnect", "NOUPLINK")),
    Parameter("queue_memory_limit", number(1, 8)),
    Parameter("routing_value", choice("NONrouter", "PRIrouter")),
    Parameter("gvrp_value", choice("GVRP", "NOGVRP")),
    Parameter("iptimeout", number(1, 240)),
)


@function(
    "Virtual_Network_Vswitch_Create",
    SWITCH,
    Parameter("real_device_address", REAL_DEVICES),
    Parameter("port_name", PORT_NAMES),
    Parameter("controller_name", CONTROLLERS),
    Parameter("connection_value", numbered("CONNECT", "DISCONNECT")),
    Parameter("queue_memory_limit", unless("-1", number(1, 8))),
    Parameter("routing_value", numbered("NONROUTER", "PRIROUTER")),
    Parameter("transport_type", numbered("IP", "ETHERNET")),
    Parameter("vlan_id", unless("-1", number(0, 4094))),
    Parameter("port_type", numbered("ACCESS", "TRUNK")),
    UPDATE,
    *SYSTEM_CONFIG_PLACE,
    Parameter("gvrp_value", numbered("GVRP", "NOGVRP")),
    Parameter("native_vlanid", unless("-1", vlan)),
    mutating=True,
    positional=True,
)
def create(system: System, call: Arguments) -> Reply:
    """Define a vswitch: 212/36, 620/54; VLAN attributes mean nothing on a VLAN-unaware one."""
    return _create(system, call, call.text("update_system_config_indicator", LIVE))


@function(
    "Virtual_Network_Vswitch_Create_Extended",
    SWITCH,
    *KEYWORD_ATTRIBUTES,
    Parameter("transport_type", choice("IP", "ETHernet")),
    Parameter("vlan_id", number(1, 4094, "AWARE", "UNAWARE")),
    Parameter("port_type", choice("ACCESS", "TRUNK")),
    Parameter("native_vlanid", vlan),
    PERSIST,
    Parameter("vswitch_type", choice("QDIO", "IEDN", "INMN", "IVL")),
    Parameter("port_selection", choice("PORTBASED", "USERBASED")),
    Parameter("group_name", NAME),
    Parameter("vswitch_global", choice("LOCAL", "GLOBAL", "DOMAIN")),
    Parameter("vswitch_domain", text(1)),
    mutating=True,
)
def create_extended(system: System, call: Arguments) -> Reply:
    """Define a vswitch: 212/36, 620/54; 8/24 for VLAN attributes of a VLAN-unaware one."""
    vlan_attributes = [name for name in ("port_type", "gvrp_value", "native_vlanid") if name in call]
    if vlan_attributes and call.text("vlan_id", "UNAWARE") == "UNAWARE":
        raise SmapiError(8, 24, f"{vlan_attributes[0]} on a VLAN-unaware vswitch")
    return _create(system, call, call.text("persist", LIVE))


@function(
    "Virtual_Network_Vswitch_Delete", SWITCH, UPDATE, *SYSTEM_CONFIG_PLACE, mutating=True, positional=True
)
def delete(system: System, call: Arguments) -> Reply:
    """Remove a vswitch, uncoupling its NICs: 212/40, 620/60."""
    return _delete(system, call.text("switch_name"), call.text("update_system_config_indicator", LIVE))


@function("Virtual_Network_Vswitch_Delete_Extended", SWITCH, PERSIST, mutating=True)
def delete_extended(system: System, call: Arguments) -> Reply:
    """Remove a vswitch, with persist=YES from SYSTEM CONFIG too: 212/40, 620/60."""
    return _delete(system, call.text("switch_name"), call.text("persist", LIVE))


def _query(system: System, call: Arguments) -> Reply:
    """One vswitch or ("*") all: 212/40."""
    return Reply(data=vswitch_infos(system, call.text("switch_name")))


def _query_extended(system: System, call: Arguments) -> Reply:
    """The same, with z/VM's defect in the list of real devices (Behaviour.repeated_rdev)."""
    found = vswitch_infos(system, call.text("switch_name"))
    if system.behaviour.repeated_rdev:
        found = tuple(replace(info, devices=info.devices[:1] * len(info.devices)) for info in found)
    return Reply(data=found)


_SWITCH_OR_ALL = required("switch_name", star_or(NAME))
function("Virtual_Network_Vswitch_Query", _SWITCH_OR_ALL, mutating=False, positional=True)(_query)
function(
    "Virtual_Network_Vswitch_Query_Extended",
    _SWITCH_OR_ALL,
    Parameter("vepa_status", YES_NO),
    mutating=False,
)(_query_extended)


def assign_attributes(vswitch: Vswitch, call: Arguments) -> None:
    """Set the attributes that create and set have in common, as far as they are given."""
    for name, (attribute, value_of) in _ATTRIBUTES.items():
        if name in call:
            setattr(vswitch, attribute, value_of(call, name))
    if call.text("connection_value") == "NOUPLINK":
        vswitch.rdevs = ()


def _create(system: System, call: Arguments, scope: str) -> Reply:
    vswitch = Vswitch(call.text("switch_name"))
    assign_attributes(vswitch, call)
    _assign_vlan(vswitch, call)
    runs = scope != CONFIG_ONLY and vswitch.name in system.vswitches
    if scope != LIVE and vswitch.name in system.config and not runs:
        raise SmapiError(620, 54, f"SYSTEM CONFIG defines {vswitch.name} already")
    if scope != CONFIG_ONLY:
        system.start_vswitch(vswitch)
    if scope != LIVE:
        system.config[vswitch.name] = vswitch.saved()
    return Reply()


def _assign_vlan(vswitch: Vswitch, call: Arguments) -> None:
    vlan_id = call.text("vlan_id", "UNAWARE")
    vswitch.vlan_aware = vlan_id not in ("UNAWARE", "0")
    vswitch.default_vlan = int(vlan_id) if vlan_id.isdecimal() and vlan_id != "0" else None
    vswitch.native_vlan = call.number("native_vlanid") or vswitch.native_vlan
    vswitch.port_type = "TRUNK" if call.text("port_type") == "TRUNK" else "ACCESS"


def _delete(system: System, name: str, scope: str) -> Reply:
    if scope != CONFIG_ONLY:
        system.vswitch(name)
    if scope != LIVE and name not in system.config:
        raise SmapiError(620, 60, f"SYSTEM CONFIG does not define {name}")
    if scope != CONFIG_ONLY:
        system.stop_vswitch(name)
    if scope != LIVE:
        del system.config[name]
    return Reply()


def _words(call: Arguments, name: str) -> tuple[str, ...]:
    return () if call.text(name) == "NONE" else call.words(name)


def _is(*words: str) -> Callable[[Arguments, str], bool]:
    return lambda call, name: call.text(name) in words


_MAC_PROTECT = {"ON": "MACPROTECT", "OFF": "NOMACPROTECT", "UNSPECIFIED": "UNSPECIFIED"}
_ATTRIBUTES: dict[str, tuple[str, Callable[[Arguments, str], Any]]] = {
    "real_device_address": ("rdevs", _words),
    "port_name": ("port_names", _words),
    "controller_name": ("controllers", _words),
    "connection_value": ("connected", _is("CONNECT")),
    "queue_memory_limit": ("queue_memory_limit", Arguments.number),
    "routing_value": ("routing", Arguments.text),
    "transport_type": ("transport", Arguments.text),
    "gvrp_value": ("gvrp", _is("GVRP")),
    "iptimeout": ("ip_timeout", Arguments.number),
    "vswitch_type": ("type", Arguments.text),
    "port_selection": ("port_based", _is("PORTBASED")),
    "port_isolation": ("isolation", _is("ON")),
    "mac_protect": ("mac_protect", lambda call, name: _MAC_PROTECT[call.text(name)]),
    "vlan_counters": ("vlan_counters", _is("ON")),
    "vepa": ("vepa", _is("ON")),
}
