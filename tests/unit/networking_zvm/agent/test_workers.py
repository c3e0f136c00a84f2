"""Steps of one guest keep their order, guests go side by side, and a failure stays where it is."""

import threading

from networking_zvm import errors, model
from networking_zvm.agent import workers
from networking_zvm.hypervisor import base
from networking_zvm.plan import GuestStep, Step

MAC = model.Mac("02:00:00:00:00:01")
VSW = model.VSwitchName("VSW1")


def step(userid: str, vdev: str, *ports: str) -> GuestStep:
    address = model.NicAddress(model.Userid(userid), model.Vdev(vdev))
    change: base.GuestChange = base.Couple(address, MAC, VSW, directory=False, live=True)
    return Step(change, frozenset(ports), "the test wants it")


class Guests:
    """Takes changes as a control point would, and refuses some."""

    def __init__(self, *refused: str, cause: type[errors.HypervisorError] = errors.Refused) -> None:
        self.refused = refused
        self.cause = cause
        self.made: dict[str, list[str]] = {}
        self.busy: set[str] = set()
        self.most_side_by_side = 0
        self.lock = threading.Lock()
        self.meeting: threading.Barrier | None = None

    def change(self, changes: list[base.GuestChange]) -> None:
        assert isinstance(changes[0], base.Couple)
        userid = changes[0].address.userid
        with self.lock:
            assert userid not in self.busy, "two calls for one guest at a time"
            self.busy.add(userid)
            self.most_side_by_side = max(self.most_side_by_side, len(self.busy))
        if self.meeting:
            self.meeting.wait(10)
        try:
            for position, change in enumerate(changes):
                assert isinstance(change, base.Couple)
                if str(change.address) in self.refused:
                    raise base.ChangeFailed(position, self.cause("no"))
                self.made.setdefault(userid, []).append(change.address.vdev)
        finally:
            with self.lock:
                self.busy.discard(userid)


def run(guests: Guests, *steps: GuestStep, parallelism: int = 2) -> list[workers.Failure]:
    by_guest: dict[model.Userid, tuple[GuestStep, ...]] = {}
    for one in steps:
        assert isinstance(one.change, base.Couple)
        userid = one.change.address.userid
        by_guest[userid] = (*by_guest.get(userid, ()), one)
    return workers.apply(by_guest, guests.change, parallelism, threading.Event())


def test_all_steps_are_made_in_order() -> None:
    guests = Guests()
    assert run(guests, step("A", "1000", "p1"), step("A", "1003", "p2"), step("B", "1000", "p3")) == []
    assert guests.made == {"A": ["1000", "1003"], "B": ["1000"]}


def test_guests_go_side_by_side_up_to_the_limit() -> None:
    guests = Guests()
    guests.meeting = threading.Barrier(2)
    run(guests, *(step(u, "1000", u) for u in "ABCD"), parallelism=2)
    assert guests.most_side_by_side == 2


def test_after_a_failure_the_steps_of_other_ports_go_on() -> None:
    guests = Guests("A 1003")
    steps = [step("A", v, p) for v, p in (("1000", "p1"), ("1003", "p2"), ("1006", "p2"), ("1009", "p3"))]
    failures = run(guests, *steps)
    assert [(f.step.ports, str(f.cause)) for f in failures] == [(frozenset({"p2"}), "no")]
    assert guests.made == {"A": ["1000", "1009"]}


def test_one_guests_failure_does_not_touch_another() -> None:
    guests = Guests("A 1000")
    failures = run(guests, step("A", "1000", "p1"), step("B", "1000", "p2"))
    assert len(failures) == 1
    assert guests.made == {"B": ["1000"]}


def test_an_unreachable_control_point_is_not_asked_again_and_again() -> None:
    guests = Guests(*(f"{u} 1000" for u in "ABCDEFGH"), cause=errors.Unreachable)
    failures = run(guests, *(step(u, "1000", u) for u in "ABCDEFGH"), parallelism=1)
    assert len(failures) == 1


def test_a_stop_leaves_the_rest_for_later() -> None:
    stopping = threading.Event()
    stopping.set()
    guests = Guests()
    assert workers.apply({model.Userid("A"): (step("A", "1000", "p1"),)}, guests.change, 1, stopping) == []
    assert guests.made == {}
