"""ML2 mechanism driver `zvm`: binds ports to the vswitches of the z/VM system that their host is.

It stands beside other drivers (`mechanism_drivers = openvswitch,zvm`) in either order. A host without a z/VM
agent is none of its business. On a host that also has another L2 agent the first driver in the list that can
bind a port gets it, so give the two agents different physical networks; MAC addresses are policed there for
every port with a segment that the z/VM agent serves, because who will bind it is decided only later.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from neutron.plugins.ml2.drivers import mech_agent
from neutron_lib import constants as n_const
from neutron_lib import exceptions as n_exc
from neutron_lib.api.definitions import portbindings, qinq, vlantransparent
from neutron_lib.plugins.ml2 import api
from oslo_log import log

from networking_zvm import constants
from networking_zvm.ml2 import mac_policy
from networking_zvm.ml2.agent_report import AgentReport
from networking_zvm.ml2.once import News
from networking_zvm.ml2.refusal import refusal
from networking_zvm.model import NetworkType, Segment, Uplink, VlanId, VSwitchName

LOG = log.getLogger(__name__)

Raw = Mapping[str, Any]

# Agents whose presence says that a host is served, only not by us. OVN's names are inside Neutron.
_OTHER_L2_AGENTS = (
    n_const.AGENT_TYPE_OVS,
    n_const.AGENT_TYPE_NIC_SWITCH,
    n_const.AGENT_TYPE_MACVTAP,
    "OVN Controller agent",
    "OVN Controller Gateway agent",
)


class ZvmMechanismDriver(mech_agent.SimpleAgentMechanismDriverBase):  # type: ignore[misc]
    """Binds normal ports on flat, VLAN and local networks, whoever owns them: guests may run services too.

    A local segment names no physical network and so no vswitch. As with the retired driver it binds wherever
    a z/VM agent lives; its details name no vswitch, and the agent leaves the NIC alone: the port stays DOWN.
    """

    _explicitly_not_supported_extensions = {vlantransparent.ALIAS, qinq.ALIAS}

    def __init__(self) -> None:
        super().__init__(constants.AGENT_TYPE, constants.VIF_TYPE, {portbindings.CAP_PORT_FILTER: False})
        self._news = News()

    @property
    def connectivity(self) -> str:
        """NICs get Ethernet, not routes."""
        return str(portbindings.CONNECTIVITY_L2)

    def get_allowed_network_types(self, agent: Raw | None = None) -> list[str]:  # noqa: ARG002
        """The same on every system."""
        return [str(kind) for kind in NetworkType]

    def get_mappings(self, agent: Raw) -> Mapping[str, VSwitchName]:
        """Physical network to vswitch."""
        return _report(agent).mappings

    def get_vif_details(self, context: api.PortContext, agent: Raw, segment: Raw) -> dict[str, Any]:  # noqa: ARG002
        """What the compute side needs to know of this one binding; the authorization only where reported."""
        report = _report(agent)
        details = dict(self.vif_details)
        if segment[api.NETWORK_TYPE] == NetworkType.VLAN:
            details[portbindings.VIF_DETAILS_VLAN] = str(segment[api.SEGMENTATION_ID])
        if vswitch := report.mappings.get(segment.get(api.PHYSICAL_NETWORK, "")):
            details[constants.DETAIL_VSWITCH] = str(vswitch)
            if way := report.vswitch(vswitch).authorization:
                details[constants.DETAIL_AUTHORIZATION] = str(way)
        return details

    def create_port_precommit(self, context: api.PortContext) -> None:
        """Raises InvalidInput (HTTP 400) for a MAC address the host's system cannot give to a NIC."""
        self._police_mac(context)
        super().create_port_precommit(context)

    def update_port_precommit(self, context: api.PortContext) -> None:
        """As create_port_precommit, when the port goes to another host or gets another MAC address."""
        moved = context.host != context.original_host
        if moved or context.current["mac_address"] != context.original["mac_address"]:
            self._news.forget(context.current["id"])
            self._police_mac(context)
        super().update_port_precommit(context)

    def bind_port(self, context: api.PortContext) -> None:
        """Binds the port to the first segment that fits, or logs a warning that says why none does."""
        if not self._takes(context):
            return
        agents = context.host_agents(self.agent_type)
        segments = self._segments(context)
        live = [agent for agent in agents if agent["alive"]]
        if any(self.try_to_bind_segment_for_agent(context, s, agent) for agent in live for s in segments):
            self._news.forget(context.current["id"])
        else:
            self._explain(context, agents, segments)

    def try_to_bind_segment_for_agent(self, context: api.PortContext, segment: Raw, agent: Raw) -> bool:
        """Binds unless the system refuses."""
        if _refusal(context, segment, agent):
            return False
        bound = bool(super().try_to_bind_segment_for_agent(context, segment, agent))
        if bound:
            self._watch_uplink(context, segment, agent)
        return bound

    def _segments(self, context: api.PortContext) -> list[Raw]:
        """The segments to try: where subnets belong to segments, only those of the port's addresses."""
        homes = {subnet.get("segment_id") for subnet in self.get_subnets_from_fixed_ips(context)}
        anywhere = not homes or None in homes
        return [segment for segment in context.segments_to_bind if anywhere or segment[api.ID] in homes]

    def _takes(self, context: api.PortContext) -> bool:
        vnic_type = context.current.get(portbindings.VNIC_TYPE, portbindings.VNIC_NORMAL)
        return vnic_type in self.supported_vnic_types

    def _police_mac(self, context: api.PortContext) -> None:
        """Runs in the port's database transaction, so all it asks for is the host's agent."""
        if not context.host or not self._takes(context) or _is_of_service(context):
            return
        segments = context.network.network_segments
        for agent in context.host_agents(self.agent_type):
            why = mac_policy.violation(context.current["mac_address"], _report(agent).mac_prefix)
            if why and any(self.check_segment_for_agent(segment, agent) for segment in segments):
                raise n_exc.InvalidInput(error_message=f"host {context.host}: {why}")

    def _explain(self, context: api.PortContext, agents: Sequence[Raw], segments: Sequence[Raw]) -> None:
        port, host = context.current["id"], context.host
        if not agents and any(context.host_agents(other) for other in _OTHER_L2_AGENTS):
            LOG.debug("port %s: host %s is no z/VM system", port, host)
            return
        why = _reasons(context, agents, segments)
        if why and self._news.is_news(port, f"{host}: {why}"):
            LOG.warning("port %s not bound on host %s: %s", port, host, why)

    def _watch_uplink(self, context: api.PortContext, segment: Raw, agent: Raw) -> None:
        report, host = _report(agent), agent["host"]
        name = report.mappings.get(segment.get(api.PHYSICAL_NETWORK, ""))
        uplink = report.vswitch(name).uplink if name else None
        if self._news.is_news((host, name), str(uplink)) and uplink is Uplink.DOWN:
            LOG.warning(
                "port %s bound on host %s to vswitch %s, whose uplink is down: guests reach one another but "
                "nothing beyond the system; bring an OSA device of the vswitch back",
                context.current["id"],
                host,
                name,
            )


def _report(agent: Raw) -> AgentReport:
    return AgentReport.read(agent["configurations"])


def _served(segment: Raw) -> Segment | None:
    """The segment in our words; None if its type is not one of ours."""
    kind = segment[api.NETWORK_TYPE]
    if kind not in list(NetworkType):
        return None
    vlan = VlanId(segment[api.SEGMENTATION_ID]) if kind == NetworkType.VLAN else None
    return Segment(NetworkType(kind), segment.get(api.PHYSICAL_NETWORK), vlan)


def _refusal(context: api.PortContext, segment: Raw, agent: Raw) -> str | None:
    wanted = _served(segment)
    if wanted is None:
        return f"z/VM carries only {', '.join(NetworkType)} networks: use one of these"
    mac = None if _is_of_service(context) else context.current.get("mac_address", "")
    return refusal(_report(agent), wanted, mac)


def _is_of_service(context: api.PortContext) -> bool:
    """Whether the port is Neutron's own, of DHCP for instance: its address need not be a NIC's.

    It stays what it is when another host takes over. Who gives such a port a NIC of its own is told by the
    agent if that cannot have the address.
    """
    return str(context.current.get("device_owner", "")).startswith(n_const.DEVICE_OWNER_NETWORK_PREFIX)


def _reasons(context: api.PortContext, agents: Sequence[Raw], segments: Sequence[Raw]) -> str:
    """All reasons against this binding, each with its segments; empty if there is nothing to bind to."""
    named = {f"{_served(segment) or segment[api.NETWORK_TYPE]}": segment for segment in segments}
    live = [agent for agent in agents if agent["alive"]]
    if not live:
        return f"{', '.join(named)}: {_absence(context.host, agents)}"
    return "; ".join(f"{name}: {_refusal(context, named[name], agent)}" for name in named for agent in live)


def _absence(host: str, agents: Sequence[Raw]) -> str:
    if not agents:
        return f"no z/VM agent reports from this host: start neutron-zvm-agent with host = {host}, as in Nova"
    since = agents[0].get("heartbeat_timestamp")
    return f"its z/VM agent has not reported since {since}: see its log and start it again"
