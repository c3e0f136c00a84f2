"""A guest's own DHCP client: busybox's udhcpc, on one NIC, in the guest.

It configures that NIC by a script of ours, which touches neither resolv.conf nor anything else. Sources:
udhcpc's usage; networking/udhcp/dhcpc.c for its signals and what it calls scripts with (busybox 1.35).
"""

import contextlib
import ipaddress
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from signal import SIGUSR1, SIGUSR2, Signals
from types import TracebackType
from typing import Final, Self

from zvmsim.dataplane.machine import Machine

EVENT_SCRIPT: Final = Path(__file__).with_name("dhcp-client-event")
_OPTIONS: Final = ("mtu", "staticroutes")  # for these udhcpc does not ask by itself
_END_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Lease:
    """What a DHCP server grants; address: with the network's mask. seconds: how long.

    routes: destination and gateway of each classless static route (RFC 3442). mtu: bytes, None if the server
    leaves it open.
    """

    address: ipaddress.IPv4Interface
    server: str
    seconds: int
    routers: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    mtu: int | None = None
    routes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """What has happened; kind: deconfig, bound, renew, nak, leasefail. lease: of bound and renew alone."""

    kind: str
    lease: Lease | None = None


def missing() -> list[str]:
    """What this machine lacks for DHCP clients, in words; empty if nothing."""
    if shutil.which("busybox"):
        listed = subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=False)
        if {"udhcpc", "ip"} <= set(listed.stdout.split()):
            return []
    return ["busybox with udhcpc (package busybox-static)"]


class DhcpClient:
    """The client of one NIC in one boot of a guest, with which it ends, if not by `close` or `with`.

    Between `lease` and `release` it runs on, and renews by itself when half of the time is over.
    """

    def __init__(self, machine: Machine, vdev: str) -> None:
        self._machine = machine
        self._interface = machine.interface(vdev)
        self._running: _Udhcpc | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def lease(self, within: float) -> Lease | None:
        """Ask for a lease as after a boot; None, and the client is closed, if nobody grants one in so many
        seconds. Raises NoMachineError, PacketsError.
        """
        self.close()
        self._running = _Udhcpc(self._machine, self._interface)
        lease = self._running.wait({"bound"}, within)
        if lease is None:
            self.close()
        return lease

    def renew(self, within: float) -> Lease | None:
        """Ask for the lease again, now; None if that is refused, or nobody answers for so many seconds.

        udhcpc gives a lease up that is not renewed, and goes on looking for another. Raises ValueError if it
        does not run.
        """
        if self._running is None:
            raise ValueError("there is no lease to renew")
        return self._running.tell(SIGUSR1, {"bound", "renew", "deconfig"}, within)

    def release(self) -> None:
        """Give the lease back to the server, and the address with it."""
        if self._running:
            self._running.tell(SIGUSR2, {"deconfig"}, _END_SECONDS)
            self.close()

    @property
    def held(self) -> tuple[Lease, float] | None:
        """The lease that it has, and the seconds that are left of it; None if it has none."""
        return self._running.held if self._running else None

    def close(self) -> None:
        """End the client without a word to the server, like a crash; the NIC keeps its address."""
        if self._running:
            self._running.kill()
            self._running = None


class _Udhcpc:
    """One process of it, and what its script has said."""

    def __init__(self, machine: Machine, interface: str) -> None:
        asked = [word for option in _OPTIONS for word in ("-O", option)]
        again = ("-t", "3", "-T", "1", "-A", "1")  # three packets, one a second; after one more, anew
        words = ("busybox", "udhcpc", "-f", "-i", interface, "-s", str(EVENT_SCRIPT), *again, *asked)
        self._process = subprocess.Popen(
            machine.command(words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._granted: tuple[Lease, float] | None = None
        self._listener = threading.Thread(target=self._listen, name=f"dhcp client {interface}", daemon=True)
        self._listener.start()

    @property
    def held(self) -> tuple[Lease, float] | None:
        if self._granted is None or self._process.poll() is not None:
            return None
        lease, since = self._granted
        return lease, since + lease.seconds - time.monotonic()

    def tell(self, signal: Signals, kinds: Collection[str], within: float) -> Lease | None:
        """Send a signal and wait for what comes of it; what came before is forgotten."""
        while not self._events.empty():
            self._events.get()
        self._process.send_signal(signal)
        return self.wait(kinds, within)

    def wait(self, kinds: Collection[str], within: float) -> Lease | None:
        """The lease of the next event of these kinds; None if it has none, or none comes in time."""
        deadline = time.monotonic() + within
        with contextlib.suppress(queue.Empty):
            while True:
                event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
                if event.kind in kinds:
                    return event.lease
        return None

    def kill(self) -> None:
        self._process.kill()
        self._listener.join()
        self._process.communicate()

    def _listen(self) -> None:
        if self._process.stdout:
            for line in self._process.stdout:
                event = read_event(line)
                self._granted = (event.lease, time.monotonic()) if event.lease else None
                self._events.put(event)


def read_event(line: str) -> Event:
    """One line of the event script. Raises ValueError if it is none."""
    kind, address, server, seconds, routers, dns, mtu, routes = line.rstrip("\n").split("|")
    if kind not in ("bound", "renew"):
        return Event(kind)
    ways = routes.split()
    lease = Lease(
        ipaddress.IPv4Interface(address),
        server,
        int(seconds),
        tuple(routers.split()),
        tuple(dns.split()),
        int(mtu) if mtu else None,
        tuple(zip(ways[::2], ways[1::2], strict=True)),
    )
    return Event(kind, lease)
