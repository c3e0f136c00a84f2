"""Real Nova services (API, scheduler, conductor, compute, placement) with our driver, in front of the real
Feilong on zvmsim. Neutron and Glance are Nova's own fixtures.

Run in a process of their own, for Nova's tests change the one they run in for good:

    OS_NOVA_DISABLE_EVENTLET_PATCHING=1 python -m tests.nova.services [NAME...]

`tests/nova/test_services.py` does that and tells pytest the outcome of each.
"""
