"""Two z/VM systems with real packets, a Neutron of processes, and a DHCP node on the first of them.

SMAPI is the control point, and Nova's hands. The agent of ZVMA authorizes by directory records, that of ZVMB
by grants; of the two positions on what REVOKE does to a coupled NIC, ZVMB takes that it uncouples. The agent
of ZVMB does not look at z/VM while nothing waits, so what a test breaks by hand stays broken.
"""

import contextlib
import ipaddress
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

from networking_zvm import model
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.smapi import SmapiHypervisor
from networking_zvm.hypervisor.xcat import XcatHypervisor
from networking_zvm.settings import SmapiSettings, Tls, XcatSettings
from zvmlab.cloud.full import FullCloud
from zvmlab.cloud.neutron_conf import NeutronSettings, write_conf
from zvmlab.compute.base import PluggedNic
from zvmlab.compute.smapi import SmapiCompute
from zvmlab.dhcp_client import DhcpClient, Lease
from zvmlab.dhcp_node import DhcpNode, NodeRole, with_node
from zvmlab.neutron_api import Network, NeutronApi, Port, wait_for
from zvmsim.dataplane.machine import Machine
from zvmsim.journal import Entry
from zvmsim.server import Simulator, inventory_text
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.guest import Nic
from zvmsim.world.smapi import Request
from zvmsim.world.system import System

HOSTS = {"zvma": "directory", "zvmb": "grant"}
VDEVS = ("1000", "1003")
NODE = NodeRole("ZVMA", "zvma", {"datanet1": "1000", "xcatvsw2": "1003"})
NEUTRON = NeutronSettings(
    flat_networks=("xcatvsw2",), vlan_ranges=("datanet1:100:999",), report_interval=2, agent_down_time=600
)
LEASED_S = 60.0
SILENCE_S = 4.0
RENEWED_S = 5.0
BUSY_S = 240.0


@dataclass
class Guest:
    """A guest that is on, and its ports, in the order of its NICs."""

    machine: Machine
    ports: list[Port]

    def client(self, nic: int = 0) -> DhcpClient:
        return DhcpClient(self.machine, VDEVS[nic])


class DhcpSite:
    """What the stories do and look at."""

    def __init__(self, simulator: Simulator, cloud: FullCloud) -> None:
        assert simulator.packets
        self.simulator = simulator
        self.packets = simulator.packets
        self.cloud = cloud
        self.api = NeutronApi(cloud.endpoint)
        self.node = DhcpNode(NODE, cloud, self.packets)
        self._settings = {
            host: SmapiSettings(*simulator.smapi_addresses[host.upper()], "NEUTRON", "neutron1", None)
            for host in HOSTS
        }
        self._computes = {host: SmapiCompute(settings) for host, settings in self._settings.items()}

    def start_agents(self) -> None:
        for host in HOSTS:
            self.cloud.start_agent(host, self._agent_conf(host))
        self.node.start()
        wait_for(
            lambda: self.api.agents(), lambda agents: len(agents) == len(HOSTS) + 1, "all agents", BUSY_S
        )

    def make_networks(self) -> None:
        """With the agents there: Neutron schedules a network when its subnet comes, if it can."""
        self.flat = self.network("flat", None)
        self.red, self.blue = self.network("red", 110), self.network("blue", 120)
        self.dark = self.network("dark", 130, dhcp=False)

    def _agent_conf(self, host: str) -> Path:
        server = self._settings[host]
        options = {
            "control_point": "smapi",
            "smapi_server": f"{server.host}:{server.port}",
            "smapi_username": server.username,
            "smapi_password": server.password,
            "smapi_tls": "false",
            "user_prefix": "020000",
            "authorization": HOSTS[host],
            "polling_interval": "0.5",
            "audit_interval": "5" if host == NODE.host else "3600",
        }
        if host == NODE.host:
            options["service_guests"] = NODE.service_guests
        sections = {
            "DEFAULT": {"host": host},
            "ml2_type_flat": {"flat_networks": "xcatvsw2"},
            "ml2_type_vlan": {"network_vlan_ranges": "datanet1:100:999"},
            "zvm": options,
        }
        return write_conf(self.cloud.state_dir / f"agent-{host}.conf", sections)

    # Neutron

    def network(self, name: str, vlan: int | None, dhcp: bool = True) -> Network:
        """Its subnet is 10.VLAN/256.VLAN%256.0/24."""
        if vlan is None:
            network = self.api.create_network(name, "flat", "xcatvsw2")
        else:
            network = self.api.create_network(name, "vlan", "datanet1", vlan, mtu=1400)
        number = vlan or 0
        prefix = f"10.{number // 256}.{number % 256}"
        self.api.create_subnet(
            network.id,
            f"{prefix}.0/24",
            enable_dhcp=dhcp,
            dns_nameservers=[f"{prefix}.250", f"{prefix}.251"],
            host_routes={"10.200.0.0/16": f"{prefix}.252"},
        )
        return network

    def port(self, network: Network, host: str, guest: str) -> Port:
        return self.api.create_port(network.id, f"{guest}-{network.name}", host, guest)

    def wait_active(self, *ports: Port) -> None:
        self.api.wait_for_status([port.id for port in ports], "ACTIVE", BUSY_S)

    def set_admin_state(self, guest: Guest, up: bool) -> None:
        """Of its first port; returns when z/VM and Neutron are so."""
        port = self.api.update_port(guest.ports[0].id, admin_state_up=up)
        self.api.wait_for_status([port.id], "ACTIVE" if up else "DOWN", BUSY_S)
        host, _, userid = guest.machine.name.lower().partition(":")
        self.wait_coupled(host, userid, up)

    def status(self, port: Port) -> str:
        return self.api.port(port.id).status

    # z/VM

    def system(self, host: str = "zvma") -> System:
        return self.simulator.world.systems[host.upper()]

    def define(self, host: str, name: str, *networks: Network) -> Guest:
        """A guest that is on and whose ports need not be ACTIVE yet."""
        ports = [self.port(network, host, name) for network in networks]
        compute = self._computes[host]
        compute.define(name)
        compute.plug(name, [_plugged(port, vdev) for port, vdev in zip(ports, VDEVS, strict=False)])
        compute.power_on(name)
        return Guest(self.packets.machine(host.upper(), name), ports)

    def boot(self, host: str, name: str, *networks: Network) -> Guest:
        """A guest that is on, with all ports ACTIVE, and frames go that way."""
        guest = self.define(host, name, *networks)
        self.wait_active(*guest.ports)
        self.packets.settle()
        return guest

    def add_nic(self, host: str, guest: Guest, network: Network, control_point: str = "smapi") -> None:
        """As Nova's driver does to a running guest."""
        userid = guest.machine.name.partition(":")[2]
        port = self.port(network, host, userid.lower())
        address = model.NicAddress(model.Userid(userid), model.Vdev(VDEVS[len(guest.ports)]))
        hypervisor = self._xcat(host) if control_point == "xcat" else self._smapi(host)
        hypervisor.change([base.DefineNic(address, model.Mac(port.mac_address), None, live=True)])
        hypervisor.close()
        self.wait_coupled(host, userid, vdev=address.vdev)
        guest.ports.append(port)

    def _smapi(self, host: str) -> base.Hypervisor:
        return SmapiHypervisor(self._settings[host], persistent=False, user_prefix=model.MacPrefix("020000"))

    def _xcat(self, host: str) -> base.Hypervisor:
        tls, node = Tls(str(self.simulator.ca_file)), {"zvma": "zhcp", "zvmb": "zhcpb"}[host]
        settings = XcatSettings(self.simulator.xcat_url, "admin", "admin", zhcp_node=node, tls=tls)
        return XcatHypervisor(settings, persistent=False)

    def relogon(self, host: str, guest: Guest) -> Guest:
        """The same one, booted anew."""
        userid = guest.machine.name.partition(":")[2]
        self.simulator.control.logoff(host.upper(), userid)
        self.simulator.control.logon(host.upper(), userid)
        return Guest(self.packets.machine(host.upper(), userid), guest.ports)

    def remove(self, host: str, guest: Guest) -> None:
        """The guest first, then its ports, as Nova does."""
        self._computes[host].destroy(guest.machine.name.partition(":")[2].lower())
        for port in guest.ports:
            self.api.delete_port(port.id)

    def revoke(self, host: str, userid: str) -> None:
        """By hand, behind the agent's back."""
        arguments = {"switch_name": "DATANET1", "revoke_userid": userid}
        request = Request("Virtual_Network_Vswitch_Set_Extended", userid, arguments)
        reply = self.simulator.world.smapi(host.upper(), request, caller="MAINT")
        assert (reply.rc, reply.rs) == (0, 0)
        self.packets.settle()

    def nic(self, host: str, guest: str, vdev: str = "1000") -> Nic:
        return self.system(host).guests[guest.upper()].nics[vdev]

    def wait_coupled(self, host: str, guest: str, coupled: bool = True, vdev: str = "1000") -> None:
        """Until its NIC is, or is not, and frames go that way."""
        wait_for(lambda: self.nic(host, guest, vdev).coupled, lambda is_: is_ is coupled, guest, BUSY_S)
        self.packets.settle()

    def node_nic(self) -> Nic | None:
        """The node's NIC on datanet1, None while it is coupled to nothing."""
        nic = self.nic(NODE.host, NODE.userid, NODE.nics["datanet1"])
        return nic if nic.coupled else None

    def trunk(self) -> set[int]:
        """The VLANs of the node."""
        if (nic := self.node_nic()) is None:
            return set()
        vswitch = self.system().vswitches["DATANET1"]
        assert nic.block
        assert vswitch.port_type_of(nic.block) == "TRUNK"
        return set(vswitch.vlans_of(nic.block))

    def changes(self, since: int, userid: str = "*") -> list[Entry]:
        """What has been changed on any z/VM since the mark, of this guest if one is named."""
        return self.simulator.world.journal.entries(since, mutating=True, object=userid)

    def vlan_changes(self, since: int) -> list[tuple[int, str]]:
        """Each VLAN that a numbered port was let into or out of: the entry's number, what was done."""
        return [
            (entry.number, f"{name} {value}")
            for entry in self.changes(since, "DATANET1")
            for name, value in entry.call.arguments.items()
            if name.startswith("vlan_port_")
        ]

    def mark(self) -> int:
        return self.simulator.world.journal.mark()


def address_of(lease: Lease | None) -> str | None:
    return str(lease.address.ip) if lease else None


def unserved(*clients: DhcpClient) -> list[Lease | None]:
    """What they get, all at the same time, in a time in which each should get nothing."""
    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(lambda client: client.lease(SILENCE_S), clients))


@contextlib.contextmanager
def open_site(folder: Path) -> Iterator[DhcpSite]:
    """folder: does not exist yet."""
    shipped = yaml.load(inventory_text("two-systems"), yaml.BaseLoader)
    inventory = with_node(shipped, NODE)
    with Simulator.from_inventory(inventory, packets=True) as simulator, FullCloud(NEUTRON, folder) as cloud:
        site = DhcpSite(simulator, cloud)
        site.system("zvmb").behaviour = Behaviour(revoke_uncouples=True)
        try:
            site.start_agents()
            site.make_networks()
            yield site
        finally:
            site.node.kill()
            site.api.close()


def _plugged(port: Port, vdev: str) -> PluggedNic:
    cidr = ipaddress.IPv4Interface(f"{port.addresses[0]}/24").network
    return PluggedNic(port.id, vdev, port.mac_address, port.addresses[0], str(cidr))
