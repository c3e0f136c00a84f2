"""The bytes of SMAPI's protocol over TCP: building requests, taking answers apart. Pure.

Numbers are big-endian. A text is counted, or it stands in a list of keyword=value and ends with a NUL. Arrays
and structures are counted in bytes. Characters are those of ISO 8859-1; the server does the rest.
Sources: z/VM Systems Management Application Programming (7.1); pysmapi and its captures; feilong zthin
vmapi*.c.
"""

import dataclasses
import struct
from collections.abc import Iterable, Mapping

from networking_zvm import errors

HEADER = struct.Struct("!IIII")
"""Of an answer: its length without this first number, the request's id, return code, reason code."""

NUMBER = struct.Struct("!I")
LONGEST_ANSWER = 64 * 1024 * 1024

_ENCODING = "iso-8859-1"


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """A function, the userid it is about, and its parameters, which may hold directory passwords."""

    function: str
    target: str
    parameters: bytes = dataclasses.field(default=b"", repr=False)

    def __str__(self) -> str:
        return f"{self.function} of {self.target}"


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a function answered. payload: may hold directory passwords."""

    rc: int
    rs: int
    payload: bytes = dataclasses.field(default=b"", repr=False)


def request(call: Call, username: bytes, password: bytes) -> bytes:
    """The whole request. Raises InvalidValue as text()."""
    head = text(call.function) + counted(username) + counted(password) + text(call.target)
    return counted(head + call.parameters)


def number(value: int) -> bytes:
    """A number of four bytes."""
    return NUMBER.pack(value)


def counted(data: bytes) -> bytes:
    """Bytes behind their number."""
    return number(len(data)) + data


def text(value: str) -> bytes:
    """A counted text. Raises InvalidValue for characters that cannot be sent."""
    return counted(encode(value))


def array(elements: Iterable[bytes]) -> bytes:
    """Counted elements behind the number of bytes they take together."""
    return counted(b"".join(map(counted, elements)))


def keywords(values: Mapping[str, str]) -> bytes:
    """A list of keyword=value. Raises InvalidValue as text()."""
    return b"".join(encode(f"{key}={value}") + b"\0" for key, value in values.items())


def encode(value: str) -> bytes:
    """The bytes of a text. Raises InvalidValue, without the text: it may be secret."""
    try:
        data = value.encode(_ENCODING)
    except UnicodeEncodeError:
        data = b"\0"
    if b"\0" in data:
        raise errors.InvalidValue("a text for SMAPI holds characters that cannot be sent")
    return data


def split_header(header: bytes, request_id: int) -> tuple[int, Answer]:
    """The length of the payload to come, and the answer without it. Raises InvalidValue."""
    length, answered_id, rc, rs = HEADER.unpack(header)
    shortest = HEADER.size - NUMBER.size
    if answered_id != request_id:
        raise errors.InvalidValue(f"the answer is to request {answered_id}, not to {request_id}")
    if not shortest <= length <= LONGEST_ANSWER:
        raise errors.InvalidValue(f"the answer cannot be {length} bytes long")
    return length - shortest, Answer(rc, rs)


class Reader:
    """Takes a payload apart from its beginning. Everything raises InvalidValue where bytes are missing."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._rest = memoryview(data)

    def __bool__(self) -> bool:
        return bool(self._rest)

    def byte(self) -> int:
        """A number of one byte."""
        return self._take(1)[0]

    def number(self) -> int:
        """A number of four bytes."""
        return int(NUMBER.unpack(self._take(NUMBER.size))[0])

    def part(self) -> "Reader":
        """A counted part: a structure, an array, a list of strings."""
        return Reader(self._take(self.number()))

    def data(self) -> bytes:
        """Counted bytes as they are."""
        return bytes(self._take(self.number()))

    def text(self) -> str:
        """A counted text."""
        return self.data().decode(_ENCODING)

    def strings(self) -> list[str]:
        """All that is left, as texts that end with a NUL each."""
        rest = bytes(self._take(len(self._rest)))
        if rest and not rest.endswith(b"\0"):
            raise errors.InvalidValue("the last of the strings does not end")
        return rest.decode(_ENCODING).split("\0")[:-1]

    def end(self) -> None:
        """Make sure that nothing is left."""
        if self._rest:
            raise errors.InvalidValue(f"{len(self._rest)} bytes too many")

    def _take(self, count: int) -> memoryview:
        if count > len(self._rest):
            raise errors.InvalidValue(f"{count} bytes should follow, but {len(self._rest)} do")
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken
