"""Virtual_Network_*_Stats: frames and bytes of vswitches and NICs.

No frame is counted: every counter is zero.
"""

from zvmsim.world.functions.parameters import NAME, Arguments, Parameter, choice, number, required, star_or
from zvmsim.world.functions.registry import function
from zvmsim.world.smapi import Reply
from zvmsim.world.system import System
from zvmsim.world.views import adapter_infos, vswitch_infos

_SWITCH_OR_ALL = required("switch_name", star_or(NAME))
_VERSION = Parameter("fmt_version", number(0, 999_999_999))


@function("Virtual_Network_Vswitch_Query_Byte_Stats", _SWITCH_OR_ALL, mutating=False)
def byte_stats(system: System, call: Arguments) -> Reply:
    """Bytes by uplink and NIC; 212/40 for a vswitch that does not exist (Guess)."""
    return Reply(data=vswitch_infos(system, call.text("switch_name")))


@function("Virtual_Network_Vswitch_Query_Stats", _SWITCH_OR_ALL, _VERSION, mutating=False)
def vswitch_stats(system: System, call: Arguments) -> Reply:
    """Frames by VLAN of a vswitch: 212/40."""
    return Reply(data=vswitch_infos(system, call.text("switch_name")))


@function(
    "Virtual_Network_VLAN_Query_Stats",
    required("userid", NAME),
    Parameter("vlan_id", number(0, 4094)),
    Parameter("device", choice("PORT", "NIC", "BOTH")),
    _VERSION,
    mutating=False,
)
def vlan_stats(system: System, call: Arguments) -> Reply:
    """Frames by VLAN of a guest's NICs, which PORT leaves out; 200/4, 200/12 (Guess)."""
    guest = system.guest(call.text("userid"))
    wanted = guest.nics and call.text("device", "BOTH") != "PORT"
    return Reply(data=adapter_infos(system, guest.userid) if wanted else ())
