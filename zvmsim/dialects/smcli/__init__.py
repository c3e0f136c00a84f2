"""The command line interface to SMAPI, as clients run it in a Linux guest or inside xCAT's dsh.

`run` is the whole program: words in, exit status and text out. The exit status is 0 only for return code 0
and reason code 0.
Source: feilong zthin smcli.c and wrapperutils.c; zVMopenstack zhcp wrapperutils.c and smcliVirtual.c;
networking-zvm's tests of 2014.
"""

from collections.abc import Sequence
from typing import Literal

from zvmsim.dialects.program import Result
from zvmsim.dialects.smcli.command_line import CommandLine, RecordSource, UsageError, parse, wants_header
from zvmsim.dialects.smcli.descriptions import description, numbered_description
from zvmsim.dialects.smcli.layouts import layout
from zvmsim.dialects.smcli.vswitch_layouts import NO_VLAN_INFO
from zvmsim.world.gate import DroppedError, HttpFaultError
from zvmsim.world.smapi import Reply
from zvmsim.world.world import World

Style = Literal["xcat", "zhcp", "today"]
"""How changes answer.

xcat: "Done", or four lines from "Failed" on (as networking-zvm's tests of 2014 have a failed query).
zhcp: the same with the status text in front on the same line, "Changing ... Done"; in queries VLAN ids with
    their leading zeros, and no users of a vswitch from the first on that has no VLAN (source of xCAT's zHCP).
today: "Done", or the status line, "Failed" and its lines, and the API's name (source of zthin).
"""


def no_records(source: str) -> str:
    """For callers without files and standard input."""
    raise FileNotFoundError(source)


def run(
    world: World,
    system: str,
    caller: str,
    argv: Sequence[str],
    *,
    style: Style = "today",
    read: RecordSource = no_records,
) -> Result:
    """Carry out `smcli argv` as the guest `caller` of `system`.

    A fault rule that drops the call or wants an HTTP status leaves a lost connection to SMAPI.
    Raises KeyError for an unknown system.
    """
    try:
        line = parse(argv, read, world.systems[system].level)
    except UsageError as error:
        return Result(1, _usage_error(str(error), wants_header(argv)))
    try:
        reply = world.smapi(system, line.request, caller=caller)
    except (DroppedError, HttpFaultError):
        return Result(_LOST_STATUS, (_LOST_HEADER if line.header else "") + _LOST)
    if (reply.rc, reply.rs) == (0, 0):
        text = _success(line, reply, style)
        return Result(int(NO_VLAN_INFO in text), text)
    return Result(1, _header(line, reply) + _FAILURES[style](line, reply))


_LOST_STATUS = -104 % 256
_LOST_HEADER = "25 -104 104 (details) Connection reset by peer ULGSMC6007E Socket read error\n"
_LOST = "Failed\n  Return Code: -104\n  Description: Socket read error\n\n"


def _usage_error(message: str, header: bool) -> str:
    known_function = not message.startswith("ERROR: Unsupported")
    return ("24 0 0 (details) Input error\n" if header and known_function else "") + message + "\n"


def _success(line: CommandLine, reply: Reply, style: Style) -> str:
    header = "0 0 0 (details) None\n" if line.header else ""
    status = line.status if style == "zhcp" else ""
    return header + status + layout(line.request, reply, of_zhcp=style == "zhcp")


def _header(line: CommandLine, reply: Reply) -> str:
    function, rc, rs = line.request.function, reply.rc, reply.rs
    text = f"8 {rc} {rs} (details) {numbered_description(function, rc, rs)}\n  API issued : {function}\n"
    return text if line.header else ""


def _outcome(reply: Reply) -> str:
    """592 is an operation that goes on without the caller."""
    return "Started" if reply.rc == 592 else "Failed"


def _details(reply: Reply) -> str:
    return f"Details: {reply.error_text}\n" if reply.error_text else ""


def _failure_today(line: CommandLine, reply: Reply) -> str:
    function = line.request.function
    return (
        (f"{line.status}\n" if line.status else "")
        + f"{_outcome(reply)}\n  Return Code: {reply.rc}\n  Reason Code: {reply.rs}\n"
        + f"  Description: {numbered_description(function, reply.rc, reply.rs)}\n"
        + f"  API issued : {function}\n"
        + _details(reply)
    )


def _failure_xcat(line: CommandLine, reply: Reply) -> str:
    text = description(line.request.function, reply.rc, reply.rs)
    return (
        f"{_outcome(reply)}\n  Return Code: {reply.rc}\n  Reason Code: {reply.rs}\n  Description: {text}\n"
        + _details(reply)
    )


def _failure_zhcp(line: CommandLine, reply: Reply) -> str:
    return line.status + _failure_xcat(line, reply)


_FAILURES = {"xcat": _failure_xcat, "zhcp": _failure_zhcp, "today": _failure_today}
