"""What was asked of the simulated systems: every call with its outcome, and exact counts of all of them."""

import itertools
import threading
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the gate, the fault rules and the journal know it.

    dialect: "smapi", "cp" or "rest".
    function: SMAPI function name; the CP command in lower case, words one blank apart, QUERY written out;
        or "PUT /nodes/x/dsh".
    objects: what the call is about, upper case: target, switch, device, userids.
    arguments: without passwords.
    """

    dialect: str
    system: str
    caller: str
    function: str
    objects: tuple[str, ...]
    mutating: bool
    arguments: Mapping[str, str]

    @property
    def title(self) -> str:
        """How fault rules name it: the SMAPI function, "cp:query vmlan", "rest:PUT /nodes/zhcp/dsh"."""
        return self.function if self.dialect == "smapi" else f"{self.dialect}:{self.function}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A call with its outcome.

    number: counts from 1. time: when it arrived. duration: seconds.
    rc, rs: as the caller saw them (HTTP status and 0 for REST); None if the connection was dropped.
    note: what a fault rule did, else "".
    """

    number: int
    time: datetime
    call: Call
    rc: int | None
    rs: int | None
    duration: float
    note: str = ""


class Journal:
    """Keeps the newest `limit` entries; the counts are of all calls ever made."""

    def __init__(self, limit: int = 50_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)
        self._counts: Counter[tuple[str, str, str, bool]] = Counter()
        self._numbers = itertools.count(1)
        self._last = 0
        self._lock = threading.Lock()

    def add(
        self, time: datetime, call: Call, rc: int | None, rs: int | None, duration: float, note: str = ""
    ) -> Entry:
        """Record one finished call."""
        with self._lock:
            entry = Entry(next(self._numbers), time, call, rc, rs, duration, note)
            self._entries.append(entry)
            self._counts[call.system, call.dialect, call.function, call.mutating] += 1
            self._last = entry.number
            return entry

    def mark(self) -> int:
        """A position for `entries(since=...)`: everything recorded from now on comes after it."""
        with self._lock:
            return self._last

    def entries(
        self,
        since: int = 0,
        *,
        mutating: bool | None = None,
        object: str | None = None,
        system: str | None = None,
        dialect: str | None = None,
        function: str = "*",
    ) -> list[Entry]:
        """Entries after a mark, oldest first; `object` and `function` are patterns with * and ?."""
        with self._lock:
            found = [entry for entry in self._entries if entry.number > since]
        return [
            e
            for e in found
            if mutating in (None, e.call.mutating)
            and system in (None, e.call.system)
            and dialect in (None, e.call.dialect)
            and fnmatchcase(e.call.function, function)
            and (object is None or any(fnmatchcase(name, object) for name in e.call.objects))
        ]

    def counts(self) -> dict[tuple[str, str, str, bool], int]:
        """How often each (system, dialect, function, mutating) was called since the start."""
        with self._lock:
            return dict(self._counts)

    def total(
        self, *, mutating: bool | None = None, dialect: str | None = None, system: str | None = None
    ) -> int:
        """Number of calls ever made, optionally of one kind."""
        return sum(
            number
            for (where, kind, _, changes), number in self.counts().items()
            if mutating in (None, changes) and dialect in (None, kind) and system in (None, where)
        )
