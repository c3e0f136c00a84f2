"""Options of a DHCP node: a guest whose NICs are trunk ports and which runs neutron-dhcp-agent.

They stand in [zvm] of dhcp_agent.ini, which the z/VM agent never reads.
"""

import dataclasses
import enum
from collections.abc import Iterable

from oslo_config import cfg

from networking_zvm import errors, model
from networking_zvm.conf.options import GROUP
from networking_zvm.dhcp.attachment import device_name


class Mode(enum.StrEnum):
    """Who takes the VLANs of a trunk NIC apart."""

    AUTO = "auto"
    KERNEL = "kernel"
    USERSPACE = "userspace"


OPTIONS = [
    cfg.ListOpt(
        "trunk_interfaces",
        default=[],
        help="Which NIC of this DHCP node is a trunk port of the vswitch of which physical network: a list "
        "of physical_network:interface, for example physnet1:enc1000. Frames of flat networks are untagged; "
        "where the default VLAN of a VLAN aware vswitch is not its native VLAN, append the default VLAN: "
        "physnet1:enc1000:10.",
    ),
    cfg.StrOpt(
        "trunk_mode",
        default=Mode.AUTO.value,
        choices=[
            (Mode.AUTO.value, "the kernel, if it can, or else a process"),
            (Mode.KERNEL.value, "802.1Q and macvlan devices of the kernel"),
            (Mode.USERSPACE.value, "a process for each NIC and TAP devices, where the kernel has no 8021q"),
        ],
        help="Who takes the VLANs of a trunk NIC apart.",
    ),
]


@dataclasses.dataclass(frozen=True, slots=True)
class TrunkNic:
    """A NIC of the node. interface: its name in Linux. flat_vlan: the tag of flat networks, None for none."""

    interface: str
    flat_vlan: model.VlanId | None = None


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to `conf`; calling it again changes nothing."""
    conf.register_opts(OPTIONS, group=GROUP)


def list_opts() -> list[tuple[str, Iterable[cfg.Opt]]]:
    """For oslo-config-generator."""
    return [(GROUP, OPTIONS)]


def trunk_nics(entries: Iterable[str]) -> dict[str, TrunkNic]:
    """NICs by physical network, from trunk_interfaces. Raises ConfigurationError with all that is wrong."""
    nics: dict[str, TrunkNic] = {}
    wrong = []
    for entry in entries:
        try:
            network, nic = _entry(entry)
            if network in nics or nic.interface in [known.interface for known in nics.values()]:
                raise errors.InvalidValue("network or interface is in the list already")
            nics[network] = nic
        except errors.InvalidValue as error:
            where = f"[{GROUP}] trunk_interfaces: {entry!r}"
            wrong.append(f"{where}: {error}; write physical_network:interface")
    if wrong:
        raise errors.ConfigurationError(wrong)
    return nics


def _entry(entry: str) -> tuple[str, TrunkNic]:
    network, *parts = (part.strip() for part in entry.split(":"))
    if not network or not 1 <= len(parts) <= 2:
        raise errors.InvalidValue("a physical network and an interface are wanted")
    return network, TrunkNic(device_name(parts[0]), *map(model.VlanId, parts[1:]))
