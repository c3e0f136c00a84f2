"""A Neutron with nothing of ours installed and the stock Open vSwitch driver alone serves z/VM.

The servers run with an import path on which `networking_zvm` cannot be found; the agent runs beside them with
`server_plugin = openvswitch`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.functional.agent.guests import HOST, Guests
from zvmlab.cloud.full import FullCloud
from zvmlab.cloud.neutron_conf import NeutronSettings
from zvmlab.cloud.programs import missing_packages
from zvmlab.neutron_api import Network, NeutronApi, Port, wait_for
from zvmsim.server import Simulator
from zvmsim.world.vswitch import Vswitch

NEUTRON = NeutronSettings(
    flat_networks=("xcatvsw2", "late"),
    vlan_ranges=("datanet1:2:3999", "old:2:3999"),
    mechanism_drivers=("openvswitch",),
    report_interval=2,
    agent_down_time=120,
)
AGENT = """
[DEFAULT]
host = zvma

[ml2_type_flat]
flat_networks = xcatvsw2

[ml2_type_vlan]
network_vlan_ranges = datanet1:2:3999, old:2:3999

[zvm]
server_plugin = openvswitch
vswitch_mappings = old:XCATVSW1, late:LATESW
xcat_server = {server}
xcat_username = admin
xcat_password = admin
xcat_ca_file = {ca_file}
polling_interval = 0.5
audit_interval = 2
"""
WITHOUT_US = """
import pathlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "networking_zvm":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
try:
    import networking_zvm
except ModuleNotFoundError:
    proof = pathlib.Path(__file__).with_name("proofs") / str(hash(tuple(sys.orig_argv)))
    proof.write_text(" ".join(sys.orig_argv))
"""

pytestmark = pytest.mark.skipif(
    bool(missing_packages()), reason=f"not installed: {', '.join(missing_packages())}"
)


@dataclass
class Site:
    """guests: on two VLANs and a flat network, each alike."""

    cloud: FullCloud
    api: NeutronApi
    guests: Guests
    flat: Network
    red: Network
    blue: Network
    agent_conf: Path
    proofs: Path
    simulator: Simulator

    def security_group_of(self, port: Port) -> str:
        (group,) = self.call("GET", f"ports/{port.id}")["port"]["security_groups"]
        return str(group)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """What the lab's own client has no words for."""
        answer = requests.request(method, f"{self.cloud.endpoint}/v2.0/{path}", json=body, timeout=60)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def problem_of(self, port: Port) -> str:
        """What the agent reports of it, as soon as it does."""
        return wait_for(
            lambda: str(self.api.agents(host=HOST)[0].configurations["problems"].get(port.id, "")),
            lambda text: bool(text) and "no NIC has been" not in text,
            what="the agent to name the problem",
        )


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("openvswitch")
    absent = folder / "without-us"
    (absent / "proofs").mkdir(parents=True)
    (absent / "sitecustomize.py").write_text(WITHOUT_US)
    with (
        Simulator.from_inventory("two-systems", packets=True) as simulator,
        FullCloud(NEUTRON, folder / "state", server_path=absent) as cloud,
    ):
        conf = folder / "agent.ini"
        conf.write_text(AGENT.format(server=simulator.xcat_url, ca_file=simulator.ca_file))
        cloud.start_agent(HOST, conf)
        api = NeutronApi(cloud.endpoint)
        guests = Guests(simulator, api)
        api.wait_for_agent(HOST)
        yield Site(
            cloud,
            api,
            guests,
            guests.network("flat", "flat", "xcatvsw2"),
            guests.network("red", "vlan", "datanet1", 100),
            guests.network("blue", "vlan", "datanet1", 200),
            conf,
            absent / "proofs",
            simulator,
        )
        guests.close()
        api.close()


def test_the_servers_do_not_have_us(here: Site) -> None:
    """Each tried to import us at its start."""
    without_us = [proof.read_text() for proof in here.proofs.iterdir()]
    for server in ("zvmlab.cloud.api_server", "neutron-rpc-server"):
        assert any(server in command for command in without_us)
    assert not any("networking_zvm" in command for command in without_us)


def test_ports_are_bound_by_the_stock_driver_and_served(here: Site) -> None:
    ports = here.guests.boot("web1", here.flat, here.red)
    here.guests.boot("web2", here.flat, here.red)
    here.guests.boot("db1", here.flat, here.blue)
    assert {port.vif_type for port in ports} == {"ovs"}
    for port in ports:
        assert port.vif_details["bound_drivers"] == {"0": "openvswitch"}
        assert port.vif_details["bridge_name"] == "zvm"
        assert port.mac_address.startswith("02:00:00:")
    pairs = [("web1 1000", "web2 1000"), ("web1 1003", "web2 1003"), ("db1 1000", "web1 1000")]
    for one, other in pairs:
        assert here.guests.reaches(one, other)
        assert here.guests.reaches(other, one)
    assert not here.guests.reaches("web1 1003", "db1 1003")
    assert not here.guests.reaches("web1 1000", "web2 1003")


def test_ports_carry_traffic(here: Site) -> None:
    """All addresses are in one net, so that only VLANs keep them apart."""
    packets = here.simulator.packets
    if packets is None:
        pytest.skip(f"real packets need {'; '.join(here.simulator.packets_missing)}")
    addresses = {"talk1": "10.0.0.1", "talk2": "10.0.0.2", "mute1": "10.0.0.3"}
    for guest, network in (("talk1", here.red), ("talk2", here.red), ("mute1", here.blue)):
        here.guests.boot(guest, network)
    machines = {guest: packets.machine("ZVMA", guest) for guest in addresses}
    for guest, machine in machines.items():
        machine.address("1000", f"{addresses[guest]}/24")
    assert machines["talk1"].ping(addresses["talk2"], timeout=10)
    assert machines["talk2"].ping(addresses["talk1"], timeout=10)
    for guest in ("talk1", "talk2"):
        assert machines["mute1"].ping(addresses[guest]) is None
        assert machines[guest].ping(addresses["mute1"]) is None


def test_a_port_is_taken_down_and_up_again(here: Site) -> None:
    here.guests.boot("peer1", here.red)
    (port,) = here.guests.boot("shy1", here.red)
    here.api.update_port(port.id, admin_state_up=False)
    here.api.wait_for_status([port.id], "DOWN")
    wait_for(lambda: here.guests.reaches("shy1 1000", "peer1 1000"), lambda ok: not ok, what="shy1 to be off")
    here.api.update_port(port.id, admin_state_up=True)
    here.api.wait_for_status([port.id], "ACTIVE")
    assert here.guests.reaches("shy1 1000", "peer1 1000")


def test_a_deleted_port_leaves_nothing_behind(here: Site) -> None:
    flat, red = here.guests.boot("gone1", here.flat, here.red)
    here.api.delete_port(red.id)
    system = here.guests.world.systems["ZVMA"]
    wait_for(
        lambda: system.directory.nicdefs("GONE1").keys(),
        lambda vdevs: vdevs == {"1000"},
        what="its NIC to leave the directory",
    )
    assert "GONE1" not in system.vswitches["DATANET1"].blocks
    assert here.api.port(flat.id).status == "ACTIVE"


def test_a_restart_changes_nothing(here: Site) -> None:
    (port,) = here.guests.boot("calm1", here.blue)
    before = here.api.wait_for_agent(HOST)
    here.cloud.stop_agent(HOST)
    mark = here.guests.world.journal.mark()
    here.cloud.start_agent(HOST, here.agent_conf)
    agent = here.api.wait_for_agent(HOST, after=before)
    wait_for(
        lambda: here.api.agents(host=HOST)[0].configurations["devices"], bool, what="the agent to have looked"
    )
    assert here.guests.changes(mark) == []
    assert here.api.port(port.id).status == "ACTIVE"
    assert (agent.agent_type, agent.binary) == ("Open vSwitch agent", "neutron-zvm-agent")


def test_a_foreign_mac_is_refused_by_the_agent_with_the_remedy(here: Site) -> None:
    (port,) = here.guests.announce("odd1", here.red, mac="fa:16:3e:00:00:01")
    assert port.vif_type == "ovs"
    assert "set base_mac = 02:00:00:00:00:00" in here.problem_of(port)
    assert here.api.port(port.id).status == "DOWN"


def test_a_network_on_an_unfit_vswitch_is_left_out_and_why(here: Site) -> None:
    old = here.guests.network("old", "vlan", "old", 100)
    port = here.api.create_port(old.id, "old", HOST)
    assert port.vif_type == "binding_failed"
    said = here.api.wait_for_agent(HOST).configurations
    assert said["bridge_mappings"] == {"xcatvsw2": "XCATVSW2", "datanet1": "DATANET1"}
    assert "VLAN unaware" in said["networks_left_out"]["old"]
    assert "physical networks offered are datanet1" in here.problem_of(port)


def test_a_port_is_bound_as_soon_as_its_vswitch_is_there(here: Site) -> None:
    late = here.guests.network("late", "flat", "late")
    port = here.api.create_port(late.id, "late", HOST)
    assert port.vif_type == "binding_failed"
    assert "no vswitch LATESW" in here.api.wait_for_agent(HOST).configurations["networks_left_out"]["late"]
    with here.guests.world.lock:
        here.guests.world.systems["ZVMA"].start_vswitch(Vswitch("LATESW", transport="ETHERNET"))
    wait_for(lambda: here.api.port(port.id).vif_type, "ovs".__eq__, what="the port to be bound")


def test_security_groups_are_nobodys_business(here: Site) -> None:
    """Their news goes to all agents that want it; the port is served as before, and the log is quiet."""
    (port,) = here.guests.boot("calm2", here.red)
    mark = here.guests.world.journal.mark()
    group = here.security_group_of(port)
    rule = {"security_group_id": group, "direction": "ingress", "protocol": "icmp"}
    here.call("POST", "security-group-rules", {"security_group_rule": rule})
    here.guests.boot("calm3", here.flat)
    assert here.guests.changes(mark, "calm2") == []
    assert here.api.port(port.id).status == "ACTIVE"
    log = here.cloud.logs()[f"agent-{HOST}"].read_text()
    assert "ERROR" not in log
    assert "Traceback" not in log
