"""Functions about the system as a whole: level, version and IPL time, OSA devices."""

from zvmsim.world.functions.parameters import Arguments
from zvmsim.world.functions.registry import function
from zvmsim.world.smapi import Reply
from zvmsim.world.system import System
from zvmsim.world.views import osa_infos, system_info

_NO_OSA = Reply(4, 4)


@function("Query_API_Functional_Level", mutating=False, positional=True)
def query_api_functional_level(system: System, _call: Arguments) -> Reply:
    """The level is the reason code (710 = z/VM 7.1)."""
    return Reply(0, system.level)


def _query(system: System, _call: Arguments) -> Reply:
    """Version, service level, times and storage."""
    return Reply(data=system_info(system))


function("System_Information_Query", mutating=False)(_query)
function("System_Info_Query", mutating=False, positional=True)(_query)


@function("Virtual_Network_OSA_Query", mutating=False)
def osa_query(system: System, _call: Arguments) -> Reply:
    """Every OSA device with its state: 4/4 if there is none."""
    found = osa_infos(system)
    return Reply(data=found) if found else _NO_OSA
