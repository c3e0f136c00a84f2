"""An operator of the retired agent, or of the Quantum one before it, starts ours on the files of old.

Neutron is real, and so is everything down to the simulated z/VM.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.agent import nova
from zvmlab.cloud.embedded import EmbeddedCloud
from zvmlab.cloud.neutron_conf import NeutronSettings
from zvmlab.neutron_api import NeutronApi
from zvmsim.server import Simulator

NEUTRON = NeutronSettings(flat_networks=("xcatvsw2",), vlan_ranges=("datanet1:2:3999",), report_interval=1)

RETIRED = """
[ml2_type_flat]
flat_networks = xcatvsw2

[ml2_type_vlan]
network_vlan_ranges = datanet1:2:3999

[AGENT]
zvm_xcat_username = admin
zvm_xcat_password = admin
zvm_xcat_server = {server}
zvm_xcat_ca_file = {ca_file}
xcat_zhcp_nodename = zhcp
zvm_host = opnstk1
polling_interval = 1
zvm_xcat_timeout = 600
root_helper = sudo

[datanet1]
rdev_list=a200
"""

QUANTUM = """
[DATABASE]
reconnect_interval = 2

[OVS]
tenant_network_type = vlan
network_vlan_ranges = xcatvsw2,datanet1:2:3999

[AGENT]
polling_interval = 1
root_helper = sudo
zvm_xcat_username = admin
zvm_xcat_password = admin
zvm_xcat_server = {server}
zvm_xcat_ca_file = {ca_file}
xcat_zhcp_nodename = zhcp
zvm_host = opnstk1
"""


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator.from_inventory("two-systems") as running:
        yield running


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCloud]:
    with EmbeddedCloud(NEUTRON, tmp_path_factory.mktemp("old") / "state") as running:
        yield running


@pytest.mark.parametrize(
    ("name", "text", "guest", "vlan"),
    [
        pytest.param("neutron_zvm_plugin.ini", RETIRED, "OLD1", 521, id="networking-zvm"),
        pytest.param("zvm_quantum_plugin.ini", QUANTUM, "OLD2", 522, id="quantum"),
    ],
)
def test_the_agent_starts_on_old_files_and_serves_a_vlan_port(
    name: str, text: str, guest: str, vlan: int, simulator: Simulator, cloud: EmbeddedCloud, tmp_path: Path
) -> None:
    old_file = tmp_path / name
    old_file.write_text(text.format(server=simulator.xcat_url, ca_file=simulator.ca_file))
    api = NeutronApi(cloud.endpoint)
    before = {agent.host: agent for agent in api.agents()}.get("opnstk1")
    cloud.start_agent(guest, old_file)
    api.wait_for_agent("opnstk1", after=before)
    network = api.create_network(f"net-{guest}", "vlan", "datanet1", vlan)
    port = api.create_port(network.id, guest, host="opnstk1", device_id=guest)
    nova.plug(simulator, guest.lower(), port)
    api.wait_for_status([port.id], "ACTIVE")
    assert simulator.world.systems["ZVMA"].directory.nicdefs(guest)["1000"].lan_name == "DATANET1"
    api.close()
    cloud.stop_agent(guest)
    logs = [path.read_text() for source, path in cloud.logs().items() if source.startswith("agent-")]
    assert sum(log.count('"zvm_xcat_server"') for log in logs) == 1, "one warning per process and old name"
