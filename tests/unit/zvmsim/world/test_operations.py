"""Directory changes that are done after they have been answered."""

import pytest

from tests.unit.zvmsim.world.conftest import Lab
from zvmsim.clock import VirtualClock

NICDEF = "VDEV=1000 TYPE=QDIO LAN=SYSTEM SWITCHNAME=VSW1"


@pytest.fixture
def slow(lab: Lab) -> Lab:
    lab.user("LNX1")
    lab.behave(directory_changes="asynchronous")
    return lab


def update(lab: Lab, value: str = NICDEF) -> tuple[int, int]:
    return lab.codes("Image_Definition_Update_DM", NICDEF=value)


def progress(lab: Lab, operation: int) -> tuple[int, int]:
    return lab.codes("Query_Asynchronous_Operation_DM", operation_id=str(operation))


def pass_time(lab: Lab, *, sleepers: int, left: int) -> None:
    """One second, when so many operations wait for it; afterwards so many are left."""
    assert isinstance(lab.clock, VirtualClock)
    lab.clock.wait_for_sleepers(sleepers)
    lab.clock.advance(1)
    lab.clock.wait_for_sleepers(left)
    with lab.world.lock:
        pass


def test_a_change_is_started_and_done_later(slow: Lab) -> None:
    rc, operation = update(slow)
    assert rc == 592
    assert progress(slow, operation) == (0, 104)
    assert slow.system.directory.nicdefs("LNX1") == {}
    pass_time(slow, sleepers=1, left=0)
    wait_until_done(slow, operation)
    assert progress(slow, operation) == (0, 100)
    assert slow.system.directory.nicdefs("LNX1")["1000"].lan_name == "VSW1"


def wait_until_done(lab: Lab, operation: int) -> None:
    """Its thread has woken and may still wait for the world's lock."""
    for _ in range(100_000):
        if progress(lab, operation) != (0, 104):
            return
    raise AssertionError(f"operation {operation} does not end")


def test_what_is_refused_is_refused_at_once(slow: Lab) -> None:
    assert update(slow, "VDEV=1000 TYPE=BLUE") == (8, 3003)
    assert slow.codes("Image_Definition_Update_DM", "LNX2", NICDEF=NICDEF) == (400, 4)
    assert slow.system.operations == {}


def test_changes_are_done_one_after_the_other(slow: Lab) -> None:
    numbers = [update(slow, f"VDEV={vdev} TYPE=QDIO")[1] for vdev in ("1000", "2000")]
    pass_time(slow, sleepers=2, left=1)
    wait_until_done(slow, numbers[0])
    assert [progress(slow, number) for number in numbers] == [(0, 100), (0, 104)]
    pass_time(slow, sleepers=1, left=0)
    wait_until_done(slow, numbers[1])
    assert set(slow.system.directory.nicdefs("LNX1")) == {"1000", "2000"}


def test_a_change_may_fail_when_its_time_comes(slow: Lab) -> None:
    _, operation = update(slow)
    slow.codes("Image_Lock_DM", caller="MAINT")
    pass_time(slow, sleepers=1, left=0)
    wait_until_done(slow, operation)
    assert progress(slow, operation) == (0, 108)
    assert slow.system.directory.nicdefs("LNX1") == {}


def test_replacing_an_entry_keeps_its_lock_until_it_is_done(slow: Lab) -> None:
    assert slow.codes("Image_Lock_DM") == (0, 0)
    reply = slow.ask("Image_Replace_DM", "LNX1", "USER LNX1 LBYONLY 2G 2G G")
    assert reply.rc == 592
    assert slow.codes("Image_Lock_Query_DM") == (0, 12)
    pass_time(slow, sleepers=1, left=0)
    wait_until_done(slow, reply.rs)
    assert slow.codes("Image_Lock_Query_DM") == (0, 24)
    assert slow.ask("Image_Query_DM").data == ("USER LNX1 LBYONLY 2G 2G G",)


def test_entries_come_and_go_at_once(slow: Lab) -> None:
    reply = slow.ask("Image_Create_DM", "LNX2", "USER LNX2 LBYONLY 1G 1G G")
    assert (reply.rc, reply.rs, reply.data) == (0, 0, -1)
    assert slow.codes("Image_Query_DM", "LNX2") == (0, 0)
    assert slow.codes("Image_Delete_DM", "LNX2") == (0, 0)
    assert slow.codes("Image_Query_DM", "LNX2") == (400, 4)


def test_an_operation_that_nobody_knows_is_no_error(lab: Lab) -> None:
    assert progress(lab, 1234) == (0, 0)


def test_changes_of_the_running_system_do_not_wait(slow: Lab) -> None:
    slow.switch()
    assert slow.alter(grant_userid="LNX1") == (0, 0)
