"""The two simulated z/VM systems: started here, asked here, and re-IPLed here."""

import contextlib
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from zvmlab.cloud.neutron_conf import Sections
from zvmsim import oracle
from zvmsim.dialects.xcat.config import Zhcp
from zvmsim.dialects.xcat.tables import COLUMNS
from zvmsim.server import Simulator
from zvmsim.world.guest import Nic
from zvmsim.world.system import System
from zvmsim.world.vswitch import Block, Vswitch

INVENTORY: Final = "two-systems"
XCAT_USER: Final = "admin"
XCAT_PASSWORD: Final = "admin"  # noqa: S105 - of the simulated management node, on loopback
POLLING_INTERVAL_S: Final = 0.5
AUDIT_INTERVAL_S: Final = 2


class Fact(NamedTuple):
    """One thing that is so, about one guest; userid is "" for what is nobody's."""

    userid: str
    text: str


@dataclass(frozen=True, slots=True)
class Calls:
    """How many calls were made: to the control point, and by it as commands to z/VM."""

    rest_reads: int
    rest_changes: int
    zvm_reads: int
    zvm_changes: int


class Systems:
    """Two z/VM systems under one xCAT management node, alive within a `with` block, in this process.

    zhcps: by the host that a system is in OpenStack, in the inventory's order.
    """

    def __init__(self) -> None:
        self._simulator = Simulator.from_inventory(INVENTORY)
        self.world = self._simulator.world
        node = self._simulator.management_node
        self.zhcps: dict[str, Zhcp] = {zhcp.host: zhcp for zhcp in node.config.zhcps} if node else {}
        self._tables = node.tables if node else None

    def __enter__(self) -> Self:
        self._simulator.start()
        self.xcat_url = self._simulator.xcat_url
        self.control_url = self._simulator.control_url
        self.ca_file = self._simulator.ca_file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._simulator.stop()

    @contextlib.contextmanager
    def logging_to(self, path: Path) -> Iterator[None]:
        """What the simulator has to complain about goes there, not between the lines of the story."""
        logger, handler = logging.getLogger("zvmsim"), logging.FileHandler(path)
        logger.addHandler(handler)
        logger.propagate = False
        try:
            yield
        finally:
            logger.propagate = True
            logger.removeHandler(handler)
            handler.close()

    def agent_sections(self, host: str) -> Sections:
        """How the agent of that host finds its system, and how often it looks."""
        return {
            "zvm": {
                "host": host,
                "xcat_server": self.xcat_url,
                "xcat_username": XCAT_USER,
                "xcat_password": XCAT_PASSWORD,
                "xcat_zhcp_nodename": self.zhcps[host].node,
                "xcat_ca_file": str(self.ca_file),
                "polling_interval": str(POLLING_INTERVAL_S),
                "audit_interval": str(AUDIT_INTERVAL_S),
            }
        }

    def system(self, host: str) -> System:
        return self.world.systems[self.zhcps[host].system]

    def address(self, host: str, userid: str, vdev: str) -> oracle.NicAddress:
        return oracle.NicAddress(self.zhcps[host].system, userid, vdev)

    def snapshot(self) -> oracle.Snapshot:
        return oracle.snapshot(self.world)

    def nic(self, address: oracle.NicAddress) -> Nic | None:
        """The live NIC as it is; one that is coupled anew is not equal to itself before."""
        return self.snapshot().nics.get(address)

    def ipl(self, host: str) -> None:
        with self.world.lock:
            self.system(host).ipl()

    def mark(self) -> int:
        return self.world.journal.mark()

    def changes(self, since: int, host: str | None = None) -> list[str]:
        """Mutating calls after a mark, of every kind and by everybody."""
        system = self.zhcps[host].system if host else None
        entries = self.world.journal.entries(since, mutating=True, system=system)
        return [f"{e.call.system} {e.call.function} {' '.join(e.call.objects)}" for e in entries]

    def has_passed_since(self, mark: int, host: str) -> bool:
        """Whether an agent started after the mark has finished a whole pass.

        In its first pass it reads the table of ports, and it looks at z/VM again only when that pass is over.
        """
        looks = f"PUT /nodes/{self.zhcps[host].node}/dsh"
        functions = [entry.call.function for entry in self.world.journal.entries(mark, dialect="rest")]
        read = "GET /tables/switch"
        return read in functions and looks in functions[functions.index(read) :]

    def calls(self, since: int) -> Calls:
        entries = self.world.journal.entries(since)
        made = Counter((entry.call.dialect == "rest", entry.call.mutating) for entry in entries)
        return Calls(made[True, False], made[True, True], made[False, False], made[False, True])

    def facts(self) -> frozenset[Fact]:
        """Everything that can be taken from somebody or left behind: who is authorized, defined, coupled."""
        with self.world.lock:
            return frozenset([*self._facts_of_tables(), *_facts_of(self.world.systems.values())])

    def _facts_of_tables(self) -> Iterator[Fact]:
        for table in COLUMNS if self._tables else ():
            for row in self._tables.rows(table) if self._tables else ():
                columns = " ".join(f"{column}={value}" for column, value in row.items() if value)
                yield Fact((row.get("node") or "").upper(), f"xCAT's table {table}: {columns}")


def _facts_of(systems: Iterable[System]) -> Iterator[Fact]:
    for system in systems:
        for userid, records in system.directory.source.items():
            yield Fact(userid, f"{system.name}: in the directory")
            nicdefs = (record for record in records if record.upper().startswith("NICDEF"))
            yield from (Fact(userid, f"{system.name}: {nicdef}") for nicdef in nicdefs)
        for nic in system.nics():
            yield Fact(nic.userid, f"{system.name}: live NIC {nic.vdev} on {nic.lan_name or 'nothing'}")
        for vswitch in system.vswitches.values():
            yield from _facts_of_vswitch(f"{system.name}: {vswitch.name}", vswitch)
        for vswitch in system.config.values():
            yield from _facts_of_vswitch(f"{system.name}: SYSTEM CONFIG {vswitch.name}", vswitch)


def _facts_of_vswitch(name: str, vswitch: Vswitch) -> Iterator[Fact]:
    aware = "VLAN aware" if vswitch.vlan_aware else "VLAN unaware"
    yield Fact("", f"{name} {vswitch.transport} {aware} uplink {' '.join(vswitch.rdevs) or 'none'}")
    yield from (Fact(block.userid, f"{name} {_authorization(block)}") for block in vswitch.all_blocks())


def _authorization(block: Block) -> str:
    vlans = ",".join(map(str, sorted(block.vlans))) or "default"
    return f"grant port {block.port} {block.port_type or ''} VLAN {vlans} {block.temporary_for}".strip()
