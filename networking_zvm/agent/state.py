"""What the agent tells of itself in its report, and so to `openstack network agent show`. Pure.

The mechanism driver binds by it: the physical networks it serves, the fitness of their vswitches, the MAC
prefix. `vswitch_mappings` is all the retired agent reported; the same under `bridge_mappings` is what
Neutron's segments plugin reads (neutron/services/segments/db.py), and in compatible mode its Open vSwitch
driver.
"""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from networking_zvm import constants, model
from networking_zvm.agent import presence
from networking_zvm.authorization import way_for
from networking_zvm.claims import Policy, State, Verdict, unfitness
from networking_zvm.service_guests import sight
from networking_zvm.settings import ServerPlugin, Settings

_LONGEST = 4000  # characters; the column holds 4095: neutron/db/models/agent.py


@dataclasses.dataclass(frozen=True, slots=True)
class Health:
    """Whether the last pass succeeded, and if not, why."""

    healthy: bool
    reason: str | None = None


def configurations(
    settings: Settings,
    policy: Policy,
    system: model.System | None,
    verdicts: Mapping[str, Verdict],
    health: Health,
) -> dict[str, Any]:
    """The report's free part. system is None until the first look succeeded.

    Problems of ports are left out, the last first, where there are more than the column holds.
    """
    offered = presence.offer(settings, system)
    report: dict[str, Any] = {
        "vswitch_mappings": dict(settings.vswitch_of),
        "bridge_mappings": dict(offered.vswitch_of),
        "mac_prefix": system.mac_prefix if system else None,
        "ipl_time": system.ipl_time if system else None,
        "control_point": {
            "kind": str(settings.control_point),
            "healthy": health.healthy,
            "reason": health.reason,
        },
        "devices": sum(1 for v in verdicts.values() if v.state is State.UP),
        "vswitches": {},
        "service_guests": {},
        "problems": {},
        "problems_left_out": 0,
    }
    if settings.server_plugin is ServerPlugin.OPENVSWITCH:
        report["integration_bridge"] = constants.OVS_BRIDGE
        report["networks_left_out"] = dict(offered.left_out)
    if system:
        mapped = set(policy.vswitch_of.values())
        names = sorted(system.vswitches, key=lambda name: (name not in mapped, name))
        facts = {str(name): _facts(system.vswitches[name], system, policy) for name in names}
        _add_while_it_fits(report, "vswitches", facts)
        sights = {str(guest): str(sight(guest, system, policy)) for guest in policy.service_guests}
        _add_while_it_fits(report, "service_guests", sights)
    problems = {i: v.reason for i, v in sorted(verdicts.items()) if v.state not in (State.UP, State.DOWN)}
    report["problems_left_out"] = len(problems) - _add_while_it_fits(report, "problems", problems)
    return report


def binding_facts(report: Mapping[str, Any]) -> tuple[Any, ...]:
    """What bindings depend on: once it changes, a port that could not be bound may be."""
    return report["bridge_mappings"], report["mac_prefix"], report["vswitches"]


def _facts(vswitch: model.VSwitch, system: model.System, policy: Policy) -> dict[str, Any]:
    return {
        "layer": int(vswitch.layer),
        "vlan_aware": vswitch.vlan_aware,
        "uplink": str(vswitch.uplink),
        "authorization": str(way_for(vswitch, system, policy)),
        "unfit_flat": unfitness(vswitch, model.NetworkType.FLAT),
        "unfit_vlan": unfitness(vswitch, model.NetworkType.VLAN),
    }


def _add_while_it_fits(report: dict[str, Any], key: str, items: Mapping[str, Any]) -> int:
    """Add items one by one while the whole report stays short enough; returns how many were added."""
    room = _LONGEST - len(json.dumps(report))
    for added, (name, value) in enumerate(items.items()):
        room -= len(json.dumps({name: value})) + 2
        if room < 0:
            return added
        report[key][name] = value
    return len(items)
