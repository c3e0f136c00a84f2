"""Servers with both drivers, `zvm` and `openvswitch`: who binds what, and how an operator changes over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.functional.agent.guests import HOST, Guests
from zvmlab.cloud.embedded import EmbeddedCloud
from zvmlab.cloud.neutron_conf import NeutronSettings
from zvmlab.neutron_api import Network, NeutronApi, wait_for
from zvmsim.server import Simulator

NEUTRON = NeutronSettings(
    vlan_ranges=("datanet1:2:3999",),
    mechanism_drivers=("zvm", "openvswitch"),
    report_interval=2,
    agent_down_time=120,
)
AGENT = """
[DEFAULT]
host = zvma

[ml2_type_vlan]
network_vlan_ranges = datanet1:2:3999

[zvm]
server_plugin = {plugin}
xcat_server = {server}
xcat_username = admin
xcat_password = admin
xcat_ca_file = {ca_file}
polling_interval = 0.5
"""
STANDIN = "[DEFAULT]\nhost = {host}\n[standin]\nbridge_mappings = datanet1:br-ex\n"
ROOT = Path(__file__).parents[3]
RIVAL = "openvswitch"
AGENTS = (HOST, RIVAL)


@dataclass
class Site:
    """No agent runs at first, and Neutron knows nothing."""

    cloud: EmbeddedCloud
    simulator: Simulator
    api: NeutronApi
    guests: Guests
    folder: Path

    def start(self, plugin: str) -> None:
        """Our agent, presenting itself to that driver."""
        text = AGENT.format(plugin=plugin, server=self.simulator.xcat_url, ca_file=self.simulator.ca_file)
        self._start(HOST, text)

    def start_openvswitch(self, host: str) -> None:
        self._start(RIVAL, STANDIN.format(host=host))

    def _start(self, name: str, text: str) -> None:
        conf = self.folder / f"{name}.ini"
        conf.write_text(text)
        self.cloud.start_agent(name, conf)

    def wait_for_row(self, host: str, agent_type: str, binary: str) -> None:
        wait_for(
            lambda: [(a.agent_type, a.binary) for a in self.api.agents(host=host)],
            lambda rows: (agent_type, binary) in rows,
            what=f"{host} to be listed as {agent_type}",
        )

    def log_line(self, text: str) -> str:
        """The line of our agent's log with that text, as soon as it is there."""
        log = self.cloud.logs()[f"agent-{HOST}"]
        found = wait_for(
            lambda: re.findall(f".*{text}.*", log.read_text()), bool, what=f"{text!r} in the log"
        )
        return found[-1]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedCloud]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(ROOT))
        folder = tmp_path_factory.mktemp("beside")
        with EmbeddedCloud(NEUTRON, folder / "state", "tests.functional.agent.either_agent") as running:
            yield running


@pytest.fixture
def here(cloud: EmbeddedCloud, tmp_path: Path) -> Iterator[Site]:
    with Simulator.from_inventory("two-systems") as simulator:
        api = NeutronApi(cloud.endpoint)
        guests = Guests(simulator, api)
        yield Site(cloud, simulator, api, guests, tmp_path)
        for name in AGENTS:
            cloud.stop_agent(name)
        for port in api.ports():
            api.delete_port(port.id)
        for network in api.networks():
            api.delete_network(network.id)
        for agent in api.agents():
            api.delete_agent(agent.id)
        guests.close()
        api.close()


def test_each_host_has_its_driver_and_an_operator_changes_over(here: Site) -> None:
    here.start_openvswitch("kvm1")
    here.start("zvm")
    here.wait_for_row("kvm1", "Open vSwitch agent", "neutron-openvswitch-agent")
    here.wait_for_row(HOST, "z/VM agent", "neutron-zvm-agent")
    network = here.guests.network("web", "vlan", "datanet1", 100)
    linux = here.api.create_port(network.id, "linux", "kvm1", mac_address="fa:16:3e:00:00:01")
    assert (linux.vif_type, linux.vif_details["bridge_name"]) == ("ovs", "br-int")
    assert _boots(here, network, "first1") == "zvm"

    here.cloud.stop_agent(HOST)
    mark = here.guests.world.journal.mark()
    here.start("openvswitch")
    here.wait_for_row(HOST, "Open vSwitch agent", "neutron-zvm-agent")
    _remove_the_row(here, "z/VM agent")
    assert _boots(here, network, "second1") == "ovs"
    assert here.guests.changes(mark, "first1") == []

    here.cloud.stop_agent(HOST)
    mark = here.guests.world.journal.mark()
    here.start("zvm")
    here.wait_for_row(HOST, "z/VM agent", "neutron-zvm-agent")
    _remove_the_row(here, "Open vSwitch agent")
    assert _boots(here, network, "third1") == "zvm"
    assert here.guests.changes(mark, "first1", "second1") == []
    for one, other in (("first1 1000", "second1 1000"), ("second1 1000", "third1 1000")):
        assert here.guests.reaches(one, other)
    assert here.api.port(linux.id).status == "DOWN"  # its agent only reports: nobody meddled


def test_a_real_open_vswitch_agent_of_the_same_host_name_is_not_overwritten(here: Site) -> None:
    here.start_openvswitch(HOST)
    here.wait_for_row(HOST, "Open vSwitch agent", "neutron-openvswitch-agent")
    here.start("openvswitch")
    assert "give one of the two another host name" in here.log_line("not reporting to Neutron")
    (row,) = here.api.agents(host=HOST)
    assert (row.binary, row.configurations["bridge_mappings"]) == (
        "neutron-openvswitch-agent",
        {"datanet1": "br-ex"},
    )
    network = here.guests.network("web", "vlan", "datanet1", 100)
    port = here.api.create_port(network.id, "linux", HOST)
    assert port.vif_details["bridge_name"] == "br-int"

    here.cloud.stop_agent(RIVAL)
    here.api.delete_agent(row.id)
    here.wait_for_row(HOST, "Open vSwitch agent", "neutron-zvm-agent")
    assert _boots(here, network, "web1") == "ovs"


def _boots(here: Site, network: Network, guest: str) -> str:
    """The VIF type of a new guest's port, which is ACTIVE."""
    (port,) = here.guests.boot(guest, network)
    return port.vif_type


def _remove_the_row(here: Site, agent_type: str) -> None:
    """As the agent says."""
    (left,) = here.api.agents(host=HOST, agent_type=agent_type)
    here.log_line(f"openstack network agent delete {left.id}")
    here.api.delete_agent(left.id)
