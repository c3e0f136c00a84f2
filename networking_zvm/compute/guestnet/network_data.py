"""A guest's networks as the config drive tells them: network_data.json, of OpenStack's metadata.

Static and complete: every address, also where Neutron answers DHCP, so that a guest needs no DHCP and hears
the same as from Feilong's files. Nova's own has the first address of each IP version, and "dhcp" for a
subnet with DHCP. Where an IPv6 address is static, cloud-init turns router advertisements off. Sources of
the form: Nova's doc/api_schemas/network_data.json; cloud-init's sources/helpers/openstack.py, which looks
for DNS servers at the top level.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from networking_zvm.compute.guestnet import networks
from networking_zvm.compute.guestnet.networks import (
    EVERYWHERE,
    Address,
    DefaultRoute,
    GuestNetwork,
    Prefix,
    Subnet,
)

NetworkData = dict[str, list[dict[str, Any]]]
"""A JSON object: links, networks, services."""


def network_data(nets: Sequence[GuestNetwork]) -> NetworkData:
    """The content of network_data.json for a guest with these NICs."""
    return {
        "links": [_link(net) for net in nets],
        "networks": [{"id": f"network{number}", **entry} for number, entry in enumerate(_networks(nets))],
        "services": _services(networks.dns_servers(nets)),
    }


def _link(net: GuestNetwork) -> dict[str, Any]:
    return {
        "id": _link_id(net),
        "vif_id": net.port_id,
        "type": "phy",
        "mtu": net.mtu,
        "ethernet_mac_address": str(net.mac),
    }


def _link_id(net: GuestNetwork) -> str:
    """As Nova calls it; a guest knows its NIC by the MAC."""
    return f"tap{net.port_id[:11]}"


def _networks(nets: Sequence[GuestNetwork]) -> Iterator[dict[str, Any]]:
    routes = [route for version in (4, 6) if (route := DefaultRoute.of(nets, version))]
    for net in nets:
        for subnet in net.subnets:
            default = any(route.leads_through(net, subnet) for route in routes)
            for number, address in enumerate(subnet.addresses):
                yield _network(net, subnet, address, _routes(subnet, default) if number == 0 else [])


def _network(
    net: GuestNetwork, subnet: Subnet, address: Address, routes: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        "type": f"ipv{subnet.version}",
        "link": _link_id(net),
        "ip_address": str(address),
        "netmask": str(subnet.cidr.netmask),
        "routes": routes,
        "services": _services(subnet.dns),
        "network_id": net.network_id,
    }


def _routes(subnet: Subnet, default: bool) -> list[dict[str, str]]:
    """The default route if it leads through this subnet, and the subnet's host routes."""
    first = [_route(EVERYWHERE[subnet.version], subnet.gateway)] if default and subnet.gateway else []
    return first + [_route(route.destination, route.nexthop) for route in subnet.routes]


def _route(to: Prefix, gateway: Address) -> dict[str, str]:
    return {"network": str(to.network_address), "netmask": str(to.netmask), "gateway": str(gateway)}


def _services(servers: Sequence[Address]) -> list[dict[str, str]]:
    return [{"type": "dns", "address": str(server)} for server in servers]
