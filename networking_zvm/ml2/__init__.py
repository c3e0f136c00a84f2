"""The Neutron server's side: binds ports to the vswitches that z/VM agents report.

Here live the mechanism driver (`mech_zvm`), which only talks to ML2, and what it decides with, all pure:
`agent_report` reads what an agent says of its system, `refusal` says why a port cannot be bound there,
`mac_policy` holds addresses to the system's MAC prefix. No z/VM is ever called from here, and nothing but
`mech_zvm` imports Neutron.
"""
