"""What an answer of Feilong means. Pure.

Its JSON decides, never the HTTP status or content type alone: overallRC tells who failed (z/VM with 8, a
layer of Feilong otherwise), rc and rs how. From overallRC 100 on they stand in dictionaries that Feilong's
threads share, so rs and modID may be another request's; the text is always this request's own, and wins.
Source: zVMCloudConnector 1.6.3, zvmsdk returncode.py, exception.py, sdkserver.py, sdkwsgi/util.py.
"""

import dataclasses
import json
import re

from networking_zvm import errors
from networking_zvm.hypervisor import smapi_codes

_KEYS = ("overallRC", "rc", "rs", "modID")
_SMT, _REST_LAYER = 1, 120
_NO_LIVE_DEVICE: smapi_codes.Codes = (204, 8)
_LOCKED_RS = (7, 9, 11, 13, 15, 17)
_INACTIVE = re.compile(r"is not in active status")
_LOCKED = re.compile(r"is locked|(?:lock|replace) user entry failed")
_GUEST_UNKNOWN = re.compile(r"Guest(?:\(s\))? '[^']*' (?:does not exist|has been migrated)")
_DEVICE_UNKNOWN = re.compile(r"Guest device \S+ does not exist|No NIC found on userid")


class GuestIsOff(errors.Gone):
    """The guest is not logged on, so that nothing could be done live."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    """The JSON of an answer that is Feilong's own. rc, rs, origin (modID): None where they are no numbers."""

    overall: int
    rc: int | None
    rs: int | None
    origin: int | None
    text: str
    output: object


def read_reply(content: bytes) -> Reply | None:
    """The reply, or None if this is not Feilong's form of one (a proxy's page, another server)."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or "output" not in document:
        return None
    overall, rc, rs, origin = (_number(document.get(key)) for key in _KEYS)
    text = document.get("errmsg")
    if overall is None:
        return None
    return Reply(overall, rc, rs, origin, text if isinstance(text, str) else "", document["output"])


def failure(what: str, reply: Reply, text: str, changing: bool) -> errors.HypervisorError | None:
    """The error that the reply tells of, None if it tells of success.

    what: method and path. text: the reply's, fit for an operator. changing: whether the request was to change
    something, which may have happened then although Feilong's own parts lost each other.
    """
    if reply.overall == 0:
        return None
    message = f"{what}: {text or 'Feilong gives no reason'}"
    if reply.overall == 8 and reply.rc is not None:
        return smapi_codes.failure(message, reply.rc, reply.rs) or errors.Unknown(message, reply.rc, reply.rs)
    if reply.overall == 500 and reply.origin == _SMT and reply.rc is not None and reply.rc < 0:
        return smapi_codes.failure(message, reply.rc)
    if _DEVICE_UNKNOWN.search(reply.text):
        return errors.Gone(message, *_NO_LIVE_DEVICE)
    if _GUEST_UNKNOWN.search(reply.text):
        remedy = "Feilong does not know the guest: its action register_vm makes it known"
        return errors.Gone(f"{message} ({remedy})")
    if _INACTIVE.search(reply.text):
        return GuestIsOff(message)
    return _kind(reply, changing)(message)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _kind(reply: Reply, changing: bool) -> type[errors.HypervisorError]:
    match reply.overall:
        case 300 | 409 if _LOCKED.search(reply.text) or (not reply.text and reply.rs in _LOCKED_RS):
            return errors.Busy
        case 503:
            return errors.Busy
        case 404 | 410:
            return errors.Gone
        case 101:
            return errors.Unknown if changing else errors.Unreachable
        case 400 if reply.origin == _REST_LAYER and reply.rs is not None and reply.rs >= 500:
            return errors.Unknown
        case 4 | 24 | 100 | 400 | 409 | 501:
            return errors.Refused
        case _:
            return errors.Unknown
