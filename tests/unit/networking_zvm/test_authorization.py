"""The three ways onto a vswitch, one story each. What is asserted is the system after the plan."""

import dataclasses

import pytest

from networking_zvm import model, plan
from networking_zvm.authorization import FIRST_PORT, way_for
from networking_zvm.claims import Policy, State
from networking_zvm.hypervisor import base
from networking_zvm.model import Way
from tests.unit.networking_zvm.test_plan import (
    AWARE,
    FEILONG,
    FLAT,
    OTHER,
    PORTED,
    SMAPI,
    XCAT,
    Desk,
    port,
    record,
)


def modern(way: Way | None = None, *, listed: bool = True) -> Desk:
    return Desk(SMAPI, way, directory_authorizes=True, lists_records=listed)


def announce_two_nics(desk: Desk, *, live: bool = False) -> list[model.NicAddress]:
    """Ports p1 and p2 are NICs 1000 and 1003 of LINUX01, not coupled yet."""
    desk.announce(record(1, "LINUX01", "1000"), record(2, "LINUX01", "1003"))
    return [
        desk.toy.define("LINUX01", "1000", "000001", None, live),
        desk.toy.define("LINUX01", "1003", "000002", None, live),
    ]


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize(
    ("way", "physnet"), [(Way.DIRECTORY, "data"), (Way.PORT, "ported"), (None, "ported")]
)
def test_two_nics_of_a_guest_on_one_vswitch_have_vlans_of_their_own(
    way: Way | None, physnet: str, live: bool, listed: bool
) -> None:
    desk = modern(way, listed=listed)
    nics = announce_two_nics(desk, live=live)
    desk.want(port(1, physnet, 100), port(2, physnet, 200))
    final = desk.settle()
    assert [desk.toy.directory[nic].vlans for nic in nics] == [{100}, {200}]
    assert {verdict.state for verdict in final.verdicts.values()} == {State.UP}
    if live:
        assert [desk.toy.vlans_of(nic, grant_wins=True) for nic in nics] == [{100}, {200}]


def test_under_a_pinned_grant_the_second_vlan_is_refused_with_the_reason() -> None:
    desk = modern(Way.GRANT)
    announce_two_nics(desk)
    desk.want(port(1, "data", 100), port(2, "data", 200))
    final = desk.settle()
    assert final.verdicts["p1"].state is State.UP
    assert final.verdicts["p2"].state is State.REFUSED
    assert "share their VLAN" in final.verdicts["p2"].reason


def test_the_directory_way_needs_no_grant_and_one_change() -> None:
    desk = modern()
    announce_two_nics(desk)
    desk.want(port(1, "data", 100))
    desk.settle()
    assert desk.vlans("LINUX01", AWARE) is None
    assert [type(change) for change in desk.toy.journal] == [base.Couple]


def test_a_nic_that_a_grant_serves_well_is_left_alone() -> None:
    desk = modern()
    desk.toy.grant("LINUX01", "VSWV", 100)
    desk.announce(record(1, "LINUX01", "1000"))
    desk.toy.define("LINUX01", "1000", "000001", "VSWV", True)
    desk.want(port(1, "data", 100))
    assert not desk.todo().guests
    assert desk.todo().verdicts["p1"].state is State.UP


def test_beside_such_a_nic_another_vlan_is_refused_until_its_port_goes_down_and_up() -> None:
    desk = modern()
    desk.toy.grant("LINUX01", "VSWV", 100)
    nics = announce_two_nics(desk)
    nics[0] = desk.toy.define("LINUX01", "1000", "000001", "VSWV", False)
    desk.want(port(1, "data", 100), port(2, "data", 200))
    assert "administratively down and up" in desk.settle().verdicts["p2"].reason
    desk.want(port(1, "data", 100, up=False), port(2, "data", 200))
    desk.settle()
    desk.want(port(1, "data", 100), port(2, "data", 200))
    desk.settle()
    assert [desk.toy.directory[nic].vlans for nic in nics] == [{100}, {200}]
    assert desk.vlans("LINUX01", AWARE) is None


def test_a_grant_that_contradicts_the_records_is_taken_back_with_the_nic_uncoupled() -> None:
    desk = modern(listed=False)
    (nic, _) = announce_two_nics(desk, live=True)
    desk.want(port(1, "data", 100))
    desk.settle()
    desk.toy.grant("LINUX01", "VSWV", 300)
    desk.settle()
    assert desk.vlans("LINUX01", AWARE) is None
    assert desk.toy.vlans_of(nic, grant_wins=True) == {100}


def test_a_changed_vlan_is_written_and_coupled_anew() -> None:
    desk = modern()
    (nic, _) = announce_two_nics(desk, live=True)
    desk.want(port(1, "data", 100))
    desk.settle()
    desk.want(port(1, "data", 101))
    desk.settle()
    assert desk.toy.directory[nic].vlans == {101}
    assert desk.toy.vlans_of(nic, grant_wins=False) == {101}


def test_ports_get_numbers_of_their_own_and_give_them_back() -> None:
    desk = modern(Way.PORT)
    announce_two_nics(desk)
    desk.want(port(1, "ported", 100), port(2, "ported", 200))
    desk.settle()
    assert desk.toy.vswitches[PORTED.name].ports == {
        FIRST_PORT: model.SwitchPort(model.Userid("LINUX01"), frozenset({model.VlanId(100)})),
        FIRST_PORT + 1: model.SwitchPort(model.Userid("LINUX01"), frozenset({model.VlanId(200)})),
    }
    desk.release("p1")
    desk.settle()
    assert list(desk.toy.vswitches[PORTED.name].ports) == [FIRST_PORT + 1]
    assert desk.place("LINUX01", "1003") == ("VSWP", None)


def test_an_operators_port_is_not_touched() -> None:
    desk = modern(Way.PORT)
    announce_two_nics(desk)
    desk.toy.carry_out(base.AssignPort(model.Userid("LINUX01"), PORTED.name, 7, frozenset(), True))
    desk.want(port(1, "ported", 100))
    desk.settle()
    desk.release("p1")
    desk.settle()
    assert list(desk.toy.vswitches[PORTED.name].ports) == [7]


def test_after_an_ipl_ports_are_assigned_anew() -> None:
    desk = modern(Way.PORT)
    announce_two_nics(desk, live=True)
    desk.want(port(1, "ported", 100))
    desk.settle()
    desk.toy.ipl()
    desk.settle()
    assert list(desk.toy.vswitches[PORTED.name].ports) == [FIRST_PORT]
    assert desk.place("LINUX01", "1000") == ("VSWP", "VSWP")


def test_a_nic_known_only_from_the_control_points_database_is_coupled_on_its_word() -> None:
    desk = Desk(FEILONG, directory_authorizes=True)
    desk.announce(record(1, "LINUX01", "1000"))
    address = model.NicAddress(model.Userid("LINUX01"), model.Vdev("1000"))
    desk.toy.directory[address] = model.DirectoryNic(address, confirmed=False)
    desk.want(port(1, "data", 100))
    assert desk.todo().verdicts["p1"].state is State.PENDING


def test_a_nic_with_another_mac_than_its_ports_is_not_coupled() -> None:
    desk = Desk(FEILONG, directory_authorizes=True)
    desk.announce(record(1, "LINUX01", "1000"))
    desk.toy.define("LINUX01", "1000", "0000AA", None, False)
    desk.want(port(1, "data", 100))
    assert "MACID 0000AA" in desk.settle().verdicts["p1"].reason
    assert desk.place("LINUX01", "1000") == (None, None)


@pytest.mark.parametrize(
    ("capabilities", "modern_zvm", "vswitch", "expected"),
    [
        (XCAT, False, AWARE, Way.GRANT),
        (XCAT, True, AWARE, Way.GRANT),
        (FEILONG, False, AWARE, Way.GRANT),
        (FEILONG, True, AWARE, Way.DIRECTORY),
        (FEILONG, True, FLAT, Way.DIRECTORY),
        (FEILONG, True, PORTED, Way.DIRECTORY),
        (SMAPI, False, PORTED, Way.GRANT),
        (SMAPI, True, OTHER, Way.DIRECTORY),
        (SMAPI, True, PORTED, Way.PORT),
    ],
)
def test_auto_picks_what_zvm_the_driver_and_the_vswitch_allow(
    capabilities: base.Capabilities, modern_zvm: bool, vswitch: model.VSwitch, expected: Way
) -> None:
    system = Desk(capabilities, directory_authorizes=modern_zvm).toy.look()
    assert way_for(vswitch, system, Policy({}, {}, capabilities)) is expected
    pinned = Policy({}, {}, capabilities, Way.GRANT)
    assert way_for(vswitch, system, pinned) is Way.GRANT
    single = Policy({}, {}, capabilities, Way.GRANT, {vswitch.name: Way.DIRECTORY})
    assert way_for(vswitch, system, single) is Way.DIRECTORY


def test_a_pinned_way_is_taken_at_its_word_where_the_release_does_not_tell() -> None:
    """z/VM 6.4 has Directory Network Authorization by APAR; no control point shows that."""
    desk = Desk(SMAPI, Way.DIRECTORY, directory_authorizes=True, lists_records=True)
    announce_two_nics(desk, live=True)
    desk.want(port(1, "data", 100))
    desk.settle()
    system = dataclasses.replace(desk.toy.look(), directory_authorizes=False)
    todo = plan.make_plan(desk.wanted, desk.toy.records.values(), [], system, desk.policy)
    assert not todo.guests
    assert todo.verdicts["p1"].state is State.UP


def test_a_coupled_nic_whose_entry_cannot_be_read_is_neither_changed_nor_judged() -> None:
    desk = Desk(FEILONG, directory_authorizes=True)
    desk.announce(record(1, "LINUX01", "1000", "VSWV"))
    address = model.NicAddress(model.Userid("LINUX01"), model.Vdev("1000"))
    desk.toy.directory[address] = model.DirectoryNic(address, confirmed=False)
    desk.want(port(1, "data", 100))
    todo = desk.todo()
    assert not todo.guests
    assert todo.verdicts["p1"].state is State.UNCLEAR
