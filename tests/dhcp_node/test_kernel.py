"""The same with the devices of the kernel, as far as the kernel of the machine has them."""

import pytest

from tests.dhcp_node import node as dhcp_node
from tests.dhcp_node.node import LAN


def has_vlans(node):
    made = ("ip", "link", "add", "link", "wire", "name", "probe", "type", "vlan", "id", "7")
    node.run(*made, namespace=LAN, check=False)
    found = node.link("probe", LAN) is not None
    node.run("ip", "link", "delete", "probe", namespace=LAN, check=False)
    return found


def test_untagged_frames_reach_a_macvlan(node, agent):
    device = node.serve(agent, "flat", None)

    link = node.link(device, "qdhcp-flat")
    assert link["linkinfo"]["info_kind"] == "macvlan"
    assert (link["address"], link["mtu"]) == (dhcp_node.mac("flat"), 1400)
    assert node.helper() is None
    assert node.lease(None)["server"] == "10.0.0.2"


def test_the_macvlan_survives_the_agent_and_goes_when_unplugged(node, agent):
    device = node.serve(agent, "flat", None)
    before = node.standing(device, "qdhcp-flat")
    with dhcp_node.agent(node) as restarted:
        assert restarted.plug(None, namespace="qdhcp-flat", device=device, mac=dhcp_node.mac("flat")) is None
        assert node.standing(device, "qdhcp-flat") == before
        assert restarted.unplug(namespace="qdhcp-flat", device=device) is None
    assert node.link(device, "qdhcp-flat") is None


def test_a_device_left_halfway_by_an_agent_that_was_killed_is_made_anew(node, agent):
    node.run("ip", "link", "add", "link", dhcp_node.NIC, "name", "tapflat", "type", "macvlan")

    node.serve(agent, "flat", None)
    assert node.link("tapflat") is None
    assert node.lease(None)["server"] == "10.0.0.2"


def test_vlans_are_the_kernels_where_it_can(node, agent):
    if not has_vlans(node):
        pytest.skip("this kernel has no 802.1Q devices (CONFIG_VLAN_8021Q)")
    red, _ = node.serve(agent, "red", 10), node.serve(agent, "blue", 20)

    assert node.link(red, "qdhcp-red")["linkinfo"]["info_kind"] == "vlan"
    assert node.lease(10)["server"] == "10.10.0.2"
    assert node.lease(20)["server"] == "10.20.0.2"
    assert node.lease(30, patience=1.5) is None


def test_vlans_are_a_helpers_where_the_kernel_cannot(node, agent):
    if has_vlans(node):
        pytest.skip("this kernel has 802.1Q devices")
    red = node.serve(agent, "red", 10)

    assert node.link(red, "qdhcp-red")["linkinfo"]["info_kind"] == "tun"
    assert node.lease(10)["server"] == "10.10.0.2"


def test_a_kernel_that_must_and_cannot_says_so(node):
    if has_vlans(node):
        pytest.skip("this kernel has 802.1Q devices")
    with dhcp_node.agent(node, trunk_mode="kernel") as agent:
        error = agent.plug(10, namespace="qdhcp-red", device="tapred", mac=dhcp_node.mac("red"))
    assert "NotPlugged" in error
    assert "takes no VLAN devices" in error
    assert node.helper() is None
