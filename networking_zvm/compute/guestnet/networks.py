"""Value types: the NICs of a guest as Neutron describes them, with all their addresses.

Two things belong to the guest as a whole, for Linux has just one of each: its default route (one for each IP
version) and its list of DNS servers.
"""

import dataclasses
import enum
import ipaddress
from collections.abc import Iterator, Sequence
from typing import Self

from networking_zvm.model import Mac, Vdev

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Prefix = ipaddress.IPv4Network | ipaddress.IPv6Network
EVERYWHERE: dict[int, Prefix] = {4: ipaddress.ip_network("0.0.0.0/0"), 6: ipaddress.ip_network("::/0")}
"""Destination of a default route, by IP version."""


class Ipv6Mode(enum.StrEnum):
    """How a guest would find its IPv6 address if nobody told it.

    Source: Neutron's subnet attribute ipv6_address_mode; of dhcpv6-stateless the address is SLAAC's.
    """

    STATIC = "static"
    SLAAC = "slaac"
    DHCPV6 = "dhcpv6"


@dataclasses.dataclass(frozen=True, slots=True)
class Route:
    """A host route of a Neutron subnet; never the default route."""

    destination: Prefix
    nexthop: Address


@dataclasses.dataclass(frozen=True, slots=True)
class Subnet:
    """One subnet of a NIC and the guest's addresses in it (none, one or several).

    dhcp: Neutron answers DHCP there. ipv6_mode: STATIC for IPv4.
    """

    cidr: Prefix
    addresses: tuple[Address, ...]
    gateway: Address | None = None
    dns: tuple[Address, ...] = ()
    routes: tuple[Route, ...] = ()
    dhcp: bool = False
    ipv6_mode: Ipv6Mode = Ipv6Mode.STATIC

    @property
    def version(self) -> int:
        return self.cidr.version


@dataclasses.dataclass(frozen=True, slots=True)
class GuestNetwork:
    """One NIC of a guest, on one Neutron network.

    mtu: bytes, None if Neutron does not tell. vdev: None while none is chosen (Feilong chooses one then).
    hostname: of the guest, "" if unknown.
    """

    port_id: str
    mac: Mac
    network_id: str = ""
    subnets: tuple[Subnet, ...] = ()
    mtu: int | None = None
    vdev: Vdev | None = None
    hostname: str = ""

    def __str__(self) -> str:
        return f"NIC {self.vdev or 'to be made'} (port {self.port_id})"

    def of_version(self, version: int) -> Iterator[Subnet]:
        """Its subnets of one IP version in which it has an address."""
        return (subnet for subnet in self.subnets if subnet.version == version and subnet.addresses)


@dataclasses.dataclass(frozen=True, slots=True)
class DefaultRoute:
    """A default route: through which NIC, and by way of which subnet's gateway."""

    port_id: str
    subnet: Subnet

    @classmethod
    def of(cls, nets: Sequence[GuestNetwork], version: int) -> Self | None:
        """The one of the guest: through the first NIC that has a gateway; None where no NIC has."""
        subnets = ((net, subnet) for net in nets for subnet in net.of_version(version))
        return next((cls(net.port_id, subnet) for net, subnet in subnets if subnet.gateway), None)

    def leads_through(self, net: GuestNetwork, subnet: Subnet) -> bool:
        return self.port_id == net.port_id and self.subnet == subnet


def dns_servers(nets: Sequence[GuestNetwork], version: int | None = None) -> tuple[Address, ...]:
    """The guest's DNS servers, each once, in the order of its NICs; of one IP version or of both."""
    servers = (server for net in nets for subnet in net.subnets for server in subnet.dns)
    return tuple(dict.fromkeys(server for server in servers if version in {None, server.version}))
