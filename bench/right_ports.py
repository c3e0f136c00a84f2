"""What ports cost that are right already: at the agent's start, in idle minutes, in memory."""

import concurrent.futures
import multiprocessing
import time
from collections.abc import Iterator
from typing import NamedTuple

from bench import retired
from bench.agent import Agent, Neutron, log_as_in_service
from bench.figures import Figures, Value
from bench.memory import resident_megabytes
from bench.ports import make_ports
from bench.simulation import Place, Simulation, simulation

AIMS = {(1_000, 0): ", 1.4 s", (10_000, 0): ", 12 s"}


class _Settled(NamedTuple):
    """seconds: until every port was found right; processor: those the agent's process used of them.

    megabytes: memory of a process that holds the whole agent.
    """

    seconds: float
    processor: float
    ports_up: int
    megabytes_before: float
    megabytes: float


def resync(quick: bool) -> Iterator[Figures]:
    """An agent that remembers nothing meets ports that are right, of guests that are on."""
    for count in (100, 1_000) if quick else (100, 1_000, 10_000):
        with simulation() as system:
            system.add_right(make_ports(count, "vlan"))
            for delay in (0, 100):
                system.set_delay(delay / 1000, directory_queue=False)
                yield _resync(system, count, delay)


def _resync(system: Simulation, count: int, delay: int) -> Figures:
    before = system.calls()
    settled = _in_a_fresh_process(system.place(), count)
    calls = system.calls() - before
    values: dict[str, Value] = {
        "up": settled.ports_up,
        "all_s": settled.seconds,
        "agent_processor_s": settled.processor,
        "rest_reads": calls.rest_reads,
        "reading_commands": calls.zvm_reads,
        "changes": calls.rest_changes + calls.zvm_changes,
    }
    aim = "no change" + AIMS.get((count, delay), "")
    return Figures("resync", {"ports": count, "delay_ms": delay}, values, retired.RESTART, aim)


def memory(quick: bool) -> Iterator[Figures]:
    """Resident memory after a resync; the agent's before it is that of Neutron's libraries."""
    count = 1_000 if quick else 10_000
    with simulation() as system:
        empty = system.megabytes()
        system.add_right(make_ports(count, "vlan"))
        settled = _in_a_fresh_process(system.place(), count)
        values = {"agent_MB": settled.megabytes, "without_ports_MB": settled.megabytes_before}
        simulator = {"simulator_MB": system.megabytes(), "without_guests_MB": empty}
    yield Figures("memory", {"ports": count}, values | simulator)


def idle(quick: bool) -> Iterator[Figures]:
    """One audit that finds everything right, times the audits of a minute."""
    count = 100 if quick else 1_000
    ports, neutron = make_ports(count, "vlan"), Neutron()
    with simulation() as system, Agent(system.place(), neutron) as agent:
        system.add_right(ports)
        neutron.want(port.binding() for port in ports)
        agent.settle()
        before = system.calls()
        agent.settle()
        calls = system.calls() - before
        minute = 60 / agent.pause()
    values = {
        "rest_calls/min": (calls.rest_reads + calls.rest_changes) * minute,
        "reading_commands/min": calls.zvm_reads * minute,
        "changes/min": (calls.rest_changes + calls.zvm_changes) * minute,
    }
    yield Figures("idle", {"ports": count}, values, retired.IDLE, "1 call")


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
        return _Settled(seconds, processor, len(neutron.up_at), before, resident_megabytes())
