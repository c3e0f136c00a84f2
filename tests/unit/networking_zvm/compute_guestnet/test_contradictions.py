"""Feilong's files and the config drive never say two things of one NIC; if they did, it would be found."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networking_zvm.compute.guestnet.contradictions import contradictions
from networking_zvm.compute.guestnet.feilong import FeilongNetwork, feilong_networks
from networking_zvm.compute.guestnet.network_data import NetworkData, network_data
from networking_zvm.compute.guestnet.networks import GuestNetwork
from networking_zvm.compute.guestnet.refusals import CannotConfigure
from tests.unit.networking_zvm.compute_guestnet.networks_of import DB, DUAL, WEB, guests, plain_guests

NAMES = ["rhel7", "rhel9", "rhel10", "sles12", "sles15", "sles16", "ubuntu22.04", "ubuntu24.04", "rhcos4"]


@settings(deadline=None)
@given(st.one_of(guests(), plain_guests()), st.sampled_from(NAMES))
def test_they_agree_on_every_guest(nets: list[GuestNetwork], name: str) -> None:
    try:
        items = feilong_networks(nets, name)
    except CannotConfigure:
        return
    assert contradictions(nets, items, network_data(nets)) == []


@settings(deadline=None)
@given(guests())
def test_the_drive_has_every_address_once_and_one_default_route_each(nets: list[GuestNetwork]) -> None:
    data = network_data(nets)
    told = [entry["ip_address"] for entry in data["networks"]]
    assert told == [str(address) for net in nets for subnet in net.subnets for address in subnet.addresses]
    for version, mask in ((4, "0.0.0.0"), (6, "::")):
        defaults = [
            route["gateway"]
            for entry in data["networks"] for route in entry["routes"] if route["netmask"] == mask
        ]  # fmt: skip
        reached = [subnet.gateway for net in nets for subnet in net.of_version(version) if subnet.gateway]
        assert defaults == [str(gateway) for gateway in reached[:1]]


@settings(deadline=None)
@given(guests())
def test_the_drive_has_every_route_and_server(nets: list[GuestNetwork]) -> None:
    data = network_data(nets)
    routes = {route["gateway"] for entry in data["networks"] for route in entry["routes"]}
    for subnet in (subnet for net in nets for subnet in net.subnets):
        assert not subnet.addresses or {str(route.nexthop) for route in subnet.routes} <= routes
        assert {str(server) for server in subnet.dns} <= {service["address"] for service in data["services"]}


def test_the_drive_reads_as_neutron_has_it() -> None:
    data = network_data([DUAL, DB])
    assert data["links"][1] == {
        "id": "tap00000001-00", "vif_id": DB.port_id, "type": "phy", "mtu": 8992,
        "ethernet_mac_address": "02:00:00:00:00:01",
    }  # fmt: skip
    four, six, db = data["networks"]
    assert (four["type"], four["ip_address"], four["netmask"]) == ("ipv4", "10.0.0.5", "255.255.255.0")
    assert (six["type"], six["ip_address"]) == ("ipv6", "2001:db8::5")
    assert six["netmask"] == "ffff:ffff:ffff:ffff::"
    assert four["routes"] == [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.0.0.1"}]
    assert six["routes"] == [{"network": "::", "netmask": "::", "gateway": "2001:db8::1"}]
    assert (db["routes"], db["services"]) == ([], [{"type": "dns", "address": "10.1.0.2"}])
    assert data["services"] == [
        {"type": "dns", "address": "2001:db8::2"}, {"type": "dns", "address": "10.1.0.2"},
    ]  # fmt: skip


Said = tuple[list[FeilongNetwork], NetworkData]


def change(of: str, key: str, to: Any, number: int = 0) -> Callable[[Said], None]:
    """Let one of the two say something else."""

    def changing(said: Said) -> None:
        entries: Any = said[0] if of == "files" else said[1][of]
        entries[number][key] = to

    return changing


@pytest.mark.parametrize(
    "lie",
    [
        change("files", "ip_addr", "10.0.0.6"),
        change("files", "cidr", "10.0.0.0/25"),
        change("files", "gateway_addr", "10.0.0.254"),
        change("files", "mtu", 1400),
        change("files", "mac_addr", "02:00:00:00:00:99"),
        change("files", "mac_addr", "02:00:00:00:00:01"),
        change("files", "dns_addr", ["10.0.0.3", "10.0.0.2"]),
        change("files", "dns_addr", []),
        change("files", "gateway_addr", "10.1.0.1", number=1),
        change("links", "mtu", 1400),
        change("links", "ethernet_mac_address", "02:00:00:00:00:99"),
        change("networks", "ip_address", "10.0.0.6"),
        change("networks", "netmask", "255.255.0.0"),
        change("networks", "routes", []),
        change("networks", "routes", [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "9.9.9.9"}], 1),
        change("networks", "link", "tap00000001-00"),
        change("services", "address", "9.9.9.9"),
        lambda said: said[1]["networks"].pop(),
        lambda said: said[1]["links"].pop(),
        lambda said: said[1]["services"].clear(),
        lambda said: said[0][0].pop("gateway_addr"),
    ],
)
def test_a_lie_of_either_is_found(lie: Callable[[Said], None]) -> None:
    nets = [WEB, DB]
    said = copy.deepcopy((feilong_networks(nets, "rhel9"), network_data(nets)))
    assert contradictions(nets, *said) == []
    lie(said)
    assert contradictions(nets, *said) != []
