"""What a z/VM agent says of its system in the heartbeats that Neutron stores as the agent's `configurations`.

    {"vswitch_mappings": {"physnet1": "VSW1"}, "mac_prefix": "02:00:00",
     "vswitches": {"VSW1": {"layer": 2, "vlan_aware": true, "authorization": "grant", "uplink": "ready",
                            "unfit_flat": null, "unfit_vlan": null}}}

Only the mappings are needed: the retired agent reported nothing else. What is missing or unreadable counts as
unknown and stands in nobody's way; reading never raises, for it happens inside the server's transactions.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Self, TypeVar

from networking_zvm.model import Layer, MacPrefix, NetworkType, Uplink, VSwitchName, Way

_T = TypeVar("_T")


@dataclasses.dataclass(frozen=True, slots=True)
class VSwitchReport:
    """One vswitch as its agent sees it; None means that the agent did not say.

    unfit: why it cannot carry networks of a type, in the agent's words.
    """

    layer: Layer | None = None
    vlan_aware: bool | None = None
    authorization: Way | None = None
    uplink: Uplink | None = None
    unfit: Mapping[NetworkType, str] = dataclasses.field(default_factory=dict)

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """Reads one value of `vswitches`."""
        reasons = {kind: raw.get(f"unfit_{kind}") for kind in NetworkType}
        aware = raw.get("vlan_aware")
        return cls(
            layer=_known(Layer, raw.get("layer")),
            vlan_aware=aware if isinstance(aware, bool) else None,
            authorization=_known(Way, raw.get("authorization")),
            uplink=_known(Uplink, raw.get("uplink")),
            unfit={kind: str(reason) for kind, reason in reasons.items() if reason},
        )


@dataclasses.dataclass(frozen=True, slots=True)
class AgentReport:
    """What the server knows of one z/VM system.

    mappings: physical network to vswitch. mac_prefix: the system's user prefix, None if unknown.
    """

    mappings: Mapping[str, VSwitchName]
    mac_prefix: MacPrefix | None = None
    vswitches: Mapping[VSwitchName, VSwitchReport] = dataclasses.field(default_factory=dict)

    @classmethod
    def read(cls, configurations: Mapping[str, Any]) -> Self:
        """Reads an agent's `configurations`."""
        mappings = _mapping(configurations.get("vswitch_mappings")).items()
        vswitches = _mapping(configurations.get("vswitches")).items()
        return cls(
            mappings={network: name for network, raw in mappings if (name := _known(VSwitchName, raw))},
            mac_prefix=_known(MacPrefix, configurations.get("mac_prefix")),
            vswitches={
                name: VSwitchReport.read(_mapping(facts))
                for raw, facts in vswitches
                if (name := _known(VSwitchName, raw))
            },
        )

    def vswitch(self, name: VSwitchName) -> VSwitchReport:
        """What is known of the vswitch; nothing, if the agent does not report it."""
        return self.vswitches.get(name, VSwitchReport())


def _mapping(raw: object) -> Mapping[str, Any]:
    return raw if isinstance(raw, Mapping) else {}


def _known(kind: Callable[[Any], _T], raw: object) -> _T | None:
    try:
        return kind(raw)
    except (ValueError, TypeError, AttributeError):
        return None
