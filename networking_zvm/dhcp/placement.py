"""Where a port belongs: its VLAN and physical network, which the DHCP agent does not tell interface drivers.

The port is read as a versioned object, which changes nothing. `get_device_details`, as L2 agents ask, would
put a port that is ACTIVE back to BUILD; it is used for what only it does: to have the server try again to
bind a port. Sources: neutron/plugins/ml2/rpc.py, plugins/ml2/plugin.py get_bound_port_context (29.0.0).
"""

from collections.abc import Callable
from typing import Any

import oslo_messaging
import tenacity
from neutron.agent import rpc as agent_rpc
from neutron.api.rpc.callbacks import resources
from neutron.api.rpc.handlers import resources_rpc
from neutron_lib import context as neutron_context
from neutron_lib.agent import topics
from oslo_log import log as logging

from networking_zvm import constants, errors, model

LOG = logging.getLogger(__name__)

_BINDING_SECONDS = 30.0
_RETRY_SECONDS = 1.0


class _Unbound(Exception):
    """The server has not bound the port yet."""


Placements = Callable[[str], model.Segment]
"""Port id to segment. Raises NotPlugged."""


class NeutronPlacements:
    """Asks the Neutron server for the segments of ports bound to one host."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._context = neutron_context.get_admin_context_without_session()
        self._puller = resources_rpc.ResourcesPullRpcApi()
        self._rpc = agent_rpc.PluginApi(topics.PLUGIN)

    def __call__(self, port_id: str) -> model.Segment:
        """Waits up to 30 s for the port to be bound. Raises NotPlugged."""
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_delay(_BINDING_SECONDS),
            wait=tenacity.wait_fixed(_RETRY_SECONDS),
            retry=tenacity.retry_if_exception_type(_Unbound),
            before_sleep=lambda _: self._ask_to_bind(port_id),
            reraise=True,
        )
        try:
            return retrying(self._segment, port_id)
        except _Unbound as error:
            raise errors.NotPlugged(f"port {port_id} has no VLAN: {error}; {self._remedy()}") from None
        except oslo_messaging.MessagingException as error:
            raise errors.NotPlugged(f"port {port_id}: Neutron does not tell its VLAN: {error}") from error

    def _segment(self, port_id: str) -> model.Segment:
        ports = self._puller.bulk_pull(self._context, resources.PORT, filter_kwargs={"id": (port_id,)})
        if not ports:
            raise errors.NotPlugged(f"port {port_id} does not exist (any more)")
        return segment_of(ports[0], self._host)

    def _ask_to_bind(self, port_id: str) -> None:
        agent_id = f"{constants.AGENT_BINARY}-dhcp-{self._host}"
        self._rpc.get_device_details(self._context, port_id, agent_id, self._host)

    def _remedy(self) -> str:
        return (
            f"is neutron-zvm-agent alive on host {self._host} (this node's host must be the same), is "
            f"{constants.VIF_TYPE} among the server's mechanism_drivers, what does the server log about it?"
        )


def segment_of(port: Any, host: str) -> model.Segment:
    """The segment on which Neutron's port object is bound to this host. Raises NotPlugged if it cannot be."""
    here = [binding for binding in port.bindings or () if binding.host == host]
    if not here:
        hosts = ", ".join(binding.host or "none" for binding in port.bindings or ()) or "none"
        raise _Unbound(f"it is bound to host {hosts}, not to {host}")
    if not port.binding_levels:
        raise _Unbound(f"it is not bound on host {host} (vif_type {here[0].vif_type})")
    raw = port.binding_levels[-1].segment
    try:
        vlan = model.VlanId(raw.segmentation_id) if raw.network_type == model.NetworkType.VLAN else None
        return model.Segment(model.NetworkType(raw.network_type), raw.physical_network, vlan)
    except ValueError as error:
        raise errors.NotPlugged(f"port {port.id}: only flat and VLAN networks are served: {error}") from None
