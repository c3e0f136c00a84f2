"""`python -m tests.fuzz --seconds 600`: fuzz every parser in turn; exit status 1 if anything was found."""

import argparse
import contextlib
import logging
import random
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz.target import Target
from tests.fuzz.targets import all_targets

LIMIT = 2.0  # seconds in which any input must have been judged
_SLICE = 0.5  # seconds for a target before it is the next one's turn
_SHOWN = 6000  # characters of an input


class HangError(Exception):
    """A parser took too long."""


@dataclass
class Tally:
    """What became of one target's inputs. found: one input for each kind of finding, by its description."""

    executions: int = 0
    accepted: int = 0
    slowest: float = 0.0
    found: dict[str, tuple[Any, str]] = field(default_factory=dict)


def main() -> int:
    options = _options()
    logging.disable()
    chance = random.Random(options.seed)
    tallies = {target: Tally() for target in all_targets() if options.only in target.name}
    deadline = time.monotonic() + options.seconds
    signal.signal(signal.SIGALRM, _on_alarm)
    while time.monotonic() < deadline:
        for target, tally in tallies.items():
            _fuzz(target, tally, chance, min(deadline, time.monotonic() + _SLICE))
    for target, tally in tallies.items():
        _report(target, tally)
    return int(any(tally.found for tally in tallies.values()))


def _fuzz(target: Target, tally: Tally, chance: random.Random, until: float) -> None:
    while time.monotonic() < until:
        given = target.one(chance)
        started = time.monotonic()
        try:
            with _time_limit():
                tally.accepted += target.check(given)
        except Exception as error:  # noqa: BLE001, for anything at all is a finding
            tally.found.setdefault(_kind(error), (given, traceback.format_exc(limit=-3)))
        tally.executions += 1
        tally.slowest = max(tally.slowest, time.monotonic() - started)


def _kind(error: Exception) -> str:
    """Findings of one kind and from one way through the code are one."""
    ways = traceback.extract_tb(error.__traceback__)[-3:]
    places = [f"{way.filename.rpartition('/')[2]}:{way.lineno}" for way in ways]
    return f"{type(error).__name__} at {' > '.join(places)}"


def _report(target: Target, tally: Tally) -> None:
    rate = tally.accepted / tally.executions if tally.executions else 0.0
    sys.stdout.write(
        f"{target.name:28} executions={tally.executions} accepted={rate:.1%} "
        f"slowest_ms={tally.slowest * 1000:.0f} findings={len(tally.found)}\n"
    )
    for kind, (given, trace) in tally.found.items():
        sys.stdout.write(f"  {kind}\n    input: {given!r:.{_SHOWN}}\n")
        sys.stdout.write("".join(f"    {line}\n" for line in trace.splitlines()))
    sys.stdout.flush()


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_REAL, LIMIT)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _on_alarm(_signal: int, _frame: object) -> None:
    raise HangError(f"no answer after {LIMIT} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Damage what parsers read.")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None, help="of the choices; unset: another each time")
    parser.add_argument("--only", default="", help="targets whose name holds this")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
