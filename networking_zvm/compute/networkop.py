"""Operations on a guest's NICs, for who boots guests and changes them: over the hypervisor contract alone.

Every operation looks at the guest, changes what differs from what is asked for, and looks again: so each may
be repeated, and an answer that was lost is read back before anything is done twice or undone. NICs get no
vswitch here; to couple and to authorize them is the agent's business, which knows them by the port that the
control point records or by their MAC. Through xCAT a NIC is made as everywhere, and not announced in xCAT's
tables: guests that xCAT has not made are no nodes of it. A NIC that somebody has announced there is made
where the row says.
"""

import collections
import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from oslo_log import log

from networking_zvm import errors, model
from networking_zvm.compute import nics as matching
from networking_zvm.compute import vdevs
from networking_zvm.compute.failures import ContradictionError, OperationFailedError
from networking_zvm.compute.nics import DefinedNic, Mismatch, Nic, Place
from networking_zvm.compute.tasks import Making, Removing, Task, Undoing
from networking_zvm.hypervisor import base

LOG = log.getLogger(__name__)

PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds to wait before each further attempt, where a directory entry is locked or an answer was lost."""

_MAY_PASS = (errors.Busy, errors.Unknown, errors.Untrusted)


class NetworkOperations:
    """NICs of the guests of one system. Safe to use from several threads; each guest has one at a time.

    All methods raise OperationFailedError. Where there is no such guest its cause is errors.Gone.
    """

    def __init__(
        self,
        hypervisor: base.Hypervisor,
        first_vdev: model.Vdev = vdevs.DEFAULT_FIRST,
        pauses: Sequence[float] = PAUSES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """first_vdev: where numbers of new NICs begin. sleep: waits so many seconds."""
        self._hypervisor = hypervisor
        self._first_vdev = first_vdev
        self._pauses = tuple(pauses)
        self._sleep = sleep
        self._turns: dict[model.Userid, threading.Lock] = collections.defaultdict(threading.Lock)

    def define(self, userid: model.Userid, nics: Sequence[Nic]) -> tuple[DefinedNic, ...]:
        """Let the directory have all these NICs, in their order; where one fails, none of the new ones stays.

        A NIC that is there keeps its number and sees no change. Raises ContradictionError, before anything is
        changed, for what cannot be, and InvalidValue if device numbers do not suffice.
        """
        return self._make(userid, nics, live=False)

    def plug(self, userid: model.Userid, nic: Nic, live: bool) -> DefinedNic:
        """The same for one NIC; with live set, in the running guest too, if it runs.

        Unless the hypervisor is xCAT's, it has a MAC there that z/VM picks, until the guest's next logon (see
        verify()).
        """
        (defined,) = self._make(userid, [nic], live)
        return defined

    def unplug(self, userid: model.Userid, nic: Nic, live: bool) -> None:
        """Let the guest not have the port's NIC any more, in the directory and, with live set, running.

        A NIC or guest that is gone already is as good. Raises ContradictionError if the NIC may be another's.
        """
        self._remove(userid, [nic], live)

    def undefine_all(self, userid: model.Userid, nics: Sequence[Nic]) -> None:
        """The same for all NICs of a guest that is off, or about to be deleted."""
        self._remove(userid, nics, live=False)

    def repair(self, userid: model.Userid, nics: Sequence[Nic]) -> tuple[DefinedNic, ...]:
        """Define anew those NICs that the directory has lost, and return them; what is right sees no change.

        Raises ContradictionError for NICs that cannot be mended, after all others have been.
        """
        with self._turn(userid, f"repair NICs of {userid}"):
            view = self._hypervisor.look_at(userid)
            places, faults = matching.place(nics, view, self._first_vdev)
            lost = [place for place in places if not place.is_there]
            self._carry_out(Making(lost, view, live=False), userid, view)
        if lost:
            LOG.warning("guest %s had lost NICs, they are defined again: %s", userid, _names(lost))
        _refuse(faults.values())
        return tuple(map(_defined, lost))

    def verify(self, userid: model.Userid, nics: Sequence[Nic]) -> list[Mismatch]:
        """In what the guest's NICs differ from these ports, by MAC and place. Changes nothing."""
        with self._turn(userid, f"look at NICs of {userid}"):
            return list(matching.mismatches(nics, self._hypervisor.look_at(userid)))

    def _make(self, userid: model.Userid, nics: Sequence[Nic], live: bool) -> tuple[DefinedNic, ...]:
        what = f"define NICs of {userid}"
        with self._turn(userid, what):
            view = self._hypervisor.look_at(userid)
            places, faults = matching.place(nics, view, self._first_vdev)
            _refuse(faults.values())
            making = Making(places, view, live)
            try:
                self._carry_out(making, userid, view)
            except errors.HypervisorError as cause:
                raise OperationFailedError(what, cause, self._undo(making, cause)) from cause
        return tuple(map(_defined, places))

    def _undo(self, making: Making, cause: errors.HypervisorError) -> str:
        """What is left of it all the same and why, if not for the same cause; "" if nothing is."""
        try:
            self._carry_out(Undoing(making), making.before.userid)
        except errors.Gone:
            return ""
        except errors.HypervisorError as error:
            why = f": {error}" if str(error) != str(cause) else ""
            return f"NICs {_names(making.tried.values())} could not all be taken back{why}"
        return ""

    def _remove(self, userid: model.Userid, nics: Sequence[Nic], live: bool) -> None:
        with self._turn(userid, f"remove NICs of {userid}"):
            try:
                view = self._hypervisor.look_at(userid)
                mine, faults = matching.to_remove(nics, view)
                self._carry_out(Removing(mine, live), userid, view)
            except errors.Gone:
                LOG.info("guest %s is gone, and its NICs with it", userid)
                return
        _refuse(faults)

    def _carry_out(self, task: Task, userid: model.Userid, view: model.GuestView | None = None) -> None:
        """Change what the task needs until a look shows that it needs nothing. view: a look just taken.

        Raises what look_at() does, and the causes of ChangeFailed.
        """
        pauses = iter(self._pauses)
        while True:
            try:
                return self._attempt(task, view or self._hypervisor.look_at(userid))
            except _MAY_PASS as trouble:
                pause = next(pauses, None)
                if pause is None:
                    raise
                LOG.info("guest %s: trying again in %g s: %s", userid, pause, trouble)
                self._sleep(pause)
                view = None

    def _attempt(self, task: Task, view: model.GuestView) -> None:
        changes = task.needed(view)
        if not changes:
            return
        try:
            self._hypervisor.change(changes)
        except base.ChangeFailed as failure:
            task.note(changes, failure)
            raise failure.cause from failure
        task.note(changes, None)
        if left := task.needed(self._hypervisor.look_at(view.userid)):
            raise errors.Unknown(f"{left[0]}: it was done, but does not show")

    @contextlib.contextmanager
    def _turn(self, userid: model.Userid, what: str) -> Iterator[None]:
        """The guest is this thread's alone. Raises OperationFailedError for what goes wrong meanwhile."""
        with self._turns[userid]:
            try:
                yield
            except errors.HypervisorError as cause:
                raise OperationFailedError(what, cause) from cause


def _refuse(faults: Iterable[Mismatch]) -> None:
    if reasons := [fault.reason for fault in faults]:
        raise ContradictionError(reasons)


def _defined(place: Place) -> DefinedNic:
    return DefinedNic(place.nic.port_id, place.nic.mac, place.address, not place.is_there)


def _names(places: Iterable[Place]) -> str:
    return ", ".join(str(place.address.vdev) for place in places)
