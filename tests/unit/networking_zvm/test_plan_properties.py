"""From any start, through any crash, the plan leads to the same end and touches nobody else."""

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from networking_zvm import model
from networking_zvm.claims import State
from tests.unit.networking_zvm.test_plan import FEILONG, SMAPI, XCAT, Desk, port, record

USERIDS = ("WEB1", "WEB2")
VDEVS = ("1000", "1003", "1006")
SEGMENTS = (
    ("flat", None),
    ("data", 100),
    ("data", 200),
    ("more", 100),
    ("more", None),
    ("ported", 100),
    ("ported", 200),
)
VSWITCHES = (None, "VSWF", "VSWV", "VSWW", "VSWP")
DRIVERS = (XCAT, FEILONG, SMAPI)

segments = st.sampled_from(SEGMENTS)
places = st.sampled_from([(u, v) for u in USERIDS for v in VDEVS])
vlan_sets = st.sampled_from([(), (100,), (200,)])
grants = st.tuples(st.sampled_from(USERIDS), st.sampled_from(VSWITCHES[1:]), vlan_sets)


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    """Wishes, NICs in any state, grants left over from any past, and foreign NICs among them."""
    capabilities = draw(st.sampled_from(DRIVERS))
    desk = Desk(
        capabilities,
        draw(st.sampled_from([None, *sorted(capabilities.ways)])),
        revoke_uncouples=draw(st.booleans()),
        directory_authorizes=capabilities is not XCAT,
        lists_records=draw(st.booleans()),
        lists_one_each=capabilities is FEILONG,
    )
    taken = draw(st.lists(places, min_size=1, max_size=5, unique=True))
    for userid, vswitch, vlans in draw(st.lists(grants, max_size=4)):
        vlans = () if vswitch == "VSWF" else vlans
        desk.toy.grant(userid, vswitch, *vlans)
    for number, (userid, vdev) in enumerate(taken, start=1):
        _draw_nic(draw, desk, number, userid, vdev)
    return desk


def _draw_nic(draw: st.DrawFn, desk: Desk, number: int, userid: str, vdev: str) -> None:
    kind = draw(st.sampled_from(["wanted", "wanted", "released", "foreign"]))
    vswitch = draw(st.sampled_from(VSWITCHES))
    if kind == "foreign" or draw(st.booleans()):
        macid = f"{number:06X}" if kind != "foreign" else f"FF{number:04X}"
        coupled = vswitch if vswitch and _may_couple(desk, userid, vswitch) else None
        own = draw(vlan_sets) if coupled not in (None, "VSWF") and desk.toy.directory_authorizes else ()
        desk.toy.define(userid, vdev, macid, coupled, draw(st.booleans()), *own)
    if kind == "foreign":
        return
    noted = record(number, userid, vdev, draw(st.sampled_from(VSWITCHES)))
    desk.announce(noted)
    if kind == "released":
        desk.released.append(noted)
    else:
        physnet, vlan = draw(segments)
        desk.want(*desk.wanted, port(number, physnet, vlan, up=draw(st.booleans())))


def _may_couple(desk: Desk, userid: str, vswitch: str) -> bool:
    granted = model.Userid(userid) in desk.toy.vswitches[model.VSwitchName(vswitch)].grants
    return granted or desk.toy.directory_authorizes


def _foreign(desk: Desk) -> tuple[object, ...]:
    """All that Neutron does not own."""
    directory = {a: n for a, n in desk.toy.directory.items() if (n.macid or "").startswith("FF")}
    live = {a: n for a, n in desk.toy.live.items() if a in directory}
    users = {(a.userid, n.vswitch) for a, n in live.items()}
    kept = {(u, v): desk.toy.vswitches[v].grants.get(u) for u, v in users}
    return directory, live, kept


def _settle_with_crashes(desk: Desk, crashes: list[int]) -> None:
    """Carry plans out, each cut off after so many steps, then in peace."""
    for steps_until_crash in crashes:
        changes = [s.change for steps in desk.todo().guests.values() for s in steps]
        for change in changes[:steps_until_crash]:
            desk.toy.carry_out(change)
    desk.settle()


@settings(max_examples=500, deadline=None)
@given(desks(), st.lists(st.integers(0, 6), max_size=4))
def test_every_crash_is_healed_and_nothing_foreign_is_touched(desk: Desk, crashes: list[int]) -> None:
    before = _foreign(desk)
    _settle_with_crashes(desk, crashes)
    assert _foreign(desk) == before
    for wish in desk.wanted:
        verdict = desk.todo().verdicts[wish.port_id]
        settled = {State.UP, State.DOWN, State.REFUSED}
        if not desk.policy.capabilities.defines_nics:
            settled.add(State.WAITING)
        assert verdict.state in settled, verdict
        assert (verdict.state is State.DOWN) <= (not wish.admin_up)


@settings(max_examples=500, deadline=None)
@given(desks(), st.lists(st.integers(0, 6), max_size=4))
def test_ports_that_are_up_are_where_they_belong_and_no_others_are_coupled(
    desk: Desk, crashes: list[int]
) -> None:
    _settle_with_crashes(desk, crashes)
    verdicts = desk.todo().verdicts
    for wish in desk.wanted:
        address = desk.toy.records[wish.port_id].address
        nic, live = desk.toy.directory.get(address), desk.toy.live.get(address)
        if verdicts[wish.port_id].state is State.UP:
            assert nic is not None
            name = desk.policy.vswitch_of[wish.segment.physical_network or ""]
            assert nic.vswitch == name
            assert (live is not None) == (address.userid in desk.toy.logged_on)
            default = desk.toy.vswitches[name].default_vlan
            vlan = wish.segment.vlan or default
            if live:
                for grant_wins in (False, True)[: 1 if desk.toy.lists_one_each else 2]:
                    assert desk.toy.vlans_of(address, grant_wins=grant_wins) == ({vlan} if vlan else set())
            elif not desk.toy.directory_authorizes:
                wanted_vlans = frozenset({vlan}) if vlan else frozenset()
                assert desk.toy.vswitches[name].grants_exactly(address.userid, wanted_vlans)
        elif not wish.admin_up:
            assert (nic.vswitch if nic else None) is None
            assert live is None


@given(desks())
def test_a_settled_system_gets_no_change_at_all(desk: Desk) -> None:
    desk.settle()
    mark = len(desk.toy.journal)
    assert not desk.todo().guests
    desk.wanted = [dataclasses.replace(p, active=True) for p in desk.wanted]
    assert not desk.todo().guests
    assert len(desk.toy.journal) == mark
