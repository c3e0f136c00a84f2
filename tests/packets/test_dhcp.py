"""Guests get their addresses from a DHCP node that is a guest itself, by real packets, and from nobody else.

Neutron, its DHCP agent, the z/VM agents, dnsmasq and the guests' DHCP clients are the real ones.
"""

import ipaddress
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.packets.dhcp_site import (
    BUSY_S,
    LEASED_S,
    NODE,
    RENEWED_S,
    DhcpSite,
    Guest,
    address_of,
    open_site,
    unserved,
)
from zvmlab import dhcp_client, dhcp_node
from zvmlab.cloud.programs import missing_packages
from zvmlab.dhcp_client import DhcpClient, Lease
from zvmlab.neutron_api import wait_for

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DhcpSite]:
    if lacks := [*dhcp_node.missing(), *dhcp_client.missing(), *missing_packages()]:
        pytest.skip(f"a DHCP node needs {'; '.join(lacks)}")
    with open_site(tmp_path_factory.mktemp("dhcp") / "state") as running:
        yield running


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as clients:
        yield clients


def leased(stack: ExitStack, guest: Guest, nic: int = 0) -> DhcpClient:
    """A client that has got the address of its port."""
    client = stack.enter_context(guest.client(nic))
    assert address_of(client.lease(LEASED_S)) == guest.ports[nic].addresses[0]
    return client


def renewed(*clients: DhcpClient) -> list[bool]:
    """For each, whether it is, all at the same time; without a lease, whether it gets one anew."""
    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(lambda client: client.renew(RENEWED_S) is not None, clients))


def test_guests_get_what_neutron_allocated_by_flat_and_by_vlan_networks(site: DhcpSite) -> None:
    networks = (site.flat, site.red, site.blue)
    guests = [site.define("zvma", f"lease{n}", network) for n, network in enumerate(networks)]
    site.wait_active(*(guest.ports[0] for guest in guests))
    site.packets.settle()

    prefixes = ("10.0.0", "10.0.110", "10.0.120")
    for guest, network, prefix in zip(guests, networks, prefixes, strict=True):
        [server] = site.api.ports(network_id=network.id, device_owner="network:dhcp")
        with guest.client() as client:
            assert client.lease(LEASED_S) == Lease(
                address=ipaddress.IPv4Interface(f"{guest.ports[0].addresses[0]}/24"),
                server=server.addresses[0],
                seconds=dhcp_node.LEASE_SECONDS,
                routers=(f"{prefix}.1",),
                dns=(f"{prefix}.250", f"{prefix}.251"),
                mtu=network.mtu,
                routes=(("10.200.0.0/16", f"{prefix}.252"), ("0.0.0.0/0", f"{prefix}.1")),
            )
            assert guest.machine.ping(server.addresses[0], timeout=LEASED_S) is not None
    assert site.trunk() >= {110, 120}


def test_whoever_is_not_neutrons_gets_none(site: DhcpSite, stack: ExitStack) -> None:
    """A guest on a network without DHCP; and DBSRV1, which is in the VLAN of one with it, but no port's."""
    insider = site.boot("zvma", "inside1", site.network("served", 900))
    other = site.boot("zvma", "dark1", site.dark)
    client = leased(stack, insider)

    foreigner = DhcpClient(site.packets.machine("ZVMA", "DBSRV1"), "0700")
    assert unserved(other.client(), foreigner) == [None, None]
    assert renewed(client) == [True]


def test_guests_on_the_other_z_vm_are_served_over_the_uplink(site: DhcpSite, stack: ExitStack) -> None:
    here, there = site.define("zvma", "wide1", site.red), site.define("zvmb", "wide2", site.red)
    site.wait_active(*here.ports, *there.ports)
    site.packets.settle()

    clients = [leased(stack, guest) for guest in (here, there)]
    assert renewed(*clients) == [True, True]
    [server] = site.api.ports(network_id=site.red.id, device_owner="network:dhcp")
    assert server.host == "zvma"
    assert there.machine.ping(here.ports[0].addresses[0], timeout=LEASED_S) is not None


def test_the_node_is_in_exactly_the_vlans_in_use(site: DhcpSite, stack: ExitStack) -> None:
    other = site.boot("zvma", "stay1", site.red)
    client = leased(stack, other)
    trunk, nic, mark = site.trunk(), site.node_nic(), site.mark()
    assert nic

    network = site.network("come", 160)
    guest = site.boot("zvma", "come1", network)
    assert site.trunk() == trunk | {160}
    [(let_in, _)] = site.vlan_changes(mark)
    coupled = [entry for entry in site.changes(mark, "COME1") if "Connect" in entry.call.function]
    assert let_in < coupled[0].number
    leased(stack, guest)

    site.remove("zvma", guest)
    site.api.delete_network(network.id)
    wait_for(site.trunk, lambda vlans: 160 not in vlans, "VLAN 160 to be left", BUSY_S)
    assert site.trunk() == trunk
    assert [what for _, what in site.vlan_changes(mark)] == [
        "vlan_port_add 160 1024",
        "vlan_port_remove 160 1024",
    ]
    assert site.changes(mark, NODE.userid) == []
    now = site.node_nic()
    assert now
    assert now.order == nic.order
    assert renewed(client) == [True]


def test_a_nic_added_to_a_running_guest_gets_its_own_lease(site: DhcpSite, stack: ExitStack) -> None:
    """Through xCAT CP is told which MAC it shall have."""
    guest = site.boot("zvmb", "grow2", site.red)
    first = leased(stack, guest)
    site.add_nic("zvmb", guest, site.flat, "xcat")
    site.wait_active(*guest.ports)
    site.packets.settle()
    second = leased(stack, guest, nic=1)
    assert renewed(first, second) == [True, True]


def test_a_nic_that_smapi_adds_gets_its_lease_by_its_ports_mac(site: DhcpSite, stack: ExitStack) -> None:
    """Until the next logon it has a MAC of z/VM's choice, if the guest does not set its port's."""
    guest = site.boot("zvma", "grow1", site.red)
    first = leased(stack, guest)
    site.add_nic("zvma", guest, site.blue)
    assert unserved(guest.client(nic=1)) == [None]

    device, mac = guest.machine.interface("1003"), guest.ports[1].mac_address
    assert guest.machine.run(["ip", "link", "set", device, "address", mac], timeout=10).returncode == 0
    second = leased(stack, guest, nic=1)
    assert renewed(first, second) == [True, True]

    again = site.relogon("zvma", guest)
    site.wait_active(*again.ports)
    site.packets.settle()
    leased(stack, again)
    leased(stack, again, nic=1)


def test_nobody_renews_without_leave(site: DhcpSite, stack: ExitStack) -> None:
    """Leave is taken by Neutron, whose port is set down or deleted, and by hand (SET VSWITCH REVOKE)."""
    names = {"down1": "zvma", "gone1": "zvma", "revoked1": "zvmb"}
    down, gone, revoked = [site.define(host, name, site.red) for name, host in names.items()]
    site.wait_active(*(guest.ports[0] for guest in (down, gone, revoked)))
    site.packets.settle()
    clients = [leased(stack, guest) for guest in (down, gone, revoked)]

    site.set_admin_state(down, up=False)
    site.api.delete_port(gone.ports[0].id)
    site.revoke("zvmb", "REVOKED1")
    site.wait_coupled("zvma", "gone1", coupled=False)
    assert renewed(*clients) == [False, False, False]

    site.set_admin_state(revoked, up=False)
    for guest in (down, revoked):
        site.set_admin_state(guest, up=True)
    site.packets.settle()
    assert renewed(*clients) == [True, False, True]


def test_a_port_waits_for_its_dhcp_server_and_leases_outlive_the_agent(
    site: DhcpSite, stack: ExitStack
) -> None:
    client = leased(stack, site.boot("zvma", "agent1", site.red))

    site.node.kill()
    assert renewed(client) == [True]
    late, witness = site.define("zvma", "agent2", site.red), site.define("zvma", "agent3", site.dark)
    site.wait_coupled("zvma", "agent2")
    site.wait_active(*witness.ports)
    assert site.status(late.ports[0]) == "DOWN"

    mark = site.mark()
    site.node.start()
    site.wait_active(*late.ports)
    leased(stack, late)
    assert renewed(client) == [True]
    assert site.changes(mark) == []
