"""What agents report to the Neutron server: anything that JSON can hold."""

from collections.abc import Iterator
from typing import Any

from networking_zvm import model
from networking_zvm.ml2.agent_report import AgentReport
from tests.fuzz import judge, mutations
from tests.fuzz.target import Target, demand

_REPORT: dict[str, Any] = {
    "vswitch_mappings": {"physnet1": "VSW1", "flat": "FLAT"},
    "mac_prefix": "02:00:00",
    "vswitches": {
        "VSW1": {
            "layer": 2,
            "vlan_aware": True,
            "authorization": "directory",
            "uplink": "ready",
            "unfit_flat": "it is VLAN aware",
            "unfit_vlan": None,
        }
    },
}


def targets() -> Iterator[Target]:
    yield Target("agent report", [_REPORT], mutations.document, report)


def report(document: Any) -> bool:
    """Reading never raises, whatever a server finds in its database, as long as it is an object."""
    if not isinstance(document, dict):
        return False
    found = AgentReport.read(document)
    for network, name in found.mappings.items():
        judge.name(name)
        demand(document["vswitch_mappings"][network].strip().upper() == name, f"{network} on {name}")
    demand(found.mac_prefix is None or model.MacPrefix(found.mac_prefix) == found.mac_prefix, "prefix")
    for name, vswitch in found.vswitches.items():
        judge.name(name)
        demand(vswitch.vlan_aware in (True, False, None), f"VLAN aware: {vswitch.vlan_aware!r}")
        demand(type(vswitch.vlan_aware) in (bool, type(None)), f"VLAN aware: {vswitch.vlan_aware!r}")
        demand(all(isinstance(why, str) and why for why in vswitch.unfit.values()), f"{vswitch.unfit}")
    return bool(found.mappings)
