"""Real frames arrive exactly where the oracle says, in drawn worlds and after drawn changes of them.

TOPOLOGIES=500 in the environment draws that many worlds, new ones in each run.
"""

import os
from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.unit.zvmsim.dataplane.topologies import SYSTEMS, draw_changes, draw_plan, take, world_of
from zvmsim import dataplane, oracle
from zvmsim.clock import VirtualClock
from zvmsim.dataplane.packets import Packets
from zvmsim.earshot import Ears
from zvmsim.world.world import World

MANY = int(os.environ.get("TOPOLOGIES", "0"))
TAGS = (None, 1, 5, 10, 99)


@pytest.fixture(scope="module")
def packets() -> Iterator[Packets]:
    if lacks := dataplane.missing():
        pytest.skip(f"real packets need {'; '.join(lacks)}")
    packets = Packets(World(VirtualClock()))
    packets.start()
    yield packets
    packets.stop()


@settings(
    max_examples=MANY or 15,
    derandomize=not MANY,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(r=st.randoms(use_true_random=True))
def test_the_oracle_and_the_packets_agree(packets: Packets, r: Random) -> None:
    systems = SYSTEMS[: r.choice((1, 2, 2, 3))]
    drawn = {name: draw_plan(r) for name in systems}
    note(f"{drawn}")
    world = world_of(drawn)
    packets.follow(world)
    compare(packets, world)
    for _ in range(r.randrange(1, 8)):
        system = r.choice(systems)
        for step in draw_changes(r):
            note(f"{system}: {step} answers {take(world, system, step)}")
    compare(packets, world)


def compare(packets: Packets, world: World) -> None:
    seen = oracle.snapshot(world)
    with Ears(packets, seen.nics) as ears:
        for tag in TAGS:
            told, heard = oracle.matrix(seen, vlan=tag), ears.listen(tag)
            wrong = [f"{a} to {b}, tag {tag}: {told[a, b]}" for a, b in told if told[a, b].ok != heard[a, b]]
            assert not wrong, "\n".join(wrong)
            assert heard.keys() == told.keys()
