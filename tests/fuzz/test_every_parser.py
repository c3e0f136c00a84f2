"""A little of the fuzzing at every run of the tests; `make fuzz` does more."""

import random

import pytest

from tests.fuzz.target import Target
from tests.fuzz.targets import all_targets

EXECUTIONS = 150


@pytest.mark.parametrize("target", all_targets(), ids=lambda target: target.name)
def test_damage_is_refused_or_read_as_it_is(target: Target) -> None:
    for seed in target.seeds:
        assert target.check(seed) in (True, False)
    chance = random.Random(7)
    for _ in range(EXECUTIONS):
        given = target.one(chance)
        try:
            target.check(given)
        except Exception as error:
            raise AssertionError(f"{given!r:.2000}") from error
