"""What an operation on a guest's NICs still has to change, given a look at the guest; and how it is undone.

A task is asked again after each attempt, with a new look, and told what became of the changes: what nobody
can see it remembers. Pure but for that memory.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from networking_zvm import errors, model
from networking_zvm.compute.nics import Nic, Place, beyond_reach, is_beyond_reach
from networking_zvm.hypervisor import base


class Task(Protocol):
    """Something to be done to one guest."""

    def needed(self, view: model.GuestView) -> Sequence[base.GuestChange]:
        """The changes that are left to do; none if it is done. Raises Refused if it cannot be done any more.
        """

    def note(self, changes: Sequence[base.GuestChange], failure: base.ChangeFailed | None) -> None:
        """Take notice of an attempt to make them."""


class Making:
    """NICs are made where they are not. live: in the running guest too, if it runs."""

    def __init__(self, places: Sequence[Place], before: model.GuestView, live: bool) -> None:
        self._places = places
        self._live = live
        self.before = before
        self.tried: dict[model.NicAddress, Place] = {}
        self.doubtful: set[model.NicAddress] = set()

    def needed(self, view: model.GuestView) -> list[base.GuestChange]:
        """See Task."""
        return [change for place in self._places for change in self._missing(place, view)]

    def note(self, changes: Sequence[base.GuestChange], failure: base.ChangeFailed | None) -> None:
        """See Task."""
        tried = {_address(change) for change in (changes[: failure.position + 1] if failure else changes)}
        self.tried |= {place.address: place for place in self._places if place.address in tried}
        if failure and isinstance(failure.cause, errors.Unknown):
            self.doubtful.add(_address(changes[failure.position]))

    def made_live(self, address: model.NicAddress) -> bool:
        """Whether a live NIC there is this task's."""
        before = self.before.nics.get(address.vdev)
        return self._live and not (before and before.live)

    def _missing(self, place: Place, view: model.GuestView) -> Iterator[base.GuestChange]:
        """What is half there is taken away first: a control point would take the half for the whole."""
        found = view.nics.get(place.address.vdev)
        has_live = bool(found and found.live)
        if found and found.directory:
            _refuse_another(place, found.directory)
            _refuse_beyond_reach(found)
            if has_live or not (self._live and view.logged_on):
                return
        if found and (found.directory or found.port_ids):
            yield base.RemoveNic(place.address, live=False)
        live = self._live and not has_live
        yield base.DefineNic(place.address, place.nic.mac, None, place.nic.port_id, live)


class Undoing:
    """What a task has made is taken away again, and what it has taken away is made again."""

    def __init__(self, making: Making) -> None:
        self._making = making
        self._gone: set[model.NicAddress] = set()

    def needed(self, view: model.GuestView) -> list[base.GuestChange]:
        """See Task."""
        places = [place for _, place in sorted(self._making.tried.items())]
        changes = [change for place in places if (change := self._undo(place, view))]
        if not changes:
            self._refuse_the_rest(places, view)
        return changes

    def note(self, changes: Sequence[base.GuestChange], failure: base.ChangeFailed | None) -> None:
        """See Task."""
        self._gone |= _removed(changes, failure)

    def _undo(self, place: Place, view: model.GuestView) -> base.GuestChange | None:
        found = view.nics.get(place.address.vdev)
        nic = found.directory if found else None
        if place.is_there:
            return None if nic else base.DefineNic(place.address, place.nic.mac, None, place.nic.port_id)
        if nic and nic.macid != place.nic.mac.macid:
            return None
        if found and is_beyond_reach(found):
            return None
        made_live = self._making.made_live(place.address)
        is_left = nic or (found and found.live and made_live)
        may_come = place.address in self._making.doubtful - self._gone
        return base.RemoveNic(place.address, live=made_live) if is_left or may_come else None


    def _refuse_the_rest(self, places: Sequence[Place], view: model.GuestView) -> None:
        for place in places:
            found = view.nics.get(place.address.vdev)
            nic = found.directory if found else None
            if found and nic and nic.macid == place.nic.mac.macid and not place.is_there:
                _refuse_beyond_reach(found)


class Removing:
    """NICs are taken away. live: from the running guest too, if it runs."""

    def __init__(self, nics: Mapping[model.NicAddress, Nic], live: bool) -> None:
        self._nics = nics
        self._live = live
        self._gone: set[model.NicAddress] = set()

    def needed(self, view: model.GuestView) -> list[base.GuestChange]:
        """See Task."""
        live = self._live and view.logged_on
        return [base.RemoveNic(a, live) for a, nic in self._nics.items() if self._is_left(a, nic, view)]

    def note(self, changes: Sequence[base.GuestChange], failure: base.ChangeFailed | None) -> None:
        """See Task."""
        self._gone |= _removed(changes, failure)

    def _is_left(self, address: model.NicAddress, nic: Nic, view: model.GuestView) -> bool:
        """Whether anything of it is left; a record that is not the control point's own stays for ever."""
        found = view.nics.get(address.vdev)
        if found is None:
            return False
        if found.directory:
            return found.directory.macid in (nic.mac.macid, None)
        is_recorded = nic.port_id in found.port_ids and address not in self._gone
        return is_recorded or bool(self._live and found.live)


def _address(change: base.GuestChange) -> model.NicAddress:
    assert isinstance(change, base.DefineNic | base.RemoveNic)  # noqa: S101
    return change.address


def _removed(
    changes: Sequence[base.GuestChange], failure: base.ChangeFailed | None
) -> set[model.NicAddress]:
    done = changes[: failure.position] if failure else changes
    return {change.address for change in done if isinstance(change, base.RemoveNic)}


def _refuse_beyond_reach(found: model.GuestNic) -> None:
    if is_beyond_reach(found):
        raise errors.Refused(beyond_reach(found))


def _refuse_another(place: Place, nic: model.DirectoryNic) -> None:
    if nic.macid != place.nic.mac.macid:
        macids = f"MACID {nic.macid}, not {place.nic.mac.macid} of port {place.nic.port_id}"
        raise errors.Refused(f"NIC {place.address} has {macids}: somebody else has made it meanwhile")
