"""The lock around a world, which tells others when it may have changed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class WorldLock:
    """Re-entrant. listeners: called, without the lock, whenever its outermost holder lets go of it.

    They must be quick. Who only reads may say so and spares them.
    """

    def __init__(self) -> None:
        self.listeners: list[Callable[[], None]] = []
        self._lock = threading.RLock()
        self._depth = 0

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(self, *_error: object) -> None:
        if not self._leave():
            for listener in tuple(self.listeners):
                listener()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold it without a change to the world."""
        self._lock.acquire()
        self._depth += 1
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> int:
        """Let go once; returns how often it is still held by this thread."""
        self._depth -= 1
        depth = self._depth
        self._lock.release()
        return depth
