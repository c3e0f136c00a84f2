"""Table, map and matrix of the shipped pair of systems; some of its guests' NICs play OpenStack's."""

import dataclasses
import io
from ipaddress import IPv4Interface

import pytest
from rich.console import Console, RenderableType

from zvmlab import show, system_map
from zvmlab.cast import NicRole
from zvmlab.dhcp_client import Lease
from zvmlab.neutron_api import Port
from zvmlab.picture import Picture
from zvmsim import oracle
from zvmsim.oracle import NicAddress
from zvmsim.server import inventory_text, load
from zvmsim.world.world import World

OURS = {
    NicAddress("ZVMA", "DBSRV1", "0600"): "mgmt",
    NicAddress("ZVMA", "DBSRV1", "0700"): "db",
    NicAddress("ZVMB", "DBSRV2", "0700"): "db",
}


@pytest.fixture
def world() -> World:
    return load(inventory_text("two-systems")).world


def port(name: str, address: str) -> Port:
    return Port(name, name, "", "", (address,), "ACTIVE", True, "", "", "", "zvm", {})


def picture(world: World) -> Picture:
    ports = {}
    for number, (nic, network) in enumerate(OURS.items(), 1):
        name = f"{nic.userid.lower()}-{network}"
        role = NicRole(name, nic.userid.lower(), "", network, nic.vdev)
        ports[nic] = (role, port(name, f"10.0.0.{number}"))
    return Picture(oracle.snapshot(world), ports, {"ZVMA": "zvma", "ZVMB": "zvmb"}, "xCAT")


def lines_of(what: RenderableType) -> list[str]:
    console = Console(file=io.StringIO(), width=show.WIDTH)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def line_with(lines: list[str], *words: str) -> str:
    return next(line for line in lines if all(word in line for word in words))


def test_the_table_tells_where_each_nic_is(world: World) -> None:
    world.systems["ZVMA"].uncouple("DBSRV1", "0600")
    world.systems["ZVMB"].logoff("DBSRV2")
    lines = lines_of(show.ports(picture(world)))
    assert "900    DBSRV1   0700   DATANET1" in line_with(lines, "dbsrv1-db")
    assert "not coupled" in line_with(lines, "dbsrv1-mgmt")
    assert "guest is off" in line_with(lines, "dbsrv2-db")


def test_the_table_tells_leases_where_there_are_any(world: World) -> None:
    plain = picture(world)
    assert "Lease" not in "".join(lines_of(show.ports(plain)))
    lease = Lease(IPv4Interface("10.0.0.2/24"), "10.0.0.9", 600)
    address = NicAddress("ZVMA", "DBSRV1", "0700")
    lines = lines_of(show.ports(dataclasses.replace(plain, leases={address: (lease, 571.4)})))
    assert line_with(lines, "dbsrv1-db").endswith("571 s, 10.0.0.9")
    assert line_with(lines, "dbsrv2-db").endswith("none")


def test_the_map_is_two_boxes_joined_by_lans(world: World) -> None:
    lines = lines_of(system_map.draw(picture(world)))
    assert {len(line) for line in lines} == {98}
    assert "A100 ●══════ campus ══════● A100" in line_with(lines, "XCATVSW2")
    assert "●" not in line_with(lines, "XCATVSW1")


def test_the_map_has_every_nic_under_its_vlan(world: World) -> None:
    left = [line[:39] for line in lines_of(system_map.draw(picture(world)))]
    vlan = left.index(line_with(left, "VLAN 900 · db"))
    assert "■ DBSRV1   0700  10.0.0.2" in left[vlan + 1]
    assert "□ ROUTER1  0700" in left[left.index(line_with(left, "VLAN 1,900,901")) + 1]


def test_the_map_shows_a_lost_uplink_and_what_is_coupled_to_nothing(world: World) -> None:
    world.systems["ZVMA"].vswitches["DATANET1"].connected = False
    world.systems["ZVMA"].uncouple("DBSRV1", "0700")
    lines = lines_of(system_map.draw(picture(world)))
    assert "A200 ○" in line_with(lines, "DATANET1")
    assert "campus-trunk ═●" in line_with(lines, "DATANET1")
    assert "not coupled  DBSRV1   0700" in lines[-2]


def test_a_vswitch_that_only_one_system_has_leaves_the_other_side_blank(world: World) -> None:
    world.systems["ZVMB"].stop_vswitch("XCATVSW1")
    line = line_with(lines_of(system_map.draw(picture(world))), "XCATVSW1")
    assert line.endswith("│" + " " * 37 + "│")


def test_the_matrix_has_ours_first_and_full_dots_where_frames_arrive(world: World) -> None:
    tens, units, *lines = lines_of(show.matrix(picture(world)))
    assert (tens.split(), "".join(units.split())) == ([], "123456789"[: len(lines)])
    cells = [line[show.LABEL :].ljust(2 * len(lines)) for line in lines]
    reached = [[row[2 * column] for column in range(len(lines))] for row in cells]
    assert ["DBSRV1   0600  mgmt" in lines[0], "DBSRV1   0700  db" in lines[1]] == [True, True]
    assert reached[1][:3] == ["·", " ", "●"]
    assert reached[2][:3] == ["·", "●", " "]
    assert all("XCATVSW1" not in line and "0600  foreign" not in line for line in lines)


def test_the_matrix_has_what_a_real_frame_did_beside_it_and_tells_where_they_differ(world: World) -> None:
    seen = picture(world)
    arrives = {pair: verdict.ok for pair, verdict in oracle.matrix(seen.snapshot).items()}
    first, second, _ = OURS
    _, _, *lines = lines_of(show.matrix(dataclasses.replace(seen, heard=arrives | {(first, second): True})))
    row = lines[0][show.LABEL :].ljust(2 * len(lines))
    cells = [row[2 * column : 2 * column + 2] for column in range(len(lines))]
    assert cells[:2] == ["  ", "·●"]
    assert set(cells[2:]) == {"●●", "··"}
