"""Directory changes that go on after their answer: SMAPI's asynchronous operations.

Behaviour.directory_changes turns them on. Source: SMAPI manual; pysmapi conn.py polls while it hears 0/104.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from zvmsim.world.directory import Directory
from zvmsim.world.smapi import Reply, SmapiError
from zvmsim.world.system import Progress, System

SECONDS = 1.0
"""Per change, one after the other: the pause DirMaint of z/VM 7.1 makes between two (vm.ibm.com dirmperf)."""

REASONS: dict[Progress, int] = {"succeeded": 100, "in progress": 104, "failed": 108}
"""How Query_Asynchronous_Operation_DM says it, with return code 0."""


def begin(system: System, change: Callable[[], Reply]) -> int:
    """Start an operation and return its id; SmapiError if the change is refused as things stand now.

    Guess: what can be refused is refused at once. What comes in the way later makes the operation fail.
    """
    with _trial(system.directory):
        change()
    operation = max(system.operations, default=0) + 1
    ahead = sum(progress == "in progress" for progress in system.operations.values())
    system.operations[operation] = "in progress"

    def finish() -> None:
        try:
            change()
        except SmapiError:
            system.operations[operation] = "failed"
        else:
            system.operations[operation] = "succeeded"

    if system.later is None:
        raise RuntimeError("a system of no world cannot do anything later")
    system.later(SECONDS * (ahead + 1), finish)
    return operation


@contextmanager
def _trial(directory: Directory) -> Iterator[None]:
    """Whatever happens to the directory in here has not happened."""
    before = directory.source, directory.active, directory.locks
    directory.source, directory.active = dict(directory.source), dict(directory.active)
    directory.locks = dict(directory.locks)
    try:
        yield
    finally:
        directory.source, directory.active, directory.locks = before
