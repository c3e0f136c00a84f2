"""Who plays in the story: networks, the guests on them, and what Neutron and its agents are told of it all.

Physical networks bear the names of their vswitches, as sites that come from xCAT have them. Every guest's
first NIC is on the management network, because xCAT reaches guests by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from zvmlab.cloud.neutron_conf import NeutronSettings
from zvmlab.dhcp_node import NodeRole

FIRST_VDEV: Final = 0x1000
DEVICES_PER_NIC: Final = 3


@dataclass(frozen=True, slots=True)
class NetworkRole:
    """One Neutron network; vlan is None for a flat one."""

    name: str
    physical_network: str
    vlan: int | None
    cidr: str

    @property
    def type(self) -> str:
        return "flat" if self.vlan is None else "vlan"

    @property
    def vswitch(self) -> str:
        return self.physical_network.upper()


@dataclass(frozen=True, slots=True)
class NicRole:
    """One NIC of a guest; name is that of its port."""

    name: str
    guest: str
    host: str
    network: str
    vdev: str

    @property
    def userid(self) -> str:
        return self.guest.upper()


@dataclass(frozen=True, slots=True)
class GuestRole:
    """One guest: its xCAT node, the host it lives on, a network for each of its NICs."""

    name: str
    host: str
    networks: tuple[str, ...]

    def nics(self) -> Iterator[NicRole]:
        """Numbered as the retired Nova driver did: 1000, 1003, ..."""
        for number, network in enumerate(self.networks):
            nth = self.networks[: number + 1].count(network)
            name = f"{self.name}-{network}" + (f"-{nth}" if nth > 1 else "")
            vdev = f"{FIRST_VDEV + DEVICES_PER_NIC * number:04X}"
            yield NicRole(name, self.name, self.host, network, vdev)


MGMT: Final = NetworkRole("mgmt", "xcatvsw2", None, "10.1.0.0/24")
WEB: Final = NetworkRole("web", "datanet1", 100, "10.2.0.0/24")
DB: Final = NetworkRole("db", "datanet2", 200, "10.3.0.0/24")
DMZ: Final = NetworkRole("dmz", "datanet1", 150, "10.4.0.0/24")
NETWORKS: Final = (MGMT, WEB, DB)
EVERY_NETWORK: Final = (*NETWORKS, DMZ)

GUESTS: Final = (
    GuestRole("web1", "zvma", ("mgmt", "web")),
    GuestRole("app1", "zvma", ("mgmt", "web", "db")),
    GuestRole("db1", "zvma", ("mgmt", "db")),
    GuestRole("web2", "zvmb", ("mgmt", "web")),
    GuestRole("lb1", "zvmb", ("mgmt", "web", "web")),
    GuestRole("db2", "zvmb", ("mgmt", "db")),
)
NICS: Final = tuple(nic for guest in GUESTS for nic in guest.nics())

EDGES: Final = (
    GuestRole("edge1", "zvma", ("mgmt", "web", "dmz")),
    GuestRole("edge2", "zvmb", ("mgmt", "dmz")),
)
"""They come later, with another network: the first one's last two NICs are on one vswitch, in two VLANs."""
USERIDS: Final = frozenset(guest.name.upper() for guest in (*GUESTS, *EDGES))

DHCP_NODE: Final = NodeRole(
    "ZVMA", "zvma", {MGMT.physical_network: "1000", WEB.physical_network: "1003", DB.physical_network: "1006"}
)
"""It serves both systems; those of the other over the uplinks."""

NEW_VSWITCH: Final = DB.vswitch
"""The one that no system has at first: the agents create it."""
NEW_VSWITCH_RDEV: Final = "A300"
UNMAPPED: Final = "backup"
"""A physical network that Neutron knows and no agent maps to a vswitch."""

_VLAN_RANGES: Final = tuple(f"{n.physical_network}:{n.vlan}:{n.vlan + 99}" for n in NETWORKS if n.vlan)

NEUTRON: Final = NeutronSettings(
    flat_networks=(MGMT.physical_network, UNMAPPED),
    vlan_ranges=_VLAN_RANGES,
    agent_down_time=60,
    report_interval=2,
)

AGENT_PACE: Final = {"polling_interval": "0.5", "audit_interval": "2"}
"""How often every agent looks, in seconds."""

AGENT_NETWORKS: Final = {
    "ml2_type_flat": {"flat_networks": MGMT.physical_network},
    "ml2_type_vlan": {"network_vlan_ranges": ",".join(_VLAN_RANGES)},
    NEW_VSWITCH: {"rdev_list": NEW_VSWITCH_RDEV},
}
"""The sections of every agent's file that name networks."""
