"""Changes that z/VM takes, and of which nothing shows: they must not be made pass after pass.

A second try may be another one, as drivers learn; a third is held back like a failure. Only changes that
alter what a service guest has already need that: whatever else z/VM does not show stays undone by itself.
"""

from collections.abc import Mapping

from networking_zvm import errors, model
from networking_zvm.agent.workers import Failure
from networking_zvm.hypervisor import base
from networking_zvm.steps import GuestStep

_TRIES = 2

_Guests = Mapping[model.Userid, tuple[GuestStep, ...]]


class InVain:
    """Remembers from pass to pass what was made, as long as it is planned again at once."""

    def __init__(self) -> None:
        self._made: dict[base.GuestChange, int] = {}

    def sift(self, guests: _Guests) -> tuple[dict[model.Userid, tuple[GuestStep, ...]], list[Failure]]:
        """The steps worth making, and those that were made in vain, as failures."""
        failures = [Failure(s, _cause()) for steps in guests.values() for s in steps if self._is_in_vain(s)]
        kept = {u: tuple(s for s in steps if not self._is_in_vain(s)) for u, steps in guests.items()}
        return {userid: steps for userid, steps in kept.items() if steps}, failures

    def note(self, guests: _Guests, failures: list[Failure]) -> None:
        """What has been made in this pass."""
        failed = [failure.step for failure in failures]
        made = [s.change for steps in guests.values() for s in steps if _alters(s.change) and s not in failed]
        self._made = {change: self._made.get(change, 0) + 1 for change in made}

    def _is_in_vain(self, step: GuestStep) -> bool:
        return self._made.get(step.change, 0) >= _TRIES


def _alters(change: base.GuestChange) -> bool:
    replaces = isinstance(change, base.Authorize) and change.replaces
    return replaces or isinstance(change, base.AllowVlan | base.DenyVlan)


def _cause() -> errors.HypervisorError:
    return errors.Unknown("z/VM has taken this twice, and does not show it")
