"""Which agent does a thread belong to, and how to end all threads of one agent where they stand.

Agents start threads as they like: their own, those of thread pools, those of the message bus. A thread
belongs to the family of the thread that started it. To know that, `threading.Thread.start` is replaced; the
crash stands on Python's audit events (docs.python.org/3/library/audit_events.html). Both change the whole
process, so this is for a process of our own.
"""

import ctypes
import sys
import threading
from typing import Final
from weakref import WeakKeyDictionary

OUTWARD: Final = {"http.client.connect", "http.client.send", "socket.connect"}


class ThreadFamilies:
    """The families of this process. Make one only: its hooks stay as long as the process."""

    def __init__(self) -> None:
        self._family: WeakKeyDictionary[threading.Thread, str] = WeakKeyDictionary()
        self._crashed: set[str] = set()
        self._start = threading.Thread.start

        def start(thread: threading.Thread) -> None:
            self._start_in_family(thread)

        threading.Thread.start = start  # type: ignore[method-assign,assignment]
        sys.addaudithook(self._on_audit_event)

    def adopt(self, family: str) -> None:
        """Make the calling thread, and all it will start, members of that family."""
        self._family[threading.current_thread()] = family

    def of_current_thread(self) -> str | None:
        return self._family.get(threading.current_thread())

    def alive(self, family: str) -> bool:
        """Whether any thread of the family runs."""
        return any(thread.is_alive() for thread in self._members(family))

    def crash(self, family: str) -> None:
        """End the family's threads: they send no request, connect nowhere and start no thread from now on.

        A thread that waits (for an answer, a lock, a moment) ends when its waiting does, before it does
        anything else. The exception that ends it is SystemExit, which threads end by quietly. A worker of a
        thread pool keeps that for its task's result and lives on, but reaches nothing any more.
        """
        self._crashed.add(family)
        for thread in self._members(family):
            if thread.ident is not None and thread.is_alive():
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
                )

    def _members(self, family: str) -> list[threading.Thread]:
        return [thread for thread, its_family in list(self._family.items()) if its_family == family]

    def _start_in_family(self, thread: threading.Thread) -> None:
        family = self.of_current_thread()
        if family is not None:
            self._end_if_crashed(family)
            self._family[thread] = family
        self._start(thread)

    def _on_audit_event(self, event: str, _arguments: tuple[object, ...]) -> None:
        if event in OUTWARD:
            self._end_if_crashed(self.of_current_thread())

    def _end_if_crashed(self, family: str | None) -> None:
        if family in self._crashed:
            raise SystemExit
