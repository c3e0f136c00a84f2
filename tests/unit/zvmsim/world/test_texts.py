"""Texts of VLAN sets, MACs and NICDEF statements survive a round trip."""

import contextlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zvmsim.world import names
from zvmsim.world.macs import MacPool, assemble
from zvmsim.world.nicdef import RECORD_WIDTH, Nicdef, format_nicdef, nicdefs_of
from zvmsim.world.vlans import format_vlans, parse_vlans, ranges

vlan_sets = st.frozensets(st.integers(1, 4094), max_size=60)
name = st.text("ABCXYZ019@#$", min_size=1, max_size=8)
hex6 = st.text("0123456789ABCDEF", min_size=6, max_size=6)


@given(vlan_sets)
def test_vlan_sets(vlans: frozenset[int]) -> None:
    assert parse_vlans(format_vlans(vlans)) == vlans
    assert sum(last - first + 1 for first, last in ranges(vlans)) == len(vlans)


def test_vlan_sets_as_people_write_them() -> None:
    assert parse_vlans("2,200 10-12") == {2, 10, 11, 12, 200}
    assert format_vlans({12, 10, 11, 2}) == "2 10-12"


@pytest.mark.parametrize("text", ["0", "4095", "-5", "5-", "9-5", "1.5", "x", "99999"])
def test_vlan_sets_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"VLAN id|backwards"):
        parse_vlans(text)


@given(hex6, hex6)
def test_macs_keep_their_digits(prefix: str, mac_id: str) -> None:
    mac = assemble(prefix, mac_id)
    assert mac.replace("-", "") == prefix + mac_id
    assert [len(part) for part in mac.split("-")] == [2] * 6


@given(st.lists(st.booleans(), max_size=40))
def test_no_mac_is_given_out_twice(steps: list[bool]) -> None:
    pool = MacPool("020000", "020000")
    held: list[str] = []
    for take in steps:
        if take or not held:
            held.append(pool.assign())
        else:
            pool.release(held.pop(0))
        assert len(set(held)) == len(held)


def test_the_pool_goes_round_addresses_that_users_took() -> None:
    pool = MacPool("020000", "020000")
    pool.take(pool.user_mac("000001"))
    pool.next_id = 0xFFFFFF
    assert [pool.assign(), pool.assign()] == ["02-00-00-FF-FF-FF", "02-00-00-00-00-02"]


@st.composite
def nicdefs(draw: st.DrawFn) -> Nicdef:
    devices = draw(st.none() | st.integers(3, 3072))
    start = draw(st.integers(0, 0xFFFF))
    assume(start + (devices or 3) <= 0x10000)
    owner = draw(st.sampled_from(["", "*", "SYSTEM", "OWNER1"]))
    return Nicdef(
        f"{start:04X}",
        draw(st.sampled_from(["QDIO", "HIPERSOCKETS", "IEDN", "INMN"])),
        devices,
        owner,
        draw(name) if owner else "",
        draw(st.sampled_from(["", "1A", "FF"])),
        draw(st.just("") | hex6),
        draw(st.none() | st.integers(1, 65535)),
        draw(st.sampled_from([None, "ACCESS", "TRUNK"])),
        draw(st.sampled_from([None, "LOW", "NORMAL", "HIGH"])),
        draw(vlan_sets),
        draw(st.none() | st.booleans()),
    )


@given(nicdefs())
def test_nicdef(nicdef: Nicdef) -> None:
    records = format_nicdef(nicdef)
    assert nicdefs_of(records) == {nicdef.vdev: nicdef}
    assert all(len(record) <= RECORD_WIDTH for record in records)


@given(nicdefs(), st.lists(st.sampled_from(["USER X", "* comment", "MDISK 0100 3390 1 END", ""])))
def test_other_records_do_not_matter(nicdef: Nicdef, others: list[str]) -> None:
    first, *rest = format_nicdef(nicdef)
    assert nicdefs_of([*others, first, *others, *rest]) == {nicdef.vdev: nicdef}


@given(st.text(max_size=60))
def test_any_text_is_a_statement_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        (nicdef,) = nicdefs_of([f"NICDEF {text}"]).values()
        assert nicdefs_of(format_nicdef(nicdef)) == {nicdef.vdev: nicdef}


def test_operands_cut_short() -> None:
    (nicdef,) = nicdefs_of(["nicdef 800 type qdio dev 3 portt trunk nopro lan system vsw1"]).values()
    assert (nicdef.vdev, nicdef.vswitch) == ("0800", "VSW1")
    assert (nicdef.port_type, nicdef.promiscuous) == ("TRUNK", False)


@pytest.mark.parametrize(
    "record",
    [
        "NICDEF",
        "NICDEF XYZ TYPE QDIO",
        "NICDEF 1000",
        "NICDEF 1000 TYPE",
        "NICDEF 1000 TYPE QDIO TYPE QDIO",
        "NICDEF 1000 TYPE QDIO LAN SYSTEM",
        "NICDEF 1000 TYPE QDIO DEVICES 2",
        "NICDEF FFFE TYPE QDIO",
        "NICDEF 1000 TYPE QDIO VLAN",
        "NICDEF 1000 TYPE QDIO VLAN 5000",
        "NICDEF 1000 TYPE QDIO SPEED 10",
        "NICDEF 1000 TYPE QDIO MACID 12345",
    ],
)
def test_statements_that_make_no_nic(record: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        nicdefs_of([record])


@given(st.text(max_size=12))
def test_names_have_one_normal_form(text: str) -> None:
    for check in (names.name, names.device, names.real_device, names.mac_id):
        try:
            found = check(text)
        except ValueError:
            continue
        assert check(found) == found
        assert check(text.lower()) == found
