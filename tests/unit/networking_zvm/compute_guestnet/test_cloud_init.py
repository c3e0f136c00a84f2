"""What cloud-init makes of the config drive: every address, route and server reaches the guest's own files.

cloud-init comes with no Python package index, so that these tests run only where it is importable (Debian's
package of that name holds it; they were run with 22.4.2).
"""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings

from networking_zvm.compute.guestnet.network_data import network_data
from networking_zvm.compute.guestnet.networks import GuestNetwork
from tests.unit.networking_zvm.compute_guestnet.networks_of import DB, DUAL, WEB, guests, nic, subnet

pytest.importorskip("cloudinit", reason="cloud-init is not installed here")
openstack = importlib.import_module("cloudinit.sources.helpers.openstack")
network_state = importlib.import_module("cloudinit.net.network_state")
netplan = importlib.import_module("cloudinit.net.netplan")
sysconfig = importlib.import_module("cloudinit.net.sysconfig")
rhel = importlib.import_module("cloudinit.distros.rhel")


def state_of(nets: list[GuestNetwork]) -> Any:
    """cloud-init's own view, in a guest whose NICs are all online under the names that Linux gives them."""
    names = {str(net.mac): f"enc{net.vdev.lower()}" for net in nets if net.vdev}
    data = json.loads(json.dumps(network_data(nets)))
    return network_state.parse_net_config_data(openstack.convert_net_json(data, known_macs=names))


def addresses_of(nets: list[GuestNetwork]) -> set[str]:
    subnets = [subnet for net in nets for subnet in net.subnets]
    return {f"{address}/{subnet.cidr.prefixlen}" for subnet in subnets for address in subnet.addresses}


@settings(deadline=None)
@given(guests())
def test_every_guest_is_understood_with_all_its_addresses_and_servers(nets: list[GuestNetwork]) -> None:
    state = state_of(nets)
    told = [subnet for device in state.iter_interfaces() for subnet in device["subnets"]]
    assert {f"{subnet['address']}/{subnet['prefix']}" for subnet in told} == addresses_of(nets)
    assert {device["mac_address"]: device["mtu"] for device in state.iter_interfaces()} == {
        str(net.mac): net.mtu for net in nets
    }
    assert set(state.dns_nameservers) == {str(s) for net in nets for each in net.subnets for s in each.dns}


def test_ubuntu_gets_one_netplan_with_both_nics(tmp_path: Path) -> None:
    routed = nic(2, subnet("10.2.0.0/24", 9, gateway=False, routes=[("10.9.0.0/16", "10.2.0.9")]))
    nets = [DUAL, DB, routed]
    renderer = netplan.Renderer({"netplan_path": "netplan.yaml", "postcmds": False})
    renderer.render_network_state(state_of(nets), target=str(tmp_path))
    ethernets = yaml.safe_load((tmp_path / "netplan.yaml").read_text())["network"]["ethernets"]
    assert {address for device in ethernets.values() for address in device["addresses"]} == addresses_of(nets)
    routes = [(name, route) for name in ethernets for route in ethernets[name].get("routes", [])]
    assert [(name, route["to"], route["via"]) for name, route in routes] == [
        ("enc1000", "0.0.0.0/0", "10.0.0.1"),
        ("enc1000", "::/0", "2001:db8::1"),
        ("enc1006", "10.9.0.0/16", "10.2.0.9"),
    ]
    assert (ethernets["enc1000"]["mtu"], ethernets["enc1003"]["mtu"]) == (1500, 8992)


def test_red_hat_gets_one_default_route_and_both_addresses(tmp_path: Path) -> None:
    nets = [nic(0, subnet("10.0.0.0/24", 5, 6)), nic(1, subnet("10.1.0.0/24", 7))]
    renderer = sysconfig.Renderer(rhel.Distro.renderer_configs["sysconfig"])
    renderer.render_network_state(state_of(nets), target=str(tmp_path))
    first, second = (path.read_text() for path in sorted(tmp_path.rglob("ifcfg-enc*")))
    assert "GATEWAY=10.0.0.1" in first
    assert "GATEWAY" not in second
    assert "IPADDR=10.0.0.5\nIPADDR1=10.0.0.6\n" in first
    assert "IPADDR=10.1.0.7" in second


def test_a_mac_that_the_guest_does_not_have_stops_cloud_init() -> None:
    """Why NICs have to be online by then, and Neutron's MACs to be the directory's."""
    data = network_data([WEB])
    with pytest.raises(ValueError, match="Unable to find a system nic"):
        openstack.convert_net_json(data, known_macs={})


