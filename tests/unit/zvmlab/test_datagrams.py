"""What the probe makes of arrivals, on flows that lose and repeat as they please."""

import socket

from hypothesis import given
from hypothesis import strategies as st

from zvmlab.datagrams import Flow

TICK_NS = 10_000_000

Fates = st.lists(st.integers(0, 2), min_size=1, max_size=40)
"""How often the datagram of each round arrives."""


ENDS = socket.socketpair()


def counted(before: list[int], fates: list[int], after: list[int]) -> dict[str, float]:
    """Rounds before and after those that count; each takes a tick, and each datagram half of one."""
    it = Flow(*ENDS)
    rounds = [*before, *fates, *after]
    it.first, it.last = len(before), len(before) + len(fates) - 1
    for number, times in enumerate(rounds):
        for _ in range(times):
            it.arrived(number, number * TICK_NS, number * TICK_NS + TICK_NS // 2)
    return it.counts(it.last * TICK_NS)


@given(Fates, Fates, Fates)
def test_all_that_did_not_arrive_is_lost_and_all_else_is_not(
    before: list[int], fates: list[int], after: list[int]
) -> None:
    counts = counted(before, fates, after)
    assert counts["sent"] == len(fates)
    assert counts["received"] == sum(times > 0 for times in fates)
    assert (counts["longest_gap"] > 0) is (0 in fates)


@given(Fates)
def test_what_comes_twice_is_repeated_and_received_once(fates: list[int]) -> None:
    counts = counted([1], fates, [1])
    assert counts["repeated"] == sum(times > 1 for times in fates)
    assert counts["received"] <= counts["sent"]


@given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 20))
def test_a_gap_is_as_long_as_the_time_between_its_neighbours(good: int, lost: int, rest: int) -> None:
    counts = counted([1], [1] * good + [0] * lost + [1] * rest, [1])
    assert round(counts["longest_gap"] * 10**9) == (lost + 1) * TICK_NS


def test_a_flow_that_died_has_a_gap_to_the_end() -> None:
    counts = counted([1], [1, 0, 0, 0], [0])
    assert counts["sent"] - counts["received"] == 3
    assert round(counts["longest_gap"] * 10**9) == 3 * TICK_NS


def test_slowest_is_of_those_that_count() -> None:
    it = Flow(*ENDS)
    it.first, it.last = 1, 1
    it.arrived(0, 0, 9 * TICK_NS)
    it.arrived(1, TICK_NS, 2 * TICK_NS)
    it.arrived(2, 2 * TICK_NS, 9 * TICK_NS)
    assert round(it.counts(TICK_NS)["slowest"] * 10**9) == TICK_NS
