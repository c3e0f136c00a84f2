"""A machine on the wire, a guest or one outside z/VM, and how to do things in it."""

import ipaddress
import itertools
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Final, Protocol

from zvmsim.dataplane import enter, linux
from zvmsim.dataplane.management import Line
from zvmsim.dataplane.slots import OUTSIDE_INTERFACE, Slot, interface

_ECHO: Final = 8
_ECHO_REPLY: Final = 0
_AGAIN_S: Final = 0.25
_LONGEST: Final = 1 << 16
_numbers = itertools.count(1)


class Inside(Protocol):
    """What machines need of those who run them. Each raises NoMachineError once that boot is over."""

    def namespaces(self, slot: Slot, own_run: bool) -> list[str]:
        """Files of the namespaces that a program of the machine runs in, in the order to enter them."""

    def open_socket(self, slot: Slot, family: int, kind: int, protocol: int) -> socket.socket: ...

    def line(self, slot: Slot, listener: socket.socket, to: tuple[str, int]) -> Line: ...


class Machine:
    """One boot of a machine; after the next, everything here raises NoMachineError.

    Everything raises PacketsError, too, if the switch process is gone.
    """

    def __init__(self, inside: Inside, slot: Slot) -> None:
        self._inside = inside
        self._slot = slot

    def __repr__(self) -> str:
        return f"<Machine {self.name}>"

    @property
    def name(self) -> str:
        """"SYSTEM:USERID" or "line:NAME"."""
        return self._slot.name

    def interface(self, vdev: str = "") -> str:
        """What Linux in there calls the NIC with this device number, "enc1000"; an outside machine's one
        interface is eth0.
        """
        return interface(vdev) if vdev else OUTSIDE_INTERFACE

    def command(self, argv: Sequence[str], own_run: bool = False) -> list[str]:
        """A command that anybody on the simulator's host can start so that `argv` runs in the machine.

        It sees the host's files, and the processes of all machines of this simulator. own_run: only those of
        this machine, with a /run/netns and a /sys of its own, the same for all its commands with own_run.

        Environment, working directory and exit status are as without. SIGTERM, SIGINT, SIGHUP, SIGQUIT and
        SIGUSR1, 2 that the started process gets go on to the program, SIGKILL kills it. What a whole process
        group gets, the program gets from both. All ends with the machine.
        """
        files = self._inside.namespaces(self._slot, own_run)
        return [sys.executable, "-I", "-S", enter.__file__, *files, "--", *argv]

    def run(
        self, argv: Sequence[str], timeout: float, input: str | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end; its exit status is not judged. Raises subprocess.TimeoutExpired."""
        return subprocess.run(  # noqa: S603
            self.command(argv),
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def open_socket(self, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """A socket that lives in the machine and that the caller uses from outside: no process needed."""
        return self._inside.open_socket(self._slot, family, kind, protocol)

    def listen(self, port: int, to: tuple[str, int]) -> Line:
        """The management line: carry connections to 127.0.0.1:`port` in the machine to an address of ours.

        It belongs to this boot of the machine. Port 0: any; the line knows which. Raises OSError.
        """
        listener = self.open_socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
            listener.listen(128)
        except OSError:
            listener.close()
            raise
        return self._inside.line(self._slot, listener, to)

    def address(self, vdev: str, address: str) -> None:
        """Give a NIC this one IPv4 address, "10.0.0.5/24". Raises OSError, ValueError."""
        wanted = ipaddress.IPv4Interface(address)
        with self.open_socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            linux.set_ipv4(link, self.interface(vdev), str(wanted.ip), str(wanted.netmask))

    def ping(self, address: str, timeout: float = 1.0) -> float | None:
        """Seconds until the answer to an ICMP echo request came, sent again and again, or None.

        ARP first forgets the address, as a failure of the past would otherwise decide for a while.
        """
        self._forget(address)
        with self.open_socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as raw:
            mark = struct.pack("!HH", os.getpid() & 0xFFFF, next(_numbers) & 0xFFFF)
            deadline = time.monotonic() + timeout
            while (sent := time.monotonic()) < deadline:
                try:
                    raw.sendto(_echo_request(mark), (address, 0))
                except OSError:
                    return None
                if _answered(raw, mark, min(deadline, sent + _AGAIN_S)):
                    return time.monotonic() - sent
        return None

    def _forget(self, address: str) -> None:
        with self.open_socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            for tap in self._slot.taps:
                linux.forget_neighbour(link, tap.interface, address)


def _echo_request(mark: bytes) -> bytes:
    words = struct.unpack("!HH", mark)
    total = (_ECHO << 8) + sum(words)
    checksum = ~(total + (total >> 16)) & 0xFFFF
    return struct.pack("!BBH", _ECHO, 0, checksum) + mark


def _answered(raw: socket.socket, mark: bytes, until: float) -> bool:
    """Whether an echo reply with that mark comes before `until`, on the monotonic clock."""
    while (left := until - time.monotonic()) > 0:
        raw.settimeout(left)
        try:
            packet = raw.recv(_LONGEST)
        except OSError:
            return False
        answer = packet[(packet[0] & 15) * 4 :]
        if answer[0] == _ECHO_REPLY and answer[4:8] == mark:
            return True
    return False
