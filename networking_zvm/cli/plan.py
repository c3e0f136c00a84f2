"""`neutron-zvm plan`: asks Neutron and z/VM as the agent does, and plans as it does, but does nothing."""

import contextlib
import warnings
from collections.abc import Sequence

from networking_zvm import conf
from networking_zvm import plan as planner
from networking_zvm.agent.neutron import Neutron, wishes
from networking_zvm.claims import Policy
from networking_zvm.cli.forecast import Forecast, forecast
from networking_zvm.hypervisor import base
from networking_zvm.settings import Settings


def plan(settings: Settings, hypervisor: base.Hypervisor, neutron: Neutron) -> Forecast:
    """Look at both sides and plan; the hypervisor is closed. Raises HypervisorError, NeutronUnavailable."""
    with contextlib.closing(hypervisor):
        system, records = hypervisor.observe(), hypervisor.port_records()
        wanted, released = wishes(neutron, records)
        policy = Policy(settings.vswitch_of, settings.specs, hypervisor.capabilities)
        return forecast(planner.make_plan(wanted.values(), records, released, system, policy))


def connect_to_neutron(settings: Settings, argv: Sequence[str]) -> Neutron:
    """Set up Neutron's RPC in this process; nothing is asked yet."""
    # futurist, a library of Neutron's, imports eventlet wherever it is installed; nobody uses it here.
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    # These imports take seconds, which the other commands need not wait for. The backend comes first, because
    # oslo.service falls back to eventlet otherwise.
    from oslo_service import backend

    backend.init_backend(backend.BackendType.THREADING)
    from neutron.common import config as neutron_config
    from neutron.conf import service as neutron_service

    from networking_zvm.agent.server import NeutronServer

    neutron_config.register_common_config_options()
    neutron_service.register_service_opts(neutron_service.RPC_EXTRA_OPTS)
    neutron_config.init(list(argv), default_config_files=conf.default_files())
    server = NeutronServer(settings.host, on_change=lambda: None, rebinds=False)
    server.request_sync()
    return server
