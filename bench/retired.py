"""What is known of the retired agent, networking-zvm of 2019 (commit 3d0b37d), in the same cases.

It was measured through Feilong 1.6.3, not xCAT, with a stub in z/VM's place that takes the delay for every
command. It makes all calls one after another: 9 commands for a flat port and 13 for a VLAN port, 4 and 5 REST
calls, of which 2 read. Where commands take their time, its seconds are those of its commands in a row; at
0 ms they are mostly Feilong's own, which starts a program for every command, and tell little about the agent.
"""

from bench.ports import Kind

CALLS: dict[Kind, str] = {
    "vlan": "per port 3 REST changes, 2 REST reads, 13 commands in a row",
    "flat": "per port 2 REST changes, 2 REST reads, 9 commands in a row",
}
IDLE = "30 calls, none of which looks at z/VM"
RESTART = "4 calls at any number of ports, which verify nothing and report nothing"
POLLING = "a poll every 2 s, and none while ports are being connected"

_SECONDS: dict[tuple[Kind, int], dict[int, float]] = {
    ("vlan", 0): {100: 2.9, 300: 9.0, 1000: 29.25},
    ("vlan", 20): {100: 31.07, 300: 94.02},
    ("vlan", 100): {100: 135.34, 300: 404.84},
    ("flat", 0): {100: 2.1, 300: 7.4, 1000: 24.93},
    ("flat", 20): {100: 21.72, 300: 64.77},
    ("flat", 100): {100: 93.78, 300: 281.27},
}
"""By kind and delay (ms), by number of ports: from the poll that finds them all until the last is up."""


def seconds(kind: Kind, delay: int, count: int) -> float:
    """As measured. Raises KeyError for what was not."""
    return _SECONDS[kind, delay][count]


def seconds_for(kind: Kind, delay: int, count: int) -> str:
    """For a number of ports that was not measured, in proportion to the largest that was: it is serial."""
    measured = _SECONDS[kind, delay]
    if count in measured:
        return f"{measured[count]:.3g} s"
    largest = max(measured)
    return f"would be {measured[largest] / largest * count:.0f} s"
