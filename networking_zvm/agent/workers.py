"""Carries out a plan: guests side by side, the steps of one guest strictly one after another."""

import dataclasses
import queue
import threading
from collections.abc import Callable, Mapping

from networking_zvm import errors, model
from networking_zvm.hypervisor import base
from networking_zvm.steps import GuestStep, VSwitchStep

_POLL_SECONDS = 0.2


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """A step that z/VM did not carry out, and why."""

    step: GuestStep | VSwitchStep
    cause: errors.HypervisorError


def apply(
    guests: Mapping[model.Userid, tuple[GuestStep, ...]],
    change: Callable[[list[base.GuestChange]], None],
    parallelism: int,
    stopping: threading.Event,
) -> list[Failure]:
    """Make all steps; what failed comes back. One guest's failure stops nobody else's steps, unless it is
    that the control point cannot be reached at all.

    Returns early, with calls still under way in daemon threads, once `stopping` is set: a control point may
    take minutes to answer, and what is left half-done is found by the next agent's first look.
    """
    waiting: queue.SimpleQueue[tuple[GuestStep, ...]] = queue.SimpleQueue()
    for steps in guests.values():
        waiting.put(steps)
    failures: list[Failure] = []

    def work() -> None:
        while not stopping.is_set() and not any(isinstance(f.cause, errors.Unreachable) for f in failures):
            try:
                steps = waiting.get_nowait()
            except queue.Empty:
                return
            failures.extend(_apply_guest(steps, change, stopping))

    threads = [
        threading.Thread(target=work, name=f"zvm-change-{number}", daemon=True)
        for number in range(min(parallelism, len(guests)))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive() and not stopping.is_set():
            thread.join(_POLL_SECONDS)
    return list(failures)


def _apply_guest(
    steps: tuple[GuestStep, ...], change: Callable[[list[base.GuestChange]], None], stopping: threading.Event
) -> list[Failure]:
    """Make one guest's steps; after a failure go on with those no failed port has a part in."""
    failures: list[Failure] = []
    left = list(steps)
    while left and not stopping.is_set():
        try:
            change([step.change for step in left])
        except base.ChangeFailed as failed:
            culprit = left[failed.position]
            failures.append(Failure(culprit, failed.cause))
            left = [s for s in left[failed.position + 1 :] if not s.ports & culprit.ports]
        else:
            left = []
    return failures
