"""Guests go on talking, and lose nothing, whatever happens to those who look after their network.

Every 10 ms a datagram, both ways between five pairs of NICs, each one counted (`zvmlab.traffic`). Neutron has
such a test of its Open vSwitch agent, with one ping a second
(neutron/tests/fullstack/test_connectivity.py, TestUninterruptedConnectivityOnL2AgentRestartOvs), but its full
stack tests are disabled (doc/source/contributor/testing/fullstack.rst).
"""

from collections.abc import Callable, Iterator
from itertools import permutations

import pytest

from tests.packets.traffic_site import (
    ABOUT_OTHERS,
    FEILONG,
    HOSTS,
    OTHERS,
    SIBLINGS,
    TALKS,
    XCAT_AND_SMAPI,
    TrafficSite,
    nic,
)
from zvmlab.cast import WEB
from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.programs import missing_packages
from zvmlab.feilong import environment
from zvmsim import dataplane

MISSING = [*dataplane.missing(), *missing_packages()]

TALKERS = [nic(name) for name in {name for talk in TALKS for name in talk}]
NEW_NICS = [nic for guest in OTHERS for nic in guest.nics()]

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"not here: {', '.join(MISSING)}"),
    pytest.mark.timeout(900),
]


KINDS = [
    pytest.param(XCAT_AND_SMAPI, id="xcat and smapi"),
    pytest.param(FEILONG, id="feilong", marks=pytest.mark.long),
]


@pytest.fixture(scope="module", params=KINDS)
def here(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrafficSite]:
    if request.param is FEILONG:
        _skip_without_feilong()
    with TrafficSite(tmp_path_factory.mktemp("traffic"), request.param) as site:
        yield site


def _skip_without_feilong() -> None:
    try:
        environment.python()
    except CloudError as error:
        pytest.skip(str(error))


# The counter can count


def a_port_is_switched_off(here: TrafficSite) -> None:
    here.population.set_admin_state("west1-web", up=False)
    here.await_uncoupled(nic("west1-web"))
    here.population.set_admin_state("west1-web", up=True)


def a_nic_is_uncoupled_by_hand(here: TrafficSite) -> None:
    here.smcli("zvmb", "Virtual_Network_Adapter_Disconnect", "EAST1", "-v", "1006")


def a_grant_is_given_again_by_hand(here: TrafficSite) -> None:
    if here.ways is FEILONG:
        pytest.skip("through Feilong nobody has a grant")
    again = ("grant_userid=WEST2", f"user_vlan_id={WEB.vlan}", "persist=NO")
    words = [word for option in (f"switch_name={WEB.vswitch}", *again) for word in ("-k", option)]
    here.smcli("zvma", "Virtual_Network_Vswitch_Set_Extended", "OPNCLOUD", *words)


@pytest.mark.parametrize(
    ("interrupt", "nics"),
    [
        (a_port_is_switched_off, {"ZVMA:WEST1 1003", "ZVMA:WEST2 1003"}),
        (a_nic_is_uncoupled_by_hand, {"ZVMB:EAST1 1006", "ZVMB:EAST2 1003"}),
        (a_grant_is_given_again_by_hand, {"ZVMA:WEST2 1003", "ZVMA:WEST1 1003"}),
    ],
)
def test_what_does_interrupt_is_seen_there_and_nowhere_else(
    here: TrafficSite, interrupt: Callable[[TrafficSite], None], nics: set[str]
) -> None:
    """The agents mend it, or it would not end."""
    mark = here.journal.mark()
    with here.traffic() as traffic, here.slowly(function="Virtual_Network_Adapter_Connect_*"):
        interrupt(here)
        here.await_coupled(*TALKERS)
    assert set(traffic.losses()) == {f"{one} > {other}" for one, other in permutations(nics)}
    assert all(traffic.counts[flow].longest_gap > 0 for flow in traffic.losses())
    assert here.disturbances(mark)


# Agents


def test_agents_are_stopped_and_started(here: TrafficSite) -> None:
    mark = here.journal.mark()
    with here.undisturbed():
        here.agents.stop()
        here.agents.start()
        here.await_synced()
    assert here.changes(mark) == []


def test_agents_are_killed_wherever_they_stand_in_their_start(here: TrafficSite) -> None:
    mark = here.journal.mark()
    with here.undisturbed():
        for moment in ("starts, control point", "z/VM and Neutron answer", "full sync:"):
            here.agents.kill()
            here.agents.start()
            here.agents.await_word(moment)
        here.agents.kill()
        here.agents.start()
        here.await_synced()
    assert here.changes(mark) == []


def test_agents_are_killed_while_a_score_of_ports_come_and_go(here: TrafficSite) -> None:
    """Also NICs of the guests that talk go. Through SMAPI they do so only while the agent runs."""
    here.agents.kill()
    with here.undisturbed():
        here.guests_come(OTHERS)
        mark = here.journal.mark()
        with here.slowly(**ABOUT_OTHERS):
            here.agents.start()
            here.kill_agents_at_work(mark, 3, *HOSTS)
            here.agents.start()
            here.agents.await_word("full sync:")
            here.agents.kill()
        here.agents.start()
        here.await_all_active()
        here.population.power_on()
        here.await_coupled(*NEW_NICS)
    here.agents.kill("zvma")
    with here.undisturbed(but=SIBLINGS):
        for role in (*SIBLINGS, *NEW_NICS):
            here.population.delete_port(role.name)
        mark = here.journal.mark()
        with here.slowly(**ABOUT_OTHERS):
            here.agents.start("zvma")
            here.kill_agents_at_work(mark, 3, "zvma")
        here.agents.start("zvma")
        here.agents.await_word("full sync:", "zvma")
        here.await_uncoupled(*SIBLINGS, *NEW_NICS)
        here.guests_go(OTHERS)


# What they depend on


def test_the_broker_is_killed_and_comes_back(here: TrafficSite) -> None:
    with here.undisturbed():
        here.agents.listen()
        here.cloud.restart_broker()
        here.agents.await_word("full sync:")
        here.somebody_passes_by()


def test_neutrons_servers_are_killed_and_agents_restarted_before_they_are_back(here: TrafficSite) -> None:
    """An agent that does not know what Neutron wants changes nothing."""
    with here.undisturbed():
        here.cloud.kill_neutron()
        mark = here.journal.mark()
        here.agents.stop()
        here.agents.start()
        here.agents.await_word("z/VM and Neutron answer")
        here.cloud.start_neutron()
        here.await_synced()
        assert here.changes(mark) == []


def test_control_points_answer_nobody_for_a_while_and_are_restarted(here: TrafficSite) -> None:
    control = here.simulator.control
    with here.undisturbed():
        here.agents.listen()
        outage = control.add_fault({"reply": "drop"})
        here.agents.await_word("WARNING")
        control.remove_fault(outage)
        for control_point in here.control_points:
            control_point.restart()
        here.agents.await_word("z/VM and Neutron answer")
        here.somebody_passes_by()
