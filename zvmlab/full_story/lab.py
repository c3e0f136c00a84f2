"""A lab with a whole OpenStack: two z/VM systems, a Feilong, a nova-compute and an agent for each of them."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zvmlab.cast import AGENT_NETWORKS, AGENT_PACE, NEUTRON
from zvmlab.full_story.feilongs import Feilongs
from zvmlab.openstack.cloud import OpenStack, Told
from zvmlab.systems import Fact, Systems


@dataclass(frozen=True)
class FullLab:
    """Everything the story needs. api: openstacksdk's connection, as administrator."""

    cloud: OpenStack
    systems: Systems
    feilongs: Feilongs
    api: Any

    def start_host(self, host: str) -> None:
        """Launch its nova-compute and its agent."""
        self.cloud.start_compute(self.feilongs.compute_host(host))
        self.start_agent(host)

    def start_agent(self, host: str) -> None:
        options = {"host": host, **self.feilongs.agent_options(host), **AGENT_PACE}
        self.cloud.start_agent(host, {"zvm": options, **AGENT_NETWORKS})

    def facts(self) -> frozenset[Fact]:
        """What is so on z/VM and in Feilong's tables."""
        return self.systems.facts() | frozenset(self.feilongs.facts())

    def files(self) -> list[str]:
        """What nova-compute keeps of servers."""
        folders = [self.cloud.instances(host) for host in self.systems.hosts]
        return sorted(str(path.relative_to(self.cloud.state_dir)) for f in folders for path in f.rglob("*"))

    def logs(self) -> dict[str, Path]:
        """Every log by its name."""
        own = {"zvmsim": self.cloud.state_dir / "log/zvmsim.log"}
        return {**self.cloud.logs, **self.feilongs.logs, **own}


@contextlib.contextmanager
def open_lab(told: Told, state_dir: Path | None = None) -> Iterator[FullLab]:
    """A lab without hosts yet; state_dir as for `OpenStack`. Raises CloudError, OSError."""
    with contextlib.ExitStack() as stack:
        systems = stack.enter_context(Systems())
        cloud = stack.enter_context(OpenStack(NEUTRON, told, state_dir))
        stack.enter_context(systems.logging_to(cloud.state_dir / "log/zvmsim.log"))
        feilongs = stack.enter_context(Feilongs(systems, cloud.state_dir))
        api = cloud.connect()
        stack.callback(api.close)
        yield FullLab(cloud, systems, feilongs, api)
