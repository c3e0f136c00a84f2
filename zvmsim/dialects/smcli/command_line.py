"""An smcli command line becomes a SMAPI request, with getopt's ways.

An option takes the next word only; words that belong to no option are ignored, so `-r 1111 2222` keeps 1111.
Source: feilong zthin smcli.c and the functions' getopt loops; POSIX getopt with GNU's permutation.
"""

import dataclasses
import re
import sys
from collections.abc import Callable, Iterator, Sequence

from zvmsim.dialects.smcli.functions import FIRST_LEVELS, FUNCTIONS, Function
from zvmsim.world.smapi import Request


class UsageError(Exception):
    """The words do not make a request; the message is what smcli prints."""


@dataclasses.dataclass(frozen=True, slots=True)
class CommandLine:
    """request: what goes to SMAPI. status: the text before a failure. header: --addRCheader was given."""

    request: Request
    status: str
    header: bool


RecordSource = Callable[[str], str]
"""Gives the text of a file by its name, or of standard input for "-"; raises OSError."""


def wants_header(argv: Sequence[str]) -> bool:
    return "--addRCheader" in argv


def parse(argv: Sequence[str], read: RecordSource, level: int = sys.maxsize) -> CommandLine:
    """argv: the words after `smcli`. level: SMAPI's; it hides functions of later ones. Raises UsageError."""
    words = _without_global_options(argv)
    function = FUNCTIONS.get(words[0]) if words else None
    if function is None or level < FIRST_LEVELS.get(words[0], 0):
        raise UsageError("ERROR: Unsupported API function name")
    values = _getopt(words[1:], function)
    missing = [letter for letter in function.required if not values.get(letter)]
    if missing:
        raise UsageError("ERROR: Missing required options")
    target = (values.get("T") or ["*"])[-1]
    arguments = _keyword_arguments(values.get("k", [])) if function.keywords else _arguments(values, function)
    request = Request(words[0], target, arguments, _records(values, function, read))
    return CommandLine(request, _status(function, request), wants_header(argv))


def _without_global_options(argv: Sequence[str]) -> list[str]:
    """Take out --addRCheader and --timeout N, which may stand anywhere."""
    words: list[str] = []
    rest = iter(argv)
    for word in rest:
        if word == "--timeout":
            next(rest, None)
        elif word != "--addRCheader" and not word.startswith("--timeout="):
            words.append(word)
    return words


def _getopt(words: Sequence[str], function: Function) -> dict[str, list[str]]:
    known = "T" + ("k" if function.keywords else "".join(function.options)) + ("f" * function.records)
    values: dict[str, list[str]] = {}
    rest = iter(words)
    for word in rest:
        if word == "--":
            break
        cluster = word[1:] if word.startswith("-") else ""
        while cluster:
            letter, cluster = cluster[0], cluster[1:]
            if letter in known:
                values.setdefault(letter, []).append(cluster or _value(letter, rest))
                break
            if not (letter == "s" and function.records):
                raise UsageError(f"Unknown option -{letter}")
            values[letter] = ["-"]
    return values


def _value(letter: str, rest: Iterator[str]) -> str:
    value = next(rest, None)
    if value is None:
        raise UsageError(f"This option requires an argument: -{letter}")
    return value


def _arguments(values: dict[str, list[str]], function: Function) -> dict[str, str]:
    arguments = {}
    for letter, option in function.options.items():
        if letter in values and option.name:
            text = values[letter][-1]
            arguments[option.name] = str(_atoi(text)) if option.kind == "number" else text
    return arguments


def _atoi(text: str) -> int:
    """C's atoi: the number at the start, or 0."""
    number = re.match(r"\s*[+-]?\d+", text)
    return int(number[0]) if number else 0


def _keyword_arguments(pairs: list[str]) -> dict[str, str]:
    """`-k key=value`; a key that comes again (NICDEF) adds a line."""
    arguments: dict[str, str] = {}
    for pair in pairs:
        key, _, value = pair.strip().partition("=")
        arguments[key] = f"{arguments[key]}\n{value}" if key in arguments else value
    return arguments


def _records(values: dict[str, list[str]], function: Function, read: RecordSource) -> tuple[str, ...]:
    if not function.records:
        return ()
    source = (values.get("f") or values.get("s") or [""])[-1]
    if not source:
        raise UsageError("ERROR: Missing required options")
    try:
        text = read(source)
    except OSError:
        raise UsageError(f"ERROR: Failed to open file {source}") from None
    return tuple(line.rstrip() for line in text.splitlines() if line.strip())


def _status(function: Function, request: Request) -> str:
    name = request.arguments.get("switch_name") or request.arguments.get("lan_name", "")
    device = request.arguments.get("image_device_number", "")
    return function.status.format(target=request.target, device=device, name=name)
