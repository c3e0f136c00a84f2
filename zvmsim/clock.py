"""The one clock of a world: time of day of its z/VM systems, and every delay.

`SystemClock` runs with the machine; `VirtualClock` stands still until somebody advances it. All times are
aware and in UTC.
"""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Time of day (aware, UTC) and waiting; durations in seconds."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...

    def advance(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock; `advance` moves its time of day without waking sleepers."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def advance(self, seconds: float) -> None:
        self._offset += timedelta(seconds=seconds)


class VirtualClock:
    """Stands still; `advance` moves it and wakes the sleepers whose time has come."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._sleepers = 0
        self._changed = threading.Condition()

    def now(self) -> datetime:
        with self._changed:
            return self._now

    def sleep(self, seconds: float) -> None:
        with self._changed:
            wake = self._now + timedelta(seconds=seconds)
            self._sleepers += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._now >= wake)
            self._sleepers -= 1
            self._changed.notify_all()

    def advance(self, seconds: float) -> None:
        with self._changed:
            self._now += timedelta(seconds=seconds)
            self._changed.notify_all()

    def wait_for_sleepers(self, count: int, timeout: float = 10.0) -> None:
        """Return once exactly `count` threads sleep; TimeoutError after `timeout` real seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._sleepers == count, timeout):
                raise TimeoutError(f"{self._sleepers} threads sleep, expected {count}")
