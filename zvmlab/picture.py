"""One moment of the lab, kept so that it can be shown when that moment is over."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from zvmlab.cast import DHCP_NODE, NicRole
from zvmlab.lab import Lab
from zvmlab.leases import Held
from zvmlab.neutron_api import Port
from zvmlab.population import Population
from zvmsim.earshot import Heard
from zvmsim.oracle import NicAddress, Snapshot


@dataclass(frozen=True, slots=True)
class Picture:
    """ports: ours, with their roles, as Neutron has them. hosts: system to host, in order.

    through: the control point, as people call it. heard: where real frames arrive, if they flow here. leases:
    those of our NICs, if they have any.
    """

    snapshot: Snapshot
    ports: Mapping[NicAddress, tuple[NicRole, Port]]
    hosts: Mapping[str, str]
    through: str
    heard: Heard = field(default_factory=dict)
    leases: Held = field(default_factory=dict)

    def network_of(self, address: NicAddress) -> str:
        """Empty for a NIC that is not OpenStack's."""
        return self.ports[address][0].network if address in self.ports else ""

    def is_node(self, address: NicAddress) -> bool:
        """Whether it is a NIC of the DHCP node."""
        return address.userid == DHCP_NODE.userid


def take_picture(lab: Lab, population: Population) -> Picture:
    """How things stand now; a port that somebody has deleted by hand is left out."""
    known = {port.id: port for port in lab.neutron.ports()}
    ports = {
        population.address(nic): (nic, known[population.ports[nic.name].id])
        for nic in population.nics
        if population.ports[nic.name].id in known
    }
    hosts = {system: host for host, system in lab.systems.hosts.items()}
    snapshot, heard = lab.systems.snapshot(), population.wire.heard()
    leases = population.leases.held() if population.leases else {}
    return Picture(snapshot, ports, hosts, lab.control_point.manner.title, heard, leases)
