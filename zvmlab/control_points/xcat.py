"""xCAT: one management node for both systems, with a zHCP in each."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from zvmlab.compute.xcat import XcatCompute
from zvmlab.control_points.base import Command, ControlPoint, Manner
from zvmlab.systems import Fact, Systems
from zvmsim.dialects.xcat.config import Zhcp
from zvmsim.dialects.xcat.management_node import ManagementNode
from zvmsim.dialects.xcat.tables import COLUMNS

USER: Final = "admin"
PASSWORD: Final = "admin"  # noqa: S105 - of the simulated management node, on loopback


class XcatControlPoint(ControlPoint):
    """The simulator's own management node."""

    name = "xcat"
    dialect = "rest"
    manner = Manner(
        title="xCAT",
        plugging="Nova announces their NICs in xCAT's tables",
        way="grant",
        most_changes=2,
        agent_removes_nics=True,
        vswitches_last=False,
        healing="the agent makes vswitch and grants anew",
        trunks=True,
    )

    def __init__(self, systems: Systems, folder: Path) -> None:
        super().__init__(systems, folder)
        self._url = systems.simulator.xcat_url

    def restart(self) -> None:
        self._systems.simulator.control.restart_management_node()

    def agent_options(self, host: str) -> Mapping[str, str]:
        return {
            "xcat_server": self._url,
            "xcat_username": USER,
            "xcat_password": PASSWORD,
            "xcat_zhcp_nodename": self._zhcp(host).node,
            "xcat_ca_file": str(self._systems.ca_file),
        }

    def compute(self, host: str) -> XcatCompute:
        return XcatCompute(self._url, self._systems.ca_file, USER, PASSWORD, self._zhcp(host))

    def facts(self) -> Iterator[Fact]:
        tables = self._node.tables
        for table in COLUMNS:
            for row in tables.rows(table):
                columns = " ".join(f"{column}={value}" for column, value in row.items() if value)
                yield Fact((row.get("node") or "").upper(), f"xCAT's table {table}: {columns}")

    def by_hand(self) -> Iterable[Command]:
        ask = f"curl -s --cacert {self._systems.ca_file} -H userName:{USER} -H password:{PASSWORD}"
        return [
            (f"XCAT={self._url}/xcatws", "the management node of both systems"),
            (f"{ask} $XCAT/tables/switch?format=json", "which NIC is which port"),
            (f"{ask} $XCAT/vms/web1?format=json", "a guest's directory entry"),
        ]

    def _zhcp(self, host: str) -> Zhcp:
        return next(zhcp for zhcp in self._node.config.zhcps if zhcp.system == self._systems.hosts[host])

    @property
    def _node(self) -> ManagementNode:
        node = self._systems.simulator.management_node
        assert node, "the inventory has one"  # noqa: S101
        return node
