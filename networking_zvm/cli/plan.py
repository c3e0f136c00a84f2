"""`neutron-zvm plan`: asks Neutron and z/VM as the agent does, and plans as it does, but does nothing."""

import contextlib
import multiprocessing
import multiprocessing.pool
import warnings
from collections.abc import Callable, Sequence
from typing import TypeVar

from networking_zvm import conf, errors
from networking_zvm import plan as planner
from networking_zvm.agent.neutron import Neutron, wishes
from networking_zvm.claims import Policy
from networking_zvm.cli.forecast import Forecast, forecast
from networking_zvm.hypervisor import base
from networking_zvm.settings import Settings

_T = TypeVar("_T")

_PATIENCE = 20.0
"""Seconds for all that Neutron is asked: 200 ports take about one, so it is enough for thousands."""


def plan(
    settings: Settings, hypervisor: base.Hypervisor, neutron: Neutron, patience: float = _PATIENCE
) -> Forecast:
    """Look at both sides and plan; the hypervisor is closed.

    patience: seconds for Neutron to answer. Raises HypervisorError, NeutronUnavailable.
    """
    with contextlib.closing(hypervisor):
        system, records = hypervisor.observe(), hypervisor.port_records()
        wanted, released = _within(patience, lambda: wishes(neutron, records))
        policy = Policy.of(settings, hypervisor.capabilities)
        return forecast(planner.make_plan(wanted.values(), records, released, system, policy))


def _within(seconds: float, ask: Callable[[], _T]) -> _T:
    """Not by an RPC timeout: a message bus that cannot be reached is tried for ever all the same."""
    with multiprocessing.pool.ThreadPool(1) as pool:
        try:
            return pool.apply_async(ask).get(seconds)
        except multiprocessing.TimeoutError as error:
            raise errors.NeutronUnavailable(
                f"Neutron has not answered within {seconds:g} s: see that transport_url is that of the "
                "Neutron servers, that the message bus can be reached, and that the servers' RPC workers run"
            ) from error


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
