"""A failing port waits longer and longer, but never more than five minutes."""

from networking_zvm.agent.backoff import Backoff


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_waiting_times_double_up_to_five_minutes() -> None:
    clock = Clock()
    backoff = Backoff(clock)
    waits = []
    for _ in range(10):
        backoff.failed("p1")
        waits.append(backoff.due("p1"))
        clock.now += waits[-1]
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_a_port_is_held_until_its_time_comes_and_others_are_not() -> None:
    clock = Clock()
    backoff = Backoff(clock)
    backoff.failed("p1")
    assert backoff.held() == {"p1"}
    assert backoff.next_due() == 2
    clock.now = 2.0
    assert backoff.held() == frozenset()
    assert backoff.failing() == {"p1"}
    assert backoff.next_due() == 0


def test_success_is_forgiving() -> None:
    clock = Clock()
    backoff = Backoff(clock)
    backoff.failed("p1")
    backoff.failed("p1")
    backoff.keep([])
    assert backoff.next_due() is None
    backoff.failed("p1")
    assert backoff.due("p1") == 2
