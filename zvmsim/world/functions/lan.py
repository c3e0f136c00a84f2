"""Virtual_Network_LAN_*: guest LANs."""

from dataclasses import replace

from zvmsim.world.functions.parameters import NAME, Arguments, Parameter, choice, numbered, required, star_or
from zvmsim.world.functions.registry import function
from zvmsim.world.lan import Lan
from zvmsim.world.smapi import Reply, SmapiError
from zvmsim.world.system import System, refusal
from zvmsim.world.views import lan_infos

_LAN = required("lan_name", NAME)
_OWNER = required("lan_owner", NAME)
_TYPES = numbered(
    "UNRESTRICTED HIPERSOCKETS", "UNRESTRICTED QDIO", "RESTRICTED HIPERSOCKETS", "RESTRICTED QDIO"
)


@function(
    "Virtual_Network_LAN_Create",
    _LAN,
    _OWNER,
    required("lan_type", _TYPES),
    Parameter("transport_type", numbered("IP", "ETHERNET")),
    mutating=True,
    positional=True,
)
def create(system: System, call: Arguments) -> Reply:
    """Define a guest LAN: 212/24 if the name is taken; success is 0/0 or 0/20 (Behaviour)."""
    key = call.text("lan_owner"), call.text("lan_name")
    if key in system.lans or (key[0] == "SYSTEM" and key[1] in system.vswitches):
        raise SmapiError(212, 24, f"{key[0]} {key[1]} exists already")
    restriction, kind = call.words("lan_type")
    system.lans[key] = Lan(
        name=key[1],
        owner=key[0],
        type="QDIO" if kind == "QDIO" else "HIPERSOCKETS",
        transport="ETHERNET" if call.text("transport_type") == "ETHERNET" else "IP",
        restricted=restriction == "RESTRICTED",
    )
    success = refusal(system.behaviour.lan_created, "")
    return Reply(success.rc, success.rs)


@function("Virtual_Network_LAN_Delete", _LAN, _OWNER, mutating=True, positional=True)
def delete(system: System, call: Arguments) -> Reply:
    """Remove a guest LAN, uncoupling its NICs: 212/12."""
    lan = _require(system, call)
    for nic in system.nics_on(lan.name, lan.owner):
        system.uncouple(nic.userid, nic.vdev)
    del system.lans[lan.owner, lan.name]
    return Reply()


@function(
    "Virtual_Network_LAN_Query",
    required("lan_name", star_or(NAME)),
    required("lan_owner", star_or(NAME)),
    mutating=False,
    positional=True,
)
def query(system: System, call: Arguments) -> Reply:
    """Guest LANs and vswitches: 212/12, 212/16."""
    return Reply(data=lan_infos(system, call.text("lan_name"), call.text("lan_owner")))


@function(
    "Virtual_Network_LAN_Access",
    _LAN,
    _OWNER,
    required("access_op", choice("GRANT", "REVOKE")),
    required("access_user", NAME),
    Parameter("promiscuity", choice("NONPROMISCUOUS", "PROMISCUOUS")),
    mutating=True,
    positional=True,
)
def access(system: System, call: Arguments) -> Reply:
    """Let a user couple to a restricted LAN, or no longer: 212/12."""
    lan, user = _require(system, call), {call.text("access_user")}
    allowed = lan.allowed | user if call.text("access_op") == "GRANT" else lan.allowed - user
    system.lans[lan.owner, lan.name] = replace(lan, allowed=frozenset(allowed))
    return Reply()


@function("Virtual_Network_LAN_Access_Query", _LAN, _OWNER, mutating=False, positional=True)
def access_query(system: System, call: Arguments) -> Reply:
    """Users that may couple: 4/5 everybody, 4/6 nobody, 212/12."""
    lan = _require(system, call)
    if not lan.restricted:
        return Reply(4, 5)
    return Reply(data=tuple(sorted(lan.allowed))) if lan.allowed else Reply(4, 6)


def _require(system: System, call: Arguments) -> Lan:
    key = call.text("lan_owner"), call.text("lan_name")
    if key not in system.lans:
        raise SmapiError(212, 12, f"{key[0]} {key[1]} does not exist")
    return system.lans[key]
