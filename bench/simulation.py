"""A simulated z/VM and its control point in a process of their own, so that they take nothing of the agent's
time but what two processors share anyway. Feilong has two more. The agent reaches them as it would on a
site, whoever measures reaches them by the methods of `Simulation` through a pipe.
"""

import contextlib
import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.managers import BaseManager
from typing import Self, cast

import yaml

from bench.memory import resident_megabytes
from bench.ports import Port
from bench.sites import SITES, SYSTEM, Place
from networking_zvm.settings import ControlPoint
from zvmsim.dialects.smcli import Style
from zvmsim.faults import Rule
from zvmsim.server import Simulator, inventory_text
from zvmsim.world.functions import FUNCTIONS
from zvmsim.world.gate import Latency

DAMAGED: Style = "zhcp"
SOUND: Style = "today"


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls were made to the control point, and how many commands came of them to z/VM.

    A call of SMAPI itself is a command. directory: those of command_changes that change the user directory.
    """

    reads: int
    changes: int
    command_reads: int
    command_changes: int
    directory: int

    @property
    def commands(self) -> int:
        return self.command_reads + self.command_changes

    def __sub__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, name) - getattr(other, name) for name in self.__slots__))


class Simulation:
    """One system and one control point. Lives in the child process; see `simulation`."""

    def __init__(self, control_point: ControlPoint, style: Style) -> None:
        self._simulator = Simulator.from_inventory(_inventory(style))
        self._simulator.start()
        try:
            self._site = SITES[control_point](self._simulator)
        except BaseException:
            self._simulator.stop()
            raise
        self._world = self._simulator.world

    def stop(self) -> None:
        """Leave nothing behind."""
        self._site.close()
        self._simulator.stop()

    def place(self) -> Place:
        return self._site.place()

    def set_delay(self, seconds: float, directory_queue: bool = False) -> None:
        """How long every z/VM command takes.

        directory_queue: changes of the directory wait for each other, as zvmsim assumes of DirMaint; without,
        they run side by side like all others.
        """
        self._world.faults.clear()
        self._world.gate.latency = Latency(seconds, seconds, seconds if directory_queue else 0.0)
        if seconds and not directory_queue:
            for function in FUNCTIONS.values():
                if function.mutating and function.name.endswith("_DM"):
                    self._world.faults.add(Rule(function=function.name, delay=seconds))

    def register(self, ports: Sequence[Port]) -> None:
        """Guests that are off, without NICs, known to the control point."""
        self._site.register(ports)

    def announce(self, ports: Sequence[Port]) -> None:
        """Say which ports the guests' NICs are, as Nova does."""
        self._site.announce(ports)

    def add_right(self, ports: Sequence[Port]) -> None:
        """Guests that are on, with everything as the agent would have made it."""
        self._site.add_right(ports)

    def calls(self) -> Calls:
        """Of all that were ever made. Those to Feilong are not known here: `rest_calls` counts them."""
        numbers = dict.fromkeys(Calls.__slots__, 0)
        for (_, dialect, function, changes), number in self._world.journal.counts().items():
            kind = "changes" if changes else "reads"
            if dialect != "rest":
                numbers[f"command_{kind}"] += number
                numbers["directory"] += number if changes and function.endswith("_DM") else 0
            if dialect == "rest" or self._site.control_point is ControlPoint.SMAPI:
                numbers[kind] += number
        return Calls(**numbers)

    def functions(self) -> Mapping[str, int]:
        """How often each function or command has been asked for."""
        counts = self._world.journal.counts().items()
        return {function: number for (_, dialect, function, _), number in counts if dialect != "rest"}

    def last_change(self) -> float:
        """When the last command that changed z/VM arrived, in seconds since the epoch."""
        changes = self._world.journal.entries(mutating=True, system=SYSTEM)
        return max(entry.time.timestamp() for entry in changes if entry.call.dialect != "rest")

    def megabytes(self) -> float:
        """Memory of this process."""
        return resident_megabytes()


def _inventory(style: Style) -> dict[str, object]:
    """The shipped single system, with a guest for Feilong."""
    data = yaml.load(inventory_text("one-system"), yaml.BaseLoader)
    return {**data, "xcat": {**data["xcat"], "smcli": style}, "feilong": {SYSTEM: "ZHCPA"}}


class _Manager(BaseManager):
    pass


_Manager.register("Simulation", Simulation)


@contextlib.contextmanager
def simulation(control_point: ControlPoint, style: Style = DAMAGED) -> Iterator[Simulation]:
    """A simulation in a new process, which ends with the block. style: of xCAT's smcli."""
    with _Manager(ctx=multiprocessing.get_context("spawn")) as manager:
        system = cast(Simulation, manager.Simulation(control_point, style))  # type: ignore[attr-defined]
        try:
            yield system
        finally:
            system.stop()
