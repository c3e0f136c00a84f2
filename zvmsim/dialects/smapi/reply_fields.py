"""The kinds of fields a reply is made of, and how each is written.

A field is a function from a value of `zvmsim.world.answers` to bytes. Its source is an attribute's name or a
function.
"""

import operator
from collections.abc import Callable, Iterable
from typing import Any

from zvmsim.dialects.smapi import wire

ReplyField = Callable[[Any], bytes]
Source = str | Callable[[Any], Any]

NAME_WIDTH = 8


def itself(item: Any) -> Any:
    """The source of a field that is the value as it is."""
    return item


def string(source: Source) -> ReplyField:
    """A counted text."""
    get = _getter(source)
    return lambda item: wire.string(get(item))


def padded(source: Source, width: int = NAME_WIDTH) -> ReplyField:
    """A counted text with blanks up to a width."""
    get = _getter(source)
    return lambda item: wire.string(get(item).ljust(width))


def int1(source: Source) -> ReplyField:
    get = _getter(source)
    return lambda item: wire.int1(get(item))


def int4(source: Source) -> ReplyField:
    get = _getter(source)
    return lambda item: wire.int4(get(item))


def int8(source: Source) -> ReplyField:
    get = _getter(source)
    return lambda item: wire.int8(get(item))


def structure(*fields: ReplyField) -> ReplyField:
    """Its length in bytes, then its fields."""
    return lambda item: wire.counted(b"".join(field(item) for field in fields))


def sequence(*fields: ReplyField) -> ReplyField:
    """Fields without a length in front."""
    return lambda item: b"".join(field(item) for field in fields)


def array(element: ReplyField, source: Source = itself) -> ReplyField:
    """Its length in bytes, then its elements."""
    get = _getter(source)
    return lambda item: wire.counted(b"".join(map(element, get(item))))


def count_of(element: ReplyField) -> ReplyField:
    """The number of elements, then the elements (Vswitch_Query_Extended alone)."""
    return lambda items: wire.int4(len(items)) + b"".join(map(element, items))


def texts(lines: Callable[[Any], Iterable[str]]) -> ReplyField:
    """Texts with a NUL behind each."""
    return lambda item: wire.terminated(*lines(item))


def counted(field: ReplyField) -> ReplyField:
    """A field with its length in front."""
    return lambda item: wire.counted(field(item))


def _getter(source: Source) -> Callable[[Any], Any]:
    return source if callable(source) else operator.attrgetter(source)
