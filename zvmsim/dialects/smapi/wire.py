"""Numbers and texts as SMAPI sends them: big-endian, texts in ISO 8859-1 with their length in front.

Source: pysmapi captures; zthin smapiTableParser.c.
"""

CHARSET = "iso8859-1"


class WireError(Exception):
    """The bytes are no request: return code 900 and this reason code.

    20: more or fewer bytes than the parameters take. 36: a length leaves the request.
    Source: zthin rcdescriptions.c; which of the two a server chooses is a guess.
    """

    def __init__(self, rs: int, why: str) -> None:
        super().__init__(f"900/{rs} {why}")
        self.rs = rs


class Input:
    """Reads one request from its first byte to its last; every method raises WireError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self._data) - self._at

    def starts_with(self, byte: int) -> bool:
        """Whether this is the next byte."""
        return self._data[self._at : self._at + 1] == bytes([byte])

    def take(self, length: int) -> bytes:
        if length > self.left:
            raise WireError(36, f"{length} bytes wanted, {self.left} left")
        self._at += length
        return self._data[self._at - length : self._at]

    def int1(self) -> int:
        return self._number(1)

    def int4(self) -> int:
        """Unsigned; what goes beyond the request is a length's affair."""
        return self._number(4)

    def signed(self) -> int:
        """int4 with "unspecified" as -1."""
        return int.from_bytes(self._whole(4), signed=True)

    def string(self) -> str:
        """Counted, without a terminator."""
        return self.take(self.int4()).decode(CHARSET)

    def terminated(self, *, or_end: bool = False) -> str:
        """Up to a NUL, or to the end where that is allowed."""
        end = self._data.find(0, self._at)
        if end >= 0:
            return self.take(end + 1 - self._at)[:-1].decode(CHARSET)
        if not or_end:
            raise WireError(20, "no NUL behind a text")
        return self.take(self.left).decode(CHARSET)

    def part(self, length: int) -> "Input":
        """The next bytes as an input of their own."""
        return Input(self.take(length))

    def close(self) -> None:
        """Nothing may be left."""
        if self.left:
            raise WireError(20, f"{self.left} bytes too many")

    def _number(self, size: int) -> int:
        return int.from_bytes(self._whole(size))

    def _whole(self, size: int) -> bytes:
        if self.left < size:
            raise WireError(20, "the request ends too early")
        return self.take(size)


def int1(number: int) -> bytes:
    return number.to_bytes(1)


def int4(number: int) -> bytes:
    """-1 is ffffffff."""
    return (number & 0xFFFFFFFF).to_bytes(4)


def int8(number: int) -> bytes:
    return number.to_bytes(8)


def encode(text: str) -> bytes:
    return text.encode(CHARSET, "replace")


def counted(data: bytes) -> bytes:
    """The length in front: of a text, an array or a structure."""
    return int4(len(data)) + data


def string(text: str) -> bytes:
    return counted(encode(text))


def terminated(*texts: str) -> bytes:
    """Each with a NUL behind it."""
    return b"".join(encode(text) + b"\0" for text in texts)
