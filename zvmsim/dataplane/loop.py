"""Carries frames: one thread that waits for all TAPs at once and does what the fabric says."""

import contextlib
import os
import select
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from zvmsim.dataplane.fabric import Fabric
from zvmsim.dataplane.wiring import Wiring

_READ: Final = 1 << 16
_PORTS: Final = 64
_BURST: Final = 32
"""TAPs in turn, and frames of one of them, before whoever calls gets his turn."""
_LONGEST_QUEUE: Final = 10_000


class Loop:
    """`run` in one thread, `call` from others."""

    def __init__(self) -> None:
        self._fabric = Fabric(Wiring())
        self._names: dict[int, str] = {}
        self._descriptors: dict[str, int] = {}
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._calls: deque[Callable[[], None]] = deque()

    def run(self) -> None:
        """For ever."""
        while True:
            for descriptor, _events in self._epoll.poll(maxevents=_PORTS):
                if descriptor != self._wake:
                    self._read(descriptor)
            self._answer()

    def rewire(self, wiring: Wiring, dead: Mapping[str, int]) -> None:
        """Go by that wiring and leave these ports alone; when it returns, their descriptors may be closed."""
        self._call(lambda: self._rewire(wiring, dead))

    def attach(self, ports: Mapping[str, int]) -> None:
        """Carry frames of these TAPs, too: names and descriptors."""
        self._call(lambda: self._attach(ports))

    def drain(self) -> None:
        """When it returns, every frame that was sent before has been carried."""
        self._call(self._drain)

    def _call(self, work: Callable[[], None]) -> None:
        done = threading.Event()

        def then() -> None:
            work()
            done.set()

        self._calls.append(then)
        os.eventfd_write(self._wake, 1)
        done.wait()

    def _answer(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake)
        while self._calls:
            self._calls.popleft()()

    def _rewire(self, wiring: Wiring, dead: Mapping[str, int]) -> None:
        for name, descriptor in dead.items():
            self._epoll.unregister(descriptor)
            del self._names[descriptor], self._descriptors[name]
        self._fabric.rewire(wiring)

    def _attach(self, ports: Mapping[str, int]) -> None:
        for name, descriptor in ports.items():
            self._names[descriptor] = name
            self._descriptors[name] = descriptor
            self._epoll.register(descriptor, select.EPOLLIN)

    def _drain(self) -> None:
        for descriptor in self._names:
            self._read(descriptor, _LONGEST_QUEUE)

    def _read(self, descriptor: int, most: int = _BURST) -> None:
        name = self._names[descriptor]
        for _ in range(most):
            try:
                frame = os.read(descriptor, _READ)
            except OSError:
                return
            for port, outgoing in self._fabric.receive(name, frame):
                self._write(port, outgoing)

    def _write(self, port: str, frame: bytes) -> None:
        """A TAP that is down, full or not there yet loses the frame, as on any wire."""
        descriptor = self._descriptors.get(port)
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.write(descriptor, frame)
