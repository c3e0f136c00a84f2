"""What SMAPI's return and reason codes mean for a caller: which kind of failure, or no failure at all.

Sources: z/VM Systems Management Application Programming (7.1), chapter on return and reason codes;
feilong zthin rcdescriptions.c.
"""

from networking_zvm import errors

Codes = tuple[int, int]

REISSUE: Codes = (900, 99)
"""The system changed while it was being asked: ask again."""

_BUSY = frozenset(
    {
        (200, 16),  # guest is logging off
        (204, 12),  # device busy
        (204, 20),  # NIC is still coupled to another vswitch
        (400, 12),  # directory entry locked
        (404, 12),  # device locked
        (408, 12),  # disk device locked
        (500, 4),  # directory manager accepts no updates just now
        (500, 8),  # directory manager not available
        REISSUE,
    }
)
_GONE = frozenset(
    {
        (200, 4),  # guest not found
        (200, 12),  # guest not logged on
        (204, 8),  # no such live device
        (212, 40),  # no such vswitch
        (396, 2788),  # no such vswitch, as CP says it (a guess; feilong smtclient.py)
        (400, 4),  # no such directory entry
        (404, 8),  # no such device in the directory
    }
)
_NO_SERVER = frozenset({-100, -101, -102, -109})
_DIRECTORY_MANAGER = 596
_STARTED = 592


def failure(what: str, rc: int, rs: int | None = None) -> errors.HypervisorError | None:
    """The error for these codes, or None if the function was done.

    what: the function, its object and the server's words. rs: None where smcli itself failed, which it
    shows by a negative rc and no reason code. Return code 0 means done whatever the reason code: 0/8 says
    that the object directory is offline, 0/28 that nothing was found.
    """
    if rc == 0:
        return None
    return _kind(rc, rs)(what, rc, rs)


def _kind(rc: int, rs: int | None) -> type[errors.HypervisorError]:
    if rc < 0:
        return errors.Busy if rc in _NO_SERVER else errors.Unknown
    if rc == _STARTED or rs is None:
        return errors.Unknown
    if rc == _DIRECTORY_MANAGER or (rc, rs) in _BUSY:
        return errors.Busy
    return errors.Gone if (rc, rs) in _GONE else errors.Refused
