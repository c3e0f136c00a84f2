"""Why a port cannot be bound on a z/VM system: one sentence for the operator, with the way out.

Pure, so that whoever wants to explain an unbound port (server, agent, command line) says the same.
"""

from networking_zvm.ml2 import mac_policy
from networking_zvm.ml2.agent_report import AgentReport
from networking_zvm.model import Layer, NetworkType, Segment, VSwitchName


def refusal(report: AgentReport, segment: Segment, mac: str | None) -> str | None:
    """The first reason against binding a port with this MAC to the segment; None if it can be bound.

    mac: None where it need not be a NIC's.
    An uplink that is down is no reason: NICs couple, and guests of the system reach one another.
    """
    against = _against_segment(report, segment)
    return against or (mac_policy.violation(mac, report.mac_prefix) if mac is not None else None)


def _against_segment(report: AgentReport, segment: Segment) -> str | None:
    network = segment.physical_network
    if network is None:
        return None
    vswitch = report.mappings.get(network)
    if vswitch is None:
        known = ", ".join(sorted(report.mappings)) or "none"
        return (
            f"the z/VM agent of this host maps no vswitch to physical network {network} (mapped: {known}): "
            "map it in the agent's configuration, or use another network"
        )
    return _against_vswitch(report, segment, vswitch)


def _against_vswitch(report: AgentReport, segment: Segment, name: VSwitchName) -> str | None:
    vswitch = report.vswitch(name)
    network = segment.physical_network
    if vswitch.layer is Layer.IP:
        return f"vswitch {name} is layer 3 (IP): map {network} to a layer 2 (ETHERNET) vswitch"
    if segment.network_type is NetworkType.VLAN and vswitch.vlan_aware is False:
        return f"vswitch {name} is VLAN unaware: use a flat network, or map {network} to a VLAN aware vswitch"
    if reason := vswitch.unfit.get(segment.network_type):
        return f"vswitch {name} is unfit for {segment.network_type} networks: {reason}"
    return None
