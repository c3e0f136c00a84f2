"""The sender and receiver behind `zvmlab.traffic`: `python -I -S datagrams.py INTERVAL SECONDS FLOW...`.

It is given the sockets, each in a network namespace of its own, so that one process with one clock sends and
receives everything. FLOW is SENDER:RECEIVER, descriptors of two UDP sockets that are connected to each other.

Per round, every INTERVAL seconds, each flow sends one datagram with the number of the round and the time. A
flow's way is first in, first out, so an arrival says of all earlier datagrams that have not come: they are
lost. That is why it goes on sending, uncounted, before and after. Counting begins when something has come on
every flow, or on none until the end of its input: it says {"silent": [number of the flow, ...]}, and if there
are any, that is all. At the end of its input counting ends; when a later datagram has come on every flow that
lives, it prints the counts. After SECONDS it ends in any case.
"""

import contextlib
import json
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator
from typing import Final

LAST_WORD_S: Final = 10.0
"""How long a flow may take to show that it lives, at the end; a switch is slow on a busy machine."""

_PAYLOAD: Final = struct.Struct("!QQ")
_NANO: Final = 10**9


class Flow:
    """One direction between two sockets, and what has arrived of rounds `first` to `last`.

    latest: the newest round that has arrived, and when it was sent (ns); -1 before the first arrival.
    """

    def __init__(self, sender: socket.socket, receiver: socket.socket) -> None:
        self.sender, self.receiver = sender, receiver
        self.first = self.last = sys.maxsize
        self.latest, self.latest_sent = -1, 0
        self.received = self.repeated = 0
        self.longest_gap = self.slowest = 0

    def send(self, number: int) -> None:
        """What cannot leave is lost, as far as the other end is concerned."""
        with contextlib.suppress(OSError):
            self.sender.send(_PAYLOAD.pack(number, time.monotonic_ns()))

    def receive(self) -> None:
        """Take in what is there."""
        with contextlib.suppress(OSError):
            while True:
                number, sent = _PAYLOAD.unpack(self.receiver.recv(_PAYLOAD.size))
                self.arrived(number, sent, time.monotonic_ns())

    def arrived(self, number: int, sent: int, now: int) -> None:
        """A datagram of that round, sent and here at these times (ns)."""
        if number <= self.latest:
            self.repeated += 1
            return
        if self.first <= number <= self.last:
            self.received += 1
            self.slowest = max(self.slowest, now - sent)
        if number > self.latest + 1 and number > self.first and self.latest < self.last:
            self.longest_gap = max(self.longest_gap, sent - self.latest_sent)
        self.latest, self.latest_sent = number, sent

    def counts(self, end: int) -> dict[str, float]:
        """end: when counting ended (ns). Times in seconds."""
        if self.latest < self.last:
            self.longest_gap = max(self.longest_gap, end - self.latest_sent)
        return {
            "sent": max(0, self.last - self.first + 1),
            "received": self.received,
            "repeated": self.repeated,
            "longest_gap": self.longest_gap / _NANO,
            "slowest": self.slowest / _NANO,
        }


class Probe:
    """All flows. longest_pause: most seconds between two rounds; what happens in a pause is not seen."""

    def __init__(self, flows: list[Flow], interval: float) -> None:
        self.longest_pause = 0.0
        self._flows = flows
        self._interval = interval
        self._round = -1
        self._by_descriptor = {flow.receiver.fileno(): flow for flow in flows}
        self._poll = select.poll()
        for descriptor in self._by_descriptor:
            self._poll.register(descriptor, select.POLLIN)

    def await_all(self, until: float, orders: int) -> list[int]:
        """Send until something has come on every flow; returns the numbers of the others."""
        for _ in self._rounds(until):
            silent = [number for number, flow in enumerate(self._flows) if flow.latest < 0]
            if not silent or _ended(orders):
                return silent
        return list(range(len(self._flows)))

    def count(self, until: float, orders: int) -> dict[str, object]:
        """Count until `until` or until `orders`, a descriptor, is at its end."""
        self.longest_pause = 0.0
        for flow in self._flows:
            flow.first = self._round + 1
        for _ in self._rounds(until):
            if _ended(orders):
                break
        pause, end = self.longest_pause, time.monotonic_ns()
        for flow in self._flows:
            flow.last = self._round
        for _ in self._rounds(time.monotonic() + LAST_WORD_S):
            if all(flow.latest > flow.last for flow in self._flows):
                break
        return {"longest_pause": pause, "flows": [flow.counts(end) for flow in self._flows]}

    def _rounds(self, until: float) -> Iterator[None]:
        """Send a round and wait for the time of the next, again and again."""
        due = before = time.monotonic()
        while (now := time.monotonic()) < until:
            self.longest_pause = max(self.longest_pause, now - before)
            before = now
            self._round += 1
            for flow in self._flows:
                flow.send(self._round)
            due = max(due + self._interval, now)
            self._receive_until(due)
            yield

    def _receive_until(self, due: float) -> None:
        """Look at least once, lest sending too late keep from receiving."""
        left = due - time.monotonic()
        while True:
            for descriptor, _ in self._poll.poll(max(0.0, left) * 1000):
                self._by_descriptor[descriptor].receive()
            if (left := due - time.monotonic()) <= 0:
                return


def _ended(orders: int) -> bool:
    return bool(select.select([orders], [], [], 0)[0])


def main() -> None:
    interval, seconds = map(float, sys.argv[1:3])
    sockets: dict[str, socket.socket] = {}
    for descriptor in {end for words in sys.argv[3:] for end in words.split(":")}:
        sockets[descriptor] = socket.socket(fileno=int(descriptor))
        sockets[descriptor].setblocking(False)
    flows = [Flow(*(sockets[end] for end in words.split(":"))) for words in sys.argv[3:]]
    probe, until, orders = Probe(flows, interval), time.monotonic() + seconds, sys.stdin.fileno()
    silent = probe.await_all(until, orders)
    print(json.dumps({"silent": silent}), flush=True)
    if not silent:
        print(json.dumps(probe.count(until, orders)), flush=True)


if __name__ == "__main__":
    main()
