"""Things that go wrong on purpose: rules that delay a call, answer in its place, or lose the answer.

A rule as data (YAML, JSON), every key optional::

    function: "Virtual_Network_*"   # or "cp:query vmlan*", "rest:PUT /nodes/*/dsh"
    system: "ZVMA"
    object: "LINUX01"               # matches if any object of the call does
    probability: 1.0
    skip: 0                         # let so many matching calls pass first
    count: 3                        # then act so often; absent = for ever
    delay: 0.5                      # seconds, before anything else happens
    when: before                    # the answer replaces the call; after = the call takes effect first
    reply: {rc: 400, rs: 12}        # or {http: 503}, or drop (connection closed without an answer); absent
        = delay only

The first rule that matches a call acts.
"""

import itertools
import math
import random
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal

from zvmsim.journal import Call


class FaultRuleError(ValueError):
    """A rule as data makes no sense; the text names each offending key."""


@dataclass(frozen=True, slots=True)
class Codes:
    """Answer with these SMAPI return and reason codes (592/operation = started, not yet done)."""

    rc: int
    rs: int


@dataclass(frozen=True, slots=True)
class Http:
    """Answer with this HTTP status."""

    http: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Close the connection without an answer."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault rule; see the module's text for the meaning of each field."""

    function: str = "*"
    system: str = "*"
    object: str = "*"
    probability: float = 1.0
    skip: int = 0
    count: int | None = None
    delay: float = 0.0
    when: Literal["before", "after"] = "before"
    reply: Codes | Http | Drop | None = None

    def matches(self, call: Call) -> bool:
        """Whether the rule is about this call; letter case does not count."""
        return (
            _alike(call.title, self.function)
            and _alike(call.system, self.system)
            and (self.object == "*" or any(_alike(name, self.object) for name in call.objects))
        )

    def to_dict(self) -> dict[str, Any]:
        """The rule as data, as `rule_from` reads it."""
        data = {key: value for key, value in asdict(self).items() if value is not None}
        if self.reply is not None:
            data["reply"] = "drop" if isinstance(self.reply, Drop) else asdict(self.reply)
        return data


def rule_from(data: Mapping[str, object]) -> Rule:
    """Make a rule of its data; FaultRuleError names everything that is wrong with it."""
    wrong = [f"{key}: unknown key" for key in data if key not in _CHECKS]
    wrong += [f"{key}: {data[key]!r} is not {_CHECKS[key]}" for key in _CHECKS if key in data and not
    _fits(key, data[key])]
    if wrong:
        raise FaultRuleError("; ".join(wrong))
    values = {key: value for key, value in data.items() if value is not None}
    values["reply"] = _reply_from(data.get("reply"))
    return Rule(**values)  # type: ignore[arg-type]


class FaultBook:
    """The rules in force, in order, with how often each has matched; safe for threads."""

    def __init__(self, seed: int = 0) -> None:
        self._rules: dict[int, Rule] = {}
        self._matched: dict[int, int] = {}
        self._numbers = itertools.count(1)
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def add(self, rule: Rule | Mapping[str, object]) -> int:
        """Append a rule and return its number; FaultRuleError for bad data."""
        rule = rule if isinstance(rule, Rule) else rule_from(rule)
        with self._lock:
            number = next(self._numbers)
            self._rules[number], self._matched[number] = rule, 0
            return number

    def remove(self, number: int) -> None:
        """Take one rule out; KeyError if there is none of that number."""
        with self._lock:
            del self._rules[number], self._matched[number]

    def clear(self) -> None:
        """Take all rules out."""
        with self._lock:
            self._rules.clear()
            self._matched.clear()

    def rules(self) -> dict[int, Rule]:
        """The rules by number, in the order they are tried."""
        with self._lock:
            return dict(self._rules)

    def in_force(self) -> list[tuple[int, Rule, int]]:
        """Number, rule, and how often it has acted, of all at one moment."""
        with self._lock:
            return [(number, rule, self._acted(number)) for number, rule in self._rules.items()]

    def acted(self, number: int) -> int:
        """How often the rule has acted so far; KeyError if there is none of that number."""
        with self._lock:
            return self._acted(number)

    def _acted(self, number: int) -> int:
        rule = self._rules[number]
        matched = max(0, self._matched[number] - rule.skip)
        return matched if rule.count is None else min(matched, rule.count)

    def strike(self, call: Call) -> Rule | None:
        """The first rule that acts on this call, counted; None if the call goes undisturbed."""
        with self._lock:
            return next((rule for number, rule in self._rules.items() if self._acts(number, rule, call)),
            None)

    def _acts(self, number: int, rule: Rule, call: Call) -> bool:
        if not rule.matches(call) or self._random.random() >= rule.probability:
            return False
        if rule.count is not None and self._matched[number] >= rule.skip + rule.count:
            return False
        self._matched[number] += 1
        return self._matched[number] > rule.skip


_CHECKS = {
    "function": "a pattern",
    "system": "a pattern",
    "object": "a pattern",
    "probability": "a number from 0 to 1",
    "skip": "a number of calls",
    "count": "a number of calls",
    "delay": "a number of seconds",
    "when": "before or after",
    "reply": "{rc:, rs:}, {http:} or drop",
}


def _fits(key: str, value: object) -> bool:
    if value is None:
        return key in ("count", "reply")
    if key in ("function", "system", "object"):
        return isinstance(value, str) and bool(value)
    if key == "when":
        return value in ("before", "after")
    if key == "reply":
        return value == "drop" or _is_codes(value, {"rc", "rs"}) or _is_codes(value, {"http"})
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        return False
    return value <= 1 if key == "probability" else key == "delay" or isinstance(value, int)


def _is_codes(value: object, keys: set[str]) -> bool:
    return isinstance(value, Mapping) and set(value) == keys and all(type(code) is int for code in
    value.values())


def _reply_from(value: object) -> Codes | Http | Drop | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return Drop()
    return Http(**value) if "http" in value else Codes(**value)


def _alike(name: str, pattern: str) -> bool:
    return fnmatchcase(name.upper(), pattern.upper())
