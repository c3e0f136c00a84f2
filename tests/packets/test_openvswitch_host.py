"""z/VM beside Open vSwitch: one Neutron with both drivers, one physical network, and frames between all.

The Linux host runs Neutron's own Open vSwitch and DHCP agents; its dnsmasq serves guests of z/VM, too.
"""

import contextlib
import itertools
from collections.abc import Iterator

import pytest

from tests.packets import talking
from tests.packets.openvswitch_site import KVM, LAN, PATIENCE_S, SYSTEMS, VDEV, ZVM_AGENT, Seat, Site
from zvmlab import dhcp_client
from zvmlab.cloud.programs import missing_packages
from zvmlab.dhcp_client import DhcpClient
from zvmlab.ovs import needs
from zvmlab.ovs.host import DHCP_AGENT, OPENVSWITCH_AGENT
from zvmlab.traffic import Traffic

MISSING = [*needs.missing(), *dhcp_client.missing(), *missing_packages()]
LEASE_S = 60.0
NO_LEASE_S = 3.0

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"not here: {', '.join(MISSING)}"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("openvswitch")) as site:
        yield site


@pytest.fixture(scope="module")
def seats(here: Site) -> dict[str, Seat]:
    """The last letter tells the host."""
    return here.boot(
        {
            "reda": ("zvma", here.red),
            "redb": ("zvmb", here.red),
            "redk": (KVM, here.red),
            "bluea": ("zvma", here.blue),
            "bluek": (KVM, here.blue),
            "flata": ("zvma", here.flat),
            "flatb": ("zvmb", here.flat),
            "flatk": (KVM, here.flat),
        }
    )


def test_each_port_is_bound_by_the_driver_of_its_host(here: Site, seats: dict[str, Seat]) -> None:
    for seat in seats.values():
        kind, driver = ("zvm", "zvm") if seat.nic else ("ovs", "openvswitch")
        assert (seat.port.vif_type, seat.port.vif_details["bound_drivers"]) == (kind, {"0": driver})
    dhcp = here.api.ports(device_owner="network:dhcp")
    assert {port.network_id for port in dhcp} == {here.red.id, here.flat.id}
    assert {(port.host, port.vif_type) for port in dhcp} == {(KVM, "ovs")}
    here.api.wait_for_status([port.id for port in dhcp], "ACTIVE", PATIENCE_S)


def test_those_of_one_network_reach_each_other_and_nobody_else(here: Site, seats: dict[str, Seat]) -> None:
    """All addresses are in one net, so that only VLANs keep them apart."""
    ends = {seat.end: seat for seat in seats.values()}
    for end in ends:
        end.machine.address(end.vdev, end.address)
    friends = {(a, b) for a, b in itertools.permutations(ends, 2) if ends[a].network == ends[b].network}
    with talking.Bystander(here.packets.outside("bystander", LAN)) as bystander:
        assert talking.pings(ends, friends) == friends
        tags = bystander.tags()
    assert {end.mac: tags[end.mac] for end in ends} == {
        end.mac: {seat.network.segmentation_id} for end, seat in ends.items()
    }
    on_zvm = {(ends[a].name, ends[b].name) for a, b in friends if ends[a].nic and ends[b].nic}
    assert here.reached(seats.values()) == on_zvm


def test_what_is_longer_than_a_frame_arrives_whole(seats: dict[str, Seat]) -> None:
    for names in (("redk", "reda"), ("redk", "redb"), ("flatk", "flata")):
        pair = [seats[name].end for name in names]
        for end in pair:
            end.machine.address(end.vdev, end.address)
        for here, there in itertools.permutations(pair):
            assert talking.datagram(here, there, 4000), f"{here} to {there}"
            assert talking.stream(here, there, 300_000), f"{here} to {there}"


@pytest.mark.parametrize("name", ["reda", "redb", "redk", "flata", "flatb"])
def test_dhcp_from_the_linux_host_gives_what_neutron_allocated(
    here: Site, seats: dict[str, Seat], name: str
) -> None:
    seat = seats[name]
    (server,) = here.api.ports(network_id=seat.network.id, device_owner="network:dhcp")
    with DhcpClient(seat.machine, seat.end.vdev) as client:
        for lease in (client.lease(LEASE_S), client.renew(LEASE_S)):
            assert lease
            assert str(lease.address) == f"{seat.port.addresses[0]}/24"
            assert lease.server == server.addresses[0]


def test_a_port_is_not_active_before_dhcp_is_ready(here: Site, seats: dict[str, Seat]) -> None:
    here.kvm.kill_agent(DHCP_AGENT)
    places = {"lateb": ("zvmb", here.red)}
    ports = here.announce(places)
    here.power_on(ports)
    here.await_word("zvmb", f"port {ports['lateb'].id}: up")
    seat = here.seats(places)["lateb"]
    assert seat.port.status == "DOWN"
    with DhcpClient(seat.machine, seat.end.vdev) as late, DhcpClient(seats["redb"].machine, VDEV) as early:
        assert late.lease(within=NO_LEASE_S) is None
        assert early.lease(LEASE_S)
        here.kvm.start_agent(DHCP_AGENT)
        here.api.wait_for_status([seat.port.id], "ACTIVE", PATIENCE_S)
        lease = late.lease(LEASE_S)
        assert lease
        assert str(lease.address.ip) == seat.port.addresses[0]


def test_a_restart_of_the_open_vswitch_agent_is_not_felt(here: Site, seats: dict[str, Seat]) -> None:
    with undisturbed(here, seats):
        before = here.await_agent(KVM, OPENVSWITCH_AGENT)
        here.kvm.kill_agent(OPENVSWITCH_AGENT)
        here.kvm.start_agent(OPENVSWITCH_AGENT)
        here.await_agent(KVM, OPENVSWITCH_AGENT, after=before)


def test_a_restart_of_the_zvm_agents_is_not_felt(here: Site, seats: dict[str, Seat]) -> None:
    with undisturbed(here, seats):
        before = {host: here.await_agent(host, ZVM_AGENT) for host in SYSTEMS}
        for host in SYSTEMS:
            here.cloud.kill_agent(host)
            here.start_zvm_agent(host)
        for host, agent in before.items():
            here.await_agent(host, ZVM_AGENT, after=agent)


@contextlib.contextmanager
def undisturbed(here: Site, seats: dict[str, Seat]) -> Iterator[None]:
    """Within the block nothing is lost between the hosts, and nobody changes anything on z/VM."""
    pairs = (("redk", "reda"), ("redk", "redb"), ("flatk", "flatb"), ("reda", "redb"))
    mark = here.world.journal.mark()
    with Traffic([(seats[one].end, seats[other].end) for one, other in pairs]) as traffic:
        yield
    assert traffic.losses() == {}
    assert here.world.journal.entries(mark, mutating=True) == []
