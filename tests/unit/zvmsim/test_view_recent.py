"""Calls and fault rules in the words of the live page."""

from datetime import UTC, datetime
from typing import Any

import pytest

from zvmsim.faults import FaultBook, rule_from
from zvmsim.journal import Call, Journal
from zvmsim.recent import SHOWN, in_words, recent


def journal(
    *outcomes: tuple[str, int | None, int | None], mutating: bool = False, **arguments: str
) -> Journal:
    made = Journal()
    for dialect, rc, rs in outcomes:
        call = Call(dialect, "ZVMA", "ZHCPA", "Do_It", ("LNX1", "1000"), mutating, arguments)
        made.add(datetime(2026, 1, 5, 8, 0, 7, tzinfo=UTC), call, rc, rs, 0.1)
    return made


@pytest.mark.parametrize(
    ("outcome", "codes", "ok"),
    [
        (("smapi", 0, 0), "0/0", True),
        (("smapi", 592, 7), "592/7", True),
        (("smapi", 400, 12), "400/12", False),
        (("cp", 2782, 0), "2782/0", False),
        (("rest", 200, 0), "HTTP 200", True),
        (("rest", 503, 0), "HTTP 503", False),
        (("smapi", None, None), "no answer", False),
    ],
)
def test_a_call_tells_how_it_went(outcome: tuple[str, int, int], codes: str, ok: bool) -> None:
    (call,) = recent(journal(outcome), FaultBook()).calls
    assert (call.codes, call.ok, call.time) == (codes, ok, "08:00:07")


def test_what_a_call_is_about_is_told_once_and_briefly() -> None:
    (call,) = recent(journal(("smapi", 0, 0), vdev="1000", vlan="100"), FaultBook()).calls
    assert call.about == "LNX1 1000 vlan=100"
    (call,) = recent(journal(("smapi", 0, 0), text="x" * 10_000), FaultBook()).calls
    assert len(call.about) == 160


def test_the_newest_calls_come_first() -> None:
    shown = recent(journal(*[("smapi", 0, 0)] * (SHOWN + 5)), FaultBook())
    assert [call.number for call in shown.calls] == list(range(SHOWN + 5, 5, -1))
    assert shown.total == SHOWN + 5


def test_changes_are_found_behind_many_reads() -> None:
    calls = journal(("smapi", 0, 0), mutating=True)
    for _ in range(200):
        calls.add(datetime.now(UTC), Call("cp", "ZVMA", "X", "query nic", (), False, {}), 0, 0, 0)
    assert [call.mutating for call in recent(calls, FaultBook(), changes_only=True).calls] == [True]
    assert not any(call.mutating for call in recent(calls, FaultBook()).calls)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({}, "every call: counted only"),
        ({"function": "Image_*", "reply": {"rc": 4, "rs": 12}, "count": 1}, "Image_*: 4/12 instead, once"),
        (
            {"system": "ZVMA", "object": "LNX1", "reply": "drop", "when": "after", "skip": 2},
            "every call on ZVMA about LNX1: no answer after it took effect, after 2 calls",
        ),
        (
            {"delay": 1.5, "reply": {"http": 503}, "probability": 0.1, "count": 3},
            "every call: 1.5 s late, HTTP 503 instead, 3 times, with probability 0.1",
        ),
    ],
)
def test_a_rule_in_words(rule: dict[str, Any], words: str) -> None:
    assert in_words(rule_from(rule)) == words


def test_a_rule_tells_how_often_it_acted() -> None:
    book = FaultBook()
    number = book.add({"delay": 2})
    shown = recent(Journal(), book)
    assert [(rule.number, rule.acted, rule.what) for rule in shown.rules] == [
        (number, 0, "every call: 2 s late")
    ]
