"""What new ports cost, and how soon they are up: many at once, one by one, in a trickle."""

import itertools
import math
import random
import statistics
import threading
import time
from collections.abc import Iterator

from bench import retired
from bench.agent import PARALLELISM, POLLING_INTERVAL, Agent, Neutron
from bench.figures import Figures, Value
from bench.ports import Kind, make_ports
from bench.simulation import Calls, simulation

DELAYS = (0, 20, 100)  # milliseconds for each z/VM command
PORTS_ONE_BY_ONE, PORTS_IN_TRICKLE = 20, 60


def bursts(quick: bool) -> Iterator[Figures]:
    """Guests that are off, one NIC each, all announced at once."""
    kinds: tuple[Kind, ...] = ("vlan", "flat")
    counts = (100,) if quick else (100, 300, 1000)
    for kind, count, delay in itertools.product(kinds, counts, DELAYS):
        yield _burst(kind, count, delay, directory_queue=False)
    for kind in kinds:
        yield _burst(kind, 100, 100, directory_queue=True)


def _burst(kind: Kind, count: int, delay: int, directory_queue: bool) -> Figures:
    ports = make_ports(count, kind)
    neutron = Neutron()
    with simulation() as system, Agent(system.place(), neutron) as agent:
        agent.settle()
        system.add_guests(ports)
        system.announce(ports)
        system.set_delay(delay / 1000, directory_queue)
        neutron.want(port.binding() for port in ports)
        before, started, processor = system.calls(), time.monotonic(), time.process_time()
        passes = agent.settle()
        processor, calls = time.process_time() - processor, system.calls() - before
    up = sorted(at - started for at in neutron.up_at.values())
    case: dict[str, Value] = {"kind": kind, "ports": count, "delay_ms": delay}
    values = {"up": len(up), "first_s": up[0], "p50_s": statistics.median(up), "all_s": up[-1]}
    values |= {"ports/s": len(up) / up[-1], "agent_processor_s": processor}
    return Figures(
        "new",
        case | ({"directory": "queues"} if directory_queue else {}),
        values | _costs(calls, count, passes) | _ratio(calls, up[-1], delay / 1000, directory_queue),
        f"{retired.seconds_for(kind, delay, count)}, {retired.CALLS[kind]}",
        "2 REST changes per port, 3 REST reads per pass" + (", ratio 1.25" if delay == 100 else ""),
    )


def _costs(calls: Calls, count: int, passes: int) -> dict[str, Value]:
    return {
        "rest_changes/port": calls.rest_changes / count,
        "changing_commands/port": calls.zvm_changes / count,
        "passes": passes,
        "rest_reads/pass": calls.rest_reads / passes,
        "reading_commands/pass": calls.zvm_reads / passes,
    }


def _ratio(calls: Calls, seconds: float, delay: float, directory_queue: bool) -> dict[str, Value]:
    """To what nobody can beat: the changing commands' time over the parallelism or, if longer, in a queue."""
    if not delay:
        return {}
    limit = calls.zvm_changes * delay / PARALLELISM
    if directory_queue:
        limit = max(limit, calls.directory_changes * delay)
    return {"limit_s": limit, "ratio": seconds / limit}


def latency(quick: bool) -> Iterator[Figures]:
    """From the row in xCAT's table `switch` to the report that the port is up."""
    for delay in (100,) if quick else DELAYS:
        yield _latency(PORTS_ONE_BY_ONE, delay, every=None)
        yield _latency(PORTS_IN_TRICKLE, delay, every=0.2)


def _latency(count: int, delay: int, every: float | None) -> Figures:
    """every: seconds between ports; None: a random pause after the one before was up."""
    ports = make_ports(count, "vlan")
    neutron, pause, chance = Neutron(), threading.Event(), random.Random(delay)
    announced_at: dict[str, float] = {}
    with simulation() as system, Agent(system.place(), neutron) as agent:
        system.add_guests(ports)
        system.set_delay(delay / 1000, directory_queue=False)
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
    p95 = seconds[math.ceil(0.95 * len(seconds)) - 1]
    values = {"p50_s": statistics.median(seconds), "p95_s": p95, "polling_interval_s": POLLING_INTERVAL}
    case: dict[str, Value] = {"ports": f"every {every:g} s" if every else "one by one", "delay_ms": delay}
    return Figures("latency", case, values, retired.POLLING)
