"""Who makes which NIC, who tells the guest of it, and what is refused before anything is created."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networking_zvm.compute.guestnet import feilong, plan
from networking_zvm.compute.guestnet.distributions import DISTRIBUTIONS, Files, distribution
from networking_zvm.compute.guestnet.networks import GuestNetwork, Ipv6Mode
from networking_zvm.compute.guestnet.refusals import CannotConfigure
from networking_zvm.model import Vdev
from tests.unit.networking_zvm.compute_guestnet.networks_of import (
    DB,
    DUAL,
    SIX,
    WEB,
    guests,
    nic,
    plain_guests,
    subnet,
)

NAMES = [
    "rhel7.9", "rhel8", "rhel9.4", "rhel10.1", "sles12sp5", "sles15.5", "sles16", "SUSE15",
    "ubuntu20.04", "Ubuntu22.04.3", "ubuntu24.04", "rhcos4.14",
]  # fmt: skip
UNKNOWN = ["rhel6", "sles11", "ubuntu16.04", "rhel8.10", "windows", "", "rhel9; rm", "xrhel9"]


def ports(nets: object) -> list[str]:
    return [getattr(net, "port_id", None) or net["nic_id"] for net in nets]  # type: ignore[attr-defined, index]


@pytest.mark.parametrize("name", NAMES)
def test_every_distribution_boots_from_a_network_with_gateway(name: str) -> None:
    made = plan.boot([WEB], name, config_drive=True)
    assert ports(made.items) + ports(made.bare) == [WEB.port_id]
    assert made.before_deploy == name.startswith("rhcos")


@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_distribution_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(CannotConfigure, match="rhel7"):
        plan.boot([WEB], name, config_drive=True)


def test_each_name_belongs_to_one_distribution() -> None:
    assert {distribution(name) for name in NAMES} == set(DISTRIBUTIONS)


@pytest.mark.parametrize("name", ["rhel9", "sles15"])
def test_files_hold_every_nic_and_one_default_route(name: str) -> None:
    web, db = plan.boot([WEB, DB], name, config_drive=False).items
    assert (web["gateway_addr"], web["mtu"], web["nic_vdev"]) == ("10.0.0.1", 1500, "1000")
    assert "gateway_addr" not in db
    assert (db["ip_addr"], db["cidr"], db["mtu"], db["nic_vdev"]) == ("10.1.0.7", "10.1.0.0/16", 8992, "1003")
    assert web["dns_addr"] == db["dns_addr"] == ["10.0.0.2", "10.0.0.3", "10.1.0.2"]
    assert "hostname" not in web


def test_the_default_route_leads_through_the_first_nic_with_a_gateway() -> None:
    late = nic(2, subnet("10.2.0.0/24", 9))
    other = nic(3, subnet("10.3.0.0/24", 9))
    items = plan.boot([DB, late, other], "rhel9", config_drive=True).items
    assert [item.get("gateway_addr") for item in items] == [None, "10.2.0.1", None]


def test_the_address_with_the_gateway_is_the_one_for_the_file() -> None:
    both = nic(0, subnet("10.8.0.0/24", 8, gateway=False), subnet("10.9.0.0/24", 9, 10))
    (item,) = plan.boot([both], "rhel9", config_drive=True).items
    assert (item["ip_addr"], item["gateway_addr"]) == ("10.9.0.9", "10.9.0.1")


@pytest.mark.parametrize("name", ["ubuntu20.04", "ubuntu22.04"])
def test_ubuntu_gets_a_file_for_the_default_nic_and_the_drive_for_the_rest(name: str) -> None:
    made = plan.boot([DB, nic(2, subnet("10.2.0.0/24", 9))], name, config_drive=True)
    assert [item["ip_addr"] for item in made.items] == ["10.2.0.9"]
    assert made.bare == (DB,)
    with pytest.raises(CannotConfigure, match=r"1003.*10\.1\.0\.7.*config drive"):
        plan.boot([WEB, DB], name, config_drive=False)


def test_ubuntu_without_gateway_gets_no_broken_file() -> None:
    made = plan.boot([DB], "ubuntu22.04", config_drive=True)
    assert made.items == ()
    assert made.bare == (DB,)
    assert "online" in made.notes[0]


@pytest.mark.parametrize(
    "net",
    [
        nic(0, subnet("10.0.0.0/24", 5, 6)),
        nic(0, subnet("10.0.0.0/24", 5), subnet("10.1.0.0/24", 5)),
        nic(0, subnet("10.0.0.0/24", 5, routes=[("10.9.0.0/16", "10.0.0.9")])),
        DUAL,
        SIX,
    ],
    ids=["two addresses", "two subnets", "host route", "dual stack", "IPv6"],
)
@pytest.mark.parametrize("name", ["rhel9", "sles15", "ubuntu22.04"])
def test_what_files_cannot_hold_needs_the_config_drive(net: GuestNetwork, name: str) -> None:
    made = plan.boot([net], name, config_drive=True)
    assert ports(made.items) + ports(made.bare) == [net.port_id]
    with pytest.raises(CannotConfigure, match="config drive"):
        plan.boot([net], name, config_drive=False)


def test_what_the_guest_finds_itself_needs_no_drive() -> None:
    slaac = nic(0, subnet("10.0.0.0/24", 5), subnet("2001:db8::/64", 5, mode=Ipv6Mode.SLAAC))
    assert "2001:db8::5" in plan.boot([slaac], "rhel9", config_drive=False).notes[0]
    dhcp = nic(1, subnet("10.1.0.0/24", 5, dhcp=True))
    assert "DHCP" in plan.boot([WEB, dhcp], "ubuntu22.04", config_drive=False).notes[0]


@pytest.mark.parametrize(
    "nets",
    [
        [],
        [WEB, DB],
        [DB],
        [SIX],
        [dataclasses.replace(WEB, mtu=None)],
        [nic(0, subnet("10.0.0.0/24", 5, 6))],
        [DUAL],
    ],
    ids=["none", "two", "no gateway", "IPv6", "no MTU", "two addresses", "dual stack"],
)
def test_rhcos_takes_one_plain_nic_only_for_it_reads_no_drive(nets: list[GuestNetwork]) -> None:
    with pytest.raises(CannotConfigure):
        plan.boot(nets, "rhcos4", config_drive=True)


def test_rhcos_has_room_for_two_dns_servers_and_the_hostname() -> None:
    many = nic(0, subnet("10.0.0.0/24", 5, dns=["10.0.0.2", "10.0.0.3", "10.0.0.4"]), hostname="web1")
    (item,) = plan.boot([many], "rhcos4", config_drive=True).items
    assert (item["dns_addr"], item["hostname"]) == (["10.0.0.2", "10.0.0.3"], "web1")


@pytest.mark.parametrize("name", ["rhel8", "ubuntu22.04", "rhcos4"])
def test_a_number_whose_name_linux_shortens_is_refused(name: str) -> None:
    low = dataclasses.replace(WEB, vdev=Vdev("0800"))
    with pytest.raises(CannotConfigure, match="default_nic_vdev"):
        plan.boot([low], name, config_drive=True)
    assert plan.boot([low], "sles15", config_drive=True).items[0]["nic_vdev"] == "0800"


def test_one_more_nic_gets_a_gateway_only_if_the_guest_has_none() -> None:
    second = nic(1, subnet("10.1.0.0/24", 5, dns=["10.1.0.2"]))
    (item,) = plan.attach(second, [WEB], "rhel9").items
    assert "gateway_addr" not in item
    assert item["dns_addr"] == ["10.0.0.2", "10.0.0.3", "10.1.0.2"], "resolv.conf is written anew"
    made = plan.attach(WEB, [DB], "rhel9")
    assert made.items[0]["gateway_addr"] == "10.0.0.1"
    assert "default route at its next boot" in made.notes[0]


def test_the_operator_hears_of_an_mtu_that_a_running_guest_takes_later() -> None:
    assert "MTU 8992 at its next boot" in plan.attach(DB, [WEB], "sles15").notes[0]
    assert plan.attach(nic(1, subnet("10.1.0.0/24", 5)), [WEB], "sles15").notes == ()


@pytest.mark.parametrize(
    ("net", "name"),
    [
        (DB, "ubuntu22.04"),
        (DB, "ubuntu24.04"),
        (DB, "rhel10"),
        (DB, "sles16"),
        (DB, "rhcos4"),
        (SIX, "rhel9"),
        (nic(1), "rhel9"),
        (nic(1, subnet("10.1.0.0/24", 5, 6)), "rhel9"),
        (nic(1, subnet("10.1.0.0/24", 5), subnet("2001:db8::/64", 5)), "sles15"),
        (nic(1, subnet("10.1.0.0/24", 5, routes=[("10.9.0.0/16", "10.1.0.9")], dhcp=True)), "rhel9"),
    ],
)
def test_one_more_nic_that_nobody_could_tell_of_is_refused(net: GuestNetwork, name: str) -> None:
    with pytest.raises(CannotConfigure):
        plan.attach(net, [WEB], name)


def test_one_more_dual_stack_nic_finds_its_ipv6_address() -> None:
    net = nic(1, subnet("10.1.0.0/24", 5), subnet("2001:db8::/64", 5, mode=Ipv6Mode.SLAAC))
    made = plan.attach(net, [WEB], "rhel9")
    assert ports(made.items) == [net.port_id]
    assert "router discovery" in made.notes[0]


def test_requests_stay_below_what_feilong_reads() -> None:
    servers = [f"10.0.0.{number}" for number in range(10, 15)]
    nets = [nic(number, subnet(f"10.{number}.0.0/24", 5, dns=servers)) for number in range(40)]
    items = list(plan.boot(nets, "rhel9", config_drive=True).items)
    calls = feilong.requests("ZVM00001", "rhel9", items)
    assert [item for call in calls for item in call] == items
    sizes = [feilong._bytes("ZVM00001", "rhel9", call, False) for call in calls]
    assert max(sizes) <= feilong.REQUEST_BYTES
    assert min(sizes[:-1]) > feilong.REQUEST_BYTES - 350, "calls are as few as can be"


def test_an_item_that_fits_no_request_is_refused() -> None:
    servers = [f"10.0.{high}.{low}" for high in range(3) for low in range(99)]
    items = plan.boot([nic(0, subnet("10.0.0.0/24", 5, dns=servers))], "rhel9", config_drive=True).items
    with pytest.raises(CannotConfigure, match="fewer DNS servers"):
        feilong.requests("ZVM00001", "rhel9", items)


@settings(deadline=None)
@given(guests(), st.sampled_from(NAMES), st.booleans())
def test_each_nic_is_made_once_or_all_is_refused(nets: list[GuestNetwork], name: str, drive: bool) -> None:
    try:
        made = plan.boot(nets, name, drive)
    except CannotConfigure:
        return
    assert sorted(ports(made.items) + ports(made.bare)) == sorted(ports(nets))
    assert sum("gateway_addr" in item for item in made.items) <= 1
    assert all(None not in item.values() and "" not in item.values() for item in made.items)


@settings(deadline=None)
@given(guests())
def test_with_a_drive_only_rhcos_and_no_network_are_refused(nets: list[GuestNetwork]) -> None:
    for linux, name in ((distribution(name), name) for name in NAMES):
        if linux.files is not Files.KERNEL_PARAMETERS:
            plan.boot(nets, name, config_drive=True)


@settings(deadline=None)
@given(plain_guests())
def test_without_a_drive_nothing_is_lost_in_silence(nets: list[GuestNetwork]) -> None:
    """Every address of a guest is in a file, or in a note, or the guest is refused."""
    try:
        made = plan.boot(nets, "rhel9", config_drive=False)
    except CannotConfigure:
        return
    words = [item["ip_addr"] for item in made.items] + " ".join(made.notes).split()
    assert {str(a) for net in nets for sub in net.subnets for a in sub.addresses} <= set(words)
