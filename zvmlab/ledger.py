"""What was asked of the control point, and what it asked of z/VM: read from the simulator's journal."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from zvmlab.compute.base import Compute
from zvmlab.control_points.base import ControlPoint
from zvmlab.systems import Systems


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the ledger. reads, changes: how many calls Nova had made by then."""

    entry: int
    reads: int
    changes: int


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls were made.

    reads, changes: by agents, to the control point. zvm_reads, zvm_changes: z/VM commands, also for Nova.
    """

    reads: int
    changes: int
    zvm_reads: int
    zvm_changes: int


class Ledger:
    """Of everybody's calls. computes: Nova's hands."""

    def __init__(self, systems: Systems, control_point: ControlPoint, computes: Collection[Compute]) -> None:
        self._world = systems.world
        self._hosts = systems.hosts
        self._control_point = control_point
        self._computes = computes

    def mark(self) -> Mark:
        """What comes from now on is after it."""
        self._catch_up()
        computes = self._computes
        reads, changes = sum(c.reads for c in computes), sum(c.changes for c in computes)
        return Mark(self._world.journal.mark(), reads, changes)

    def changes(self, since: Mark, host: str | None = None) -> list[str]:
        """Mutating calls of every kind and by everybody."""
        self._catch_up()
        system = self._hosts[host] if host else None
        entries = self._world.journal.entries(since.entry, mutating=True, system=system)
        return [f"{e.call.system} {e.call.function} {' '.join(e.call.objects)}" for e in entries]

    def calls(self, since: Mark) -> Calls:
        now = self.mark()
        calls = [entry.call for entry in self._world.journal.entries(since.entry)]
        asked = Counter(call.mutating for call in calls if call.dialect == self._control_point.dialect)
        zvm = Counter(call.mutating for call in calls if call.dialect != "rest")
        reads = asked[False] - (now.reads - since.reads)
        changes = asked[True] - (now.changes - since.changes)
        return Calls(reads, changes, zvm[False], zvm[True])

    def _catch_up(self) -> None:
        for call in self._control_point.new_requests():
            self._world.journal.add(self._world.clock.now(), call, None, None, 0.0)
