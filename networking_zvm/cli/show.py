"""`neutron-zvm show`: one look at the system, laid out."""

import contextlib

from networking_zvm.claims import Policy
from networking_zvm.cli.overview import Overview, overview
from networking_zvm.hypervisor import base
from networking_zvm.service_guests import sight
from networking_zvm.settings import Settings


def show(settings: Settings, hypervisor: base.Hypervisor) -> Overview:
    """Look and lay out; the hypervisor is closed. Raises HypervisorError."""
    with contextlib.closing(hypervisor):
        info, system = hypervisor.describe(), hypervisor.observe()
        policy = Policy.of(settings, hypervisor.capabilities)
        sights = [sight(guest, system, policy) for guest in settings.service_guests]
        return overview(info, system, hypervisor.port_records(), settings.vswitch_of, sights)
