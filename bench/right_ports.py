"""What ports cost that are right already: at the agent's start, in idle minutes, in memory."""

import concurrent.futures
import dataclasses
import multiprocessing
import time
from collections.abc import Iterator
from typing import NamedTuple

from bench import retired
from bench.agent import Agent, Neutron, calls_of, log_as_in_service
from bench.figures import Figures, Value
from bench.memory import resident_megabytes
from bench.ports import make_ports
from bench.rest_calls import Counted
from bench.scope import Scope
from bench.simulation import Calls, Simulation, simulation
from bench.sites import Place
from networking_zvm.settings import ControlPoint

AIMS = {(1_000, 0): ", 1.4 s", (10_000, 0): ", 12 s"}


class _Settled(NamedTuple):
    """seconds: until every port was found right; processor: those the agent's process used of them.

    megabytes: memory of a process that holds the whole agent.
    """

    seconds: float
    processor: float
    ports_up: int
    rest_calls: Counted
    megabytes_before: float
    megabytes: float


def resync(scope: Scope) -> Iterator[Figures]:
    """An agent that remembers nothing meets ports that are right, of guests that are on."""
    for count in (100, 1_000) if scope.quick else (100, 1_000, 10_000):
        for point in scope.control_points:
            with simulation(point) as system:
                system.add_right(make_ports(count, "vlan"))
                for delay in (0, 100):
                    system.set_delay(delay / 1000)
                    yield _resync(system, count, delay)


def _resync(system: Simulation, count: int, delay: int) -> Figures:
    place, before = system.place(), system.calls()
    settled = _in_a_fresh_process(place, count)
    calls = _with(settled.rest_calls, system.calls() - before, place)
    values: dict[str, Value] = {
        "up": settled.ports_up,
        "all_s": settled.seconds,
        "agent_processor_s": settled.processor,
        "agent_MB": settled.megabytes,
        "reading_calls": calls.reads,
        "reading_commands": calls.command_reads,
        "changes": calls.changes + calls.command_changes,
    }
    aim = "no change" + AIMS.get((count, delay), "")
    case: dict[str, Value] = {"through": place.control_point, "ports": count, "delay_ms": delay}
    return Figures("resync", case, values, retired.RESTART, aim)


def _with(rest: Counted, calls: Calls, place: Place) -> Calls:
    """With the calls that only who made them has counted."""
    if place.control_point is not ControlPoint.FEILONG:
        return calls
    return dataclasses.replace(calls, reads=rest.reads, changes=rest.changes)


def memory(scope: Scope) -> Iterator[Figures]:
    """Resident memory after a resync; the agent's before it is that of Neutron's libraries."""
    count = 1_000 if scope.quick else 10_000
    for point in scope.control_points:
        with simulation(point) as system:
            empty = system.megabytes()
            system.add_right(make_ports(count, "vlan"))
            settled = _in_a_fresh_process(system.place(), count)
            values = {"agent_MB": settled.megabytes, "without_ports_MB": settled.megabytes_before}
            simulator = {"simulator_MB": system.megabytes(), "without_guests_MB": empty}
        yield Figures("memory", {"through": point, "ports": count}, values | simulator)


def idle(scope: Scope) -> Iterator[Figures]:
    """A minute in which the agent finds everything right: it passes as often as it wants to.

    Feilong shows a directory entry only by a call of its own, so each minute some are read anew.
    """
    count = 100 if scope.quick else 1_000
    for point in scope.control_points:
        ports, neutron = make_ports(count, "vlan"), Neutron()
        with simulation(point) as system, Agent(system.place(), neutron) as agent:
            system.add_right(ports)
            neutron.want(port.binding() for port in ports)
            agent.settle()
            before, started = calls_of(agent, system), time.monotonic()
            time.sleep(agent.pause())
            agent.settle()
            calls, minutes = calls_of(agent, system) - before, (time.monotonic() - started) / 60
        values = {
            "calls/min": (calls.reads + calls.changes) / minutes,
            "reading_commands/min": calls.command_reads / minutes,
            "changes/min": (calls.changes + calls.command_changes) / minutes,
        }
        aim = "1 call" if point is ControlPoint.XCAT else ""
        yield Figures("idle", {"through": point, "ports": count}, values, retired.IDLE, aim)


def _in_a_fresh_process(place: Place, count: int) -> _Settled:
    fresh = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=fresh) as pool:
        return pool.submit(_settle, place, count).result()


def _settle(place: Place, count: int) -> _Settled:
    """Runs in the fresh process."""
    import networking_zvm.agent.main  # noqa: F401, to weigh what the agent's process loads

    log_as_in_service()
    neutron = Neutron()
    neutron.want(port.binding() for port in make_ports(count, "vlan"))
    before = resident_megabytes()
    with Agent(place, neutron) as agent:
        started, processor = time.monotonic(), time.process_time()
        agent.settle()
        seconds, processor = time.monotonic() - started, time.process_time() - processor
        return _Settled(
            seconds, processor, len(neutron.up_at), agent.rest_calls, before, resident_megabytes()
        )
