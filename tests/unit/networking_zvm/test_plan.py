"""The planner's decisions, one story each. What is asserted is the system after the plan, not the plan."""

import dataclasses

import pytest

from networking_zvm import claims, model, plan
from networking_zvm.claims import Policy, State
from networking_zvm.hypervisor import base
from networking_zvm.settings import ServiceGuest
from tests.unit.networking_zvm.toy import Toy

FLAT = model.VSwitch(model.VSwitchName("VSWF"))
AWARE = model.VSwitch(model.VSwitchName("VSWV"), vlan_aware=True)
OTHER = model.VSwitch(model.VSwitchName("VSWW"), vlan_aware=True, default_vlan=model.VlanId(7))
PORTED = model.VSwitch(model.VSwitchName("VSWP"), vlan_aware=True, port_based=True)
LAYER3 = model.VSwitch(model.VSwitchName("VSWL3"), layer=model.Layer.IP)
VSWITCH_OF = {
    "flat": FLAT.name,
    "data": AWARE.name,
    "more": OTHER.name,
    "ported": PORTED.name,
    "l3": LAYER3.name,
}
XCAT = base.Capabilities(
    frozenset({model.Way.GRANT}), defines_nics=True, records=True, notes=True, trunks=True
)
PASSIVE = base.Capabilities(frozenset({model.Way.GRANT}), defines_nics=False, records=False)
FEILONG = base.Capabilities(
    frozenset({model.Way.GRANT, model.Way.DIRECTORY}), defines_nics=False, records=True
)
SMAPI = base.Capabilities(frozenset(model.Way), defines_nics=False, records=True, trunks=True)


def port(number: int, physnet: str, vlan: int | None = None, *, up: bool = True) -> model.PortBinding:
    """Port pN, whose MACID is its number."""
    kind = model.NetworkType.VLAN if vlan else model.NetworkType.FLAT
    segment = model.Segment(kind, physnet, model.VlanId(vlan) if vlan else None)
    return model.PortBinding(f"p{number}", model.Mac(f"02:00:00:00:00:{number:02x}"), segment, up)


def record(number: int, userid: str, vdev: str, vswitch: str | None = None) -> model.PortRecord:
    address = model.NicAddress(model.Userid(userid), model.Vdev(vdev))
    return model.PortRecord(f"p{number}", address, model.VSwitchName(vswitch) if vswitch else None)


class Desk:
    """An operator's desk: wishes on one side, the toy system on the other."""

    def __init__(
        self,
        capabilities: base.Capabilities = XCAT,
        way: model.Way | None = None,
        services: tuple[ServiceGuest, ...] = (),
        **kwargs: bool,
    ) -> None:
        self.toy = Toy(FLAT, AWARE, OTHER, PORTED, LAYER3, **kwargs)
        self.policy = Policy(VSWITCH_OF, {}, capabilities, way, service_guests=services)
        self.wanted: list[model.PortBinding] = []
        self.released: list[model.PortRecord] = []

    def __repr__(self) -> str:
        toy = self.toy
        seen = (*toy.directory.values(), *toy.live.values(), *toy.vswitches.values(), *toy.records.values())
        parts = (self.policy, self.wanted, self.released, toy.lists_records, *seen, *toy.journal)
        return "\n  ".join(["Desk", *map(str, parts)])

    def want(self, *ports: model.PortBinding) -> None:
        self.wanted = list(ports)

    def announce(self, *records: model.PortRecord) -> None:
        self.toy.records.update({r.port_id: r for r in records})

    def release(self, port_id: str) -> None:
        self.wanted = [p for p in self.wanted if p.port_id != port_id]
        self.released.append(self.toy.records[port_id])

    def todo(self) -> plan.Plan:
        records = [r for r in self.toy.records.values() if r not in self.released]
        return plan.make_plan(self.wanted, records, self.released, self.toy.look(), self.policy)

    def settle(self) -> plan.Plan:
        """Plan and carry out until nothing is left to do; a few rounds must be enough."""
        for _ in range(4):
            todo = self.todo()
            if not todo.guests:
                return todo
            for steps in todo.guests.values():
                for step in steps:
                    self.toy.carry_out(step.change)
        raise AssertionError(f"not settled: {todo}")

    def place(self, userid: str, vdev: str) -> tuple[str | None, str | None]:
        """Where the NIC is coupled: in the directory, and live."""
        address = model.NicAddress(model.Userid(userid), model.Vdev(vdev))
        nic, live = self.toy.directory.get(address), self.toy.live.get(address)
        return nic.vswitch if nic else None, live.vswitch if live else None

    def vlans(self, userid: str, vswitch: model.VSwitch) -> set[int] | None:
        vlans = self.toy.vswitches[vswitch.name].grants.get(model.Userid(userid))
        return None if vlans is None else {int(v) for v in vlans}


@pytest.fixture(params=[False, True], ids=["revoke-keeps", "revoke-uncouples"])
def desk(request: pytest.FixtureRequest) -> Desk:
    return Desk(revoke_uncouples=request.param)


def test_an_announced_nic_of_a_sleeping_guest_is_defined_granted_and_recorded(desk: Desk) -> None:
    desk.want(port(1, "data", 100))
    desk.announce(record(1, "LINUX01", "1000"))
    final = desk.settle()
    assert desk.place("LINUX01", "1000") == ("VSWV", None)
    assert desk.vlans("LINUX01", AWARE) == {100}
    assert desk.toy.records["p1"].vswitch == "VSWV"
    assert desk.toy.records["p1"].vlan == 100
    assert final.verdicts["p1"].state is State.UP


def test_a_running_guest_is_coupled_live_too(desk: Desk) -> None:
    desk.toy.define("LINUX01", "1000", "000001", None, live=True)
    desk.want(port(1, "flat"))
    desk.announce(record(1, "LINUX01", "1000"))
    desk.settle()
    assert desk.place("LINUX01", "1000") == ("VSWF", "VSWF")
    assert desk.vlans("LINUX01", FLAT) == set()


def test_a_right_nic_is_left_alone(desk: Desk) -> None:
    desk.want(port(1, "data", 100), port(2, "flat"))
    desk.announce(record(1, "LINUX01", "1000"), record(2, "LINUX01", "1003"))
    desk.settle()
    before = len(desk.toy.journal)
    assert not desk.todo().guests
    assert len(desk.toy.journal) == before


def test_a_port_without_nic_waits(desk: Desk) -> None:
    desk.want(port(1, "flat"))
    verdict = desk.settle().verdicts["p1"]
    assert verdict.state is State.WAITING
    assert not desk.toy.journal


def test_releasing_one_nic_leaves_its_sibling_on_the_same_vswitch_alone(desk: Desk) -> None:
    desk.toy.define("WEB1", "1000", "000001", None, live=True)
    desk.toy.define("WEB1", "1003", "000002", None, live=True)
    desk.want(port(1, "data", 100), port(2, "data", 100))
    desk.announce(record(1, "WEB1", "1000"), record(2, "WEB1", "1003"))
    desk.settle()
    mark = len(desk.toy.journal)
    desk.release("p1")
    desk.settle()
    assert desk.place("WEB1", "1003") == ("VSWV", "VSWV")
    assert desk.place("WEB1", "1000") == (None, None)
    assert desk.vlans("WEB1", AWARE) == {100}
    touched = {c.address.vdev for c in desk.toy.journal[mark:] if not isinstance(c, base.Deauthorize)}  # type: ignore[union-attr]
    assert touched == {"1000"}


def test_the_last_nic_takes_the_grant_with_it(desk: Desk) -> None:
    desk.want(port(1, "data", 100))
    desk.announce(record(1, "WEB1", "1000"))
    desk.settle()
    desk.release("p1")
    desk.settle()
    assert desk.vlans("WEB1", AWARE) is None
    assert desk.place("WEB1", "1000") == (None, None)


def test_a_grant_needed_by_a_foreign_nic_stays(desk: Desk) -> None:
    desk.toy.define("WEB1", "0600", "0000FF", "VSWF", live=True)
    desk.want(port(1, "flat"))
    desk.announce(record(1, "WEB1", "1000"))
    desk.toy.grant("WEB1", "VSWF")
    desk.settle()
    desk.release("p1")
    desk.settle()
    assert desk.vlans("WEB1", FLAT) == set()
    assert desk.place("WEB1", "0600") == ("VSWF", "VSWF")


def test_a_crash_between_uncouple_and_revoke_is_healed(desk: Desk) -> None:
    desk.want(port(1, "data", 100))
    desk.announce(record(1, "WEB1", "1000"))
    desk.settle()
    desk.release("p1")
    first = next(iter(desk.todo().guests.values()))[0]
    desk.toy.carry_out(first.change)
    desk.released = [desk.toy.records["p1"]]
    desk.settle()
    assert desk.vlans("WEB1", AWARE) is None


def test_admin_down_uncouples_and_up_couples_again(desk: Desk) -> None:
    desk.toy.define("WEB1", "1000", "000001", None, live=True)
    desk.want(port(1, "data", 100))
    desk.announce(record(1, "WEB1", "1000"))
    desk.settle()
    desk.want(port(1, "data", 100, up=False))
    assert desk.settle().verdicts["p1"].state is State.DOWN
    assert desk.place("WEB1", "1000") == (None, None)
    assert desk.vlans("WEB1", AWARE) is None
    desk.want(port(1, "data", 100))
    assert desk.settle().verdicts["p1"].state is State.UP
    assert desk.place("WEB1", "1000") == ("VSWV", "VSWV")


def test_a_port_born_admin_down_gets_its_nic_but_no_vswitch(desk: Desk) -> None:
    desk.want(port(1, "data", 100, up=False))
    desk.announce(record(1, "WEB1", "1000"))
    desk.settle()
    address = model.NicAddress(model.Userid("WEB1"), model.Vdev("1000"))
    assert desk.toy.directory[address].macid == "000001"
    assert desk.place("WEB1", "1000") == (None, None)


def test_a_port_moved_to_another_network_leaves_the_old_one(desk: Desk) -> None:
    desk.toy.define("WEB1", "1000", "000001", None, live=True)
    desk.want(port(1, "flat"))
    desk.announce(record(1, "WEB1", "1000"))
    desk.settle()
    desk.want(port(1, "data", 200))
    desk.settle()
    assert desk.place("WEB1", "1000") == ("VSWV", "VSWV")
    assert desk.vlans("WEB1", FLAT) is None
    assert desk.vlans("WEB1", AWARE) == {200}


def test_a_changed_vlan_replaces_the_grant_with_the_nic_uncoupled(desk: Desk) -> None:
    desk.toy.define("WEB1", "1000", "000001", None, live=True)
    desk.want(port(1, "data", 100))
    desk.announce(record(1, "WEB1", "1000"))
    desk.settle()
    desk.want(port(1, "data", 200))
    desk.settle()
    assert desk.place("WEB1", "1000") == ("VSWV", "VSWV")
    assert desk.vlans("WEB1", AWARE) == {200}


def test_two_vlans_of_a_guest_on_one_vswitch_are_refused_with_the_reason(desk: Desk) -> None:
    desk.want(port(1, "data", 100), port(2, "data", 200))
    desk.announce(record(1, "WEB1", "1000"), record(2, "WEB1", "1003"))
    verdicts = desk.settle().verdicts
    assert verdicts["p1"].state is State.UP
    assert verdicts["p2"].state is State.REFUSED
    assert "share their VLAN" in verdicts["p2"].reason
    assert desk.vlans("WEB1", AWARE) == {100}
    assert desk.place("WEB1", "1003") == (None, None)


def test_the_vlan_in_use_wins_over_a_newcomer_with_a_lower_vdev(desk: Desk) -> None:
    desk.want(port(2, "data", 200))
    desk.announce(record(2, "WEB1", "1003"), record(1, "WEB1", "1000"))
    desk.settle()
    mark = len(desk.toy.journal)
    desk.want(port(1, "data", 100), port(2, "data", 200))
    verdicts = desk.settle().verdicts
    assert verdicts["p2"].state is State.UP
    assert verdicts["p1"].state is State.REFUSED
    assert all(isinstance(c, base.DefineNic) for c in desk.toy.journal[mark:])


def test_a_vlanless_grant_from_guest_creation_is_replaced(desk: Desk) -> None:
    desk.toy.grant("WEB1", "VSWV")
    desk.want(port(1, "data", 100))
    desk.announce(record(1, "WEB1", "1000"))
    desk.settle()
    assert desk.vlans("WEB1", AWARE) == {100}


def test_a_grant_that_a_foreign_nic_uses_is_never_replaced(desk: Desk) -> None:
    desk.toy.grant("WEB1", "VSWV", 50)
    desk.toy.define("WEB1", "0600", "0000FF", "VSWV", live=True)
    desk.want(port(1, "data", 100))
    desk.announce(record(1, "WEB1", "1000"))
    verdict = desk.settle().verdicts["p1"]
    assert verdict.state is State.REFUSED
    assert "not Neutron's" in verdict.reason
    assert desk.vlans("WEB1", AWARE) == {50}
    assert desk.place("WEB1", "0600") == ("VSWV", "VSWV")


def test_the_default_vlan_shown_by_its_number_is_no_difference(desk: Desk) -> None:
    desk.toy.grant("WEB1", "VSWW", 7)
    desk.want(port(1, "more"))
    desk.announce(record(1, "WEB1", "1000"))
    desk.settle()
    assert not any(isinstance(c, base.Authorize | base.Deauthorize) for c in desk.toy.journal)


def test_the_default_vlan_is_named_in_a_grant(desk: Desk) -> None:
    desk.want(port(1, "more"), port(2, "more", 7))
    desk.announce(record(1, "WEB1", "1000"), record(2, "WEB1", "1003"))
    verdicts = desk.settle().verdicts
    assert desk.vlans("WEB1", OTHER) == {7}
    assert verdicts["p1"].state is verdicts["p2"].state is State.UP


def hide(desk: Desk, vswitch: model.VSwitch, *userids: str) -> None:
    """z/VM no longer shows the VLANs of these guests."""
    hidden = desk.toy.vswitches[vswitch.name]
    unclear = frozenset(map(model.Userid, userids))
    desk.toy.vswitches[vswitch.name] = dataclasses.replace(hidden, unclear=unclear)


def test_a_guest_whose_vlans_are_not_shown_is_not_judged(desk: Desk) -> None:
    desk.want(port(1, "data", 100), port(2, "data", 100))
    desk.announce(record(1, "WEB1", "1000"), record(2, "WEB2", "1000"))
    desk.settle()
    hide(desk, AWARE, "WEB2")
    mark = len(desk.toy.journal)
    verdicts = desk.settle().verdicts
    assert desk.toy.journal[mark:] == []
    assert verdicts["p1"].state is State.UP
    assert verdicts["p2"].state is State.UNCLEAR
    assert "VLAN by number to every guest" in verdicts["p2"].reason
    desk.release("p2")
    desk.settle()
    assert desk.vlans("WEB2", AWARE) is None


def test_a_vlanless_grant_that_hides_others_is_replaced_although_it_is_right(desk: Desk) -> None:
    desk.toy.grant("WEB1", "VSWW")
    desk.want(port(1, "more"))
    desk.announce(record(1, "WEB1", "1000"))
    desk.settle()
    assert desk.vlans("WEB1", OTHER) == set()
    hide(desk, OTHER, "WEB2")
    desk.settle()
    assert desk.vlans("WEB1", OTHER) == {7}


def test_after_an_ipl_grants_and_couplings_come_back(desk: Desk) -> None:
    desk.toy.define("WEB1", "1000", "000001", None, live=True)
    desk.want(port(1, "data", 100))
    desk.announce(record(1, "WEB1", "1000"))
    desk.settle()
    desk.toy.ipl()
    desk.settle()
    assert desk.place("WEB1", "1000") == ("VSWV", "VSWV")
    assert desk.vlans("WEB1", AWARE) == {100}


def test_a_vdev_reused_by_a_new_port_is_not_torn_down_for_the_old_one(desk: Desk) -> None:
    desk.want(port(1, "flat"))
    desk.announce(record(1, "WEB1", "1000"))
    desk.settle()
    desk.released = [desk.toy.records.pop("p1")]
    desk.want(port(2, "flat"))
    desk.announce(record(2, "WEB1", "1000"))
    assert desk.settle().verdicts["p2"].state is State.UP
    address = model.NicAddress(model.Userid("WEB1"), model.Vdev("1000"))
    assert desk.toy.directory[address].macid == "000002"


@pytest.mark.parametrize(
    ("wish", "state", "words"),
    [
        (port(1, "nowhere"), State.REFUSED, "vswitch_mappings"),
        (port(1, "l3"), State.REFUSED, "layer 3"),
        (port(1, "flat", 100), State.REFUSED, "VLAN unaware"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_reason(
    wish: model.PortBinding, state: State, words: str
) -> None:
    desk = Desk()
    desk.want(wish)
    desk.announce(record(1, "WEB1", "1000"))
    verdict = desk.settle().verdicts["p1"]
    assert verdict.state is state
    assert words in verdict.reason
    assert not desk.toy.journal


@pytest.mark.parametrize("announced", [True, False])
def test_a_mac_outside_the_prefix_is_refused_with_the_remedy(announced: bool) -> None:
    """Whether or not there is a NIC, for with such a MAC there will be none."""
    desk = Desk()
    segment = model.Segment(model.NetworkType.FLAT, "flat")
    desk.want(model.PortBinding("p1", model.Mac("fa:16:3e:00:00:01"), segment))
    if announced:
        desk.announce(record(1, "WEB1", "1000"))
    verdict = desk.settle().verdicts["p1"]
    assert verdict.state is State.REFUSED
    assert "base_mac = 02:00:00:00:00:00" in verdict.reason


def test_a_missing_vswitch_is_created_where_it_is_configured() -> None:
    name = model.VSwitchName("NEW")
    spec = model.VSwitchSpec(name, vlan_aware=True, rdevs=("A100",))
    policy = Policy({"new": name}, {name: spec}, XCAT)
    todo = plan.make_plan([port(1, "new", 9)], [], [], Toy().look(), policy)
    assert [s.change.spec for s in todo.vswitches] == [spec]
    assert todo.verdicts["p1"].state is State.WAITING


def test_where_the_compute_side_defines_nics_the_agent_matches_by_mac() -> None:
    desk = Desk(PASSIVE)
    desk.want(port(1, "flat"), port(2, "flat"))
    desk.toy.define("WEB1", "1000", "000001", None, live=False)
    verdicts = desk.settle().verdicts
    assert verdicts["p1"].state is State.UP
    assert verdicts["p2"].state is State.WAITING
    assert desk.place("WEB1", "1000") == ("VSWF", None)


def test_held_ports_keep_their_steps_for_later_but_shared_steps_are_made() -> None:
    desk = Desk()
    desk.want(port(1, "flat"), port(2, "flat"))
    desk.announce(record(1, "WEB1", "1000"), record(2, "WEB1", "1003"))
    todo = desk.todo().without(frozenset({"p1"}))
    steps = todo.guests[model.Userid("WEB1")]
    assert any(isinstance(s.change, base.Authorize) for s in steps)
    assert {p for s in steps if not isinstance(s.change, base.Authorize) for p in s.ports} == {"p2"}


def test_unfitness_names_the_vswitch() -> None:
    assert "VSWL3" in (claims.unfitness(LAYER3, model.NetworkType.FLAT) or "")
    assert claims.unfitness(AWARE, model.NetworkType.VLAN) is None
