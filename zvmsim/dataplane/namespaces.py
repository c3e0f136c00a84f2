"""Machines as the kernel has them: a named network namespace with TAP devices, and processes in it.

All this runs in the switch process, inside its private tree. Raises OSError.
"""

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

from zvmsim.dataplane import linux, own_run
from zvmsim.dataplane.slots import Slot, Tap
from zvmsim.dataplane.tree import NAMES

_LOOPBACK: Final = "lo"
_PAUSE_S: Final = 0.005
_KILL_TIMEOUT_S: Final = 5.0


def start(slot: Slot) -> dict[str, int]:
    """Make the machine; returns the descriptors of its TAPs by port."""
    name = NAMES / slot.name
    with linux.network_namespace(None):
        name.touch()
        linux.mount("/proc/thread-self/ns/net", name, flags=linux.MS_BIND)
        with _link() as link:
            linux.set_up(link, _LOOPBACK)
        return {tap.port: _plug(tap) for tap in slot.taps}


def plug(machine: str, tap: Tap) -> int:
    """Add a TAP to a machine that runs; returns its descriptor."""
    with linux.network_namespace(NAMES / machine):
        return _plug(tap)


def alter(machine: str, was: Tap, tap: Tap, descriptor: int) -> None:
    """Make a TAP like this: MAC, MTU, carrier. What stays the same is left as the guest may have set it."""
    with linux.network_namespace(NAMES / machine), _link() as link:
        if tap.mac != was.mac:
            linux.set_mac(descriptor, tap.mac)
        if tap.mtu != was.mtu:
            linux.set_mtu(link, tap.interface, tap.mtu)
        linux.set_carrier(descriptor, tap.carrier)
        linux.await_carrier(link, tap.interface)


def forget(machine: str) -> None:
    """Take its name away; the namespace ends with the last descriptor of a TAP in it."""
    linux.unmount(NAMES / machine)
    (NAMES / machine).unlink()


def open_socket(machine: str, family: int, kind: int, protocol: int) -> socket.socket:
    """A socket that lives in the machine's namespace, whoever uses it."""
    with linux.network_namespace(NAMES / machine):
        return socket.socket(family, kind, protocol)


def start_own_run(machine: str) -> int:
    """Start the first process of a PID namespace of the machine's own; returns its process id."""

    def launch() -> int:
        with linux.network_namespace(NAMES / machine):
            linux.unshare(linux.CLONE_NEWPID)
            reader, writer = os.pipe()
            with os.fdopen(reader) as answer:
                try:
                    command = [sys.executable, "-S", "-P", "-m", own_run.__name__]
                    actions = [(os.POSIX_SPAWN_DUP2, writer, 1)]
                    process = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
                finally:
                    os.close(writer)
                if answer.readline() != own_run.READY:
                    raise OSError(f"{machine} cannot have a run of its own")
            return process

    return linux.in_thread(launch)


def kill(machines: Collection[str]) -> None:
    """Kill every process whose network namespace is one of theirs, until there is none.

    The first process of a PID namespace takes all others in it along, wherever these have gone to.
    """
    homes = {_identity(NAMES / machine) for machine in machines}
    deadline = time.monotonic() + _KILL_TIMEOUT_S
    while found := [process for process in _processes() if _home(process) in homes]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes {found} of {', '.join(machines)} do not die")
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(_PAUSE_S)


def _plug(tap: Tap) -> int:
    descriptor = linux.open_tap(tap.interface, tap.mac)
    with _link() as link:
        linux.set_mtu(link, tap.interface, tap.mtu)
        if not tap.carrier:
            linux.set_carrier(descriptor, False)
        linux.set_up(link, tap.interface)
        linux.await_carrier(link, tap.interface)
    return descriptor


def _link() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def _processes() -> Iterator[int]:
    """All of the tree but the switch process."""
    return (int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid())


def _home(process: int) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        return _identity(Path(f"/proc/{process}/ns/net"))
    return None


def _identity(namespace: Path) -> tuple[int, int]:
    status = namespace.stat()
    return status.st_dev, status.st_ino
