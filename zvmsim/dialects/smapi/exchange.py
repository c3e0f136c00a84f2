"""One request's bytes in, its answer's bytes out; no sockets.

What SMAPI checks before a function runs, in this order (the order is a guess): the frame (900/20, 900/36),
userid and password (120/0), the function's name (900/12), the target (100/20), the parameters (900/20,
900/36).
"""

import hmac
from dataclasses import dataclass, field

from zvmsim.dialects.smapi import wire
from zvmsim.dialects.smapi.config import SmapiConfig
from zvmsim.dialects.smapi.layouts import REQUESTS, payload
from zvmsim.dialects.smapi.request_fields import Parsed
from zvmsim.dialects.smapi.wire import Input, WireError
from zvmsim.journal import Call
from zvmsim.world.smapi import Request
from zvmsim.world.world import World

LEGACY_MARK = 0xFF
LEGACY_FUNCTIONS = ("System_Info_Query",)
"""Known without userid and target: a mark, the name, a NUL (zthin vmapiSystemInfoQuery.c)."""

WITHOUT_RESPONSE = ("Event_Subscribe", "Event_Unsubscribe")
"""Success is the request id alone (pysmapi captures)."""

_BAD_FRAME, _UNKNOWN_FUNCTION, _NOT_AUTHENTICATED, _TARGET_REFUSED = 900, (900, 12), (120, 0), (100, 20)
_LONGEST = (64, 64, 200, 64)
"""Of function, userid, password, target; Guess: longer ones are out of range, 900/36."""


@dataclass(frozen=True, slots=True)
class Header:
    """What every request begins with; legacy requests have only the function."""

    function: str
    userid: str = ""
    password: str = field(default="", repr=False)
    target: str = ""
    legacy: bool = False


class Declined(Exception):
    """SMAPI answers without running a function."""

    def __init__(self, rc: int, rs: int) -> None:
        super().__init__(f"{rc}/{rs}")
        self.codes = rc, rs


def answer(world: World, system: str, config: SmapiConfig, body: bytes) -> bytes | None:
    """Return code, reason code and payload; None where success has no second response.

    body: the request behind its length. Raises DroppedError, HttpFaultError as `World.smapi` does.
    """
    source, header = Input(body), Header("")
    try:
        header = read_header(source)
        caller = _authenticated(config, header)
        request = read_request(source, header)
    except WireError as error:
        return _declined(world, system, header, (_BAD_FRAME, error.rs))
    except Declined as error:
        return _declined(world, system, header, error.codes)
    reply = world.smapi(system, request, caller=caller)
    if request.function in WITHOUT_RESPONSE and not reply.rc:
        return None
    return wire.int4(reply.rc) + wire.int4(reply.rs) + payload(request, reply)


def read_header(source: Input) -> Header:
    """Raises WireError."""
    if source.starts_with(LEGACY_MARK):
        source.int1()
        return Header(source.terminated(), legacy=True)
    function, userid, password, target = (_text(source, longest) for longest in _LONGEST)
    return Header(function, userid, password, target)


def read_request(source: Input, header: Header) -> Request:
    """The call as the world takes it. Raises WireError, Declined."""
    if header.function not in REQUESTS:
        raise Declined(*_UNKNOWN_FUNCTION)
    parsed = Parsed()
    for step in REQUESTS[header.function]:
        step.read(source, parsed)
    source.close()
    return Request(header.function, header.target, parsed.arguments, tuple(parsed.records))


def _text(source: Input, longest: int) -> str:
    length = source.int4()
    if length > longest:
        raise WireError(36, f"{length} is more than {longest}")
    return source.take(length).decode(wire.CHARSET)


def _authenticated(config: SmapiConfig, header: Header) -> str:
    """The caller's userid; "" for a legacy request, which has none. Raises Declined."""
    if header.legacy and header.function in LEGACY_FUNCTIONS:
        return ""
    account = config.accounts.get(header.userid.upper())
    expected = account.password if account else ""
    if not hmac.compare_digest(expected.encode(), header.password.encode()) or account is None:
        raise Declined(*_NOT_AUTHENTICATED)
    if account.targets is not None and header.target.strip().upper() not in account.targets:
        raise Declined(*_TARGET_REFUSED)
    return account.userid


def _declined(world: World, system: str, header: Header, codes: tuple[int, int]) -> bytes:
    """Into the journal, too: without userid and password, of which one may stand in the other's place."""
    target = header.target.strip().upper()
    call = Call("smapi", system, "", header.function, (target,) if target else (), False, {})
    world.journal.add(world.clock.now(), call, *codes, 0.0)
    return wire.int4(codes[0]) + wire.int4(codes[1])
