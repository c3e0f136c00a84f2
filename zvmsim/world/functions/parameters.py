"""Parameters of SMAPI functions: names, permitted values, and their normal form.

A `Check` takes a value as sent and returns its normal form, or raises ValueError. Source: z/VM Systems
Management Application Programming, parameter tables of each function; the capitals of a choice are its
shortest abbreviation ("DISCONnect").
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from zvmsim.world import names
from zvmsim.world.vlans import VlanSet, check_user_vlan_id, parse_vlans

Check = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function."""

    name: str
    check: Check
    required: bool = False


def required(name: str, check: Check) -> Parameter:
    """A parameter that must be there and not empty."""
    return Parameter(name, check, required=True)


@dataclass(frozen=True, slots=True)
class Arguments:
    """The checked arguments of one call: normal forms by parameter name, absent where nothing was given.

    target, caller: userids in upper case ("*" is possible for target).
    """

    target: str
    caller: str
    values: Mapping[str, str]
    records: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str, default: str = "") -> str:
        """The value, or the default."""
        return self.values.get(name, default)

    def number(self, name: str) -> int | None:
        """A decimal value, None if absent."""
        return int(self.values[name]) if name in self.values else None

    def words(self, name: str) -> tuple[str, ...]:
        """The blank-separated words of a value."""
        return tuple(self.text(name).split())

    def vlans(self, name: str) -> VlanSet:
        """A VLAN list, empty if absent."""
        return parse_vlans(self.text(name))


def choice(*patterns: str) -> Check:
    """One of these words, at least its capitals."""

    def check(value: str) -> str:
        word = value.strip().upper()
        for pattern in patterns:
            shortest = sum(not letter.islower() for letter in pattern)
            if pattern.upper().startswith(word) and len(word) >= shortest:
                return pattern.upper()
        raise ValueError(f"{value!r} is none of {', '.join(pattern.upper() for pattern in patterns)}")

    return check


def numbered(*words: str) -> Check:
    """An enumeration of a positional function: "1" is the first word, "0" is unspecified."""

    def check(value: str) -> str:
        if value not in [str(number) for number in range(len(words) + 1)]:
            raise ValueError(f"{value!r} is not a number from 0 to {len(words)}")
        return words[int(value) - 1] if value != "0" else ""

    return check


def number(low: int, high: int, *others: str) -> Check:
    """A decimal number in a range, or one of the other words."""

    def check(value: str) -> str:
        word = value.strip().upper()
        if word in others:
            return word
        if not re.fullmatch(r"[0-9]{1,9}", word) or not low <= int(word) <= high:
            raise ValueError(f"{value!r} is not a number from {low} to {high}")
        return str(int(word))

    return check


def unless(unspecified: str, check: Check) -> Check:
    """The check, but this text means that nothing is specified ("-1" of positional functions)."""
    return lambda value: "" if value == unspecified else check(value)


def text(longest: int) -> Check:
    """Any text up to a length."""

    def check(value: str) -> str:
        if len(value) > longest:
            raise ValueError(f"longer than {longest} characters")
        return value.strip()

    return check


def list_of(check: Check, most: int) -> Check:
    """Up to `most` blank-separated words that pass the check, or NONE."""

    def check_all(value: str) -> str:
        words = value.split()
        if len(words) > most:
            raise ValueError(f"more than {most} in {value!r}")
        return "NONE" if value.strip().upper() == "NONE" else " ".join(check(word) for word in words)

    return check_all


def star_or(check: Check) -> Check:
    """ "*" or what the check lets pass."""
    return lambda value: "*" if value.strip() == "*" else check(value)


def channel_path(value: str) -> str:
    """A channel path id, one or two hex digits; NICDEF has no other (CP Planning and Administration)."""
    word = value.strip().upper()
    if not re.fullmatch(r"[0-9A-F]{1,2}", word):
        raise ValueError(f"{value!r} is not a channel path id")
    return word


def vlan(value: str) -> str:
    """One VLAN id."""
    return str(names.vlan(value.strip()))


def port_and_user(value: str) -> str:
    """The value of portnum: "number userid"."""
    words = value.split()
    if len(words) != 2:
        raise ValueError(f"{value!r} is not a port number and a userid")
    return f"{number(1, 65535)(words[0])} {names.name(words[1])}"


def vlan_and_ports(value: str) -> str:
    """The value of vlan_port_add and _remove: "vid portset", ports 1-2048, ranges allowed."""
    vid, _, ports = value.strip().partition(" ")
    found = parse_vlans(ports)
    if not found or max(found) > 2048:
        raise ValueError(f"{value!r} is not a VLAN id and ports from 1 to 2048")
    return f"{vlan(vid)} {ports}"


DEVICE: Check = names.device
NAME: Check = names.name
MAC_ID: Check = names.mac_id
CHPID: Check = channel_path
USER_VLANS: Check = check_user_vlan_id
YES_NO = choice("YES", "NO")
ON_OFF = choice("ON", "OFF")
REAL_DEVICES = list_of(names.real_device, 3)
PORT_NAMES = list_of(NAME, 3)
CONTROLLERS = list_of(star_or(NAME), 8)
