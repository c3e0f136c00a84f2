"""The demo cloud: real Neutron, real agents, simulated z/VM systems, and a story checked as it is told.

It starts `zvmsim` and Neutron, plays Nova's part where Nova is not running, and shows the outcome. It may
import both `networking_zvm` and `zvmsim`.
"""
