"""The one way into a world: journal, delays, faults, and the lock around every rule.

Delays are slept outside the lock, so that commands run side by side as they do over several SMAPI worker
machines.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar

from zvmsim.clock import Clock
from zvmsim.faults import Codes, Drop, FaultBook, Http, Rule
from zvmsim.journal import Call, Journal
from zvmsim.world.lock import WorldLock

T = TypeVar("T")


class DroppedError(Exception):
    """A fault rule wants the connection closed without an answer."""


class HttpFaultError(Exception):
    """A fault rule wants this HTTP status as the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds that z/VM takes per command: a query, a change of the running system, a change of the
    directory.

    Directory changes of one system wait for each other, as DirMaint works them off one by one.
    Assumption: nobody has published such times; DirMaint alone documents its pauses (vm.ibm.com dirmperf).
    """

    read: float = 0.0
    write: float = 0.0
    directory: float = 0.0


LATENCIES: Mapping[str, Latency] = {
    "instant": Latency(),
    "typical": Latency(read=0.05, write=0.15, directory=0.6),
    "bad day": Latency(read=0.5, write=1.5, directory=6.0),
}


@dataclass(frozen=True, slots=True)
class Effect(Generic[T]):
    """How to carry out a call: `run` does it, `refuse` makes the reply a fault rule asks for, `codes` reads
    rc and rs of a reply.

    locked: run under the world's lock; REST calls are not, the commands inside them are.
    """

    run: Callable[[], T]
    refuse: Callable[[int, int], T]
    codes: Callable[[T], tuple[int, int]]
    locked: bool = True


class Gate:
    """Passes calls one by one or side by side; `lock` guards the whole world."""

    def __init__(self, clock: Clock, journal: Journal, faults: FaultBook) -> None:
        self.lock = WorldLock()
        self.latency = Latency()
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._directory_queues: dict[str, threading.Lock] = {}

    def run(self, call: Call, effect: Effect[T]) -> T:
        """Carry out the call as fault rules let it.

        Raises DroppedError, HttpFaultError when a rule asks for it, and whatever `effect.run` raises.
        """
        arrived, started = self._clock.now(), time.monotonic()
        rule = self._faults.strike(call)
        reply: T | None = None
        note = f"fault: {rule.reply or 'delay'} {rule.when}" if rule else ""
        try:
            reply = self._answer(call, effect, rule)
        finally:
            rc, rs = effect.codes(reply) if reply is not None else _codes_without_reply(rule)
            self._journal.add(arrived, call, rc, rs, time.monotonic() - started, note)
        return reply

    def _answer(self, call: Call, effect: Effect[T], rule: Rule | None) -> T:
        if rule and rule.delay:
            self._clock.sleep(rule.delay)
        self._take_time(call)
        if rule is None or rule.reply is None:
            return self._carry_out(call, effect)
        if rule.when == "after":
            self._carry_out(call, effect)
        if isinstance(rule.reply, Drop):
            raise DroppedError
        if isinstance(rule.reply, Http):
            raise HttpFaultError(rule.reply.http)
        return effect.refuse(rule.reply.rc, rule.reply.rs)

    def _take_time(self, call: Call) -> None:
        if call.dialect == "rest":
            return
        if not call.mutating:
            seconds = self.latency.read
        elif call.function.endswith("_DM"):
            seconds = self.latency.directory
        else:
            seconds = self.latency.write
        if seconds:
            with self._queue(call):
                self._clock.sleep(seconds)

    def _queue(self, call: Call) -> "threading.Lock | nullcontext[None]":
        if not (call.mutating and call.function.endswith("_DM")):
            return nullcontext()
        with self.lock.reading():
            return self._directory_queues.setdefault(call.system, threading.Lock())

    def _carry_out(self, call: Call, effect: Effect[T]) -> T:
        if not effect.locked:
            return effect.run()
        with self.lock if call.mutating else self.lock.reading():
            return effect.run()


def _codes_without_reply(rule: Rule | None) -> tuple[int | None, int | None]:
    if rule and isinstance(rule.reply, Http):
        return rule.reply.http, 0
    if rule and isinstance(rule.reply, Codes):
        return rule.reply.rc, rule.reply.rs
    return None, None
