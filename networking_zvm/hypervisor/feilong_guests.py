"""What the user directory says of each guest's NICs, and whether the guest is logged on.

Feilong tells both only guest by guest, at a z/VM command each, so what was read is kept until something
shows that it may have changed: the guest's rows in Feilong's table, its live NICs, a change that was made
here. What shows nowhere, such as an entry that was edited by hand, is found by reading all guests anew in
turn. A guest whose NICs Feilong has made and nobody has coupled is not read: there is nothing to judge yet.
"""

import collections
import dataclasses
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable, Iterator, Mapping

from oslo_log import log

from networking_zvm import errors, model
from networking_zvm.hypervisor import feilong_readings, guest_view, side_by_side
from networking_zvm.hypervisor.feilong_client import FeilongClient
from networking_zvm.hypervisor.feilong_readings import Row

LOG = log.getLogger(__name__)

_ROUND_SECONDS = 600.0  # in which every guest is read anew
_AT_ONCE = 120  # guests read anew in one look, at most


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """All NICs of the guests' directory entries, and the guests that are logged on."""

    directory: dict[model.NicAddress, model.DirectoryNic]
    logged_on: frozenset[model.Userid]


@dataclasses.dataclass(frozen=True, slots=True)
class _Signs:
    """What tells without a command for the guest that it may have changed. changes: made here, counted."""

    rows: frozenset[Row] = frozenset()
    live: frozenset[model.LiveNic] = frozenset()
    changes: int = 0

    @property
    def are_worth_a_look(self) -> bool:
        """Whether a guest that was never read must be."""
        return bool(self.live or self.changes or any(row.coupled for row in self.rows))


@dataclasses.dataclass(frozen=True, slots=True)
class _View:
    """What was read of a guest. exists: in the user directory."""

    signs: _Signs
    nics: Mapping[model.NicAddress, model.DirectoryNic]
    logged_on: bool
    exists: bool
    read_at: float


class Guests:
    """Every guest that Feilong's table names, or once named. Safe to use from several threads."""

    def __init__(
        self, client: FeilongClient, parallelism: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """parallelism: guests read side by side. clock: in seconds."""
        self._client = client
        self._parallelism = parallelism
        self._clock = clock
        self._lock = threading.Lock()
        self._views: dict[model.Userid, _View] = {}
        self._changes: collections.Counter[model.Userid] = collections.Counter()
        self._troubles: dict[model.Userid, str] = {}
        self._looked_at: float | None = None
        self._due_anew = 0.0

    def note_change(self, userid: model.Userid) -> None:
        """Something is being changed, or has been: what was read of the guest holds no longer."""
        with self._lock:
            self._changes[userid] += 1

    def trouble(self, userid: model.Userid) -> str | None:
        """Why nothing is known of the guest although it must be, None if something is or need not be."""
        return None if userid in self._views else self._troubles.get(userid)

    def look(self, rows: Iterable[Row], live: Iterable[model.LiveNic]) -> Picture:
        """Read what must be read, and put the picture together. Raises Unreachable.

        A guest that cannot be read keeps what was read of it before, unless it was changed here since; then
        its NICs are not confirmed.
        """
        signs = self._signs(rows, live)
        due = [userid for userid, sign in signs.items() if self._must_read(userid, sign)]
        anew = self._oldest(signs.keys() - due)
        guests = [*due, *anew]
        read = side_by_side.each(lambda userid: self._read(userid, signs[userid]), guests, self._parallelism)
        for userid, outcome in read.items():
            self._keep(userid, signs[userid], outcome)
        self._troubles = {userid: why for userid, why in self._troubles.items() if userid in signs}
        return self._picture(signs)

    def entry_of(self, userid: model.Userid) -> guest_view.Entry:
        """Any guest's directory entry. Raises as FeilongClient.read(), and Untrusted."""
        output = self._client.read(f"{_path(userid)}/user_direct")
        return feilong_readings.read_entry(userid, output)

    def directory_of(self, userid: model.Userid) -> dict[model.NicAddress, model.DirectoryNic]:
        """The NICs in any guest's directory entry. Raises as FeilongClient.read(), and Untrusted."""
        output = self._client.read(f"{_path(userid)}/user_direct")
        return feilong_readings.read_directory(userid, output)

    def known_of(self, userid: model.Userid) -> Mapping[model.NicAddress, model.DirectoryNic]:
        """The same as last read, if it was."""
        view = self._views.get(userid)
        return view.nics if view else {}

    def _signs(self, rows: Iterable[Row], live: Iterable[model.LiveNic]) -> dict[model.Userid, _Signs]:
        rows_of, live_of = collections.defaultdict(set), collections.defaultdict(set)
        for row in rows:
            rows_of[row.address.userid].add(row)
        for nic in live:
            live_of[nic.address.userid].add(nic)
        with self._lock:
            changes = dict(self._changes)
        return {
            userid: _Signs(frozenset(rows_of[userid]), frozenset(live_of[userid]), changes.get(userid, 0))
            for userid in sorted(rows_of.keys() | self._views.keys())
        }

    def _must_read(self, userid: model.Userid, signs: _Signs) -> bool:
        view = self._views.get(userid)
        return signs.are_worth_a_look if view is None else view.signs != signs

    def _oldest(self, candidates: Iterable[model.Userid]) -> list[model.Userid]:
        """The guests whose turn it is, as many as the time since the last look asks for."""
        now = self._clock()
        passed = min(now - (self._looked_at if self._looked_at is not None else now), _ROUND_SECONDS)
        self._looked_at = now
        known = sorted((u for u in candidates if u in self._views), key=lambda u: self._views[u].read_at)
        self._due_anew = min(self._due_anew + len(known) * passed / _ROUND_SECONDS, _AT_ONCE)
        count = int(self._due_anew)
        self._due_anew -= count
        return known[:count]

    def _read(self, userid: model.Userid, signs: _Signs) -> _View:
        now = self._clock()
        try:
            nics = self.directory_of(userid)
        except errors.Gone:
            return _View(signs, {}, logged_on=False, exists=False, read_at=now)
        return _View(signs, nics, bool(signs.live) or self._is_on(userid), exists=True, read_at=now)

    def _is_on(self, userid: model.Userid) -> bool:
        return feilong_readings.read_power(userid, self._client.read(f"{_path(userid)}/power_state_real"))

    def _keep(self, userid: model.Userid, signs: _Signs, outcome: _View | errors.HypervisorError) -> None:
        if isinstance(outcome, errors.HypervisorError):
            self._complain(userid, signs, str(outcome))
            return
        self._troubles.pop(userid, None)
        if outcome.exists or signs.rows:
            self._views[userid] = outcome
            return
        self._views.pop(userid, None)
        with self._lock:
            self._changes.pop(userid, None)

    def _complain(self, userid: model.Userid, signs: _Signs, reason: str) -> None:
        view = self._views.get(userid)
        if view is None or view.signs.changes != signs.changes:
            self._views.pop(userid, None)
        if self._troubles.get(userid) != reason:
            LOG.warning("guest %s cannot be read, its ports stay as they are: %s", userid, reason)
        self._troubles[userid] = reason

    def _picture(self, signs: Mapping[model.Userid, _Signs]) -> Picture:
        directory: dict[model.NicAddress, model.DirectoryNic] = {}
        for userid, sign in signs.items():
            directory.update(self._nics(userid, sign))
        on = {userid for userid in signs if userid in self._views and self._views[userid].logged_on}
        return Picture(directory, frozenset(on))

    def _nics(
        self, userid: model.Userid, signs: _Signs
    ) -> Iterator[tuple[model.NicAddress, model.DirectoryNic]]:
        if view := self._views.get(userid):
            yield from view.nics.items()
        else:
            for row in signs.rows:
                yield row.address, model.DirectoryNic(row.address, confirmed=False)


def _path(userid: model.Userid) -> str:
    return f"/guests/{urllib.parse.quote(userid, safe='')}"
