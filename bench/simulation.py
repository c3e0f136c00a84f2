"""A simulated z/VM and its management node in a process of their own, so that they take nothing of the
agent's time but what two processors share anyway. It is reached over HTTPS by the agent, and by the methods
of `Simulation` through a pipe by whoever measures.
"""

import contextlib
import multiprocessing
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.managers import BaseManager
from typing import NamedTuple, Self, cast

from bench.memory import resident_megabytes
from bench.ports import VDEV, Port
from zvmsim.faults import Rule
from zvmsim.server import Simulator
from zvmsim.world.gate import Latency
from zvmsim.world.vswitch import Block

ZHCP_NODE, ZHCP_HOSTNAME = "zhcp", "zhcp.example.com"
XCAT_USER = XCAT_PASSWORD = "admin"


class Place(NamedTuple):
    """Where the management node is."""

    url: str
    ca_file: str


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls were made: to the control point, and by it as commands to z/VM.

    directory_changes: those of zvm_changes that change the user directory.
    """

    rest_reads: int
    rest_changes: int
    zvm_reads: int
    zvm_changes: int
    directory_changes: int

    def __sub__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, name) - getattr(other, name) for name in self.__slots__))


class Simulation:
    """One system and its management node. Lives in the child process; see `simulation`."""

    def __init__(self) -> None:
        self._simulator = Simulator.from_inventory("one-system")
        self._simulator.start()
        node = self._simulator.management_node
        assert node is not None, "the inventory has one"
        self._tables = node.tables
        self._world = self._simulator.world
        self._system = self._world.systems["ZVMA"]

    def stop(self) -> None:
        """Leave nothing behind."""
        self._simulator.stop()

    def place(self) -> Place:
        return Place(self._simulator.xcat_url, str(self._simulator.ca_file))

    def set_delay(self, seconds: float, directory_queue: bool) -> None:
        """How long every z/VM command takes.

        directory_queue: changes of the directory wait for each other, as zvmsim assumes of DirMaint; without,
        they run side by side like all others.
        """
        self._world.faults.clear()
        queued = seconds if directory_queue else 0.0
        self._world.gate.latency = Latency(seconds, seconds, queued)
        if seconds and not directory_queue:
            self._world.faults.add(Rule(function="Image_Definition_*_DM", delay=seconds))

    def add_guests(self, ports: Sequence[Port]) -> None:
        """Guests that are off, without NICs, known to xCAT."""
        for port in ports:
            self._add_guest(port, [])

    def announce(self, ports: Sequence[Port]) -> None:
        """Say which ports the guests' NICs are, as Nova does in the table `switch`."""
        for port in ports:
            self._tables.insert("switch", self._row(port))

    def add_right(self, ports: Sequence[Port]) -> None:
        """Guests that are on, with everything as the agent would have made it."""
        for port in ports:
            macid = port.mac[9:].replace(":", "").upper()
            self._add_guest(port, [f"NICDEF {VDEV} TYPE QDIO LAN SYSTEM {port.vswitch} MACID {macid}"])
            vlans = frozenset({port.vlan}) if port.vlan else frozenset()
            self._system.vswitches[port.vswitch].add(Block(port.userid, vlans=vlans))
            if failures := self._system.logon(port.userid):
                raise RuntimeError(f"{port.userid}: {failures}")
            noted = {"switch": port.vswitch, "vlan": str(port.vlan or -1)}
            self._tables.insert("switch", self._row(port) | noted)

    def calls(self) -> Calls:
        """Of all that were ever made."""
        calls = dict.fromkeys(Calls.__slots__, 0)
        for (_, dialect, function, changes), number in self._world.journal.counts().items():
            calls[f"{'rest' if dialect == 'rest' else 'zvm'}_{'changes' if changes else 'reads'}"] += number
            calls["directory_changes"] += number if changes and function.endswith("_DM") else 0
        return Calls(**calls)

    def last_change(self) -> float:
        """When the last command that changed z/VM arrived, in seconds since the epoch."""
        changes = self._world.journal.entries(mutating=True, dialect="smapi")
        return changes[-1].time.timestamp()

    def megabytes(self) -> float:
        """Memory of this process."""
        return resident_megabytes()

    def _add_guest(self, port: Port, nicdefs: Sequence[str]) -> None:
        records = (f"USER {port.userid} LBYONLY 1G 2G G", *nicdefs)
        directory = self._system.directory
        directory.source[port.userid] = directory.active[port.userid] = records
        self._tables.insert("nodelist", {"node": port.node, "groups": "all"})
        self._tables.insert("zvm", {"node": port.node, "hcp": ZHCP_HOSTNAME, "userid": port.userid})

    def _row(self, port: Port) -> dict[str, str]:
        return {"node": port.node, "port": port.port_id, "interface": VDEV, "comments": ZHCP_NODE}


class _Manager(BaseManager):
    pass


_Manager.register("Simulation", Simulation)


@contextlib.contextmanager
def simulation() -> Iterator[Simulation]:
    """A simulation in a new process, which ends with the block."""
    with _Manager(ctx=multiprocessing.get_context("spawn")) as manager:
        system = cast(Simulation, manager.Simulation())  # type: ignore[attr-defined]
        try:
            yield system
        finally:
            system.stop()
