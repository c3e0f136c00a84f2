"""Device numbers for NICs: free, in order, and never past the last."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.compute import vdevs

FIRST = model.Vdev("1000")
NUMBERS = st.frozensets(st.integers(0x0FF0, 0x1040) | st.integers(0, 0xFFFF))


def test_numbers_count_in_threes() -> None:
    assert vdevs.allocate(3, ()) == ("1000", "1003", "1006")
    assert vdevs.allocate(2, (), model.Vdev("0abd")) == ("0ABD", "0AC0")
    assert vdevs.allocate(0, ()) == ()


@pytest.mark.parametrize("used", [0x1000, 0x1001, 0x1002])
def test_a_block_of_which_one_number_is_used_is_passed_over(used: int) -> None:
    assert vdevs.allocate(2, {used}) == ("1003", "1006")


def test_a_nic_whose_number_is_not_aligned_takes_two_blocks() -> None:
    assert vdevs.allocate(1, vdevs.block(model.Vdev("1002"))) == ("1006",)


def test_the_last_block_ends_at_the_last_number() -> None:
    assert vdevs.allocate(1, (), model.Vdev("FFFD")) == ("FFFD",)


@pytest.mark.parametrize(("first", "count"), [("FFFE", 1), ("FFFD", 2), ("FFF0", 6)])
def test_counting_does_not_go_on_from_zero(first: str, count: int) -> None:
    with pytest.raises(errors.InvalidValue, match="default_nic_vdev"):
        vdevs.allocate(count, (), model.Vdev(first))


@given(used=NUMBERS, count=st.integers(0, 12), first=st.integers(0, 0xFFFF))
def test_blocks_are_free_apart_in_order_and_the_first_possible(
    used: frozenset[int], count: int, first: int
) -> None:
    begin = model.Vdev(f"{first:X}")
    try:
        found = vdevs.allocate(count, used, begin)
    except errors.InvalidValue:
        free = [s for s in range(first, 0xFFFE, 3) if not used & {s, s + 1, s + 2}]
        assert len(free) < count
        return
    numbers = [number for vdev in found for number in vdevs.block(vdev)]
    assert len(numbers) == len(set(numbers)) == 3 * count
    assert not used & set(numbers)
    assert numbers == sorted(numbers)
    assert all(first <= number <= 0xFFFF for number in numbers)
    assert all((int(vdev, 16) - first) % 3 == 0 for vdev in found)
    for start in range(first, int(found[-1], 16) if found else first, 3):
        assert model.Vdev(f"{start:X}") in found or used & {start, start + 1, start + 2}
    assert vdevs.allocate(count, used, begin) == found


def test_what_is_taken_is_all_that_shows_anywhere() -> None:
    userid = model.Userid("WEB1")
    address = model.NicAddress(userid, model.Vdev("2000"))
    live = model.GuestNic(address, live=model.RunningNic())
    view = model.GuestView(userid, model.MacPrefix("02:00:00"), True, {address.vdev: live}, frozenset({9}))
    assert vdevs.taken(view) == {9, 0x2000, 0x2001, 0x2002}
    assert not vdevs.fits(model.Vdev("1FFE"), vdevs.taken(view))
    assert vdevs.fits(model.Vdev("1FFD"), vdevs.taken(view))
    assert not vdevs.fits(model.Vdev("FFFE"), ())
