"""The real neutron-dhcp-agent on a DHCP node, with a real Neutron server where our mechanism driver binds.

Server, broker and database live in the node's network, too, so that nothing is open on the machine. The agent
reads the sample files that the documentation shows.
"""

import os
import subprocess
import sys
from concurrent import futures
from pathlib import Path

import pytest

from tests.dhcp_node import node as dhcp_node
from tests.dhcp_node.node import ROOT
from zvmlab.cloud.full import FullCloud
from zvmlab.cloud.neutron_conf import NeutronSettings, write_conf
from zvmlab.cloud.programs import missing_packages
from zvmlab.neutron_api import NeutronApi, wait_for

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(missing_packages()), reason=f"not installed: {', '.join(missing_packages())}"),
]
HOST = "zvm1"
SETTINGS = NeutronSettings(
    flat_networks=("physnet1",),
    vlan_ranges=("physnet1:100:199",),
    agent_down_time=60,
    report_interval=1,
)
STANDIN = "tests.functional.cloud.standin_agent"


class DhcpAgent:
    def __init__(self, node, cloud, directory):
        self._node = node
        self._log = directory / "dhcp-agent.log"
        samples = ROOT / "etc/dhcp-node"
        of_dnsmasq = directory / "dnsmasq.conf"
        of_dnsmasq.write_text("user=root\n")  # nobody else may enter a directory of pytest's
        here = write_conf(
            directory / "here.conf",
            {
                "DEFAULT": {
                    "host": HOST,
                    "state_path": str(directory),
                    "dnsmasq_config_file": str(of_dnsmasq),
                },
                "agent": {"root_helper": "env"},
                "oslo_concurrency": {"lock_path": str(directory / "lock")},
            },
        )
        files = (
            samples / "neutron.conf", samples / "dhcp_agent.ini", cloud.state_dir / "agents.conf", here
        )  # fmt: skip
        programs = Path(sys.executable).parent
        self._command = [
            *("env", f"PATH={programs}:{os.environ['PATH']}", str(programs / "neutron-dhcp-agent")),
            *(word for file in files for word in ("--config-file", str(file))),
        ]
        self.start()

    def start(self):
        with self._log.open("a") as log:
            command = self._node.command(*self._command)
            self._process = subprocess.Popen(command, stdout=log, stderr=log)

    def kill(self):
        """The agent alone: dnsmasq and helper go on."""
        for entry in self._node.run("ps", "-eo", "pid,args").splitlines():
            pid, words = entry.split(maxsplit=1)
            if "neutron-dhcp-agent" in words or "privsep" in words:
                self._node.run("kill", "-9", pid, check=False)
        self._process.wait(timeout=30)


class Site:
    def __init__(self, node, cloud, api):
        self.node, self.cloud, self.api = node, cloud, api

    def network(self, name, kind, vlan, cidr):
        network = self.api.create_network(name, kind, "physnet1", vlan)
        self.api.create_subnet(network.id, cidr, enable_dhcp=True)
        return network

    def port(self, network):
        return self.api.create_port(network.id, host=HOST)

    def wait_for_lease(self, port, vlan):
        """The right address, in the end: the agent and dnsmasq learn of a port a little later."""
        wait_for(
            lambda: self.node.lease(vlan, patience=2, mac=port.mac_address),
            lambda lease: lease is not None and lease["address"] == port.addresses[0],
            f"{port.mac_address} to lease {port.addresses[0]} on VLAN {vlan}",
            timeout=120,
        )

    def dhcp_port(self, network):
        [port] = self.api.ports(network_id=network.id, device_owner="network:dhcp")
        return port

    def remove(self, *networks):
        for network in networks:
            for port in self.api.ports(network_id=network.id):
                if port.device_owner != "network:dhcp":
                    self.api.delete_port(port.id)
            self.api.delete_network(network.id)


@pytest.mark.timeout(600)
def test_guests_lease_what_neutron_allocated_whatever_happens_to_the_node(node, tmp_path):
    with futures.ThreadPoolExecutor(1, initializer=node.enter_network) as inside:
        inside.submit(tell, node, tmp_path).result()


def tell(node, directory):
    with FullCloud(SETTINGS, directory / "cloud", STANDIN) as cloud:
        api = NeutronApi(cloud.endpoint)
        conf = write_conf(directory / "agent.conf", {"DEFAULT": {"host": HOST}})
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("PYTHONPATH", str(ROOT))
            cloud.start_agent("standin", conf)
        api.wait_for_agent(HOST)
        dhcp_files = directory / "node"
        dhcp_files.mkdir()
        agent = DhcpAgent(node, cloud, dhcp_files)
        wait_for(lambda: api.agents(agent_type="DHCP agent"), any, "the DHCP agent's report", timeout=120)
        serve_and_survive(Site(node, cloud, api), agent, dhcp_node.Files(dhcp_files / "zvm", dhcp_node.NIC))


def serve_and_survive(site, agent, files):
    red, blue = (
        site.network("red", "vlan", 100, "10.1.0.0/24"),
        site.network("blue", "vlan", 101, "10.2.0.0/24"),
    )
    flat = site.network("flat", "flat", None, "10.3.0.0/24")
    web, mail, old = site.port(red), site.port(blue), site.port(flat)
    site.wait_for_lease(web, 100)
    site.wait_for_lease(mail, 101)
    site.wait_for_lease(old, None)
    assert site.node.lease(101, patience=2, mac=web.mac_address) is None
    for network in (red, blue, flat):
        port = wait_for(lambda net=network: site.dhcp_port(net), lambda p: p.status == "ACTIVE", "ACTIVE")
        assert (port.host, port.vif_type) == (HOST, "zvm")

    namespace, device = f"qdhcp-{red.id}", f"tap{site.dhcp_port(red).id}"[:14]
    before = site.node.standing(device, namespace)
    agent.kill()
    site.wait_for_lease(web, 100)
    agent.start()
    late = site.port(red)
    site.wait_for_lease(late, 100)
    assert site.node.standing(device, namespace) == before

    site.node.kill_helper(files)
    new = site.port(blue)
    site.wait_for_lease(new, 101)
    site.wait_for_lease(web, 100)
    assert site.node.standing(device, namespace) == before

    site.api.delete_port(web.id)
    wait_for(
        lambda: site.node.lease(100, patience=2, mac=web.mac_address),
        lambda lease: lease is None,
        "the end of the lease",
    )
    site.remove(red, blue, flat)
    wait_for(lambda: site.node.helper(files), lambda pid: pid is None, "the helper's end", timeout=120)
