"""What `zvm-command` and the service say to each other, once per connection."""

import hmac
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase

from zvmsim.dialects.program import Result

_LONGEST = 64 << 20
_MOST_WORDS = 1 << 16


class WireError(Exception):
    """What came is not a request of one who knows the secret."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run of a program.

    words: its name and arguments. file: the content of the file that the arguments name, None if there is
        none.
    """

    words: tuple[str, ...]
    file: bytes | None = None


def read_invocation(stream: BufferedIOBase, secret: str) -> Invocation:
    """Take one request from a connection. Raises WireError."""
    fields = _fields(stream)
    if not hmac.compare_digest(next(fields), secret.encode()):
        raise WireError("wrong secret")
    words = tuple(field.decode(errors="surrogateescape") for field in _counted(fields))
    pieces = _counted(fields)
    return Invocation(words, b"\0".join(pieces) if pieces else None)


def answer(result: Result) -> bytes:
    """The bytes that go back; NULs are left out, bash cannot hold them."""
    out, err = (_printable(text) for text in (result.stdout, result.stderr))
    return b"%d %d %d\n%b%b" % (result.exit_code, len(out), len(err), out, err)


def _printable(text: str) -> bytes:
    return text.replace("\0", "").encode(errors="surrogateescape")


def _counted(fields: Iterator[bytes]) -> list[bytes]:
    number = next(fields)
    if not number.isdigit() or int(number) > _MOST_WORDS:
        raise WireError(f"{number[:20]!r} is not a number of words")
    return list(itertools.islice(fields, int(number)))


def _fields(stream: BufferedIOBase) -> Iterator[bytes]:
    """The fields that end with a NUL, as they come."""
    rest, length = b"", 0
    while chunk := stream.read1(65536):
        length += len(chunk)
        if length > _LONGEST:
            raise WireError("the request is too long")
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole
    raise WireError("the connection ended within the request")
