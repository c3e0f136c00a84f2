"""What the live page shows of a world, and when it counts as changed."""

import json
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zvmsim.server import inventory_text, load
from zvmsim.view import NicView, SystemView, VswitchView, as_json, glance, view
from zvmsim.world.smapi import Request, SmapiError
from zvmsim.world.world import World


@pytest.fixture
def world() -> World:
    return two_systems()


def two_systems() -> World:
    return load(inventory_text("two-systems")).world


def system(world: World, name: str = "ZVMA") -> SystemView:
    return next(each for each in view(glance(world)).systems if each.name == name)


def vswitch(world: World, name: str = "DATANET1") -> VswitchView:
    return next(each for each in system(world).vswitches if each.name == name)


def nic(world: World, userid: str, vdev: str) -> NicView:
    return next(each for each in nics(system(world)) if (each.userid, each.vdev) == (userid, vdev))


def nics(shown: SystemView) -> Iterator[NicView]:
    for place in (*shown.vswitches, *shown.guest_lans):
        yield from place.nics
    yield from shown.uncoupled


def ask(world: World, function: str, target: str = "DBSRV1", **arguments: str) -> None:
    reply = world.smapi("ZVMA", Request(function, target, arguments, ()), caller="ZHCPA")
    assert (reply.rc, reply.rs) == (0, 0)


def switch_set(world: World, **arguments: str) -> None:
    ask(world, "Virtual_Network_Vswitch_Set_Extended", "SYSTEM", switch_name="DATANET1", **arguments)


def everyone_is_there_once(world: World) -> None:
    for shown in view(glance(world)).systems:
        subject = world.systems[shown.name]
        expected = [(nic.userid, nic.vdev, nic.mac) for nic in subject.nics()]
        assert Counter((nic.userid, nic.vdev, nic.mac) for nic in nics(shown)) == Counter(expected)
        assert {nic.userid for nic in nics(shown)} | set(shown.without_nic) == set(subject.guests)


ACTIONS: dict[str, Callable[[World], object]] = {
    "off": lambda world: world.systems["ZVMA"].logoff("DBSRV1"),
    "on": lambda world: world.systems["ZVMA"].logon("DBSRV1"),
    "uncouple": lambda world: world.systems["ZVMA"].uncouple("DBSRV1", "0700"),
    "couple": lambda world: world.systems["ZVMA"].couple("DBSRV1", "0700", "DATANET1"),
    "define": lambda world: world.systems["ZVMA"].define_nic("OPNCLOUD", "1000"),
    "detach": lambda world: world.systems["ZVMA"].detach_nic("OPNCLOUD", "1000"),
    "stop": lambda world: world.systems["ZVMA"].stop_vswitch("DATANET1"),
    "ipl": lambda world: world.systems["ZVMA"].ipl(),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(ACTIONS)), max_size=8))
def test_every_nic_and_guest_is_shown_once_whatever_happened(names: list[str]) -> None:
    world = two_systems()
    for name in names:
        before = glance(world)
        try:
            ACTIONS[name](world)
        except SmapiError:
            assert glance(world) == before, "refused, and yet something changed"
        everyone_is_there_once(world)


def test_a_nic_tells_its_vlans_its_port_and_what_let_it_in(world: World) -> None:
    assert nic(world, "DBSRV1", "0700").vlans == "900"
    router = nic(world, "ROUTER1", "0700")
    assert (router.vlans, router.port, router.by) == ("1 900-901", "trunk", "grant")
    flat = nic(world, "DBSRV1", "0600")
    assert (flat.vlans, flat.port, flat.by) == ("", "", "grant")


def test_a_nic_whose_grant_is_gone_says_so_while_it_is_still_coupled(world: World) -> None:
    switch_set(world, revoke_userid="DBSRV1")
    assert world.systems["ZVMA"].nic("DBSRV1", "0700").coupled
    assert nic(world, "DBSRV1", "0700").by == "revoked"


def test_trunk_ports_come_first_then_by_vlan(world: World) -> None:
    assert [each.userid for each in vswitch(world).nics] == ["ROUTER1", "DBSRV1"]


def test_an_uplink_is_on_its_lan_and_tells_why_it_is_down(world: World) -> None:
    up = vswitch(world).uplink
    assert (up.lan, [(device.rdev, device.state) for device in up.devices], up.down) == (
        "campus-trunk",
        [("A200", "active")],
        "",
    )
    world.systems["ZVMA"].vswitches["DATANET1"].connected = False
    down = vswitch(world).uplink
    assert (down.lan, down.down) == ("campus-trunk", "the uplink of DATANET1 on ZVMA is disconnected")
    assert vswitch(world, "XCATVSW1").uplink.lan == ""


def test_traits_are_words(world: World) -> None:
    assert vswitch(world).traits == ("layer 2", "native VLAN 1", "default VLAN none")
    world.systems["ZVMA"].vswitches["XCATVSW1"].isolation = True
    assert vswitch(world, "XCATVSW1").traits == ("layer 2", "VLAN unaware", "isolated")


CHANGES: dict[str, Callable[[World], object]] = {
    "uncouple": lambda world: world.systems["ZVMA"].uncouple("DBSRV1", "0700"),
    "re-grant": lambda world: switch_set(world, grant_userid="DBSRV1", user_vlan_id="901"),
    "grant of a stranger": lambda world: switch_set(world, grant_userid="NEWGUEST"),
    "isolation": lambda world: switch_set(world, port_isolation="ON"),
    "log off": lambda world: world.systems["ZVMA"].logoff("OPNCLOUD"),
    "new NIC": lambda world: world.systems["ZVMA"].define_nic("OPNCLOUD", "1000"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_seen_and_an_earlier_glance_keeps_what_it_saw(
    world: World, change: Callable[[World], object]
) -> None:
    before = glance(world)
    told = as_json(view(before))
    change(world)
    assert glance(world) != before
    assert as_json(view(before)) == told


def test_reading_changes_nothing(world: World) -> None:
    before = glance(world)
    ask(world, "Virtual_Network_Vswitch_Query", "SYSTEM", switch_name="*")
    assert glance(world) == before


def test_json_has_every_field(world: World) -> None:
    shown = json.loads(as_json(view(glance(world))))
    assert shown["lans"] == ["campus", "campus-trunk", "campus-trunk2"]
    zvma = shown["systems"][0]
    assert (zvma["name"], zvma["release"], zvma["guests"]) == ("ZVMA", "7.1", 5)
    assert zvma["without_nic"] == ["OPNCLOUD"]
    datanet = next(each for each in zvma["vswitches"] if each["name"] == "DATANET1")
    assert datanet["nics"][1]["vlans"] == "900"
    assert datanet["uplink"]["devices"] == [{"rdev": "A200", "state": "active"}]
