"""Damage to texts, bytes and JSON documents, a little at a time."""

import copy
import random
import re
import struct
from collections.abc import Callable
from typing import Any

_PLAIN = "\0\t\r\n\x1c :;,.-_+*#@$%&'\"/\\()[]{}=<>019AFGZafgz"
_FOREIGN = ("\x85", "\xa0", "\xdf", "\xe9", "\u017f", "\u0131", "\ufb00", "\uff11", "\u212a")
"""Blanks, digits and letters of other alphabets; in upper or lower case some turn into plain ones."""

_LETTERS = (*_PLAIN, *_FOREIGN)
_WORDS = (
    *("", "0", "00000", "1", "-1", "+10", "1_0", "010", "10", "4094", "4095", "32768", "99999", "9" * 5000),
    *("10-20", "20-10", "10,", "1,2", "0-5", "4000-5000", "1e3", "0x10", "\uff11\uff12", "\xdf", "\u0131bm"),
    *("NONE", "None", "SYSTEM", "*", "NICDEF", "VLAN", "LAN", "MACID", "DEVICES", "PORTNUMBER", "VSW1"),
    *("LINUX01", "TOOLONGNAME", "-OPTION", "1000", "0800", "800", "ABCDEF", "02-00-00-AB-CD-EF"),
    *("Done", "Failed", "Error", "Return", "Code:", "zvm:0", "zvm:1 0", "zvm:end 0"),
    *("Error vlan_info is NULL!!", "Error port_name is NULL!!"),
)
_NUMBERS = (0, 1, 3, 4, 12, 255, 256, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1.5, 10**30),
    *("", " ", "0", "10", [], {}, [[]], [None], {"": {}}),
)


def text(chance: random.Random, seed: str) -> str:
    """One to four changes of lines, words or letters."""
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4))):
        seed = chance.choice(_TEXT)(chance, seed)
    return seed


def data(chance: random.Random, seed: bytes) -> bytes:
    """One to four changes of bytes, or of the numbers that count them."""
    for _ in range(chance.choice((1, 1, 2, 3, 4))):
        seed = chance.choice(_DATA)(chance, seed)
    return seed


def document(chance: random.Random, seed: Any) -> Any:
    """One to three changes anywhere in a JSON document."""
    changed = copy.deepcopy(seed)
    for _ in range(chance.choice((1, 1, 2, 3))):
        changed = _document(chance, changed)
    return changed


def _lines(chance: random.Random, seed: str) -> str:
    lines = seed.split("\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    end = min(len(lines), at + chance.choice((1, 1, 1, 2, 5)))
    match chance.randrange(4):
        case 0:
            del lines[at:end]
        case 1:
            lines[other:other] = lines[at:end]
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            lines.insert(at, chance.choice(_WORDS))
    return "\n".join(lines)


def _words(chance: random.Random, seed: str) -> str:
    words = list(re.finditer(r"\S+", seed))
    if not words:
        return seed + chance.choice(_WORDS)
    old = chance.choice(words)
    new = chance.choice(_WORDS) if chance.random() < 0.6 else chance.choice(words)[0]
    new = chance.choice((new, new, old[0] + " " + new, old[0].swapcase(), old[0] + new, ""))
    return seed[: old.start()] + new + seed[old.end() :]


def _letters(chance: random.Random, seed: str) -> str:
    at = chance.randrange(len(seed) + 1)
    keep = at + chance.choice((0, 1, 1, 2))
    return seed[:at] + chance.choice((chance.choice(_LETTERS), "", chance.choice(_LETTERS))) + seed[keep:]


def _cut(chance: random.Random, seed: str) -> str:
    at = chance.randrange(len(seed) + 1)
    return chance.choice((seed[:at], seed[at:], seed[:at] + seed))


_TEXT: tuple[Callable[[random.Random, str], str], ...] = (*[_lines] * 2, *[_words] * 3, *[_letters] * 2, _cut)


def _byte(chance: random.Random, seed: bytes) -> bytes:
    at = chance.randrange(len(seed) + 1)
    new = bytes([chance.choice((chance.randrange(256), 0, 0x20, 0x85, 0xA0, 0xDF, 0xFF))])
    return seed[:at] + chance.choice((new, b"", new * 4)) + seed[at + chance.choice((0, 1, 1)) :]


def _number(chance: random.Random, seed: bytes) -> bytes:
    if len(seed) < 4:
        return seed
    at = chance.randrange(len(seed) - 3)
    (old,) = struct.unpack_from(">I", seed, at)
    new = chance.choice((*_NUMBERS, (old + 1) % 2**32, (old - 1) % 2**32, len(seed)))
    return seed[:at] + struct.pack(">I", new) + seed[at + 4 :]


def _piece(chance: random.Random, seed: bytes) -> bytes:
    at, end = sorted(chance.randrange(len(seed) + 1) for _ in range(2))
    return chance.choice((seed[:at], seed[:at] + seed[end:], seed[:end] + seed[at:]))


_DATA: tuple[Callable[[random.Random, bytes], bytes], ...] = (_byte, _byte, _number, _piece)


def _document(chance: random.Random, value: Any) -> Any:
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        if chance.random() < 0.7:
            return {**value, key: _document(chance, value[key])}
        return _keys(chance, value, key)
    if isinstance(value, list) and value and chance.random() < 0.85:
        at = chance.randrange(len(value))
        if chance.random() < 0.7:
            return [*value[:at], _document(chance, value[at]), *value[at + 1 :]]
        other = chance.choice(value)
        return chance.choice(([*value, other], value[:at] + value[at + 1 :], value[::-1], [other] * 2))
    if isinstance(value, str) and chance.random() < 0.75:
        return text(chance, value)
    return chance.choice(_VALUES)


def _keys(chance: random.Random, value: dict[str, Any], key: str) -> dict[str, Any]:
    renamed = chance.choice((key.lower(), key.swapcase(), f" {key}", f"{key} ", text(chance, key), "other"))
    rest = {name: item for name, item in value.items() if name != key}
    twice = copy.deepcopy(chance.choice(list(value.values())))
    return chance.choice((rest, {**rest, renamed: value[key]}, {**value, renamed: twice}))
