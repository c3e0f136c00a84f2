"""A Linux host with Open vSwitch beside the simulated z/VM systems: a machine outside z/VM on one of their
physical LANs, in which the real things run, with Neutron's own agents.

`host` puts it together from `switch` (Open vSwitch itself), `agents` (what they are told), and `instance`
(what Nova would boot there); `needs` says what this machine lacks for it.
"""
