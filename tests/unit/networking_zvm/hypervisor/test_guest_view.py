"""One guest from its directory entry, its running NICs and the records of the control point."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor import guest_view

WEB1, PREFIX = model.Userid("WEB1"), model.MacPrefix("02:00:00")
HEAD = "USER WEB1 SECRET77 1G 2G G"


def nic(vdev: str) -> model.NicAddress:
    return model.NicAddress(WEB1, model.Vdev(vdev))


def devices(*statements: str) -> frozenset[int]:
    return guest_view.read_entry(WEB1, [HEAD, *statements]).devices


@pytest.mark.parametrize(
    ("statement", "numbers"),
    [
        ("CONSOLE 0009 3215 T", {9}),
        ("CONS 9 3215", {9}),
        ("SPOOL 00C 2540 READER *", {0xC}),
        ("MDISK 0100 3390 1 100 VOL001 MR", {0x100}),
        ("DEDICATE 1F00 1F00", {0x1F00}),
        ("LINK MAINT 0190 0290 RR", {0x290}),
        ("LINK MAINT 0190", {0x190}),
        ("LINK MAINT 0190 RR", {0x190}),
        ("SPECIAL 0800 QDIO 3 SYSTEM VSW1", {0x800, 0x801, 0x802}),
        ("SPECIAL 0E00 CTCA", {0xE00}),
        ("nicdef 1000 type qdio", {0x1000, 0x1001, 0x1002}),
        ("NICDEF 1000 TYPE QDIO DEV 4", {0x1000, 0x1001, 0x1002, 0x1003}),
        ("NICDEF FFFE TYPE QDIO", {0xFFFE, 0xFFFF}),
        ("COMMAND DEFINE NIC 0600 TYPE QDIO", {0x600, 0x601, 0x602}),
        ("COMMAND COUPLE 0600 SYSTEM VSW1", set()),
        ("COMMAND SET VSWITCH VSW2 GRANT LNX3", set()),
        ("* NICDEF 1000 TYPE QDIO", set()),
        ("IPL 0100", set()),
        ("OPTION LNKNOPAS", set()),
        ("", set()),
    ],
)
def test_statements_take_device_numbers(statement: str, numbers: set[int]) -> None:
    assert devices(statement) == numbers


def test_an_identity_is_an_entry_too() -> None:
    entry = guest_view.read_entry(WEB1, ["IDENTITY WEB1 X 1G", "NICDEF 1000 TYPE QDIO MACID ABCDEF"])
    assert entry.nics[nic("1000")].macid == "ABCDEF"


@pytest.mark.parametrize("statements", [[], [""], ["USER WEB2 SECRET77"], ["PROFILE WEB1"], ["USER"]])
def test_what_is_not_the_guests_entry_is_not_trusted(statements: list[str]) -> None:
    with pytest.raises(errors.Untrusted) as caught:
        guest_view.read_entry(WEB1, statements)
    assert "SECRET77" not in str(caught.value)


KEYWORDS = ["NICDEF", "LINK", "SPECIAL", "COMMAND", "DEFINE", "NIC", "MDISK", "QDIO", "TYPE", "DEVICES"]
WORDS = st.sampled_from([*KEYWORDS, "3", "4000", "1000", "FFFF", "ZZ", "*", "MAINT"])


@given(st.lists(st.lists(WORDS, max_size=6).map(" ".join) | st.text(max_size=30), max_size=6))
def test_no_statement_breaks_the_reader_or_is_told(lines: list[str]) -> None:
    try:
        entry = guest_view.read_entry(WEB1, [HEAD, *lines])
    except errors.Untrusted as error:
        assert "SECRET77" not in str(error)  # noqa: PT017
        return
    assert all(0 <= number <= 0xFFFF for number in entry.devices)
    for address in entry.nics:
        assert int(address.vdev, 16) in entry.devices


def test_a_nic_is_seen_from_all_sides() -> None:
    entry = guest_view.read_entry(WEB1, [HEAD, "NICDEF 1000 TYPE QDIO", "NICDEF 1003 TYPE QDIO"])
    live = {model.Vdev("1000"): model.RunningNic(), model.Vdev("2000"): model.RunningNic()}
    ids = {nic("1000"): frozenset({"p1"}), nic("3000"): frozenset({"p3"})}
    ids[model.NicAddress(model.Userid("WEB2"), model.Vdev("1000"))] = frozenset({"p9"})
    view = guest_view.assemble(WEB1, PREFIX, entry, live, ids)
    assert list(view.nics) == ["1000", "1003", "2000", "3000"]
    assert all(each.recorded for each in view.nics.values())
    first, second, third, fourth = view.nics.values()
    assert first == model.GuestNic(
        nic("1000"), frozenset({"p1"}), model.DirectoryNic(nic("1000")), model.RunningNic()
    )
    assert second.live is None
    assert third.directory is None
    assert fourth == model.GuestNic(nic("3000"), frozenset({"p3"}))


def test_a_table_tells_which_nics_the_control_point_knows() -> None:
    entry = guest_view.read_entry(WEB1, [HEAD, "NICDEF 1000 TYPE QDIO", "NICDEF 1003 TYPE QDIO"])
    view = guest_view.assemble(WEB1, PREFIX, entry, None, {}, [nic("1003"), nic("1006")])
    assert {vdev: each.recorded for vdev, each in view.nics.items()} == {
        "1000": False,
        "1003": True,
        "1006": True,
    }
    assert not view.logged_on
