"""Neutron for Nova: Nova's own fixture, with networks and ports as they are on a site with z/VM."""

import copy
import ipaddress
import itertools
import uuid
from typing import Any

from nova.tests.fixtures import neutron

from tests.nova.services.site import PREFIX

Body = dict[str, Any]


BY_OPENVSWITCH: Body = {
    "binding:vif_type": "ovs",
    "binding:vif_details": {
        "connectivity": "l2", "port_filter": True, "ovs_hybrid_plug": None, "datapath_type": "system",
        "bridge_name": "zvm", "ovs_create_tap": True, "bound_drivers": {"0": "openvswitch"},
    },
}  # fmt: skip
"""As Neutron's stock driver binds a port to an agent with `server_plugin = openvswitch`."""


class Neutron(neutron.NeutronFixture):
    """vif_status: of a port when it has been bound; "DOWN" has Nova wait for an event. binding: how it is."""

    vif_status = "ACTIVE"
    binding: Body = {"binding:vif_type": "zvm", "binding:vif_details": {"port_filter": False}}

    def __init__(self, test: Any) -> None:
        super().__init__(test)
        self._networks, self._subnets, self._ports = {}, {}, {}
        self._numbers = itertools.count(1)

    def network(self, *subnets: Body, mtu: int = 1500) -> str:
        """A network with these subnets: cidr, and whatever differs from Neutron's defaults."""
        network_id = str(uuid.uuid4())
        ids = [self._subnet(network_id, subnet) for subnet in subnets]
        common = copy.deepcopy(self.network_1)
        self._networks[network_id] = {**common, "id": network_id, "subnets": ids, "mtu": mtu}
        return network_id

    def port(self, network_id: str, *addresses: str, mac: str = "") -> str:
        """A port with these addresses, each in the subnet that holds it."""
        number = next(self._numbers)
        port = {
            **copy.deepcopy(self.port_1),
            "id": str(uuid.uuid4()),
            "network_id": network_id,
            "mac_address": mac or f"{PREFIX}:00:00:{number:02x}",
            "fixed_ips": [self._fixed_ip(network_id, address) for address in addresses],
            "binding:vif_type": "unbound",
            "status": "DOWN",
        }
        self._ports[port["id"]] = port
        return str(port["id"])

    def mac(self, port_id: str) -> str:
        return str(self._ports[port_id]["mac_address"])

    def macid(self, port_id: str) -> str:
        return self.mac(port_id)[9:].replace(":", "").upper()

    @property
    def port_ids(self) -> set[str]:
        return set(self._ports)

    def create_port(self, body: Body | None = None) -> Body:
        """As Nova asks where a user gave a network only: the next address of its first subnet."""
        network_id = (body or {})["port"]["network_id"]
        subnet = self._subnets[self._networks[network_id]["subnets"][0]]
        used = {ip["ip_address"] for port in self._ports.values() for ip in port["fixed_ips"]}
        hosts = map(str, itertools.islice(ipaddress.ip_network(subnet["cidr"]).hosts(), 50, None))
        port_id = self.port(network_id, next(host for host in hosts if host not in used))
        self._ports[port_id] |= {key: copy.deepcopy(value) for key, value in body["port"].items()}
        return self.show_port(port_id)

    def update_port(self, port_id: str, body: Body | None = None) -> Body:
        """Bound to a host it becomes one driver's."""
        if (body or {}).get("port", {}).get("binding:host_id"):
            self._ports[port_id] |= {**self.binding, "status": self.vif_status}
        return super().update_port(port_id, body)

    def _subnet(self, network_id: str, subnet: Body) -> str:
        subnet_id = str(uuid.uuid4())
        version = ipaddress.ip_network(subnet["cidr"]).version
        gateway = str(next(ipaddress.ip_network(subnet["cidr"]).hosts()))
        common = {**copy.deepcopy(self.subnet_1), "id": subnet_id, "network_id": network_id}
        self._subnets[subnet_id] = {**common, "ip_version": version, "gateway_ip": gateway, **subnet}
        return subnet_id

    def _fixed_ip(self, network_id: str, address: str) -> Body:
        for subnet_id in self._networks[network_id]["subnets"]:
            if ipaddress.ip_address(address) in ipaddress.ip_network(self._subnets[subnet_id]["cidr"]):
                return {"ip_address": address, "subnet_id": subnet_id}
        raise AssertionError(f"no subnet holds {address}")
