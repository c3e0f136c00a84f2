"""Image_Activate, _Deactivate, _Recycle and _Status_Query: guests on and off."""

from zvmsim.world.functions.parameters import Arguments, Parameter, text
from zvmsim.world.functions.registry import function
from zvmsim.world.smapi import Reply, SmapiError
from zvmsim.world.system import System

_NOT_ACTIVE = Reply(0, 12)


@function("Image_Activate", mutating=True, positional=True)
def activate(system: System, call: Arguments) -> Reply:
    """XAUTOLOG: 200/4, 200/8 on already."""
    system.logon(call.target)
    return Reply()


@function("Image_Deactivate", Parameter("force_time", text(16)), mutating=True, positional=True)
def deactivate(system: System, call: Arguments) -> Reply:
    """FORCE, at once whatever the time asked for: 200/4, 200/12 not on."""
    system.logoff(call.target)
    return Reply()


@function("Image_Recycle", mutating=True, positional=True)
def recycle(system: System, call: Arguments) -> Reply:
    """Off and on again: 200/4, also for a guest whose entry is gone, 200/12."""
    if call.target not in system.directory.active:
        raise SmapiError(200, 4, f"{call.target} is not in the directory")
    system.logoff(call.target)
    system.logon(call.target)
    return Reply()


@function("Image_Status_Query", mutating=False, positional=True)
def status_query(system: System, call: Arguments) -> Reply:
    """Which guests are on, for target "*" all: 0/12 (return code 0) if the one asked for is not."""
    if call.target == "*":
        return Reply(data=tuple(sorted(system.guests)))
    return Reply(data=(call.target,)) if call.target in system.guests else _NOT_ACTIVE
