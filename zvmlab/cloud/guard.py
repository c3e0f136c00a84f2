"""The last one out: ends the lab's processes and removes its files when the lab itself is gone.

Runs as a process beside the lab and reads orders from its standard input: `+<pgid>` watches a process group,
`-<pgid>` forgets it. At the end of input (the lab closed the pipe, or died however brutally) every group
still watched is killed and the directory named as first argument, if any, is removed.
Standard library only, so that it starts at once and needs little.
"""

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

KILL_TIMEOUT_S = 10.0


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for group in groups_left(sys.stdin):
        end_group(group)
    for directory in sys.argv[1:]:
        remove(Path(directory))


def groups_left(orders: Iterable[str]) -> list[int]:
    """The groups still watched when the orders end, latest first."""
    watched: dict[int, None] = {}
    for order in orders:
        group = int(order[1:])
        if order.startswith("+"):
            watched[group] = None
        else:
            watched.pop(group, None)
    return list(reversed(watched))


def end_group(group: int) -> None:
    """Kill the process group and wait (`KILL_TIMEOUT_S` at most) until nothing of it runs.

    Children that have made groups of their own go, too; but not what has become a child of init.
    """
    deadline = time.monotonic() + KILL_TIMEOUT_S
    groups = _family(group)
    for each in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(each, signal.SIGKILL)
    while any(map(runs, groups)) and time.monotonic() < deadline:
        time.sleep(0.01)


def remove(directory: Path) -> None:
    """Remove the directory, again and again (`KILL_TIMEOUT_S` at most) while others still write into it."""
    deadline = time.monotonic() + KILL_TIMEOUT_S
    while directory.exists() and time.monotonic() < deadline:
        shutil.rmtree(directory, ignore_errors=True)
        time.sleep(0.01)


def runs(group: int) -> bool:
    """Whether a process of the group still runs; one that is dead and waits for its parent does not."""
    found = map(_read, Path("/proc").glob("[0-9]*/stat"))
    return any(its == group and state not in "ZX" for state, _, its in found)


def _family(group: int) -> set[int]:
    """The group, and the groups of all children of its processes, of their children, and so on."""
    parents = {int(stat.parent.name): _read(stat) for stat in Path("/proc").glob("[0-9]*/stat")}
    members = {process for process, (_, _, its) in parents.items() if its == group}
    while more := {p for p, (_, parent, _) in parents.items() if parent in members} - members:
        members |= more
    return {group} | {parents[process][2] for process in members} - {0}


def _read(stat: Path) -> tuple[str, int, int]:
    """State, parent and group. Source: proc_pid_stat(5), they follow the name."""
    try:
        state, parent, group = stat.read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return "X", 0, 0
    return state, int(parent), int(group)


if __name__ == "__main__":
    main()
