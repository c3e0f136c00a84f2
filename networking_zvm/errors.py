"""Exceptions by cause; each says whether trying again can help.

Whoever meets the outside world (HTTP, SMAPI texts, configuration files) turns what went wrong into one of
these, once. Messages are for operators and never hold a secret.
"""


class ZvmError(Exception):
    """Something this package understands went wrong."""


class InvalidValue(ZvmError, ValueError):
    """A value cannot be what it is meant to be (a userid of nine characters). Trying again is useless."""


class ConfigurationError(ZvmError):
    """The configuration cannot work; every fault found is listed, so that one restart mends them all.

    errors: one sentence per fault, each naming the option and what to do.
    """

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = tuple(errors)


class HypervisorError(ZvmError):
    """A call to z/VM or its control point did not do what was asked.

    rc, rs: SMAPI return and reason code where the answer held them.
    """

    def __init__(self, message: str, rc: int | None = None, rs: int | None = None) -> None:
        codes = f" (SMAPI {rc}/{rs})" if rc is not None else ""
        super().__init__(f"{message}{codes}")
        self.rc = rc
        self.rs = rs


class Refused(HypervisorError):
    """z/VM understood and said no: bad input, not authorised. Trying the same again is useless."""


class Busy(HypervisorError):
    """Something is locked or still at work (directory lock, asynchronous 592, 503 before anything was done).

    Nothing was changed; the same call may succeed later.
    """


class Gone(HypervisorError):
    """An object the call needs is missing: guest, NIC or vswitch. It may appear later."""


class Unknown(HypervisorError):
    """No trustworthy answer (timeout, connection lost after sending): read back before writing again."""


class Unreachable(HypervisorError):
    """The control point cannot be reached or refuses our credentials: nothing was sent to z/VM.

    A matter of the whole system, never of one port.
    """


class Untrusted(HypervisorError):
    """The control point answered a read with something incomplete or unreadable.

    Nothing may be concluded from it, least of all that something is missing.
    """


class NeutronUnavailable(ZvmError):
    """The Neutron server did not answer a question; it may later. Nothing may be concluded from silence."""


class NotPlugged(ZvmError):
    """A port of the DHCP node got no device; the text names the port and what to look at."""
