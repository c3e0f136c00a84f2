"""What SMAPI tells of one guest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor import smapi_guest, smapi_wire
from networking_zvm.hypervisor.smapi_wire import Answer

WEB1 = model.Userid("WEB1")
COUPLED = ["adapter_address=9000", "adapter_type=2", "adapter_status=01", "lan_owner=SYSTEM", "lan_name=VSW1"]
IN_USE = ["adapter_address=1000", "mac_count=2", "mac_address=020000ABCDEF", "mac_address=020000000001"]
END = "adapter_info_end"


def answer(*lines: str) -> Answer:
    texts = b"".join(smapi_wire.encode(line) + b"\0" for line in lines)
    return Answer(0, 0, smapi_wire.counted(texts))


def untrusted(rc: int, rs: int) -> errors.Untrusted:
    return errors.Untrusted("failed", rc, rs)


def test_running_nics_are_read() -> None:
    nics = smapi_guest.read_running(answer("adapter_count=2", *COUPLED, END, *IN_USE, "mac_info_end", END))
    assert nics == {
        "9000": model.RunningNic(None, model.VSwitchName("VSW1")),
        "1000": model.RunningNic(model.Mac("020000abcdef")),
    }


def test_a_nic_on_a_lan_of_a_guest_is_on_no_vswitch() -> None:
    lines = ["adapter_address=1000", "lan_owner=WEB1", "lan_name=MINE", END]
    assert smapi_guest.read_running(answer("adapter_count=1", *lines)) == {"1000": model.RunningNic()}


@pytest.mark.parametrize(
    ("rc", "rs", "nics"), [(200, 12, None), (200, 4, None), (212, 8, {}), (204, 8, {})]
)
def test_a_guest_that_is_off_or_has_no_nic(rc: int, rs: int, nics: object) -> None:
    assert smapi_guest.read_running(untrusted(rc, rs)) == nics


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["adapter_count=2", *COUPLED, END],
        ["adapter_count=1", *COUPLED],
        ["adapter_count=2", *COUPLED, END, *COUPLED, END],
        ["adapter_count=1", "lan_owner=SYSTEM", END],
        ["adapter_count=1", "adapter_address=9000", "mac_address=02", END],
    ],
)
def test_half_an_answer_is_none(lines: list[str]) -> None:
    with pytest.raises(errors.Untrusted):
        smapi_guest.read_running(answer(*lines))


def test_failures_are_passed_on() -> None:
    with pytest.raises(errors.Untrusted):
        smapi_guest.read_running(untrusted(500, 8))
    with pytest.raises(errors.Unknown):
        smapi_guest.read_statements(WEB1, errors.Unknown("no answer"))
    with pytest.raises(errors.Untrusted):
        smapi_guest.read_statements(WEB1, untrusted(500, 8))


def test_a_guest_that_is_not_there_is_gone() -> None:
    with pytest.raises(errors.Gone):
        smapi_guest.read_statements(WEB1, untrusted(400, 4))


def test_the_entry_is_told_record_by_record() -> None:
    records = smapi_wire.array([b"USER WEB1 X".ljust(72), b"NICDEF 1000 TYPE QDIO".ljust(72)])
    statements = smapi_guest.read_statements(WEB1, Answer(0, 0, records))
    assert [line.rstrip() for line in statements] == ["USER WEB1 X", "NICDEF 1000 TYPE QDIO"]


LINES = st.sampled_from([*COUPLED, *IN_USE, END, "adapter_count=1", "adapter_count=2", "="])


@given(st.lists(LINES | st.text(st.characters(max_codepoint=255), max_size=20), max_size=12))
def test_no_answer_breaks_the_reader(lines: list[str]) -> None:
    try:
        nics = smapi_guest.read_running(answer(*(line.replace("\0", "") for line in lines)))
    except errors.Untrusted:
        return
    assert nics is not None
