"""Brings machines and TAPs into being, and out of it, as wirings ask."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import close
from typing import Final, TypeVar

from zvmsim.dataplane import namespaces
from zvmsim.dataplane.loop import Loop
from zvmsim.dataplane.slots import NOTHING, Changes, Slot, Slots, changes, slots
from zvmsim.dataplane.wiring import Wiring

A = TypeVar("A")
B = TypeVar("B")

_MAKERS: Final = 8
_CLOSERS: Final = 64
"""The kernel lets each closing of a TAP wait for milliseconds, but many of them together."""


class Builder:
    """`apply` and `close` in one thread."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._slots: Slots = NOTHING
        self._taps: dict[str, int] = {}

    def apply(self, wiring: Wiring) -> None:
        """Make everything as the wiring has it. Raises OSError, and is then of no use any more."""
        wanted = slots(wiring)
        steps = changes(self._slots, wanted)
        dead = {port: self._taps.pop(port) for port in steps.dead_ports}
        self._loop.rewire(wiring, dead)
        self._end(steps.ended, list(dead.values()))
        new = self._make(steps)
        self._taps |= new
        self._loop.attach(new)
        self._slots = wanted

    def close(self) -> None:
        """End all of it; the loop may be running or not."""
        _side_by_side(close, self._taps.values(), _CLOSERS)

    def _end(self, ended: Sequence[Slot], descriptors: Sequence[int]) -> None:
        names = [slot.name for slot in ended]
        if names:
            namespaces.kill(names)
        _side_by_side(namespaces.forget, names, _MAKERS)
        _side_by_side(close, descriptors, _CLOSERS)

    def _make(self, steps: Changes) -> dict[str, int]:
        for machine, was, tap in steps.altered:
            namespaces.alter(machine, was, tap, self._taps[tap.port])
        new = {tap.port: namespaces.plug(machine, tap) for machine, tap in steps.added}
        for ports in _side_by_side(namespaces.start, steps.started, _MAKERS):
            new |= ports
        return new


def _side_by_side(work: Callable[[A], B], items: Iterable[A], threads: int) -> list[B]:
    with ThreadPoolExecutor(threads, thread_name_prefix="zvmsim builder") as pool:
        return list(pool.map(work, items))
