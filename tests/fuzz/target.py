"""What is fuzzed, and when something is wrong."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


class Misread(AssertionError):
    """A parser accepted an input and understood it otherwise than it reads."""


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A parser with what it reads.

    mutate: makes another input of one seed. check: gives an input to the parser and judges the outcome;
    True if the parser accepted it, False if it refused with one of its own errors. Anything it raises is a
    finding.
    """

    name: str
    seeds: Sequence[Any]
    mutate: Callable[[random.Random, Any], Any]
    check: Callable[[Any], bool]

    def one(self, chance: random.Random) -> Any:
        """An input; now and then a seed as it is."""
        seed = chance.choice(self.seeds)
        return seed if chance.random() < 0.01 else self.mutate(chance, seed)


def demand(holds: object, what: str) -> None:
    """Raise Misread unless it holds."""
    if not holds:
        raise Misread(what)
