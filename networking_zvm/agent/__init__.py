"""The Neutron agent: one per z/VM system, any number per process.

`server` is the Neutron side (what is wanted, what is reported), `reconciler` observes, plans and applies,
`state` holds what the agent tells of itself, `main` wires them into a process. What z/VM is like and how it
is reached is not known here: see `networking_zvm.hypervisor`.
"""
