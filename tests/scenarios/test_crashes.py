"""The agent dies, or the world misbehaves, at any moment: the next passes put things right."""

import contextlib
import random

import pytest

from networking_zvm import errors
from networking_zvm.claims import State
from tests.scenarios.site import XcatSite, site

LOOKS = 60


def bystander(here: XcatSite) -> None:
    """BYST is right before the trouble begins; nobody may touch it."""
    here.create_guest("BYST")
    here.announce(here.want(9, "datanet1", 100), "BYST", "1000")
    here.settle()
    here.logon("BYST")
    here.settle()


def change_everything(here: XcatSite) -> None:
    """Three guests: one gets its first NICs, one moves to another VLAN, one loses a NIC of two."""
    here.announce(here.want(1, "datanet1", 100), "NEW", "1000")
    here.announce(here.want(2, "xcatvsw2"), "NEW", "1003")
    here.want(3, "datanet1", 300)
    here.unwant("p4")


def prepare(here: XcatSite) -> None:
    bystander(here)
    for userid in ("NEW", "MOVE", "LOSE"):
        here.create_guest(userid)
    here.announce(here.want(3, "datanet1", 200), "MOVE", "1000")
    here.announce(here.want(4, "datanet1", 100), "LOSE", "1000")
    here.announce(here.want(5, "datanet1", 100), "LOSE", "1003")
    here.settle()
    here.logon("MOVE")
    here.logon("LOSE")
    here.settle()


def assert_right(here: XcatSite, mark: int) -> None:
    """The system is as wished, and the bystander was never touched."""
    here.logon("NEW")
    here.settle()
    verdicts = here.settle().verdicts
    assert {i: v.state for i, v in verdicts.items()} == dict.fromkeys(here.neutron.wanted, State.UP), verdicts
    assert here.reaches("NEW 1000", "BYST 1000")
    assert here.reaches("NEW 1003", "DBSRV1 0600")
    assert here.reaches("LOSE 1003", "BYST 1000")
    assert not here.reaches("LOSE 1000", "BYST 1000")
    assert not here.reaches("MOVE 1000", "BYST 1000")
    vlans = {str(b.vlans) for b in here.system.vswitches["DATANET1"].blocks["MOVE"]}
    assert len(vlans) == 1
    assert "300" in vlans.pop()
    touched = [e for e in here.world.journal.entries(mark, mutating=True) if "BYST" in e.call.objects]
    assert touched == []


def passes_until_settled(here: XcatSite) -> None:
    """Look again and again, as the agent's thread does; time passes in between."""
    for _ in range(LOOKS):
        try:
            outcome = here.reconciler.run_pass()
        except errors.HypervisorError:
            outcome = None
        if outcome and not outcome.changed and all(v.state is State.UP for v in outcome.verdicts.values()):
            return
        here.clock.now += 30
    raise AssertionError(f"not right after {LOOKS} looks: {outcome}")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", range(8))
def test_an_agent_killed_at_any_call_is_followed_by_one_that_heals(call: int, when: str) -> None:
    """The call in question never returns, and all that the agent knew is gone."""
    with site() as here:
        prepare(here)
        mark = here.world.journal.mark()
        change_everything(here)
        rule = {"function": "rest:PUT *", "when": when, "skip": call, "reply": "drop"}
        number = here.world.faults.add(rule)
        with_trouble = here.new_agent()
        with contextlib.suppress(errors.HypervisorError):
            with_trouble.run_pass()
        here.world.faults.remove(number)
        here.reconciler = here.new_agent()
        passes_until_settled(here)
        assert_right(here, mark)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_fails_for_a_while_all_is_right_in_the_end(seed: int) -> None:
    """A schedule of random faults, and restarts of the agent among them."""
    dice = random.Random(seed)
    with site() as here:
        prepare(here)
        mark = here.world.journal.mark()
        change_everything(here)
        for rule in _schedule(dice):
            here.world.faults.add(rule)
        for _ in range(dice.randint(1, 3)):
            with contextlib.suppress(errors.HypervisorError):
                here.reconciler.run_pass()
            here.clock.now += dice.choice([0, 5, 60])
            if dice.random() < 0.5:
                here.reconciler = here.new_agent()
        passes_until_settled(here)
        here.world.faults.clear()
        assert_right(here, mark)


def _schedule(dice: random.Random) -> list[dict[str, object]]:
    functions = ["Virtual_Network_*", "Image_Definition_*", "*_DM", "rest:PUT /nodes/*", "rest:PUT /tables/*"]
    functions += ["Directory_Manager_Search_DM", "rest:GET *", "System_Info_Query"]
    rules = []
    for function in dice.sample(functions, 4):
        rest = [{"http": 503}, {"http": 504}, "drop"]
        smapi = [{"rc": 400, "rs": 12}, {"rc": 596, "rs": 3543}, {"rc": 900, "rs": 99}, {"rc": 592, "rs": 7}]
        rules.append(
            {
                "function": function,
                "probability": dice.choice([0.3, 0.6, 1.0]),
                "count": dice.randint(1, 4),
                "skip": dice.randint(0, 3),
                "when": dice.choice(["before", "after"]),
                "reply": dice.choice(rest if function.startswith("rest") else smapi),
            }
        )
    return rules
