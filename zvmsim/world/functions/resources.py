"""What a z/VM system and its guests have and use: processors, memory, disk space, WWPNs, SSI membership.

Guess: the figures. No test of a network client depends on them; Feilong's GET /host and /guests/{u}/info only
have to add them up.
"""

import re

from zvmsim.world.answers import GuestPerformanceInfo, PerformanceInfo, ProcessorInfo
from zvmsim.world.functions.parameters import Arguments, Parameter, number, required, text
from zvmsim.world.functions.registry import function
from zvmsim.world.smapi import Reply
from zvmsim.world.system import System

PROCESSORS = 4
PAGES_IN_MB = 256

_NOT_IN_A_CLUSTER = Reply(4, 3008)
_VOLUMES = 4
_CYLINDERS = 30050
_USED_CYLINDERS = 10016
_UNITS = {"K": 1 / 1024, "M": 1, "G": 1024, "T": 1024 * 1024}


@function("System_Processor_Query", mutating=False)
def processor_query(_system: System, _call: Arguments) -> Reply:
    """Every processor of the partition."""
    return Reply(data=tuple(_processor(at) for at in range(PROCESSORS)))


@function(
    "System_Performance_Information_Query",
    Parameter("detailed_cpu", text(16)),
    Parameter("monitor_event", text(16)),
    mutating=False,
)
def performance_information_query(system: System, _call: Arguments) -> Reply:
    """Memory in use is what the guests that are on were given."""
    total = _megabytes(system.storage)
    used = sum(_memory_of(system, userid) for userid in system.guests)
    return Reply(data=PerformanceInfo(PROCESSORS, total * PAGES_IN_MB, min(used, total) * PAGES_IN_MB))


@function(
    "Image_Performance_Query",
    required("number_of_guests", number(1, 9999)),
    mutating=False,
    positional=True,
)
def image_performance_query(system: System, call: Arguments) -> Reply:
    """The guests of the blank-separated target that are on, or ("*") all that are."""
    wanted = list(system.guests) if call.target == "*" else call.target.split()
    found = (userid for userid in wanted if userid in system.guests)
    return Reply(data=tuple(_guest_performance(system, userid) for userid in found))


@function(
    "Image_Volume_Space_Query_DM",
    required("query_type", number(1, 3)),
    required("entry_type", number(1, 3)),
    Parameter("entry_names", text(255)),
    mutating=False,
    positional=True,
)
def volume_space_query(_system: System, call: Arguments) -> Reply:
    """Definitions (1), free (2) or used (3) space of the groups named, POOL1 if none or "*" is.

    Source: Feilong getHost.py, which words of a line it takes.
    """
    groups = [name for name in call.words("entry_names") if name != "*"] or ["POOL1"]
    return Reply(data=tuple(line for group in groups for line in _space(group, call.text("query_type"))))


@function("System_WWPN_Query", Parameter("owner", text(8)), mutating=False)
def wwpn_query(_system: System, _call: Arguments) -> Reply:
    """FCP devices; there are none here."""
    return Reply(data=())


@function("SSI_Query", mutating=False, positional=True)
def ssi_query(_system: System, _call: Arguments) -> Reply:
    """4/3008: the system is in no single system image cluster."""
    return _NOT_IN_A_CLUSTER


def _processor(at: int) -> ProcessorInfo:
    return ProcessorInfo(f"{at:04X}", "ALTERNATE" if at else "MASTER-PROCESSOR", "IFL", f"{at:04X}")


def _guest_performance(system: System, userid: str) -> GuestPerformanceInfo:
    elapsed = system.clock.now() - system.guests[userid].since
    microseconds = int(elapsed.total_seconds() * 1_000_000)
    kilobytes = _memory_of(system, userid) * 1024
    return GuestPerformanceInfo(userid, microseconds // 100, microseconds, kilobytes, kilobytes // 2, 1)


def _memory_of(system: System, userid: str) -> int:
    """Megabytes that the USER statement gives the guest at LOGON."""
    words = system.directory.active.get(userid, ("",))[0].split()
    return _megabytes(words[3]) if len(words) > 3 else 0


def _megabytes(size: str) -> int:
    match = re.fullmatch(r"(\d+)([KMGT])", size.upper())
    return int(int(match[1]) * _UNITS[match[2]]) if match else 0


def _space(group: str, query_type: str) -> list[str]:
    volumes = [f"{group[:5]}{at}" for at in range(1, _VOLUMES + 1)]
    if query_type == "1":
        return [" ".join([group, *volumes])]
    if query_type == "2":
        free = _CYLINDERS - _USED_CYLINDERS
        return [f"{volume} 3390-A {_USED_CYLINDERS + 1} {free} {group}" for volume in volumes]
    size = _USED_CYLINDERS
    return [f"{volume} 3390-A 1 {size} {size} SYSTEM 0100 {group} {volume}" for volume in volumes]
