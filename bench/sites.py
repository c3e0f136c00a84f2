"""What stands between the agent and the simulated z/VM, and what Nova's part leaves there before the agent
has anything to do. Lives in the simulation's process; see `simulation`.

Guests and NICs are written into the world and into the control point's own tables, as Nova's requests would
leave them: the requests themselves are no part of what is measured, and thousands of them would take hours.
"""

import contextlib
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from bench.feilong_tables import FeilongTables
from bench.ports import VDEV, Port
from networking_zvm.settings import ControlPoint
from zvmlab.feilong import Feilong
from zvmsim.server import Simulator
from zvmsim.world.vswitch import Block

SYSTEM = "ZVMA"
ZHCP_NODE, ZHCP_HOSTNAME = "zhcp", "zhcp.example.com"


class Place(NamedTuple):
    """Where the control point is. address: URL, or host and port of SMAPI.

    ca_file, token_file: paths, "" where there is none.
    """

    control_point: ControlPoint
    address: str
    ca_file: str = ""
    token_file: str = ""


class Site:
    """One control point before system ZVMA. records: of the NIC that the agent finds in the directory."""

    control_point: ClassVar[ControlPoint]

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._system = simulator.world.systems[SYSTEM]

    def close(self) -> None:
        """End what it has started."""

    def place(self) -> Place:
        raise NotImplementedError

    def register(self, ports: Sequence[Port]) -> None:
        """Guests that are off, without NICs."""
        for port in ports:
            self._write(port, f"USER {port.userid} LBYONLY 1G 2G G")

    def announce(self, ports: Sequence[Port]) -> None:
        """Say which ports the guests' NICs are."""
        raise NotImplementedError

    def add_right(self, ports: Sequence[Port]) -> None:
        """Guests that are on, with everything as the agent would have made it."""
        self.register(ports)
        self.announce(ports)
        self.connect(ports)
        for port in ports:
            if failures := self._system.logon(port.userid):
                raise RuntimeError(f"{port.userid}: {failures}")

    def connect(self, ports: Sequence[Port]) -> None:
        """In the directory: VLAN and authorization stand in the NIC's own record."""
        for port in ports:
            vlan = f" PORTTYPE ACCESS VLAN {port.vlan}" if port.vlan else ""
            self._define(port, f" LAN SYSTEM {port.vswitch}{vlan}")

    def _define(self, port: Port, operands: str = "") -> None:
        """Write the NIC's record behind the guest's first."""
        first = self._system.directory.source[port.userid][0]
        self._write(port, first, f"NICDEF {VDEV} TYPE QDIO MACID {port.macid}{operands}")

    def _write(self, port: Port, *records: str) -> None:
        directory = self._system.directory
        directory.source[port.userid] = directory.active[port.userid] = records


class XcatSite(Site):
    """The management node: Nova only announces the NIC in a table, the agent defines it."""

    control_point = ControlPoint.XCAT

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        assert simulator.management_node is not None, "the inventory has one"
        self._tables = simulator.management_node.tables

    def place(self) -> Place:
        return Place(self.control_point, self._simulator.xcat_url, str(self._simulator.ca_file))

    def register(self, ports: Sequence[Port]) -> None:
        super().register(ports)
        for port in ports:
            self._tables.insert("nodelist", {"node": port.node, "groups": "all"})
            self._tables.insert("zvm", {"node": port.node, "hcp": ZHCP_HOSTNAME, "userid": port.userid})

    def announce(self, ports: Sequence[Port]) -> None:
        for port in ports:
            self._insert(port, {})

    def add_right(self, ports: Sequence[Port]) -> None:
        self.register(ports)
        for port in ports:
            self._insert(port, {"switch": port.vswitch, "vlan": str(port.vlan or -1)})
            vlans = frozenset({port.vlan}) if port.vlan else frozenset()
            self._system.vswitches[port.vswitch].add(Block(port.userid, vlans=vlans))
            self._define(port, f" LAN SYSTEM {port.vswitch}")
            if failures := self._system.logon(port.userid):
                raise RuntimeError(f"{port.userid}: {failures}")

    def _insert(self, port: Port, noted: dict[str, str]) -> None:
        row = {"node": port.node, "port": port.port_id, "interface": VDEV, "comments": ZHCP_NODE}
        self._tables.insert("switch", row | noted)


class SmapiSite(Site):
    """Nothing: the compute side defines the NIC in the directory."""

    control_point = ControlPoint.SMAPI

    def place(self) -> Place:
        host, port = self._simulator.smapi_addresses[SYSTEM]
        return Place(self.control_point, f"{host}:{port}")

    def announce(self, ports: Sequence[Port]) -> None:
        for port in ports:
            self._define(port)


class FeilongSite(SmapiSite):
    """Feilong, the real one, in two processes of its own: it defines the NIC for Nova, and keeps a row."""

    control_point = ControlPoint.FEILONG

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator)
        self._running = contextlib.ExitStack()
        self._feilong = self._running.enter_context(Feilong(simulator, SYSTEM))
        self._tables = FeilongTables(self._feilong.state_dir / "database")

    def close(self) -> None:
        self._running.close()

    def place(self) -> Place:
        feilong = self._feilong
        return Place(
            self.control_point, feilong.url, str(feilong.ca_file), str(feilong.admin_token_file or "")
        )

    def register(self, ports: Sequence[Port]) -> None:
        super().register(ports)
        self._tables.add_guests(port.userid for port in ports)

    def announce(self, ports: Sequence[Port]) -> None:
        super().announce(ports)
        self._tables.add_nics((port.userid, VDEV, port.port_id) for port in ports)

    def connect(self, ports: Sequence[Port]) -> None:
        super().connect(ports)
        self._tables.couple((port.userid, VDEV, port.vswitch) for port in ports)


SITES = {site.control_point: site for site in (XcatSite, FeilongSite, SmapiSite)}
