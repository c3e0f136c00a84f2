"""What the service makes of the bytes of a connection."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zvmsim.dialects.commands.guests import FeilongSectionError, guests_from
from zvmsim.dialects.commands.wire import Invocation, WireError, answer, read_invocation
from zvmsim.dialects.program import Result

SECRET = "sesame"


def sent(*fields: bytes) -> io.BytesIO:
    return io.BytesIO(b"".join(field + b"\0" for field in fields))


def request(words: list[bytes], content: bytes | None) -> io.BytesIO:
    """As the executable sends it."""
    size = b"" if content is None else b"%d" % len(content)
    head = sent(SECRET.encode(), b"%d" % len(words), *words, size)
    return io.BytesIO(head.getvalue() + (content or b""))


WORD = st.binary(max_size=30).filter(lambda word: b"\0" not in word)


@given(words=st.lists(WORD), content=st.none() | st.binary(max_size=300))
def test_what_is_sent_is_what_is_read(words: list[bytes], content: bytes | None) -> None:
    expected = tuple(word.decode(errors="surrogateescape") for word in words)
    assert read_invocation(request(words, content), SECRET) == Invocation(expected, content)


@given(st.binary(max_size=200))
def test_nothing_else_is_a_request(garbage: bytes) -> None:
    with pytest.raises(WireError):
        read_invocation(io.BytesIO(garbage), SECRET)


@given(st.binary(max_size=100))
def test_after_the_secret_too_anything_may_come(garbage: bytes) -> None:
    try:
        read_invocation(io.BytesIO(SECRET.encode() + b"\0" + garbage), SECRET)
    except WireError:
        return
    assert garbage[:1].isdigit()


@pytest.mark.parametrize(
    "fields",
    [
        (b"wrong", b"1", b"vmcp", b"0"),
        (SECRET.encode(), b"2", b"vmcp"),
        (SECRET.encode(), b"-1"),
        (SECRET.encode(), b"999999999"),
        (SECRET.encode(), b"1", b"vmcp", b"7"),
        (SECRET.encode(), b"1", b"vmcp", b"999999999"),
        (SECRET.encode(), b"1", b"vmcp", b"x"),
    ],
)
def test_refused(fields: tuple[bytes, ...]) -> None:
    with pytest.raises(WireError):
        read_invocation(sent(*fields), SECRET)


def test_answer() -> None:
    assert answer(Result(1, "one\0\n", "ü")) == b"1 4 2\none\n\xc3\xbc"


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ("ZVMA", ["feilong: not a mapping of systems to userids"]),
        ({"ZVMC": "OPNCLOUD"}, ["feilong.ZVMC: no such system in the inventory"]),
        ({"ZVMA": "a b"}, ["feilong.ZVMA: 'a b' is not a name of 1-8 characters (A-Z 0-9 @ # $ _ + - :)"]),
    ],
)
def test_sections_that_make_no_sense(data: object, errors: list[str]) -> None:
    with pytest.raises(FeilongSectionError) as caught:
        guests_from(data, ["ZVMA"])
    assert str(caught.value).split("; ") == errors


def test_a_section() -> None:
    assert guests_from({"zvma": "opncloud"}, ["ZVMA", "ZVMB"]) == {"ZVMA": "OPNCLOUD"}
