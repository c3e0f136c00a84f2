"""Service guests in the planner: from any start to exactly the VLANs in use, and nobody else's change."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from networking_zvm import model, plan
from networking_zvm.authorization import FIRST_PORT
from networking_zvm.claims import State
from networking_zvm.hypervisor import base, vlan_list
from networking_zvm.settings import ServiceGuest
from tests.unit.networking_zvm.test_plan import (
    AWARE,
    FEILONG,
    FLAT,
    OTHER,
    SMAPI,
    XCAT,
    Desk,
    port,
    record,
)

NODE = model.NicAddress(model.Userid("DHCP1"), model.Vdev("0700"))
SERVICE = ServiceGuest(NODE, "data")
KEY = "DHCP1 0700"
VLANS = (100, 101, 102, 200, 300, 400, 500)


def dhcp(
    number: int, physnet: str = "data", vlan: int | None = None, *, up: bool = True
) -> model.PortBinding:
    """Port pN of DHCP."""
    return dataclasses.replace(port(number, physnet, vlan, up=up), owner="network:dhcp")


def desk_of(
    able: base.Capabilities = SMAPI, service: ServiceGuest = SERVICE, *, live: bool = True, **kwargs: bool
) -> Desk:
    """With the node logged on, or off, and its NIC coupled to nothing."""
    kwargs.setdefault("directory_authorizes", able is not XCAT)
    desk = Desk(able, None, (service,), **kwargs)
    desk.toy.define("DHCP1", "0700", "0D0C01", None, live)
    return desk


def changes(todo: plan.Plan) -> list[base.GuestChange]:
    return [step.change for step in todo.guests.get(NODE.userid, ())]


def trunk(desk: Desk) -> set[int] | None:
    """The VLANs of the node's NIC, None while it is coupled to nothing."""
    if NODE not in desk.toy.live:
        return None
    return {int(vlan) for vlan in desk.toy.vlans_of(NODE, grant_wins=True)}


@st.composite
def situations(draw: st.DrawFn) -> Desk:
    """A node in any state of any past, ports in any VLANs, and other guests beside it."""
    able = draw(st.sampled_from([XCAT, SMAPI]))
    desk = desk_of(
        able,
        live=draw(st.booleans()),
        revoke_uncouples=draw(st.booleans()),
        regrant_uncouples=draw(st.booleans()),
        lists_records=draw(st.booleans()),
        directory_authorizes=able is SMAPI and draw(st.booleans()),
    )
    toy, vlan_sets = desk.toy, st.sets(st.sampled_from(VLANS), max_size=4)
    toy.grant("WEB9", "VSWV", 900)
    if draw(st.sampled_from([True, False, False])):
        toy.grant("DHCP1", "VSWV", *draw(vlan_sets))
    for number in draw(st.sampled_from([(FIRST_PORT,), (FIRST_PORT + 5,), (), (7,), (7, FIRST_PORT)])):
        kept = model.SwitchPort(NODE.userid, frozenset(map(model.VlanId, draw(vlan_sets))))
        vswitch = toy.vswitches[AWARE.name]
        toy.vswitches[AWARE.name] = dataclasses.replace(vswitch, ports={**vswitch.ports, number: kept})
    if draw(st.booleans()):
        alone = list(toy.vswitches[AWARE.name].ports)
        may = toy.directory_authorizes or NODE.userid in toy.vswitches[AWARE.name].grants
        if may and not alone:
            toy.define("DHCP1", "0700", "0D0C01", "VSWV", NODE.userid in toy.logged_on)
    _draw_wishes(draw, desk)
    return desk


def _draw_wishes(draw: st.DrawFn, desk: Desk) -> None:
    wanted = [dhcp(n, vlan=vlan) for n, vlan in enumerate(draw(st.sets(st.sampled_from(VLANS))), 20)]
    for number, vlan in enumerate(draw(st.lists(st.sampled_from(VLANS), max_size=3)), 1):
        wanted.append(port(number, "data", vlan))
        desk.announce(record(number, f"WEB{number}", "1000"))
        desk.toy.define(f"WEB{number}", "1000", f"{number:06X}", None, live=draw(st.booleans()))
    desk.want(*wanted)


@settings(max_examples=400, deadline=None)
@given(situations(), st.lists(st.integers(0, 8), max_size=3))
def test_every_start_leads_to_exactly_the_vlans_in_use(desk: Desk, crashes: list[int]) -> None:
    for steps_until_crash in crashes:
        for change in [s.change for s in desk.todo().steps()][:steps_until_crash]:
            desk.toy.carry_out(change)  # type: ignore[arg-type]
    final = desk.settle()
    in_use = {int(p.segment.vlan or 0) for p in desk.wanted}
    left_out = {int(key.rpartition(" ")[2]) for key in final.verdicts if key.startswith(f"{KEY} VLAN")}
    assert trunk(desk) == ((in_use - left_out) or None if NODE.userid in desk.toy.logged_on else None)
    vswitch = desk.toy.vswitches[AWARE.name]
    leave = {int(v) for n, p in vswitch.ports.items() if p.userid == NODE.userid for v in p.vlans}
    leave |= {int(vlan) for vlan in vswitch.grants.get(NODE.userid, ())}
    assert leave == in_use - left_out
    assert desk.vlans("WEB9", AWARE) == {900}
    for wish in desk.wanted:
        if wish.is_of_service:
            expected = State.UP if NODE in desk.toy.live else State.WAITING
            refused = wish.segment.vlan in left_out
            assert final.verdicts[wish.port_id].state is (State.REFUSED if refused else expected)
    assert not desk.todo().guests


@settings(max_examples=200, deadline=None)
@given(situations(), st.sampled_from(VLANS))
def test_a_vlan_comes_and_goes_without_a_touch_of_the_others(desk: Desk, vlan: int) -> None:
    desk.want(dhcp(90, vlan=600), *desk.wanted[:2])
    desk.settle()
    before, mark = trunk(desk), len(desk.toy.journal)
    desk.want(*desk.wanted, dhcp(91, vlan=vlan))
    desk.settle()
    desk.want(*desk.wanted[:-1])
    desk.settle()
    assert trunk(desk) == before
    bounced = [c for c in desk.toy.journal[mark:] if isinstance(c, base.Uncouple) and c.address == NODE]
    assert not bounced
    if not desk.toy.regrant_uncouples or desk.toy.directory_authorizes:  # these have numbered ports
        recoupled = [c for c in desk.toy.journal[mark:] if isinstance(c, base.Couple) and c.address == NODE]
        assert not recoupled


def test_a_port_waits_for_the_node_but_not_for_one_that_fails() -> None:
    desk = desk_of()
    desk.toy.define("WEB1", "1000", "000001", None, live=True)
    desk.announce(record(1, "WEB1", "1000"))
    desk.want(port(1, "data", 100))
    desk.settle()
    desk.policy = dataclasses.replace(desk.policy, service_guests=())
    desk.toy.grant("DHCP1", "VSWV")
    desk.policy = dataclasses.replace(desk.policy, service_guests=(SERVICE,))
    todo = desk.todo()
    assert todo.told()["p1"].state is State.PENDING
    assert "DHCP1" in todo.told()["p1"].reason
    assert todo.told({KEY, f"{KEY} VLAN 100"})["p1"].state is State.UP


def test_the_order_is_leave_first_coupling_last() -> None:
    desk = desk_of()
    desk.want(dhcp(1, vlan=100), dhcp(2, vlan=200))
    kinds = [type(change) for change in changes(desk.todo())]
    assert kinds == [base.AssignPort, base.AllowVlan, base.AllowVlan, base.Couple, base.Couple]


def test_a_grant_keeps_what_it_has_when_more_is_wanted_than_it_holds() -> None:
    desk = desk_of(XCAT)
    desk.want(*(dhcp(n, vlan=vlan) for n, vlan in enumerate((400, 500, 600, 700))))
    desk.settle()
    desk.want(dhcp(9, vlan=100), *desk.wanted)
    final = desk.settle()
    assert trunk(desk) == {400, 500, 600, 700}
    assert final.verdicts["p9"].state is State.REFUSED
    assert vlan_list.LIMIT in final.verdicts["p9"].reason


def test_neighbouring_vlans_are_granted_as_ranges() -> None:
    desk = desk_of(XCAT)
    desk.want(*(dhcp(n, vlan=100 + n) for n in range(40)))
    desk.settle()
    assert trunk(desk) == set(range(100, 140))


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda toy: toy.directory.clear(), "not in the user directory"),
        (lambda toy: toy.define("DHCP1", "0700", "0D0C01", "VSWF", False), "is coupled to VSWF"),
        (lambda toy: toy.define("DHCP1", "0800", "0D0C02", "VSWV", False), "is on VSWV too"),
        (lambda toy: toy.vswitches.pop(AWARE.name), "no vswitch VSWV"),
    ],
)
def test_a_node_that_cannot_be_served_is_told_and_left_alone(spoil: object, reason: str) -> None:
    desk = desk_of()
    spoil(desk.toy)  # type: ignore[operator]
    desk.want(dhcp(1, vlan=100))
    todo = desk.todo()
    assert not changes(todo)
    assert reason in todo.verdicts[KEY].reason
    assert todo.verdicts["p1"].state in (State.WAITING, State.REFUSED)


def test_a_record_with_operands_of_its_own_is_refused() -> None:
    desk = desk_of()
    nic = desk.toy.directory[NODE]
    desk.toy.directory[NODE] = dataclasses.replace(nic, vswitch=AWARE.name, authorizes=True)
    desk.want(dhcp(1, vlan=100))
    assert not changes(desk.todo())
    assert "authorizes by itself" in desk.todo().verdicts[KEY].reason


def test_feilong_refuses_an_aware_vswitch_and_serves_an_unaware_one() -> None:
    desk = desk_of(FEILONG)
    desk.want(dhcp(1, vlan=100))
    assert "cannot make a guest a trunk port" in desk.todo().verdicts["p1"].reason
    desk = desk_of(FEILONG, ServiceGuest(NODE, "flat"))
    desk.want(dhcp(1, "flat"))
    assert desk.settle().verdicts["p1"].state is State.UP
    assert desk.place("DHCP1", "0700") == (FLAT.name, FLAT.name)


def test_a_flat_network_on_an_aware_vswitch_is_its_default_vlan() -> None:
    desk = desk_of(service=ServiceGuest(NODE, "more"))
    desk.want(dhcp(1, "more"))
    assert desk.settle().verdicts["p1"].state is State.UP
    assert trunk(desk) == {int(OTHER.default_vlan or 0)}
    desk = desk_of()
    desk.want(dhcp(1, "data"))
    assert "no default VLAN" in desk.settle().verdicts["p1"].reason


def test_a_service_with_a_nic_of_its_own_is_a_port_like_any_other() -> None:
    desk = Desk(SMAPI, directory_authorizes=True)
    desk.toy.define("ROUTER2", "1000", "000001", None, live=True)
    desk.announce(record(1, "ROUTER2", "1000"))
    desk.want(dhcp(1, vlan=100))
    assert desk.settle().verdicts["p1"].state is State.UP
    assert desk.place("ROUTER2", "1000") == ("VSWV", "VSWV")


def test_the_nodes_nic_is_no_ports() -> None:
    desk = desk_of()
    desk.announce(record(1, "DHCP1", "0700"))
    desk.want(port(1, "data", 100))
    assert "service guest" in desk.settle().verdicts["p1"].reason


def test_an_administrative_down_is_down() -> None:
    desk = desk_of()
    desk.want(dhcp(1, vlan=100, up=False))
    assert desk.settle().verdicts["p1"].state is State.DOWN
