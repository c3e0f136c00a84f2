"""A lab: a cloud, two z/VM systems, and the hands to work on both."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zvmlab.cast import NEUTRON
from zvmlab.cloud.base import Cloud
from zvmlab.compute import Compute
from zvmlab.neutron_api import NeutronApi
from zvmlab.systems import XCAT_PASSWORD, XCAT_USER, Systems


@dataclass(frozen=True)
class Lab:
    """Everything a story needs."""

    cloud: Cloud
    neutron: NeutronApi
    systems: Systems
    compute: Compute

    def logs(self) -> dict[str, Path]:
        """Every log by its name."""
        return {**self.cloud.logs(), "zvmsim": self.cloud.state_dir / "log/zvmsim.log"}


@contextlib.contextmanager
def open_lab(backend: type[Cloud], state_dir: Path | None = None) -> Iterator[Lab]:
    """A lab without agents yet; state_dir as for `Cloud`. Raises CloudError, OSError."""
    with contextlib.ExitStack() as stack:
        systems = stack.enter_context(Systems())
        cloud = stack.enter_context(backend(NEUTRON, state_dir))
        stack.enter_context(systems.logging_to(cloud.state_dir / "log/zvmsim.log"))
        neutron = NeutronApi(cloud.endpoint)
        stack.callback(neutron.close)
        compute = Compute(systems.xcat_url, systems.ca_file, XCAT_USER, XCAT_PASSWORD)
        stack.callback(compute.close)
        yield Lab(cloud, neutron, systems, compute)
