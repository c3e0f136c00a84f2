"""The agent as a process of its own, beside a Neutron of several processes."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.agent import nova
from zvmlab.cloud.full import FullCloud
from zvmlab.cloud.neutron_conf import NeutronSettings
from zvmlab.cloud.programs import missing_packages
from zvmlab.neutron_api import NeutronApi, wait_for
from zvmsim.server import Simulator

NEUTRON = NeutronSettings(vlan_ranges=("datanet1:2:3999",), report_interval=5)
AGENT = """
[DEFAULT]
host = zvma

[ml2_type_vlan]
network_vlan_ranges = datanet1:2:3999

[zvm]
xcat_server = {server}
xcat_username = admin
xcat_password = admin
xcat_ca_file = {ca_file}
polling_interval = 0.5
"""
STOP_SECONDS = 10.0

pytestmark = pytest.mark.skipif(
    bool(missing_packages()), reason=f"not installed: {', '.join(missing_packages())}"
)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator.from_inventory("two-systems") as running:
        yield running


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[FullCloud]:
    with FullCloud(NEUTRON, tmp_path / "state") as running:
        yield running


def test_it_stops_within_seconds_though_z_vm_keeps_it_waiting(
    simulator: Simulator, cloud: FullCloud, tmp_path: Path
) -> None:
    conf = tmp_path / "agent.ini"
    conf.write_text(AGENT.format(server=simulator.xcat_url, ca_file=simulator.ca_file))
    api = NeutronApi(cloud.endpoint)
    cloud.start_agent("zvma", conf)
    api.wait_for_agent("zvma")
    simulator.world.faults.add({"function": "Image_Definition_Update_DM", "delay": 120})
    network = api.create_network("slow", "vlan", "datanet1", 77)
    port = api.create_port(network.id, "slow", host="zvma", device_id="slow01")
    nova.plug(simulator, "slow01", port)
    granted = simulator.world.systems["ZVMA"].vswitches["DATANET1"].blocks
    wait_for(lambda: "SLOW01" in granted, bool, what="the agent to be in the middle of its work", timeout=30)
    begun = time.monotonic()
    cloud.stop_agent("zvma")
    assert time.monotonic() - begun < STOP_SECONDS
    api.close()
