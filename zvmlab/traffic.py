"""Traffic between guests that is counted: datagrams every 10 ms, both ways between pairs of NICs.

    with Traffic([(here, there), ...]) as traffic:
        ... whatever must not be noticed ...
    assert traffic.losses() == {}

Counted are UDP datagrams with numbers, not answers to pings: an arrival tells the direction, and that all
before it have had their chance (see `datagrams`). What could hide a loss or make one up is out of the way:

* neighbours are entered by hand (arp(7)), as ARP would keep datagrams back while it asks, and give up on a
  peer that is slow to answer; only a NIC that was uncoupled has forgotten them and asks;
* the receiver's buffer holds minutes, and a TAP's queue (1,000 frames) seconds of traffic, so a probe or a
  switch that a busy machine does not let run is late, but loses nothing;
* the probe is a process of its own that, where it may, runs before all others (sched(7)).
"""

import contextlib
import fcntl
import json
import os
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from zvmlab import datagrams
from zvmsim.dataplane.machine import Machine

INTERVAL_S: Final = 0.01

_FIRST_PORT: Final = 7000
_LIMIT_S: Final = 600.0
_STOP_TIMEOUT_S: Final = datagrams.LAST_WORD_S + 30.0
_BUFFER: Final = 1 << 23
_SO_RCVBUFFORCE: Final = 33
_SIOCSARP: Final = 0x8955
_ATF_COM_PERM: Final = 0x02 | 0x04
_ARPHRD_ETHER: Final = 1


class TrafficError(Exception):
    """Traffic did not begin or could not be counted; the text says between whom."""


@dataclass(frozen=True, slots=True)
class End:
    """A NIC, with the address that it is to have: "10.2.0.5/24". mac: "02:00:00:01:02:03"."""

    machine: Machine
    vdev: str
    mac: str
    address: str

    def __str__(self) -> str:
        return f"{self.machine.name} {self.vdev}"

    @property
    def ip(self) -> str:
        return self.address.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Count:
    """One direction. repeated: came again, or after a later one. longest_gap: seconds between two that came
    one after the other, where some between them did not; 0 if none is lost. slowest: seconds on the way.
    """

    sent: int
    received: int
    repeated: int
    longest_gap: float
    slowest: float

    @property
    def lost(self) -> int:
        return self.sent - self.received

    def __str__(self) -> str:
        return (
            f"{self.lost} of {self.sent} lost, longest gap {self.longest_gap:.2f} s, "
            f"{self.repeated} repeated, slowest {self.slowest:.3f} s"
        )


class Traffic:
    """Flows within a `with` block, ten minutes at most; sees what happens from the first line to the last.

    patience: seconds that the first datagrams may take. counts: after the block, by "SENDER > RECEIVER".
    longest_pause: most seconds without a datagram sent.
    """

    def __init__(self, pairs: Sequence[tuple[End, End]], patience: float = 30.0) -> None:
        self.counts: dict[str, Count] = {}
        self.longest_pause = 0.0
        self._pairs = pairs
        self._patience = patience
        self._names = [f"{a} > {b}" for one, other in pairs for a, b in ((one, other), (other, one))]

    def __enter__(self) -> Self:
        """Returns when something has come on every flow.

        Raises TrafficError if it does not, OSError, and what machines raise.
        """
        with contextlib.ExitStack() as stack:
            self._start(list(self._connected(stack)))
        try:
            self._await_all()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raises TrafficError if the counts do not come."""
        output = self._end()
        if kind is None:
            found = self._understood(output)
            self.longest_pause = found["longest_pause"]
            self.counts = {n: Count(**flow) for n, flow in zip(self._names, found["flows"], strict=True)}

    def losses(self) -> dict[str, str]:
        """Flows on which not every datagram came exactly once, with their counts in words."""
        return {name: str(count) for name, count in self.counts.items() if count.lost or count.repeated}

    # Parts

    def _connected(self, stack: contextlib.ExitStack) -> Iterator[tuple[int, int]]:
        for ends in self._pairs:
            for end in ends:
                end.machine.address(end.vdev, end.address)
        for number, (one, other) in enumerate(self._pairs):
            port = _FIRST_PORT + number
            sockets = [stack.enter_context(_open(a, b, port)) for a, b in ((one, other), (other, one))]
            yield sockets[0].fileno(), sockets[1].fileno()

    def _start(self, sockets: Sequence[tuple[int, int]]) -> None:
        flows = [f"{a}:{b}" for one, other in sockets for a, b in ((one, other), (other, one))]
        self._probe = subprocess.Popen(
            [sys.executable, "-I", "-S", datagrams.__file__, str(INTERVAL_S), str(_LIMIT_S), *flows],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[end for pair in sockets for end in pair],
            text=True,
        )
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(self._probe.pid, os.SCHED_RR, os.sched_param(1))

    def _await_all(self) -> None:
        output = self._probe.stdout
        if output and select.select([output], [], [], self._patience)[0]:
            word = output.readline()
        else:
            word = self._end().partition("\n")[0]
        silent = self._understood(word)["silent"]
        if silent:
            raise TrafficError(f"nothing comes on {', '.join(self._names[number] for number in silent)}")

    def _end(self) -> str:
        """Have the probe end; what it has said since."""
        try:
            output, _ = self._probe.communicate(timeout=_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._probe.kill()
            output, _ = self._probe.communicate()
        return output

    def _understood(self, word: str) -> Any:
        if not word:
            raise TrafficError(f"the probe ended without a word, status {self._probe.wait()}")
        return json.loads(word)


def _open(here: End, there: End, port: int) -> socket.socket:
    """A UDP socket on that NIC, connected to its counterpart on the other."""
    end = here.machine.open_socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        interface = here.machine.interface(here.vdev).encode()
        end.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface)
        end.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        _know(end, interface, there.ip, there.mac)
        end.bind((here.ip, port))
        end.connect((there.ip, port))
    except OSError:
        end.close()
        raise
    return end


def _know(link: socket.socket, interface: bytes, ip: str, mac: str) -> None:
    """Enter a neighbour for good."""
    address, hardware = socket.inet_aton(ip), bytes.fromhex(mac.replace(":", ""))
    packed = struct.pack(
        "H2x4s8xH6s8xi16x16s", socket.AF_INET, address, _ARPHRD_ETHER, hardware, _ATF_COM_PERM, interface
    )
    fcntl.ioctl(link, _SIOCSARP, packed)
