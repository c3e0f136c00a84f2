"""What the agent does through xCAT alone, or what need not be seen through every driver."""

import dataclasses
from collections.abc import Iterator

import pytest

from networking_zvm import model
from networking_zvm.claims import State
from tests.scenarios.site import XcatSite, site
from zvmsim.dialects.smcli import Style
from zvmsim.world.behaviour import Behaviour

KINDS: list[tuple[Behaviour, Style]] = [(behaviour, "zhcp") for behaviour in Behaviour.positions()]
KINDS += [(Behaviour(), "xcat"), (Behaviour(), "today")]


def _name(kind: tuple[Behaviour, Style]) -> str:
    behaviour, style = kind
    return f"{style},{','.join(f'{k}={v}' for k, v in behaviour.deviations().items()) or 'defaults'}"


@pytest.fixture(params=KINDS, ids=_name)
def here(request: pytest.FixtureRequest) -> Iterator[XcatSite]:
    """A site in each position of each switch for unsettled behaviour, and with each smcli."""
    with site(*request.param) as running:
        yield running


@pytest.fixture
def plain() -> Iterator[XcatSite]:
    with site() as running:
        yield running


def two_guests(here: XcatSite) -> None:
    """WEB1 and WEB2, one NIC each, on VLAN 100 of DATANET1, logged on."""
    for number, userid in ((1, "WEB1"), (2, "WEB2")):
        here.create_guest(userid)
        here.announce(here.want(number, "datanet1", 100), userid, "1000")
    here.settle()
    for userid in ("WEB1", "WEB2"):
        here.logon(userid)


def test_the_compute_side_finds_where_the_nic_is(plain: XcatSite) -> None:
    two_guests(plain)
    assert '"DATANET1"' in plain.row("p1").upper()
    assert '"100"' in plain.row("p1")


def test_a_flat_port_uses_the_unaware_vswitch(plain: XcatSite) -> None:
    plain.create_guest("WEB1")
    plain.announce(plain.want(1, "xcatvsw2"), "WEB1", "800")
    plain.settle()
    plain.logon("WEB1")
    assert plain.states()["p1"] is State.UP
    assert plain.reaches("WEB1 0800", "DBSRV1 0600")
    assert '"-1"' in plain.row("p1")


def test_a_flat_network_may_be_the_default_vlan_of_an_aware_vswitch(here: XcatSite) -> None:
    """Guests that z/VM has let onto it after an IPL without any VLAN hide each other from xCAT's smcli."""
    for system in here.world.systems.values():
        system.vswitches["DATANET1"].default_vlan = 50
        system.config["DATANET1"].default_vlan = 50
    for number, userid in ((1, "WEB1"), (2, "WEB2"), (3, "WEB3")):
        here.create_guest(userid)
        here.announce(here.want(number, "datanet1", 50 if number == 3 else None), userid, "1000")
    here.settle()
    here.simulator.control.ipl("ZVMA")
    for userid in ("WEB1", "WEB2", "WEB3"):
        here.logon(userid)
    here.settle()
    assert all(here.is_active(p) for p in ("p1", "p2", "p3"))
    assert here.reaches("WEB1 1000", "WEB2 1000")
    assert here.reaches("WEB1 1000", "WEB3 1000")


def test_ports_whose_vlans_are_hidden_are_left_alone_and_told(plain: XcatSite) -> None:
    two_guests(plain)
    plain.settle()
    with plain.world.lock:
        blocks = plain.system.vswitches["DATANET1"].blocks
        before = blocks["ROUTER1"]
        blocks["ROUTER1"] = (dataclasses.replace(before[0], vlans=frozenset()),)
    mark = plain.world.journal.mark()
    verdict = plain.settle().verdicts["p2"]
    assert verdict.state is State.UNCLEAR
    assert "does not show on which VLANs" in verdict.reason
    assert plain.is_active("p2"), "its traffic was not touched"
    assert plain.mutations(mark) == []
    assert plain.reaches("WEB1 1000", "WEB2 1000")
    blocks["ROUTER1"] = before
    assert plain.states()["p2"] is State.UP


def test_a_vswitch_lost_in_an_ipl_is_created_again(plain: XcatSite) -> None:
    spec = model.VSwitchSpec(model.VSwitchName("DATANET2"), vlan_aware=True)
    plain.reconciler = plain.new_agent([spec])
    plain.settle()
    plain.simulator.control.ipl("ZVMA")
    assert "DATANET2" not in plain.system.vswitches
    plain.settle()
    assert "DATANET2" in plain.system.vswitches


def test_a_locked_directory_delays_its_guest_alone_and_is_retried(plain: XcatSite) -> None:
    for number, userid in ((1, "WEB1"), (2, "WEB2")):
        plain.create_guest(userid)
        plain.announce(plain.want(number, "datanet1", 100), userid, "1000")
    plain.world.faults.add(
        {
            "function": "Image_Definition_Update_DM",
            "object": "WEB1",
            "reply": {"rc": 400, "rs": 12},
            "count": 2,
        }
    )
    outcome = plain.settle()
    assert outcome.verdicts["p1"].state is State.PENDING
    assert "400/12" in outcome.verdicts["p1"].reason
    assert plain.is_active("p2")
    assert not plain.is_active("p1")
    for _ in range(2):
        plain.clock.now += 10
        plain.settle()
    assert plain.is_active("p1")


def test_a_failing_port_is_not_tried_before_its_time(plain: XcatSite) -> None:
    plain.create_guest("WEB1")
    plain.announce(plain.want(1, "datanet1", 100), "WEB1", "1000")
    plain.world.faults.add({"function": "Image_Definition_Update_DM", "reply": {"rc": 596, "rs": 3543}})
    plain.settle()
    mark = plain.world.journal.mark()
    plain.settle()
    assert plain.mutations(mark) == []
    plain.clock.now += 2
    plain.settle()
    assert plain.mutations(mark) != []


def test_an_answer_lost_after_the_effect_is_read_back_not_repeated(plain: XcatSite) -> None:
    plain.create_guest("WEB1")
    plain.announce(plain.want(1, "datanet1", 100), "WEB1", "1000")
    plain.world.faults.add(
        {"function": "rest:PUT /nodes/zhcp/dsh", "when": "after", "skip": 2, "count": 1, "reply": "drop"}
    )
    plain.settle()
    plain.clock.now += 10
    plain.settle()
    assert plain.is_active("p1")
    grants = [e for e in plain.mutations() if e.call.arguments.get("grant_userid") == "WEB1"]
    assert len(grants) <= 2, "the grant of DATANET1 was repeated"


def test_a_vdev_reused_by_a_new_port_gets_the_new_mac(plain: XcatSite) -> None:
    plain.create_guest("WEB1")
    plain.announce(plain.want(1, "datanet1", 100), "WEB1", "1000")
    plain.settle()
    plain.unwant("p1")
    plain.announce(plain.want(2, "datanet1", 100), "WEB1", "1000")
    assert plain.states()["p2"] is State.UP
    assert plain.system.directory.nicdefs("WEB1")["1000"].mac_id == "000002"


def test_a_guest_is_an_access_port_even_where_the_vswitch_defaults_to_trunk(plain: XcatSite) -> None:
    plain.system.vswitches["DATANET1"].port_type = "TRUNK"
    two_guests(plain)
    plain.settle()
    assert plain.reaches("WEB1 1000", "WEB2 1000")


def test_a_directory_entry_that_vanishes_does_not_keep_its_grant(plain: XcatSite) -> None:
    """A guest deleted behind xCAT's back: its row is still there, its directory entry is not."""
    two_guests(plain)
    plain.settle()
    plain.logoff("WEB1")
    with plain.world.lock:
        plain.system.directory.delete("WEB1", by="MAINT")
    plain.unwant("p1")
    plain.settle()
    assert not plain.system.vswitches["DATANET1"].blocks.get("WEB1")


def test_a_nic_announced_to_a_running_guest_says_when_it_comes_alive(plain: XcatSite) -> None:
    plain.create_guest("WEB1", on=True)
    plain.announce(plain.want(1, "datanet1", 100), "WEB1", "1000")
    verdict = plain.settle().verdicts["p1"]
    assert "next logon" in verdict.reason
    assert not plain.is_active("p1")
    plain.logoff("WEB1")
    plain.logon("WEB1")
    plain.clock.now += 10
    plain.settle()
    assert plain.is_active("p1")
