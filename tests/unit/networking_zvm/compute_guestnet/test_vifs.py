"""Nova's network information, as Nova 34 builds it, becomes NICs with all their addresses.

The samples were made by nova.network.neutron and nova.network.model of Nova 34.0.0 and written as its cache
is.
"""

import copy
import ipaddress
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networking_zvm import errors
from networking_zvm.compute.guestnet.networks import GuestNetwork, Ipv6Mode, Route
from networking_zvm.compute.guestnet.vifs import guest_networks
from networking_zvm.model import Mac, Vdev

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))


SICK = {"address": "10.0.0.256"}


def sample(name: str) -> list[dict[str, Any]]:
    vifs: list[dict[str, Any]] = json.loads((Path(__file__).parent / "samples" / f"{name}.json").read_text())
    return vifs


def texts(values: object) -> list[str]:
    return [str(value) for value in values]  # type: ignore[attr-defined]


def test_two_networks_with_all_there_is() -> None:
    vifs = sample("two-networks")
    web, db = guest_networks(vifs, {vifs[1]["id"]: Vdev("1003")}, "web1")
    assert (web.mac, web.mtu, web.vdev, web.hostname, web.network_id) == (
        "02:00:00:00:00:01", 1500, None, "web1", "net-web",
    )  # fmt: skip
    (subnet,) = web.subnets
    assert texts(subnet.addresses) == ["10.2.0.45", "10.2.0.46"]
    assert texts(subnet.dns) == ["10.2.0.2", "10.2.0.3"]
    assert (str(subnet.cidr), str(subnet.gateway), subnet.dhcp) == ("10.2.0.0/24", "10.2.0.1", True)
    assert (db.vdev, db.mtu) == ("1003", 8992)
    assert db.subnets[0].gateway is None
    assert db.subnets[0].routes == (
        Route(ipaddress.ip_network("10.9.0.0/16"), ipaddress.ip_address("10.3.0.9")),
    )
    assert not db.subnets[0].dhcp


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_which_driver_bound_a_port_makes_no_difference_to_its_guest(path: Path) -> None:
    vifs = json.loads(path.read_text())
    details = {"port_filter": True, "ovs_hybrid_plug": None, "bridge_name": "zvm"}
    by_openvswitch = [
        {**vif, "type": "ovs", "details": details, "ovs_interfaceid": vif["id"]} for vif in vifs
    ]
    assert guest_networks(by_openvswitch) == guest_networks(vifs)


def test_both_ip_versions_whichever_comes_first() -> None:
    for vifs in (sample("dual-stack-v6-first"), copy.deepcopy(sample("dual-stack-v6-first"))[::-1]):
        (net,) = guest_networks(vifs)
        four, six = sorted(net.subnets, key=lambda subnet: subnet.version)
        assert texts(four.addresses) == ["10.2.0.47"]
        assert texts(six.addresses) == ["2001:db8:2::ff:fe00:3"]
        assert (four.ipv6_mode, six.ipv6_mode) == (Ipv6Mode.STATIC, Ipv6Mode.SLAAC)
        assert str(six.gateway) == "2001:db8:2::1"


def test_ports_that_break_what_takes_the_first_subnet() -> None:
    bare, odd, six = guest_networks(sample("odd"))
    assert bare.subnets == ()
    assert str(odd.subnets[0].gateway) == "10.4.0.254", "a host route to everywhere serves as gateway"
    assert odd.subnets[0].routes == ()
    assert six.subnets[0].ipv6_mode is Ipv6Mode.DHCPV6
    assert str(six.subnets[0].gateway) == "fe80::1"


@pytest.mark.parametrize("nothing", [None, {}, {"subnets": None}, {"subnets": []}])
def test_a_vif_without_subnets_is_a_nic_without_addresses(nothing: object) -> None:
    assert guest_networks([{"id": "p1", "address": "02:00:00:00:00:01", "network": nothing}]) == [
        GuestNetwork("p1", Mac("02:00:00:00:00:01"))
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": None},
        {"address": "02:00"},
        {"address": "02:00:00:00:00:01", "network": {"subnets": [{"cidr": "10.0.0.0/33"}]}},
        {"address": "02:00:00:00:00:01", "network": {"subnets": [{"cidr": None}]}},
        {"address": "020000000001", "network": {"subnets": [{"cidr": "10.0.0.0/8", "dns": [SICK]}]}},
    ],
)
def test_what_is_no_network_information_names_the_port(wrong: dict[str, Any]) -> None:
    with pytest.raises(errors.InvalidValue, match="port 6a0a7a2e"):
        guest_networks([{"id": "6a0a7a2e", **wrong}])


@settings(deadline=None)
@given(st.data())
def test_no_key_is_needed_but_the_mac_and_the_cidrs(data: st.DataObject) -> None:
    """Whatever else is missing or null, the NIC is there, with no address that Nova did not tell."""
    vifs = sample(data.draw(st.sampled_from(SAMPLES)).stem)
    told = {ip["address"] for vif in vifs for subnet in vif["network"]["subnets"] for ip in subnet["ips"]}
    pruned = [thinned(vif, data) for vif in vifs]
    nets = guest_networks(pruned)
    assert texts(net.mac for net in nets) == [vif["address"] for vif in vifs]
    assert {str(a) for net in nets for subnet in net.subnets for a in subnet.addresses} <= told


def thinned(value: Any, data: st.DataObject) -> Any:
    if isinstance(value, list):
        return [thinned(each, data) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, each in value.items():
        fates = ["kept"] if key in {"address", "cidr"} else ["kept", "kept", "null", "gone"]
        fate = data.draw(st.sampled_from(fates))
        if fate != "gone":
            kept[key] = None if fate == "null" else thinned(each, data)
    return kept
