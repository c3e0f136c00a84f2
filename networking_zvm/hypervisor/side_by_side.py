"""The same work on many things, several at a time, in threads that do not keep the process from ending."""

import queue
import threading
from collections.abc import Callable, Collection, Hashable
from typing import TypeVar

from networking_zvm import errors

Thing = TypeVar("Thing", bound=Hashable)
Result = TypeVar("Result")


def each(
    work: Callable[[Thing], Result], things: Collection[Thing], limit: int
) -> dict[Thing, Result | errors.HypervisorError]:
    """What the work gave for each thing, or why it failed there. limit: threads at most.

    Raises Unreachable, at once, if that is why: it will be so for all others too.
    """
    waiting: queue.SimpleQueue[Thing] = queue.SimpleQueue()
    for thing in things:
        waiting.put(thing)
    outcomes: dict[Thing, Result | errors.HypervisorError] = {}
    hopeless: list[errors.Unreachable] = []

    def run() -> None:
        while not hopeless:
            try:
                thing = waiting.get_nowait()
                outcomes[thing] = work(thing)
            except queue.Empty:
                return
            except errors.Unreachable as error:
                hopeless.append(error)
            except errors.HypervisorError as error:
                outcomes[thing] = error

    threads = [threading.Thread(target=run, daemon=True) for _ in range(min(limit, len(things)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if hopeless:
        raise hopeless[0]
    return outcomes
