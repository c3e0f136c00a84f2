"""`python -m bench`: measure and print, a line for each case. Its exit code says nothing of the figures."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping

from bench import cloud, new_ports, packets, right_ports
from bench.agent import log_as_in_service
from bench.figures import Figures
from bench.scope import Scope, measurable, why_not
from networking_zvm.settings import ControlPoint

MEASUREMENTS: Mapping[str, Callable[[Scope], Iterator[Figures]]] = {
    "new": new_ports.bursts,
    "latency": new_ports.latency,
    "resync": right_ports.resync,
    "idle": right_ports.idle,
    "memory": right_ports.memory,
    "cloud": cloud.whole_cloud,
    "packets": packets.packets,
}


def main() -> int:
    options = _options()
    log_as_in_service()
    wanted = tuple(ControlPoint) if options.control_point == "all" else (ControlPoint(options.control_point),)
    if not options.json:
        _introduce(wanted)
    scope = Scope(measurable(wanted), options.quick, options.parallelism)
    for name in options.only or MEASUREMENTS:
        for figures in MEASUREMENTS[name](scope):
            _say(figures.json() if options.json else figures.line())
    return 0


def _introduce(wanted: tuple[ControlPoint, ...]) -> None:
    _say(f"# {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    _say("# A call is one to the control point, a command what it then asks of z/VM: docs/benchmarks.rst.")
    _say("# The retired agent was measured through Feilong and does one thing after another:")
    _say("# bench/retired.py says what can be compared.")
    for point in wanted:
        if reason := why_not(point):
            _say(f"# {point} is left out: {reason}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="What the agent costs.")
    parser.add_argument("--only", action="append", choices=list(MEASUREMENTS), help="may be repeated")
    parser.add_argument("--control-point", default="all", choices=[*map(str, ControlPoint), "all"])
    parser.add_argument("--parallelism", type=int, help="by default the option's default")
    parser.add_argument("--quick", action="store_true", help="fewer cases, in a third of the time")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
