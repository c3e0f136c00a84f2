"""Promises held against the shipped pair of systems, whose own guests play OpenStack's."""

import pytest

from zvmlab import promise
from zvmsim import oracle
from zvmsim.oracle import NicAddress
from zvmsim.server import inventory_text, load
from zvmsim.world.world import World

DB1 = NicAddress("ZVMA", "DBSRV1", "0700")
DB2 = NicAddress("ZVMB", "DBSRV2", "0700")
FLAT = NicAddress("ZVMA", "DBSRV1", "0600")
MN = NicAddress("ZVMA", "XCAT", "0700")


@pytest.fixture
def world() -> World:
    """Without ROUTER1, a stranger in all VLANs."""
    world = load(inventory_text("two-systems")).world
    world.systems["ZVMA"].logoff("ROUTER1")
    return world


def broken(world: World, network_of: dict[NicAddress, str], *down: NicAddress) -> list[str]:
    return promise.broken(oracle.snapshot(world), network_of, down, {"XCATVSW2": "mgmt"})


def test_a_promise_kept_across_systems_is_no_complaint(world: World) -> None:
    assert broken(world, {DB1: "db", DB2: "db"}) == []


def test_a_stranger_in_one_of_our_vlans_is_a_breach(world: World) -> None:
    world.systems["ZVMA"].logon("ROUTER1")
    assert any("ROUTER1" in line for line in broken(world, {DB1: "db", DB2: "db"}))


def test_one_network_must_reach_itself(world: World) -> None:
    world.systems["ZVMB"].vswitches["DATANET1"].connected = False
    complaints = broken(world, {DB1: "db", DB2: "db"})
    assert len(complaints) == 2
    assert all("should reach" in line and "disconnected" in line for line in complaints)


def test_two_networks_must_not_meet(world: World) -> None:
    complaints = broken(world, {DB1: "db", DB2: "web"})
    assert any(line.startswith(f"{DB1} must not reach {DB2}: ") for line in complaints)


def test_who_is_down_must_be_silent(world: World) -> None:
    assert any("must not reach" in line for line in broken(world, {DB1: "db", DB2: "db"}, DB1))
    world.systems["ZVMA"].uncouple("DBSRV1", "0700")
    assert broken(world, {DB1: "db", DB2: "db"}, DB1) == []


def test_a_flat_network_is_shared_with_whoever_is_on_the_wire(world: World) -> None:
    assert broken(world, {FLAT: "mgmt"}) == []
    world.systems["ZVMA"].uncouple("XCAT", "0700")
    assert broken(world, {FLAT: "mgmt"}) == []
    assert oracle.snapshot(world).nics[MN].coupled is False


def test_a_nic_that_is_gone_breaks_its_promises(world: World) -> None:
    world.systems["ZVMB"].logoff("DBSRV2")
    assert any("does not exist" in line for line in broken(world, {DB1: "db", DB2: "db"}))


def test_strangers_are_compared_without_ours(world: World) -> None:
    strangers = promise.among_strangers(oracle.snapshot(world), [DB1])
    assert all(DB1 not in pair for pair in strangers)
    assert strangers[MN, FLAT] is True
