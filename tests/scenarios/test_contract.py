"""What every way to z/VM must do, seen on the system itself: one suite for all drivers.

It runs in every position of every switch for z/VM's unsettled behaviour. What a driver cannot do it declares
in its capabilities, and that is tested as such.
"""

import contextlib
from collections.abc import Iterator

import pytest
import yaml

from networking_zvm import errors, model
from networking_zvm.claims import State
from tests.scenarios.control_points import MEANS, FeilongSite, Means, site_behind, site_behind_feilong
from tests.scenarios.site import Site
from zvmlab.feilong import Feilong
from zvmlab.neutron_api import wait_for
from zvmsim.server import Simulator
from zvmsim.world.behaviour import Behaviour

_OF_GRANTS = {"revoke_uncouples", "regrant", "no_vlan_count", "disconnect_dm_keeps_vlan"}
_OF_RECORDS = _OF_GRANTS | {"directory_wins", "access_vlan_set", "definition_network_keywords"}
_NOT_OF_FEILONG = {"lan_created", "repeated_rdev", "definition_network_keywords", "couple_missing_vswitch"}
"""Switches of functions that Feilong does not call, or whose answers it does not pass on."""

_OF_SERVICE_GUESTS = {"vlanid_listed"}
"""Switches of functions that only service guests need: test_service_guests has them."""


def _meets(means: Means, behaviour: Behaviour) -> bool:
    """Whether the switch can make a difference there; with the way that is picked all are tried."""
    switches = behaviour.deviations().keys()
    if switches & _OF_SERVICE_GUESTS:
        return False
    if means.control_point == "feilong" and switches & _NOT_OF_FEILONG:
        return False
    if means.way is None:
        return True
    return switches <= (_OF_GRANTS if means.way is model.Way.GRANT else _OF_RECORDS)


def _kinds() -> Iterator[tuple[Means, Behaviour]]:
    for means in MEANS:
        yield from ((means, behaviour) for behaviour in Behaviour.positions() if _meets(means, behaviour))
    yield Means("xcat", None, "xcat"), Behaviour()
    yield Means("xcat", None, "today"), Behaviour()


def _name(kind: tuple[Means, Behaviour]) -> str:
    means, behaviour = kind
    return f"{means}-{','.join(f'{k}={v}' for k, v in behaviour.deviations().items()) or 'defaults'}"


def _takes_long(kind: tuple[Means, Behaviour]) -> bool:
    """Through Feilong every test takes twice as long: there switches that are turned are left to later."""
    means, behaviour = kind
    return means.control_point == "feilong" and bool(behaviour.deviations())


KINDS = [
    pytest.param(kind, id=_name(kind), marks=[pytest.mark.long] if _takes_long(kind) else [])
    for kind in _kinds()
]


@contextlib.contextmanager
def opened(means: Means, behaviour: Behaviour | None, request: pytest.FixtureRequest) -> Iterator[Site]:
    if means.control_point != "feilong":
        with site_behind(means, behaviour) as here:
            yield here
        return
    running: tuple[Simulator, Feilong] = request.getfixturevalue("feilong_on_zvm")
    with site_behind_feilong(*running, means, behaviour) as here:
        yield here


@pytest.fixture(params=KINDS)
def here(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A site behind each driver, with each way of authorization, in each position of each switch."""
    with opened(*request.param, request) as running:
        yield running


@pytest.fixture(params=MEANS, ids=str)
def plain(request: pytest.FixtureRequest) -> Iterator[Site]:
    with opened(request.param, None, request) as running:
        yield running


def means_of(request: pytest.FixtureRequest) -> Means:
    means: Means = request.node.callspec.params["here"][0]
    return means


def two_guests(here: Site) -> None:
    """WEB1 and WEB2, one NIC each, on VLAN 100 of DATANET1, logged on."""
    for number, userid in ((1, "WEB1"), (2, "WEB2")):
        here.create_guest(userid)
        here.announce(here.want(number, "datanet1", 100), userid, "1000")
    here.settle()
    for userid in ("WEB1", "WEB2"):
        here.logon(userid)


def test_ports_of_one_network_reach_each_other_and_no_other(here: Site) -> None:
    two_guests(here)
    here.create_guest("WEB3")
    here.announce(here.want(3, "datanet1", 200), "WEB3", "1000")
    here.settle()
    here.logon("WEB3")
    assert here.settle().verdicts.keys() == {"p1", "p2", "p3"}
    assert all(here.is_active(p) for p in ("p1", "p2", "p3"))
    assert here.reaches("WEB1 1000", "WEB2 1000")
    assert not here.reaches("WEB1 1000", "WEB3 1000")
    assert not here.reaches("WEB1 1000", "DBSRV1 0700")


def test_a_new_agent_changes_nothing_that_is_right(here: Site) -> None:
    two_guests(here)
    here.settle()
    mark = here.world.journal.mark()
    here.reconciler = here.new_agent()
    here.settle()
    assert here.mutations(mark) == []


def test_two_vlans_of_a_guest_on_one_vswitch(here: Site, request: pytest.FixtureRequest) -> None:
    """Each NIC has its own by directory or port; by grant the second is refused with the reason."""
    two_guests(here)
    here.logoff("WEB1")
    here.announce(here.want(3, "datanet1", 200), "WEB1", "1003")
    here.create_guest("WEB4")
    here.announce(here.want(4, "datanet1", 200), "WEB4", "1000")
    here.settle()
    for userid in ("WEB1", "WEB4"):
        here.logon(userid)
    verdict = here.settle().verdicts["p3"]
    assert here.reaches("WEB1 1000", "WEB2 1000")
    assert here.is_active("p1")
    assert not here.reaches("WEB1 1003", "WEB2 1000")
    if means_of(request).separates_vlans:
        assert here.reaches("WEB1 1003", "WEB4 1000")
        assert here.is_active("p3")
    else:
        assert not here.reaches("WEB1 1003", "WEB4 1000")
        assert verdict.state is State.REFUSED
        assert "share their VLAN" in verdict.reason


def test_a_sibling_on_the_same_vswitch_keeps_its_traffic(here: Site) -> None:
    two_guests(here)
    here.logoff("WEB1")
    here.announce(here.want(3, "datanet1", 100), "WEB1", "1003")
    here.settle()
    here.logon("WEB1")
    here.settle()
    mark = here.world.journal.mark()
    here.unwant("p1")
    here.settle()
    assert here.reaches("WEB1 1003", "WEB2 1000")
    assert not here.reaches("WEB1 1000", "WEB2 1000")
    touched = [e for e in here.mutations(mark) if e.call.arguments.get("image_device_number") == "1003"]
    assert touched == []


def test_the_last_nic_leaves_nothing_behind(here: Site) -> None:
    two_guests(here)
    here.settle()
    here.unwant("p1")
    here.settle()
    assert not here.system.vswitches["DATANET1"].blocks.get("WEB1")
    nicdef = here.system.directory.nicdefs("WEB1").get("1000")
    if here.hypervisor.capabilities.defines_nics:
        assert nicdef is None
    else:
        assert nicdef
        assert not nicdef.vswitch


def test_admin_state_cuts_and_restores_the_traffic(here: Site) -> None:
    two_guests(here)
    here.want(1, "datanet1", 100, up=False)
    here.settle()
    assert not here.reaches("WEB1 1000", "WEB2 1000")
    assert not here.is_active("p1")
    here.want(1, "datanet1", 100)
    here.settle()
    assert here.reaches("WEB1 1000", "WEB2 1000")
    assert here.is_active("p1")


def is_stuck(here: Site, request: pytest.FixtureRequest) -> bool:
    """Feilong cannot take a VLAN out of a record, should z/VM leave it there: then the port is down."""
    means, behaviour = request.node.callspec.params["here"]
    through_feilong = means.control_point == "feilong" and means.separates_vlans
    if not (through_feilong and behaviour.disconnect_dm_keeps_vlan):
        return False
    assert "Feilong cannot take that away" in here.settle().verdicts["p1"].reason
    assert not here.is_active("p1")
    return True


def test_a_changed_vlan_moves_the_running_nic(here: Site, request: pytest.FixtureRequest) -> None:
    two_guests(here)
    here.want(1, "datanet1", 200)
    here.settle()
    assert not here.reaches("WEB1 1000", "WEB2 1000")
    if is_stuck(here, request):
        return
    here.want(2, "datanet1", 200)
    here.settle()
    assert here.reaches("WEB1 1000", "WEB2 1000")


def test_a_nic_moves_to_another_vswitch(here: Site, request: pytest.FixtureRequest) -> None:
    two_guests(here)
    here.want(1, "xcatvsw2")
    here.settle()
    assert not here.reaches("WEB1 1000", "WEB2 1000")
    if is_stuck(here, request):
        return
    assert here.reaches("WEB1 1000", "DBSRV1 0600")
    assert here.is_active("p1")


def test_an_ipl_heals_with_the_next_passes(here: Site) -> None:
    two_guests(here)
    here.settle()
    here.simulator.control.ipl("ZVMA")
    for userid in ("WEB1", "WEB2"):
        here.logon(userid)
    here.settle()
    assert here.reaches("WEB1 1000", "WEB2 1000")


def foreign(here: Site) -> object:
    """All that the inventory says of the guests that are not Neutron's."""
    dump = yaml.safe_load(here.simulator.control.inventory())["systems"]["ZVMA"]
    guests = ("DBSRV1", "ROUTER1", "XCAT", "ZHCPA")
    grants = {(n, g): v.get("grants", {}).get(g) for n, v in dump["vswitches"].items() for g in guests}
    return [(dump["directory"][g], dump["guests"][g]) for g in guests], grants


def test_foreign_guests_are_as_they_were(here: Site) -> None:
    before = foreign(here)
    two_guests(here)
    here.want(1, "datanet1", 100, up=False)
    here.settle()
    here.unwant("p1")
    here.unwant("p2")
    here.settle()
    assert foreign(here) == before


def test_a_flat_network_may_be_the_default_vlan_of_an_aware_vswitch(here: Site) -> None:
    for system in here.world.systems.values():
        system.vswitches["DATANET1"].default_vlan = 50
        system.config["DATANET1"].default_vlan = 50
    for number, userid in ((1, "WEB1"), (2, "WEB2"), (3, "WEB3")):
        here.create_guest(userid)
        here.announce(here.want(number, "datanet1", 50 if number == 3 else None), userid, "1000")
    here.settle()
    for userid in ("WEB1", "WEB2", "WEB3"):
        here.logon(userid)
    here.settle()
    assert all(here.is_active(p) for p in ("p1", "p2", "p3"))
    assert here.reaches("WEB1 1000", "WEB2 1000")
    assert here.reaches("WEB1 1000", "WEB3 1000")


def test_a_nic_of_a_running_guest_is_coupled_at_once_if_it_is_live(plain: Site) -> None:
    """An uncoupled NIC of a guest that runs already."""
    plain.create_guest("WEB1")
    plain.announce(plain.want(1, "xcatvsw2", up=False), "WEB1", "1000")
    plain.settle()
    plain.logon("WEB1")
    plain.want(1, "xcatvsw2")
    plain.settle()
    if not plain.hypervisor.capabilities.records or plain.is_active("p1"):
        assert plain.reaches("WEB1 1000", "DBSRV1 0600")


def test_a_missing_configured_vswitch_is_created_and_used(plain: Site) -> None:
    spec = model.VSwitchSpec(model.VSwitchName("DATANET2"), vlan_aware=True, rdevs=("A300",))
    plain.reconciler = plain.new_agent([spec])
    plain.create_guest("WEB1")
    plain.announce(plain.want(1, "datanet2", 300), "WEB1", "1000")
    assert plain.states()["p1"] is State.UP
    assert "DATANET2" in plain.system.vswitches


def test_a_locked_directory_delays_its_guest_alone_and_is_retried(plain: Site) -> None:
    for number, userid in ((1, "WEB1"), (2, "WEB2")):
        plain.create_guest(userid)
        plain.announce(plain.want(number, "datanet1", 100), userid, "1000")
    plain.system.directory.lock("WEB1", "", "MAINT")
    outcome = plain.settle()
    assert outcome.verdicts["p1"].state is State.PENDING
    assert plain.is_active("p2")
    assert not plain.is_active("p1")
    plain.system.directory.unlock("WEB1", "", "MAINT")
    plain.clock.now += 10
    plain.settle()
    assert plain.is_active("p1")


def test_directory_changes_that_go_on_after_their_answer_are_waited_for(plain: Site) -> None:
    """z/VM may answer 592: begun. Feilong takes that for a failure and unlocks the entry, which ends it."""
    for number, userid in ((1, "WEB1"), (2, "WEB2")):
        plain.create_guest(userid)
        plain.announce(plain.want(number, "datanet1", 100), userid, "1000")
    for system in plain.world.systems.values():
        system.behaviour = Behaviour(directory_changes="asynchronous")
    if isinstance(plain, FeilongSite):
        assert not any(_pass(plain))
        assert plain.settle().verdicts["p1"].state is State.PENDING
        plain.world.systems["ZVMA"].behaviour = Behaviour()
    wait_for(lambda: _pass(plain), all, what="both ports to be up", timeout=30.0)
    plain.world.systems["ZVMA"].behaviour = Behaviour()
    for userid in ("WEB1", "WEB2"):
        plain.logon(userid)
    plain.settle()
    assert plain.reaches("WEB1 1000", "WEB2 1000")


def _pass(here: Site) -> list[bool]:
    """One pass, a while after the one before."""
    here.clock.now += 30
    here.reconciler.run_pass()
    return [here.is_active(port_id) for port_id in ("p1", "p2")]


def test_nothing_is_changed_on_the_word_of_an_untrusted_view(plain: Site) -> None:
    two_guests(plain)
    plain.settle()
    mark = plain.world.journal.mark()
    fault = {"function": "Virtual_Network_Vswitch_Query*", "reply": {"rc": 500, "rs": 8}, "count": 8}
    number = plain.world.faults.add(fault)
    with pytest.raises(errors.HypervisorError):
        plain.reconciler.run_pass()
    plain.world.faults.remove(number)
    assert plain.mutations(mark) == []
    plain.settle()
    assert plain.mutations(mark) == []


def test_a_port_deleted_while_the_agent_was_down(plain: Site) -> None:
    """Who keeps records finds it; by MAC alone its NIC is nobody's, and what is nobody's is not touched."""
    two_guests(plain)
    plain.settle()
    plain.unwant("p1")
    plain.reconciler = plain.new_agent()
    plain.settle()
    assert plain.reaches("WEB1 1000", "WEB2 1000") is not plain.hypervisor.capabilities.records


def test_a_guest_deleted_before_its_ports_leaves_no_grant(plain: Site) -> None:
    two_guests(plain)
    plain.settle()
    plain.delete_guest("WEB1")
    plain.unwant("p1")
    plain.settle()
    assert not plain.system.vswitches["DATANET1"].blocks.get("WEB1")


def test_an_agent_killed_between_any_two_commands_is_followed_by_one_that_heals(plain: Site) -> None:
    """Whatever z/VM command it was the last one that took effect."""
    two_guests(plain)
    plain.settle()
    for skip in range(6):
        vlan = 101 + skip
        plain.want(1, "datanet1", vlan)
        plain.want(2, "datanet1", vlan)
        fault = {"function": "*", "skip": skip, "reply": "drop", "mutating": True}
        number = plain.world.faults.add({k: v for k, v in fault.items() if k != "mutating"})
        with contextlib.suppress(errors.HypervisorError):
            plain.reconciler.run_pass()
        plain.world.faults.remove(number)
        plain.reconciler = plain.new_agent()
        plain.settle()
        plain.clock.now += 600
        plain.settle()
        assert plain.is_active("p1")
        assert plain.reaches("WEB1 1000", "WEB2 1000")
