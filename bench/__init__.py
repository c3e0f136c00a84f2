"""Figures, not verdicts: what the agent costs in calls and seconds, against a simulated z/VM.

`make bench` prints one line for each measurement; `make bench args="--json --only resync"` does it for
programs. Here live the measurements and what they need: ports that are only there to be counted, z/VM in a
process of its own, a Neutron that only notes times. Tests do not live here, and nothing here fails because
something is slow.
"""
