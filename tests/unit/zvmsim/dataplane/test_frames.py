"""802.1Q tags, read, pushed and popped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zvmsim.dataplane import frames

A, B = bytes.fromhex("020001000001"), bytes.fromhex("020001000002")
PLAIN = B + A + b"\x08\x00payload"
vlans = st.integers(0, 4095)
priorities = st.integers(0, 15).map(lambda bits: bits << 12)
payloads = st.binary(max_size=60)


@given(vlans, priorities, payloads)
def test_what_is_pushed_is_read_and_popped(vlan: int, priority: int, payload: bytes) -> None:
    tagged = frames.pushed(PLAIN + payload, vlan, priority)
    assert (frames.vlan(tagged), frames.priority(tagged)) == (vlan, priority)
    assert frames.is_tagged(tagged)
    assert frames.popped(tagged) == PLAIN + payload


@given(vlans, vlans)
def test_the_outermost_tag_counts(inner: int, outer: int) -> None:
    tagged = frames.pushed(frames.pushed(PLAIN, inner), outer)
    assert frames.vlan(tagged) == outer
    assert frames.vlan(frames.popped(tagged)) == inner


def test_a_tag_stands_behind_the_addresses() -> None:
    assert frames.pushed(PLAIN, 100, 0xB000) == B + A + bytes.fromhex("8100b064") + b"\x08\x00payload"


def test_an_untagged_frame() -> None:
    assert (frames.vlan(PLAIN), frames.priority(PLAIN), frames.is_tagged(PLAIN)) == (0, 0, False)
    assert frames.popped(PLAIN) == PLAIN


def test_a_provider_tag_is_none_of_ours() -> None:
    assert not frames.is_tagged(B + A + bytes.fromhex("88a80064080045"))


@pytest.mark.parametrize("size", range(14))
def test_runts_are_no_frames(size: int) -> None:
    assert not frames.is_frame(PLAIN[:size])


@pytest.mark.parametrize("size", range(14, 18))
def test_a_frame_that_ends_in_its_tag_is_none(size: int) -> None:
    assert not frames.is_frame(frames.pushed(PLAIN, 100)[:size])


def test_the_shortest_frames() -> None:
    assert frames.is_frame(PLAIN[:14])
    assert frames.is_frame(frames.pushed(PLAIN, 100)[:18])


def test_a_group_address_sends_nothing() -> None:
    assert not frames.is_frame(A + frames.BROADCAST + b"\x08\x00payload")


def test_group_addresses() -> None:
    assert frames.is_group(frames.BROADCAST)
    assert frames.is_group(bytes.fromhex("01005e000001"))
    assert not frames.is_group(A)
