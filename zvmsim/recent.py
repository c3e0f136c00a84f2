"""What the live page shows of the last calls and of the fault rules in force.

Texts of callers are cut short and otherwise left as they came: the page treats them as text.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from zvmsim.faults import Codes, Drop, FaultBook, Http, Rule
from zvmsim.journal import Entry, Journal

SHOWN = 60
"""Calls on the page."""

SEARCHED = 2_000
"""How far back to look for calls that changed something."""

_LONGEST = 160
_STARTED = 592  # asynchronous operation, still under way (SMAPI manual)


@dataclass(frozen=True, slots=True)
class CallView:
    """One call; about: objects and arguments as one text. codes: "0/0", "HTTP 503", "no answer"."""

    number: int
    time: str
    dialect: str
    system: str
    function: str
    about: str
    mutating: bool
    ok: bool
    codes: str
    note: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """One fault rule in words, and how often it has acted."""

    number: int
    what: str
    acted: int


@dataclass(frozen=True, slots=True)
class Recent:
    """Calls newest first; total: made ever."""

    total: int
    calls: tuple[CallView, ...]
    rules: tuple[RuleView, ...]


def recent(journal: Journal, book: FaultBook, *, changes_only: bool = False) -> Recent:
    """The last calls, or of those the ones that may have changed something, and the rules."""
    total = journal.mark()
    if changes_only:
        entries = journal.entries(total - SEARCHED, mutating=True)
    else:
        entries = journal.entries(total - SHOWN)
    return Recent(total, tuple(map(_call, entries[-SHOWN:][::-1])), tuple(_rules(book)))


def in_words(rule: Rule) -> str:
    """A rule as a sentence: "Image_*_DM on ZVMA about LNX1: 400/12 instead, 3 times"."""
    where = f" on {rule.system}" if rule.system != "*" else ""
    about = f" about {rule.object}" if rule.object != "*" else ""
    called = "every call" if rule.function == "*" else rule.function
    return f"{_short(called + where + about)}: {', '.join(_effects(rule))}"


def _rules(book: FaultBook) -> Iterator[RuleView]:
    for number, rule, acted in book.in_force():
        yield RuleView(number, in_words(rule), acted)


def _effects(rule: Rule) -> list[str]:
    effects = [f"{rule.delay:g} s late"] if rule.delay else []
    match rule.reply:
        case Codes(rc, rs):
            effects.append(f"{rc}/{rs} {_WHEN[rule.when]}")
        case Http(http):
            effects.append(f"HTTP {http} {_WHEN[rule.when]}")
        case Drop():
            effects.append(f"no answer {_WHEN[rule.when]}")
        case None if not effects:
            effects.append("counted only")
    if rule.skip:
        effects.append(f"after {rule.skip} calls")
    if rule.count is not None:
        effects.append("once" if rule.count == 1 else f"{rule.count} times")
    if rule.probability < 1:
        effects.append(f"with probability {rule.probability:g}")
    return effects


_WHEN = {"before": "instead", "after": "after it took effect"}


def _call(entry: Entry) -> CallView:
    call = entry.call
    others = ((key, value) for key, value in call.arguments.items() if value.upper() not in call.objects)
    return CallView(
        number=entry.number,
        time=entry.time.strftime("%H:%M:%S"),
        dialect=call.dialect,
        system=call.system,
        function=_short(call.function),
        about=_short(" ".join((*call.objects, *(f"{key}={value}" for key, value in others)))),
        mutating=call.mutating,
        ok=_ok(entry),
        codes=_codes(entry),
        note="a fault rule acted" if entry.note else "",
    )


def _ok(entry: Entry) -> bool:
    if entry.call.dialect == "rest":
        return entry.rc is not None and entry.rc < 400
    return entry.rc in (0, _STARTED)


def _codes(entry: Entry) -> str:
    if entry.rc is None:
        return "no answer"
    if entry.call.dialect == "rest":
        return f"HTTP {entry.rc}"
    return f"{entry.rc}/{entry.rs}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
