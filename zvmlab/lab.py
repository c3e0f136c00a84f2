"""A lab: a cloud, two z/VM systems, and the hands to work on both."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zvmlab import dhcp_client, dhcp_node
from zvmlab.cast import DHCP_NODE, NEUTRON
from zvmlab.cloud.base import Cloud
from zvmlab.compute.base import Compute
from zvmlab.control_points.base import ControlPoint
from zvmlab.control_points.feilong import FeilongControlPoint
from zvmlab.control_points.smapi import SmapiControlPoint
from zvmlab.control_points.xcat import XcatControlPoint
from zvmlab.dhcp_node import DhcpNode
from zvmlab.ledger import Ledger
from zvmlab.neutron_api import NeutronApi
from zvmlab.systems import Fact, Systems

CONTROL_POINTS: Final[dict[str, type[ControlPoint]]] = {
    kind.name: kind for kind in (XcatControlPoint, FeilongControlPoint, SmapiControlPoint)
}


@dataclass(frozen=True)
class Lab:
    """Everything a story needs. computes: Nova's hands, by host.

    dhcp_missing: what there would have to be for DHCP, in words. node: the DHCP node, if nothing is missing.
    """

    cloud: Cloud
    neutron: NeutronApi
    systems: Systems
    control_point: ControlPoint
    computes: Mapping[str, Compute]
    ledger: Ledger
    dhcp_missing: Sequence[str]
    node: DhcpNode | None

    def facts(self) -> frozenset[Fact]:
        """What is so on z/VM and in the tables of the control point."""
        return self.systems.facts() | frozenset(self.control_point.facts())

    def agent_conf(self, host: str) -> Path:
        """The configuration file of that host's agent."""
        return self.cloud.state_dir / f"agent-{host}.conf"

    def logs(self) -> dict[str, Path]:
        """Every log by its name."""
        own = {"zvmsim": self.cloud.state_dir / "log/zvmsim.log"}
        return {**self.cloud.logs(), **self.control_point.logs(), **own}


@contextlib.contextmanager
def open_lab(
    backend: type[Cloud], control_point: type[ControlPoint] = XcatControlPoint, state_dir: Path | None = None
) -> Iterator[Lab]:
    """A lab without agents yet; state_dir as for `Cloud`. Raises CloudError, OSError."""
    missing = _missing_for_dhcp(control_point)
    with contextlib.ExitStack() as stack:
        systems = stack.enter_context(Systems(packets=True, node=None if missing else DHCP_NODE))
        cloud = stack.enter_context(backend(NEUTRON, state_dir))
        stack.enter_context(systems.logging_to(cloud.state_dir / "log/zvmsim.log"))
        way = stack.enter_context(control_point(systems, cloud.state_dir))
        neutron = NeutronApi(cloud.endpoint)
        stack.callback(neutron.close)
        computes = {host: way.compute(host) for host in systems.hosts}
        for compute in computes.values():
            stack.callback(compute.close)
        node = None
        if systems.simulator.packets and not missing:
            node = DhcpNode(DHCP_NODE, cloud, systems.simulator.packets)
            stack.callback(node.kill)
        ledger = Ledger(systems, way, computes.values())
        yield Lab(cloud, neutron, systems, way, computes, ledger, missing, node)


def _missing_for_dhcp(control_point: type[ControlPoint]) -> list[str]:
    manner = control_point.manner
    able = [] if manner.trunks else [f"trunk ports, which {manner.title} cannot make"]
    return [*able, *dhcp_node.missing(), *dhcp_client.missing()]
