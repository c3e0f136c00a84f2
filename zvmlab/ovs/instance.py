"""What Nova would boot on the Open vSwitch host, as far as networks go: a namespace with one NIC, eth0."""

import socket
import subprocess
from pathlib import Path
from typing import Final

from zvmlab.neutron_api import Port
from zvmsim.dataplane import linux
from zvmsim.dataplane.errors import NoMachineError
from zvmsim.dataplane.machine import Machine
from zvmsim.dataplane.management import Line
from zvmsim.dataplane.slots import OUTSIDE_INTERFACE, Slot, Tap

_TIMEOUT_S: Final = 60


class Instance(Machine):
    """To those who use machines it is like a guest of z/VM. It has the run of its host, and ends with it."""

    def __init__(self, host: Machine, port: Port, device: str, mtu: int) -> None:
        """Take a device of the host, which is plugged in as the port, into a new namespace.

        mtu: bytes. Raises OSError, NoMachineError, PacketsError.
        """
        namespace = f"vm-{port.id}"
        nic = Tap(port.id, OUTSIDE_INTERFACE, port.mac_address, mtu, carrier=True)
        link = ("ip", "-n", namespace, "link", "set")
        for words in (
            ("ip", "netns", "add", namespace),
            ("ip", "link", "set", device, "netns", namespace),
            (*link, device, "name", nic.interface, "address", nic.mac, "mtu", str(mtu), "up"),
            (*link, "lo", "up"),
        ):
            _do(host, *words)
        self._namespace = _Namespace(host, namespace)
        super().__init__(self._namespace, Slot(f"{host.name}:{namespace}", "", (nic,)))

    def close(self) -> None:
        """Nobody enters it any more."""
        self._namespace.close()


class _Namespace:
    """A named network namespace of a host, kept within reach by a process in it."""

    def __init__(self, host: Machine, name: str) -> None:
        wait = ["ip", "netns", "exec", name, "sh", "-c", "echo && exec cat"]
        self._keeper = subprocess.Popen(
            host.command(wait, own_run=True), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        _, started = self._keeper.stdin, self._keeper.stdout
        if not (started and started.readline()):
            raise NoMachineError(f"{name} is gone")
        parent = self._keeper.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        self._files = Path(f"/proc/{children.split()[0]}/ns")

    def close(self) -> None:
        self._keeper.communicate(timeout=_TIMEOUT_S)

    def namespaces(self, _slot: Slot, _own_run: bool) -> list[str]:
        return [str(self._files / kind) for kind in ("pid", "net", "mnt")]

    def open_socket(self, _slot: Slot, family: int, kind: int, protocol: int) -> socket.socket:
        with linux.network_namespace(self._files / "net"):
            return socket.socket(family, kind, protocol)

    def line(self, slot: Slot, _listener: socket.socket, _to: tuple[str, int]) -> Line:
        raise NoMachineError(f"{slot.name} has no management line")


def _do(host: Machine, *words: str) -> None:
    command = host.command(words, own_run=True)
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode:
        raise OSError(f"{' '.join(words)}: {done.stderr.strip()}")
