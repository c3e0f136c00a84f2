"""The user directory as DirMaint keeps it: entries of records, locks, and the object directory CP works
with.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as alter

from zvmsim.world.answers import LockInfo
from zvmsim.world.nicdef import Nicdef, format_nicdef, nicdefs_of, vdev_of
from zvmsim.world.smapi import SmapiError

Records = tuple[str, ...]

ENTRY_TYPES = ("USER", "IDENTITY", "SUBCONFIG", "PROFILE")
RECORD_LIMIT = 80


@dataclass(slots=True)
class Directory:
    """Entries by userid (or profile name).

    source: what DirMaint shows and changes. active: what CP reads at LOGON and COUPLE; equal to source
        while online.
    locks: owner by (userid, device), device "" for the image.
    """

    source: dict[str, Records] = field(default_factory=dict)
    active: dict[str, Records] = field(default_factory=dict)
    locks: dict[tuple[str, str], str] = field(default_factory=dict)
    online: bool = True

    def records(self, userid: str) -> Records:
        """Records of one entry; 400/4 if there is none."""
        if userid not in self.source:
            raise SmapiError(400, 4, f"{userid} is not in the directory")
        return self.source[userid]

    def nicdefs(self, userid: str) -> dict[str, Nicdef]:
        """NICs in the user's own entry; 400/4."""
        return nicdefs_of(self.records(userid))

    def profile_nicdefs(self, userid: str) -> dict[str, Nicdef]:
        """NICs of the profile that the user includes."""
        return nicdefs_of(self.source.get(_profile(self.records(userid)), ()))

    def nicdefs_at_logon(self, userid: str) -> dict[str, Nicdef]:
        """NICs CP builds: those of the entry, then those of its profile; empty for an unknown user."""
        records = self.active.get(userid, ())
        return nicdefs_of(self.active.get(_profile(records), ())) | nicdefs_of(records)

    def commands_at_logon(self, userid: str) -> list[str]:
        """CP commands of COMMAND statements."""
        words = (record.split(None, 1) for record in self.active.get(userid, ()))
        return [word[1] for word in words if len(word) == 2 and word[0].upper() in ("COMMAND", "CMD")]

    def create(self, userid: str, records: Records) -> None:
        """Add an entry; 400/8 if it exists, 24/... for records that make no entry."""
        if userid in self.source:
            raise SmapiError(400, 8, f"{userid} is in the directory already")
        self._store(userid, records)

    def delete(self, userid: str, by: str) -> None:
        """Remove an entry with its locks; 400/4, 400/12."""
        self.require_changeable(userid, by)
        del self.source[userid]
        self.locks = {key: owner for key, owner in self.locks.items() if key[0] != userid}
        self._bring_online()

    def replace(self, userid: str, records: Records, by: str) -> None:
        """Put new records in place and release the lock; 400/4, 400/24 unless locked, 400/12 if by another.
        """
        self.records(userid)
        if (userid, "") not in self.locks:
            raise SmapiError(400, 24, f"{userid} is not locked")
        self.require_changeable(userid, by)
        self._store(userid, records)
        del self.locks[userid, ""]

    def lock(self, userid: str, device: str, by: str) -> None:
        """Lock an entry, or one device of it; 400/4, 400/12 locked already, 404/12 for a device."""
        self.records(userid)
        if (userid, "") in self.locks:
            raise SmapiError(400, 12, f"{userid} is locked by {self.locks[userid, '']}")
        if (userid, device) in self.locks:
            raise SmapiError(404, 12, f"{userid} {device} is locked by {self.locks[userid, device]}")
        self.locks[userid, device] = by

    def unlock(self, userid: str, device: str, by: str) -> None:
        """Release a lock; 400/4, 400/24 or 404/24 if there is none, 400/12 if it is another's."""
        self.records(userid)
        owner = self.locks.get((userid, device))
        if owner is None:
            raise SmapiError(404 if device else 400, 24, f"{userid} is not locked")
        if owner != by:
            raise SmapiError(400, 12, f"{userid} is locked by {owner}")
        del self.locks[userid, device]

    def lock_info(self, userid: str) -> LockInfo:
        """Locks of an entry; 400/4."""
        self.records(userid)
        devices = [(device, owner) for (user, device), owner in self.locks.items() if user == userid and
        device]
        return LockInfo(self.locks.get((userid, ""), ""), tuple(devices))

    def require_changeable(self, userid: str, by: str, device: str = "") -> None:
        """400/4 unknown, 400/12 image locked by another, 404/12 device locked by another."""
        self.records(userid)
        if self.locks.get((userid, ""), by) != by:
            raise SmapiError(400, 12, f"{userid} is locked by {self.locks[userid, '']}")
        if device and self.locks.get((userid, device), by) != by:
            raise SmapiError(404, 12, f"{userid} {device} is locked by {self.locks[userid, device]}")

    def define_nic(self, userid: str, nicdef: Nicdef, by: str) -> None:
        """Add a NIC; 404/4 if its device numbers are taken."""
        self.require_changeable(userid, by, nicdef.vdev)
        if nicdef.vdev in self.nicdefs(userid):
            raise SmapiError(404, 4, f"{nicdef.vdev} is defined already")
        self.put_nic(userid, nicdef, by)

    def put_nic(self, userid: str, nicdef: Nicdef, by: str) -> None:
        """Write a NIC's statement group, in place of the one it has or behind the other NICs.

        404/4 if its device numbers are another's, 596/3543 if they go beyond FFFF.
        """
        self.require_changeable(userid, by, nicdef.vdev)
        try:
            wanted = set(nicdef.range)
        except ValueError as error:
            raise SmapiError(596, 3543, str(error)) from error
        for other in self.nicdefs(userid).values():
            if other.vdev != nicdef.vdev and wanted & set(other.range):
                raise SmapiError(404, 4, f"{nicdef.vdev} overlaps {other.vdev}")
        self._rewrite(userid, nicdef.vdev, format_nicdef(nicdef))

    def change_nic(self, userid: str, vdev: str, by: str, change: Callable[[Nicdef], Nicdef]) -> None:
        """Alter a NIC's statement; 404/8 if it is not defined, what `change` raises."""
        self.put_nic(userid, change(self.require_nic(userid, vdev, by)), by)

    def remove_nic(self, userid: str, vdev: str, by: str) -> None:
        """Take out all records of a NIC; 404/8 if it is not defined."""
        self.require_nic(userid, vdev, by)
        self._rewrite(userid, vdev, ())

    def require_nic(self, userid: str, vdev: str, by: str) -> Nicdef:
        """The NIC's definition for one who may change it; 400/4, 400/12, 404/8, 404/12."""
        self.require_changeable(userid, by, vdev)
        nicdefs = self.nicdefs(userid)
        if vdev not in nicdefs:
            raise SmapiError(404, 8, f"{userid} {vdev} is not defined")
        return nicdefs[vdev]

    def has_disk(self, userid: str, vdev: str) -> bool:
        """Whether the user's own entry has a minidisk of that number; not for a user without entry."""
        words = (record.upper().split() for record in self.source.get(userid, ()))
        return any(word[0] == "MDISK" and word[1].zfill(4) == vdev for word in words if word[1:])

    def add_disk(self, userid: str, vdev: str, record: str, by: str) -> None:
        """Append the MDISK statement; 404/4 if there is a minidisk of that number."""
        self.require_changeable(userid, by, vdev)
        if self.has_disk(userid, vdev):
            raise SmapiError(404, 4, f"{vdev} is defined already")
        self.source[userid] = (*self.source[userid], record)
        self._bring_online()

    def set_online(self, online: bool) -> None:
        """Static_Image_Changes_Activate or _Deactivate."""
        self.online = online
        self._bring_online()

    def put_online_now(self) -> None:
        """Static_Image_Changes_Immediate: CP sees every change made so far."""
        self.active = dict(self.source)

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Several changes of which one may be refused: then none of them happens."""
        before = self.source, self.active
        self.source, self.active = dict(self.source), dict(self.active)
        try:
            yield
        except SmapiError:
            self.source, self.active = before
            raise

    def _rewrite(self, userid: str, vdev: str, group: Records) -> None:
        records = list(self.source[userid])
        mine = [at for at, record in enumerate(records) if vdev_of(record) == vdev]
        nics = [at for at, record in enumerate(records) if vdev_of(record)]
        at = mine[0] if mine else nics[-1] + 1 if nics else len(records)
        kept_before = [record for record in records[:at] if vdev_of(record) != vdev]
        kept_after = [record for record in records[at:] if vdev_of(record) != vdev]
        self.source[userid] = (*kept_before, *group, *kept_after)
        self._bring_online()

    def _store(self, userid: str, records: Records) -> None:
        check_entry(userid, records)
        self.source[userid] = tuple(record.rstrip() for record in records)
        self._bring_online()

    def _bring_online(self) -> None:
        if self.online:
            self.put_online_now()


def check_entry(userid: str, records: Records) -> None:
    """Whether records make a directory entry for this user; 596/3543 if not.

    Guess: DirMaint's number for a statement it does not take; clients treat every 596 alike.
    """
    words = records[0].upper().split() if records else []
    if len(words) < 2 or words[0] not in ENTRY_TYPES or words[1] != userid:
        raise SmapiError(596, 3543, f"the first record must name {userid}")
    if too_long := [record for record in records if len(record.rstrip()) > RECORD_LIMIT]:
        raise SmapiError(596, 3543, f"record longer than {RECORD_LIMIT} characters: {too_long[0][:20]}...")
    try:
        nicdefs_of(records)
    except ValueError as error:
        raise SmapiError(596, 3543, str(error)) from error


def connect(nicdef: Nicdef, owner: str, lan: str) -> Nicdef:
    """The NIC with its LAN operand set; 412/28 if its type cannot couple to a vswitch."""
    if owner == "SYSTEM" and nicdef.type != "QDIO":
        raise SmapiError(412, 28, f"{nicdef.vdev} is a {nicdef.type} NIC")
    return alter(nicdef, lan_owner=owner, lan_name=lan)


def disconnect(nicdef: Nicdef) -> Nicdef:
    """The NIC without LAN.

    Guess: the operands that only make sense with a LAN (VLAN, PORTTYPE, PORTNUMBER, ...) go with it.
    """
    return Nicdef(nicdef.vdev, nicdef.type, nicdef.devices, chpid=nicdef.chpid, mac_id=nicdef.mac_id)


def _profile(records: Records) -> str:
    words = (record.upper().split() for record in records)
    return next((word[1] for word in words if len(word) > 1 and word[0] == "INCLUDE"), "")
