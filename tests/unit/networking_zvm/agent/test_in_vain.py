"""What z/VM takes without a trace is not made pass after pass."""

from networking_zvm import errors, model
from networking_zvm.agent.in_vain import InVain
from networking_zvm.agent.workers import Failure
from networking_zvm.hypervisor import base
from networking_zvm.steps import GuestStep, Step

NODE, SWITCH = model.Userid("DHCP1"), model.VSwitchName("VSW1")
ALLOW: GuestStep = Step(base.AllowVlan(NODE, SWITCH, 1024, model.VlanId(100)), frozenset({"p1"}), "")
REVOKE: GuestStep = Step(base.Deauthorize(NODE, SWITCH), frozenset({"p2"}), "")


def passes(memory: InVain, *steps: GuestStep) -> list[Failure]:
    """One pass in which all that is left to be made is made."""
    kept, failures = memory.sift({NODE: steps})
    memory.note(kept, [])
    return failures


def test_the_third_time_is_a_failure_and_then_it_may_be_tried_again() -> None:
    memory = InVain()
    assert passes(memory, ALLOW) == passes(memory, ALLOW) == []
    (failure,) = passes(memory, ALLOW)
    assert failure.step == ALLOW
    assert "does not show it" in str(failure.cause)
    assert passes(memory, ALLOW) == []


def test_what_has_shown_meanwhile_counts_anew() -> None:
    memory = InVain()
    passes(memory, ALLOW)
    passes(memory)
    assert passes(memory, ALLOW) == passes(memory, ALLOW) == []


def test_a_failure_of_another_kind_is_nothing_made() -> None:
    memory = InVain()
    for _ in range(3):
        kept, failures = memory.sift({NODE: (ALLOW,)})
        assert failures == []
        memory.note(kept, [Failure(ALLOW, errors.Busy("locked"))])


def test_other_changes_are_none_of_its_business() -> None:
    memory = InVain()
    assert [passes(memory, REVOKE) for _ in range(4)] == [[], [], [], []]
