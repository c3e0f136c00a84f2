"""What SMAPI's return and reason codes mean for a caller: which kind of failure, or no failure at all.

Sources: z/VM Systems Management Application Programming (7.1), chapter on return and reason codes;
feilong zthin rcdescriptions.c.
"""

from networking_zvm import errors

Codes = tuple[int, int]

REISSUE: Codes = (900, 99)
"""The system changed while it was being asked: ask again."""

STARTED = 592
"""Return code: the directory manager works on; the reason code is the number of the operation."""

ALREADY_COUPLED: Codes = (204, 20)
"""The live NIC is coupled already, to whatever vswitch."""

VSWITCH_EXISTS: Codes = (212, 36)

ALREADY_GRANTED: Codes = (212, 44)

NO_SUCH_VLAN: Codes = (396, 3040)
"""The VLAN was not added to the port (pysmapi capture)."""

NO_GUEST = frozenset({(200, 4), (200, 12), (400, 4)})
"""There is no such guest, or it is not logged on."""

NO_NIC = NO_GUEST | {(204, 8), (404, 8)}
"""There is no such NIC."""

NO_NIC_AT_ALL = frozenset({(204, 8), (212, 8)})
"""A query for all NICs of a guest finds none. 212/8 means so only there."""

NIC_EXISTS: Codes = (204, 4)
"""A live device has that number already."""

NOT_COUPLED = NO_NIC | {(204, 48), (212, 32), (412, 16)}
"""The NIC is coupled to nothing."""

NO_GRANT = frozenset({(212, 40), (620, 58)})
"""Nobody can be authorized there.

Guess: 620/58 concerns SYSTEM CONFIG alone; the grant in force is gone then.
"""

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
    if rc == STARTED or rs is None:
        return errors.Unknown
    if rc == _DIRECTORY_MANAGER or (rc, rs) in _BUSY:
        return errors.Busy
    return errors.Gone if (rc, rs) in _GONE else errors.Refused
