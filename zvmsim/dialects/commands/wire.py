"""What `zvm-command` and the service say to each other, once per connection."""

import hmac
from dataclasses import dataclass
from io import BufferedIOBase

from zvmsim.dialects.program import Result

_CHUNK = 65536
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
    request = _Request(stream)
    if not hmac.compare_digest(request.field(), secret.encode()):
        raise WireError("wrong secret")
    words = [request.field() for _ in range(_number(request.field(), _MOST_WORDS))]
    size = request.field()
    file = request.exactly(_number(size, _LONGEST)) if size else None
    return Invocation(tuple(word.decode(errors="surrogateescape") for word in words), file)


def answer(result: Result) -> bytes:
    """The bytes that go back; NULs are left out, bash cannot hold them."""
    out, err = (_printable(text) for text in (result.stdout, result.stderr))
    return b"%d %d %d\n%b%b" % (result.exit_code, len(out), len(err), out, err)


def _printable(text: str) -> bytes:
    return text.replace("\0", "").encode(errors="surrogateescape")


def _number(field: bytes, most: int) -> int:
    if not field.isdigit() or int(field[:20]) > most:
        raise WireError(f"{field[:20]!r} is not a number up to {most}")
    return int(field)


class _Request:
    """What comes on a connection, as far as it is wanted."""

    def __init__(self, stream: BufferedIOBase) -> None:
        self._stream = stream
        self._rest = b""

    def field(self) -> bytes:
        """What stands before the next NUL."""
        while b"\0" not in self._rest:
            self._more()
        field, _, self._rest = self._rest.partition(b"\0")
        return field

    def exactly(self, size: int) -> bytes:
        """That many bytes, NULs or not."""
        content = bytearray(self._rest)
        self._rest = b""
        while len(content) < size:
            self._more()
            content += self._rest
            self._rest = b""
        return bytes(content[:size])

    def _more(self) -> None:
        chunk = self._stream.read1(_CHUNK)
        if not chunk:
            raise WireError("the connection ended within the request")
        self._rest += chunk
        if len(self._rest) > _LONGEST:
            raise WireError("the request is too long")
