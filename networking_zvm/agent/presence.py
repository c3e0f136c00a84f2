"""As which of Neutron's agents this one presents itself, and which ports are its own. Pure.

With `server_plugin = openvswitch` the server's stock driver binds the ports. Of an agent it looks at type,
host and configurations, of these at bridge_mappings; it knows no unfit vswitches, so these are left out. The
name of the integration bridge it copies into each port's VIF details: that tells our ports from those that a
real Open vSwitch agent has or had on a host of the same name. Ports stay ours when the option changes.
Source: neutron/plugins/ml2/drivers/openvswitch/mech_driver/mech_openvswitch.py (29.0.0).
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from networking_zvm import constants, model
from networking_zvm.claims import unfitness
from networking_zvm.settings import ServerPlugin, Settings

AGENT_TYPES = {ServerPlugin.ZVM: constants.AGENT_TYPE, ServerPlugin.OPENVSWITCH: constants.OVS_AGENT_TYPE}
"""What the server's driver looks for. The binary in the agent list is ours in any case."""


def is_ours(vif_type: str, vif_details: Mapping[str, Any] | None) -> bool:
    """Whether a port of this host is bound to a vswitch, by either driver."""
    if vif_type == constants.OVS_VIF_TYPE:
        return (vif_details or {}).get(constants.DETAIL_BRIDGE) == constants.OVS_BRIDGE
    return vif_type == constants.VIF_TYPE


@dataclasses.dataclass(frozen=True, slots=True)
class Offer:
    """What Neutron may bind ports to: physical network to vswitch. left_out: why not to the others."""

    vswitch_of: Mapping[str, model.VSwitchName]
    left_out: Mapping[str, str]


def offer(settings: Settings, system: model.System | None) -> Offer:
    """Under the driver `zvm` everything mapped: it knows itself what is unfit, for which type of network.

    system: None before the first look; nothing is left out then.
    """
    if settings.server_plugin is ServerPlugin.ZVM or system is None:
        return Offer(settings.vswitch_of, {})
    reasons = {network: _objection(network, settings, system) for network in settings.vswitch_of}
    left_out = {network: reason for network, reason in reasons.items() if reason}
    return Offer({n: name for n, name in settings.vswitch_of.items() if n not in left_out}, left_out)


def why_unbound(settings: Settings, system: model.System | None) -> str:
    """What to tell of a port of this host that Neutron could not bind."""
    if settings.server_plugin is ServerPlugin.ZVM:
        return "Neutron could not bind it here: the Neutron server's log says why"
    networks = ", ".join(sorted(offer(settings, system).vswitch_of)) or "none"
    return f"Neutron's Open vSwitch driver could not bind it here: physical networks offered are {networks}"


def _objection(network: str, settings: Settings, system: model.System) -> str | None:
    """Why no port of this physical network can be served; None if those of one type can."""
    name = settings.vswitch_of[network]
    vswitch = system.vswitches.get(name)
    if vswitch is None:
        return None if name in settings.specs else f"this z/VM has no vswitch {name}"
    reasons = [unfitness(vswitch, kind) for kind in _kinds(network, settings)]
    return None if None in reasons else "; ".join(dict.fromkeys(filter(None, reasons)))


def _kinds(network: str, settings: Settings) -> list[model.NetworkType]:
    """The types of Neutron network it may carry, as far as the agent's files say."""
    named = {model.NetworkType.FLAT: settings.flat_networks, model.NetworkType.VLAN: settings.vlan_networks}
    return [kind for kind, networks in named.items() if network in networks] or list(named)
