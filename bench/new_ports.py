"""What new ports cost, and how soon they are up: many at once, one by one, in a trickle."""

import itertools
import math
import random
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench import retired
from bench.agent import PARALLELISM, POLLING_INTERVAL, Agent, Neutron, calls_of
from bench.figures import Figures, Value
from bench.ports import Kind, make_ports
from bench.scope import Scope
from bench.simulation import DAMAGED, SOUND, Calls, Simulation, simulation
from networking_zvm.settings import ControlPoint
from zvmsim.dialects.smcli import Style

DELAYS = (0, 20, 100)  # milliseconds for each z/VM command
PORTS_ONE_BY_ONE, PORTS_IN_TRICKLE = 20, 60
AIMED_RATIO = 1.25
AIMED_SECONDS = {ControlPoint.FEILONG: 32, ControlPoint.SMAPI: 10}
"""Of 300 VLAN ports at 100 ms for each command."""


@dataclass(frozen=True, slots=True)
class Burst:
    """Guests that are off, one NIC each, all announced at once. delay: milliseconds. style: of smcli."""

    control_point: ControlPoint
    kind: Kind
    count: int
    delay: int
    parallelism: int
    queued: bool = False
    style: Style = DAMAGED

    @property
    def is_compared(self) -> bool:
        """Whether the aims and the retired agent's best known figure are of this case."""
        usual = (self.queued, self.style) == (False, DAMAGED)
        return usual and (self.kind, self.count, self.delay) == ("vlan", 300, 100)

    def case(self) -> dict[str, Value]:
        case: dict[str, Value] = {"through": self.control_point, "kind": self.kind, "ports": self.count}
        case["delay_ms"] = self.delay
        case |= {"directory": "queues"} if self.queued else {}
        case["at_once"] = self.parallelism
        return case | ({"smcli": self.style} if self.style != DAMAGED else {})


def bursts(scope: Scope) -> Iterator[Figures]:
    """Every case through each control point in turn, and what the retired agent took for one of them."""
    seconds: dict[ControlPoint, float] = {}
    for burst in _bursts(scope):
        figures = _measure(burst)
        yield figures
        if burst.is_compared:
            seconds[burst.control_point] = float(figures.values["all_s"])
    if seconds:
        yield _comparison(seconds)


def _bursts(scope: Scope) -> Iterator[Burst]:
    counts = (100, 300) if scope.quick else (100, 300, 1000)
    delays = (0, 100) if scope.quick else DELAYS
    at_once = {p: scope.parallelism or PARALLELISM[p] for p in scope.control_points}
    for count, delay, point in itertools.product(counts, delays, at_once):
        yield Burst(point, "vlan", count, delay, at_once[point])
    for point, most in at_once.items():
        yield Burst(point, "flat", 300, 100, most)
    for point, most in at_once.items():
        yield Burst(point, "vlan", 100, 100, most, queued=True)
    if ControlPoint.XCAT in at_once:
        yield Burst(ControlPoint.XCAT, "vlan", 100, 100, at_once[ControlPoint.XCAT], style=SOUND)


def _measure(burst: Burst) -> Figures:
    ports = make_ports(burst.count, burst.kind)
    neutron = Neutron()
    with (
        simulation(burst.control_point, burst.style) as system,
        Agent(system.place(), neutron, burst.parallelism) as agent,
    ):
        agent.look()
        system.register(ports)
        system.announce(ports)
        system.set_delay(burst.delay / 1000, burst.queued)
        neutron.want(port.binding() for port in ports)
        started, processor = time.monotonic(), time.process_time()
        passes = _settle(agent, system)
        processor = time.process_time() - processor
    up = sorted(at - started for at in neutron.up_at.values())
    values = {"up": len(up), "p50_s": statistics.median(up), "p95_s": _percentile(up, 0.95), "all_s": up[-1]}
    values |= {"ports/s": len(up) / up[-1], "agent_processor_s": processor}
    return Figures(
        "new",
        burst.case(),
        values | _costs(passes, burst.count) | _ratios(passes, up[-1], burst),
        f"{retired.seconds_for(burst.kind, burst.delay, burst.count)}, {retired.CALLS[burst.kind]}",
        _aim(burst),
    )


def _settle(agent: Agent, system: Simulation) -> list[Calls]:
    """Pass until nothing is left to change; returns the calls of each pass."""
    passes = []
    before, changed = calls_of(agent, system), True
    while changed:
        changed = agent.run_pass().changed
        after = calls_of(agent, system)
        passes.append(after - before)
        before = after
    return passes


def _costs(passes: Sequence[Calls], count: int) -> dict[str, Value]:
    later = [calls.reads for calls in passes[1:]]
    return {
        "changing_calls/port": sum(calls.changes for calls in passes) / count,
        "reading_calls/port": sum(calls.reads for calls in passes) / count,
        "changing_commands/port": sum(calls.command_changes for calls in passes) / count,
        "reading_commands/port": sum(calls.command_reads for calls in passes) / count,
        "passes": len(passes),
        "reads_first_pass": passes[0].reads,
        "reads_later_pass": statistics.mean(later) if later else 0,
    }


def _ratios(passes: Sequence[Calls], seconds: float, burst: Burst) -> dict[str, Value]:
    """To what nobody can beat: the time of the commands over the parallelism or, if longer, in the queue.

    ratio_all: of all commands, as this agent reads and changes. ratio_changing: of the changing ones alone.
    """
    if not burst.delay:
        return {}
    delay = burst.delay / 1000
    queue = sum(calls.directory for calls in passes) * delay if burst.queued else 0.0
    changing = sum(calls.command_changes for calls in passes) * delay / burst.parallelism
    everything = sum(calls.commands for calls in passes) * delay / burst.parallelism
    limits = {"all": max(everything, queue), "changing": max(changing, queue)}
    values: dict[str, Value] = {}
    for name, limit in limits.items():
        values |= {f"limit_{name}_s": limit, f"ratio_{name}": seconds / limit}
    return values


def _aim(burst: Burst) -> str:
    mutating = 2 if burst.control_point is ControlPoint.XCAT else 1
    aims = [f"{mutating} changing call{'s' if mutating > 1 else ''} per port"]
    aims += ["3 reads per pass"] if burst.control_point is ControlPoint.XCAT else []
    aims += [f"ratio {AIMED_RATIO}"] if burst.delay == 100 else []
    if burst.is_compared and burst.control_point in AIMED_SECONDS:
        aims.append(f"{AIMED_SECONDS[burst.control_point]} s")
    return ", ".join(aims)


def _comparison(seconds: dict[ControlPoint, float]) -> Figures:
    """Side by side with the retired agent, whose z/VM took the same time for each command."""
    values: dict[str, Value] = {f"{point}_s": taken for point, taken in seconds.items()}
    before = retired.seconds("vlan", 100, 300)
    values |= {f"{point}_times_faster": before / taken for point, taken in seconds.items()}
    aims = ", ".join(f"{AIMED_SECONDS[p]} s through {p}" for p in seconds if p in AIMED_SECONDS)
    case: dict[str, Value] = {"kind": "vlan", "ports": 300, "delay_ms": 100}
    return Figures("versus", case, values, f"{before:.0f} s through Feilong", aims)


def latency(scope: Scope) -> Iterator[Figures]:
    """From the compute side's word that a NIC is a port's to the report that the port is up."""
    for delay in (100,) if scope.quick else (0, 100):
        for point in scope.control_points:
            yield _latency(point, scope.parallelism, PORTS_ONE_BY_ONE, delay, every=None)
        for point in scope.control_points:
            yield _latency(point, scope.parallelism, PORTS_IN_TRICKLE, delay, every=0.2)


def _latency(
    control_point: ControlPoint, parallelism: int | None, count: int, delay: int, every: float | None
) -> Figures:
    """every: seconds between ports; None: a random pause after the one before was up."""
    ports = make_ports(count, "vlan")
    neutron, pause, chance = Neutron(), threading.Event(), random.Random(delay)
    announced_at: dict[str, float] = {}
    with simulation(control_point) as system, Agent(system.place(), neutron, parallelism) as agent:
        system.register(ports)
        system.set_delay(delay / 1000)
        neutron.want(port.binding() for port in ports)
        agent.start()
        for port in ports:
            pause.wait(every or chance.uniform(0, POLLING_INTERVAL))
            system.announce([port])
            announced_at[port.port_id] = time.monotonic()
            if not every:
                neutron.wait_for([port.port_id])
        neutron.wait_for(announced_at.keys())
    seconds = sorted(neutron.up_at[port_id] - at for port_id, at in announced_at.items())
    values = {"p50_s": statistics.median(seconds), "p95_s": _percentile(seconds, 0.95)}
    values["polling_interval_s"] = POLLING_INTERVAL
    pace = f"every {every:g} s" if every else "one by one"
    case: dict[str, Value] = {"through": control_point, "ports": pace, "delay_ms": delay}
    return Figures("latency", case, values, retired.POLLING)


def _percentile(in_order: Sequence[float], part: float) -> float:
    return in_order[math.ceil(part * len(in_order)) - 1]
