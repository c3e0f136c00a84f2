"""Whatever goes away for a while, the agent goes on from there; what was right is not touched.

The agent is a process of its own, beside a Neutron of several processes.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.agent import nova
from zvmlab.cloud.full import FullCloud
from zvmlab.cloud.neutron_conf import NeutronSettings
from zvmlab.cloud.programs import missing_packages
from zvmlab.neutron_api import Network, NeutronApi, Port, wait_for
from zvmsim.server import Simulator

NEUTRON = NeutronSettings(vlan_ranges=("datanet1:2:3999",), report_interval=5, agent_down_time=120)
AGENT = """
[DEFAULT]
host = zvma
# What a broker has lost is asked for again after so many seconds, not after a minute.
rpc_response_timeout = 10

[ml2_type_vlan]
network_vlan_ranges = datanet1:2:3999

[zvm]
xcat_server = {server}
xcat_username = admin
xcat_password = admin
xcat_ca_file = {ca_file}
polling_interval = 0.5
"""
RECOVERY_SECONDS = 180.0
STOP_SECONDS = 10.0

pytestmark = pytest.mark.skipif(
    bool(missing_packages()), reason=f"not installed: {', '.join(missing_packages())}"
)


class OutageSite:
    """A full cloud with one agent, and a guest whose port is ACTIVE."""

    def __init__(self, cloud: FullCloud, simulator: Simulator, conf: Path) -> None:
        self.cloud, self.simulator = cloud, simulator
        self.api = NeutronApi(cloud.endpoint)
        conf.write_text(AGENT.format(server=simulator.xcat_url, ca_file=simulator.ca_file))
        cloud.start_agent("zvma", conf)
        self.api.wait_for_agent("zvma")
        self.network: Network = self.api.create_network("web", "vlan", "datanet1", 77)
        self.first = self.plug("first1")
        self.wait_active(self.first)
        self.mark = simulator.world.journal.mark()

    def plug(self, guest: str) -> Port:
        port = self.api.create_port(self.network.id, guest, host="zvma", device_id=guest)
        nova.plug(self.simulator, guest, port)
        return port

    def wait_active(self, port: Port) -> None:
        self.api.wait_for_status([port.id], "ACTIVE", timeout=RECOVERY_SECONDS)

    def agent_log(self) -> str:
        return self.cloud.logs()["agent-zvma"].read_text(encoding="utf-8")

    def assert_first_untouched(self) -> None:
        changes = self.simulator.world.journal.entries(self.mark, mutating=True, object="FIRST1")
        assert changes == []
        assert self.api.port(self.first.id).status == "ACTIVE"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OutageSite]:
    folder = tmp_path_factory.mktemp("outages")
    with Simulator.from_inventory("two-systems") as simulator, FullCloud(NEUTRON, folder / "state") as cloud:
        site = OutageSite(cloud, simulator, folder / "agent.ini")
        yield site
        site.api.close()


def test_the_message_broker_is_killed_and_comes_back(here: OutageSite) -> None:
    """Whether or not the push of the new port was lost with the agent's queues."""
    here.cloud.restart_broker()
    here.wait_active(here.plug("broker1"))
    wait_for(
        here.agent_log,
        lambda text: "pushes may have been lost" in text,
        what="the agent to notice that it may have missed something",
        timeout=RECOVERY_SECONDS,
    )
    here.assert_first_untouched()


def test_neutrons_rpc_server_is_killed_and_comes_back(here: OutageSite) -> None:
    here.cloud.restart_rpc_server()
    here.wait_active(here.plug("server1"))
    here.assert_first_untouched()


def test_the_control_point_does_not_answer_for_a_while(here: OutageSite) -> None:
    outage = here.simulator.world.faults.add({"function": "rest:* /nodes/zhcp/dsh", "reply": "drop"})
    port = here.plug("outage1")
    wait_for(
        lambda: here.simulator.world.faults.acted(outage),
        lambda times: times >= 2,
        what="the agent to meet the outage",
        timeout=RECOVERY_SECONDS,
    )
    assert here.api.port(port.id).status != "ACTIVE"
    here.simulator.world.faults.remove(outage)
    here.wait_active(port)
    here.assert_first_untouched()


def test_it_stops_within_seconds_though_z_vm_keeps_it_waiting(here: OutageSite) -> None:
    here.simulator.world.faults.add({"function": "Image_Definition_Update_DM", "delay": 120})
    here.plug("slow1")
    granted = here.simulator.world.systems["ZVMA"].vswitches["DATANET1"].blocks
    wait_for(lambda: "SLOW1" in granted, bool, what="the agent to be in the middle of its work", timeout=30)
    begun = time.monotonic()
    here.cloud.stop_agent("zvma")
    assert time.monotonic() - begun < STOP_SECONDS
