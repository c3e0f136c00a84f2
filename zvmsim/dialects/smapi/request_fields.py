"""The kinds of parameters a request is made of, and how each is read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from zvmsim.dialects.smapi.wire import Input


@dataclass(slots=True)
class Parsed:
    """What has been read so far: arguments and records as `zvmsim.world.smapi.Request` takes them."""

    arguments: dict[str, str] = field(default_factory=dict)
    records: list[str] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        """A keyword that comes again (NICDEF) adds a line."""
        known = next((key for key in self.arguments if key.lower() == name.lower()), name)
        self.arguments[known] = f"{self.arguments[known]}\n{value}" if known in self.arguments else value


class RequestField(Protocol):
    """One step through a request; raises WireError."""

    def read(self, source: Input, into: Parsed) -> None: ...


@dataclass(frozen=True, slots=True)
class Value:
    """One parameter at its place."""

    name: str
    take: Callable[[Input], str]

    def read(self, source: Input, into: Parsed) -> None:
        into.add(self.name, self.take(source))


def string(name: str) -> Value:
    """A counted text."""
    return Value(name, Input.string)


def terminated(name: str) -> Value:
    """A text with a NUL behind it."""
    return Value(name, Input.terminated)


def int1(name: str) -> Value:
    """One byte, an enumeration: 0 is unspecified."""
    return Value(name, lambda source: str(source.int1()))


def int4(name: str) -> Value:
    """Four bytes; -1 is unspecified."""
    return Value(name, lambda source: str(source.signed()))


def optional(value: Value) -> Value:
    """A parameter that an older client leaves out at the end."""
    return Value(value.name, lambda source: value.take(source) if source.left else "")


@dataclass(frozen=True, slots=True)
class Keywords:
    """key=value texts with a NUL behind each, in any order, to the end of the request.

    The last NUL may be missing (pysmapi capture of Query_All_DM).

    counted: their length stands in front. bare: each text is a keyword as a whole ("MDISK"), there are no
    values.
    """

    counted: bool = False
    bare: bool = False

    def read(self, source: Input, into: Parsed) -> None:
        part = source.part(source.int4() if self.counted else source.left)
        while part.left:
            text = part.terminated(or_end=True)
            key, _, value = (text, "", "") if self.bare else text.partition("=")
            into.add(key.strip(), value)


@dataclass(frozen=True, slots=True)
class Records:
    """An array of directory records: its length in bytes, then each record as a counted text."""

    def read(self, source: Input, into: Parsed) -> None:
        part = source.part(source.int4())
        while part.left:
            into.records.append(part.string().rstrip())
