"""A lab: a cloud, two z/VM systems, and the hands to work on both."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from zvmlab.cast import NEUTRON
from zvmlab.cloud.base import Cloud
from zvmlab.compute.base import Compute
from zvmlab.control_points.base import ControlPoint
from zvmlab.control_points.feilong import FeilongControlPoint
from zvmlab.control_points.smapi import SmapiControlPoint
from zvmlab.control_points.xcat import XcatControlPoint
from zvmlab.ledger import Ledger
from zvmlab.neutron_api import NeutronApi
from zvmlab.systems import Fact, Systems

CONTROL_POINTS: Final[dict[str, type[ControlPoint]]] = {
    kind.name: kind for kind in (XcatControlPoint, FeilongControlPoint, SmapiControlPoint)
}


@dataclass(frozen=True)
class Lab:
    """Everything a story needs. computes: Nova's hands, by host."""

    cloud: Cloud
    neutron: NeutronApi
    systems: Systems
    control_point: ControlPoint
    computes: Mapping[str, Compute]
    ledger: Ledger

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
    with contextlib.ExitStack() as stack:
        systems = stack.enter_context(Systems(packets=True))
        cloud = stack.enter_context(backend(NEUTRON, state_dir))
        stack.enter_context(systems.logging_to(cloud.state_dir / "log/zvmsim.log"))
        way = stack.enter_context(control_point(systems, cloud.state_dir))
        neutron = NeutronApi(cloud.endpoint)
        stack.callback(neutron.close)
        computes = {host: way.compute(host) for host in systems.hosts}
        for compute in computes.values():
            stack.callback(compute.close)
        yield Lab(cloud, neutron, systems, way, computes, Ledger(systems, way, computes.values()))
