"""What went wrong, from Feilong's own words: answers of zVMCloudConnector 1.6.3, and any other bytes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors
from networking_zvm.hypervisor import feilong_answer

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def failure(
    overall: int, rc: int, rs: int, origin: int | None, text: str = "", changing: bool = True
) -> errors.HypervisorError | None:
    codes = {"overallRC": overall, "rc": rc, "rs": rs, "modID": origin}
    reply = feilong_answer.read_reply(json.dumps({**codes, "errmsg": text, "output": ""}).encode())
    assert reply is not None
    return feilong_answer.failure("PUT /x", reply, reply.text, changing)


LOCKED = "Failed to couple nic 1000 of guest G1 with vswitch VSW1, error: Guest G1 is locked"
REPLACE = "Failed to resize memory of guest: 'G1', error: replace user entry failed with smt error: '...'."
UNKNOWN_GUEST = "Guest 'G1' does not exist."


@pytest.mark.parametrize(
    ("codes", "text", "kind"),
    [
        ((8, 400, 12, 1), "", errors.Busy),
        ((8, 212, 8, 1), "", errors.Refused),
        ((8, 212, 40, 1), "", errors.Gone),
        ((8, 400, 4, 1), "", errors.Gone),
        ((8, 592, 7, 1), "", errors.Unknown),
        ((8, 0, 0, 1), "", errors.Unknown),
        ((409, 409, 11, 20), LOCKED, errors.Busy),
        ((409, 409, 10, 20), LOCKED, errors.Busy),  # another request's rs
        ((409, 409, 11, 20), "Failed to couple nic 1000, error: not authorized", errors.Refused),
        ((409, 409, 13, 20), "", errors.Busy),
        ((409, 409, 10, 20), "", errors.Refused),
        ((409, 409, 1, 20), "Guest 'G1' is not in active status.", feilong_answer.GuestIsOff),
        ((300, 300, 10, 10), REPLACE, errors.Busy),
        ((300, 300, 3, 20), "Failed to couple nic", errors.Unknown),
        ((404, 404, 1, 10), UNKNOWN_GUEST, errors.Gone),
        ((404, 404, 1, 20), "Vswitch VSW1 does not exist.", errors.Gone),
        ((410, 410, 1, 10), "", errors.Gone),
        ((100, 100, 2, 400), "Invalid API arg type", errors.Refused),
        ((400, 400, 400, 120), "ValidationError: Validation error", errors.Refused),
        ((400, 400, 500, 120), "The server has either erred", errors.Unknown),
        ((500, 500, 1, 100), "SDK server got unexpected exception", errors.Unknown),
        ((500, -102, 111, 1), "SMT internal error", errors.Busy),
        ((500, -103, 0, 1), "SMT internal error", errors.Unknown),
        ((101, 101, 2, 110), "Failed to connect SDK server", errors.Unknown),
        ((25, -103, 0, 1), "", errors.Unknown),
        ((24, 0, 0, 1), "", errors.Refused),
        ((4, 4, 3, 1), "", errors.Refused),
        ((503, 503, 1, 120), "", errors.Busy),
        ((501, 501, 1, 20), "", errors.Refused),
        ((-7, 0, 0, None), "", errors.Unknown),
    ],
)
def test_the_class_tells_what_to_do(
    codes: tuple[int, int, int, int | None], text: str, kind: type[errors.HypervisorError]
) -> None:
    assert type(failure(*codes, text)) is kind


def test_success_is_no_failure() -> None:
    assert failure(0, 0, 0, None) is None


def test_a_read_that_the_server_lost_leaves_it_unreachable() -> None:
    assert isinstance(failure(101, 101, 6, 110, changing=False), errors.Unreachable)


def test_codes_of_z_vm_are_kept() -> None:
    error = failure(8, 212, 8, 1, "text")
    assert error is not None
    assert (error.rc, error.rs) == (212, 8)
    missing = failure(404, 404, 1, 20, "Guest device 1000 does not exist.")
    assert missing is not None
    assert (missing.rc, missing.rs) == (204, 8)


def test_a_guest_that_feilong_does_not_know_comes_with_a_remedy() -> None:
    assert "register_vm" in str(failure(404, 404, 1, 10, UNKNOWN_GUEST))


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[]", b"{}", b'{"overallRC": true, "output": 1}', b'{"overallRC": 0}', b"[" * 5000],
)
def test_what_is_not_feilongs_is_told_apart(content: bytes) -> None:
    assert feilong_answer.read_reply(content) is None


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    feilong_answer.read_reply(content)


@given(st.fixed_dictionaries({key: JSON for key in ("overallRC", "rc", "rs", "modID", "errmsg", "output")}))
def test_every_reply_has_a_meaning(document: object) -> None:
    reply = feilong_answer.read_reply(json.dumps(document).encode())
    if reply:
        error = feilong_answer.failure("GET /x", reply, reply.text, changing=True)
        assert (error is None) == (reply.overall == 0)


CODES = st.integers(-200, 1000)


@given(CODES, CODES, st.integers(-10, 7000), st.integers(0, 500), st.text())
def test_every_code_has_a_meaning(overall: int, rc: int, rs: int, origin: int, text: str) -> None:
    error = failure(overall, rc, rs, origin, text)
    assert (error is None) == (overall == 0)
    assert not isinstance(error, errors.Unreachable)
