"""Reads Nova's network information: the dictionaries of nova.network.model, live or as JSON.

They are taken as they come from Nova's Neutron client (nova.network.neutron): a gateway may be missing,
None, or an IP whose address is None; a port without fixed IPs has no subnets; floating IPs are not the
guest's business.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from networking_zvm import errors
from networking_zvm.compute.guestnet.networks import (
    EVERYWHERE,
    Address,
    GuestNetwork,
    Ipv6Mode,
    Route,
    Subnet,
)
from networking_zvm.model import Mac, Vdev

_MODES = {
    "slaac": Ipv6Mode.SLAAC,
    "dhcpv6-stateless": Ipv6Mode.SLAAC,
    "dhcpv6-stateful": Ipv6Mode.DHCPV6,
}


def guest_networks(
    network_info: Iterable[Mapping[str, Any]], vdevs: Mapping[str, Vdev] | None = None, hostname: str = ""
) -> list[GuestNetwork]:
    """The NICs of a guest, in Nova's order.

    vdevs: by port id, as far as they are known. Raises InvalidValue naming the port and what is wrong.
    """
    return [_guest_network(vif, vdevs or {}, hostname) for vif in network_info]


def _guest_network(vif: Mapping[str, Any], vdevs: Mapping[str, Vdev], hostname: str) -> GuestNetwork:
    port_id = str(vif.get("id"))
    network = vif.get("network") or {}
    try:
        return GuestNetwork(
            port_id=port_id,
            mac=Mac(vif.get("address") or ""),
            network_id=network.get("id") or "",
            subnets=tuple(_subnet(subnet) for subnet in network.get("subnets") or ()),
            mtu=_meta(network).get("mtu"),
            vdev=vdevs.get(port_id),
            hostname=hostname,
        )
    except ValueError as error:
        raise errors.InvalidValue(f"Nova's network information, port {port_id}: {error}") from error


def _subnet(subnet: Mapping[str, Any]) -> Subnet:
    meta = _meta(subnet)
    cidr = ipaddress.ip_network(subnet.get("cidr") or "", strict=False)
    routes = list(_routes(subnet))
    return Subnet(
        cidr=cidr,
        addresses=tuple(_addresses(subnet.get("ips"))),
        gateway=_address(subnet.get("gateway")) or _default_of(routes),
        dns=tuple(_addresses(subnet.get("dns"))),
        routes=tuple(route for route in routes if not _is_default(route)),
        dhcp=bool(meta.get("enable_dhcp") or meta.get("dhcp_server")),
        ipv6_mode=_MODES.get(meta.get("ipv6_address_mode") or "", Ipv6Mode.STATIC),
    )


def _routes(subnet: Mapping[str, Any]) -> Iterator[Route]:
    for route in subnet.get("routes") or ():
        if nexthop := _address(route.get("gateway")):
            yield Route(ipaddress.ip_network(route.get("cidr") or ""), nexthop)


def _default_of(routes: Iterable[Route]) -> Address | None:
    """A host route to everywhere is the gateway of a subnet without one, as in Neutron's DHCP agent."""
    return next((route.nexthop for route in routes if _is_default(route)), None)


def _is_default(route: Route) -> bool:
    return route.destination in EVERYWHERE.values()


def _addresses(ips: Iterable[Mapping[str, Any]] | None) -> Iterator[Address]:
    return (address for ip in ips or () if (address := _address(ip)))


def _address(ip: Mapping[str, Any] | None) -> Address | None:
    text = (ip or {}).get("address")
    return ipaddress.ip_address(text) if text else None


def _meta(of: Mapping[str, Any]) -> Mapping[str, Any]:
    return of.get("meta") or {}
