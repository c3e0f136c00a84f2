"""Guests of the tests: some told by hand, and all that hypothesis can think of."""

import ipaddress
from collections.abc import Iterable

from hypothesis import strategies as st

from networking_zvm.compute.guestnet.networks import GuestNetwork, Ipv6Mode, Prefix, Route, Subnet
from networking_zvm.model import Mac, Vdev

FIRST_VDEV = 0x1000


def subnet(
    cidr: str,
    *hosts: int,
    gateway: bool = True,
    dns: Iterable[str] = (),
    routes: Iterable[tuple[str, str]] = (),
    dhcp: bool = False,
    mode: Ipv6Mode = Ipv6Mode.STATIC,
) -> Subnet:
    """A subnet with the guest's addresses at these places in it; the gateway is at its first."""
    network = ipaddress.ip_network(cidr)
    return Subnet(
        cidr=network,
        addresses=tuple(network[host] for host in hosts),
        gateway=network[1] if gateway else None,
        dns=tuple(ipaddress.ip_address(server) for server in dns),
        routes=tuple(Route(ipaddress.ip_network(to), ipaddress.ip_address(by)) for to, by in routes),
        dhcp=dhcp,
        ipv6_mode=mode,
    )


def nic(number: int, *subnets: Subnet, mtu: int | None = 1500, hostname: str = "web1") -> GuestNetwork:
    """The guest's NIC of this number, from 0."""
    return GuestNetwork(
        port_id=f"{number:08x}-0000-4000-8000-{number:012x}",
        mac=Mac(f"020000{number:06x}"),
        network_id=f"net-{number}",
        subnets=subnets,
        mtu=mtu,
        vdev=Vdev(f"{FIRST_VDEV + 3 * number:x}"),
        hostname=hostname,
    )


WEB = nic(0, subnet("10.0.0.0/24", 5, dns=["10.0.0.2", "10.0.0.3"]))
DB = nic(1, subnet("10.1.0.0/16", 7, gateway=False, dns=["10.1.0.2"]), mtu=8992)
DUAL = nic(0, subnet("10.0.0.0/24", 5), subnet("2001:db8::/64", 5, dns=["2001:db8::2"]))
SIX = nic(1, subnet("2001:db8:1::/64", 5))

_DNS = ((), ("192.0.2.53",), ("192.0.2.54", "192.0.2.53"), ("2001:db8::53", "192.0.2.53"), ("2001:db8::54",))
_ROUTES = {
    4: ((), (Route(ipaddress.ip_network("198.51.100.0/24"), ipaddress.ip_address("203.0.113.1")),)),
    6: ((), (Route(ipaddress.ip_network("2001:db8:f::/48"), ipaddress.ip_address("fe80::f")),)),
}
_V4 = st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address)
_V6 = st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address)


def _prefixes(version: int) -> st.SearchStrategy[Prefix]:
    """Networks with room for a guest."""
    addresses, lengths = (_V4, st.integers(8, 30)) if version == 4 else (_V6, st.integers(16, 64))
    return st.builds(lambda address, bits: ipaddress.ip_network((address, bits), False), addresses, lengths)


@st.composite
def subnets(draw: st.DrawFn) -> Subnet:
    version = draw(st.sampled_from([4, 6]))
    cidr = draw(_prefixes(version))
    return Subnet(
        cidr=cidr,
        addresses=tuple(cidr[host] for host in draw(st.sampled_from([(), (2,), (-2,), (2, -2)]))),
        gateway=draw(st.sampled_from([None, cidr[1]])),
        dns=tuple(ipaddress.ip_address(server) for server in draw(st.sampled_from(_DNS))),
        routes=draw(st.sampled_from(_ROUTES[version])),
        dhcp=draw(st.booleans()),
        ipv6_mode=draw(st.sampled_from(Ipv6Mode)) if version == 6 else Ipv6Mode.STATIC,
    )


@st.composite
def guests(draw: st.DrawFn, first: int = 0) -> list[GuestNetwork]:
    """NICs whose subnets are their own, as Neutron's are, numbered from the first."""
    each = draw(st.lists(st.lists(subnets(), max_size=3, unique_by=lambda each: each.cidr), max_size=4))
    mtus = st.sampled_from([None, 576, 1400, 1500, 9000])
    return [nic(number, *own, mtu=draw(mtus)) for number, own in enumerate(each, first)]


def plain_guests() -> st.SearchStrategy[list[GuestNetwork]]:
    """A NIC that every distribution can be told of, and perhaps others."""
    return st.builds(lambda others: [WEB, *others], st.just([]) | guests(first=1))
