"""The networks, ports and guests of the story on a running cloud: how they come, and how they go."""

from collections import Counter

from zvmlab import promise
from zvmlab.cast import GUESTS, MGMT, NETWORKS, NICS, USERIDS, NicRole
from zvmlab.compute import Compute, PluggedNic
from zvmlab.neutron_api import Network, NeutronApi, Port, wait_for
from zvmlab.systems import Fact, Systems
from zvmsim.oracle import NicAddress


class Population:
    """What OpenStack has on the two systems at the moment.

    networks, ports: by the name of their role. down: roles whose ports are administratively down.
    """

    def __init__(self, neutron: NeutronApi, compute: Compute, systems: Systems) -> None:
        self.networks: dict[str, Network] = {}
        self.ports: dict[str, Port] = {}
        self.down: set[str] = set()
        self._neutron = neutron
        self._compute = compute
        self._systems = systems

    @property
    def nics(self) -> list[NicRole]:
        return [nic for nic in NICS if nic.name in self.ports]

    def address(self, nic: NicRole) -> NicAddress:
        return self._systems.address(nic.host, nic.userid, nic.vdev)

    def make_networks(self) -> None:
        for role in NETWORKS:
            network = self._neutron.create_network(role.name, role.type, role.physical_network, role.vlan)
            self._neutron.create_subnet(network.id, role.cidr, role.name)
            self.networks[role.name] = network

    def make_ports(self) -> None:
        for nic in NICS:
            network_id = self.networks[nic.network].id
            self.ports[nic.name] = self._neutron.create_port(network_id, nic.name, nic.host, nic.guest)

    def define_guests(self) -> None:
        for guest in GUESTS:
            self._compute.define(guest.name, self._systems.zhcps[guest.host].hostname)

    def announce_nics(self) -> None:
        for guest in GUESTS:
            nics = [self._plugged(nic) for nic in guest.nics()]
            self._compute.announce(guest.name, self._systems.zhcps[guest.host].node, nics)

    def unplugged(self) -> list[str]:
        """Guests whose NICs Nova does not see ready yet."""
        return [guest.name for guest in GUESTS if not self._compute.is_plugged(guest.name)]

    def power_on(self, host: str | None = None) -> None:
        """Guests of one host or all; those that are on already are left alone."""
        for guest in GUESTS:
            if host in (None, guest.host) and not self._compute.is_on(guest.name):
                self._compute.power_on(guest.name)

    def set_admin_state(self, nic: str, up: bool) -> None:
        self._neutron.update_port(self.ports[nic].id, admin_state_up=up)
        (self.down.discard if up else self.down.add)(nic)

    def delete_port(self, nic: str) -> Port:
        port = self.ports.pop(nic)
        self._neutron.delete_port(port.id)
        return port

    def rebuild(self) -> None:
        """Everything at once, up to guests that are on with all ports ACTIVE. Raises NotYet."""
        self.make_networks()
        self.make_ports()
        self.define_guests()
        self.announce_nics()
        self._neutron.wait_for_status([port.id for port in self.ports.values()], "ACTIVE")
        wait_for(self.unplugged, lambda left: not left, what="every guest to be plugged")
        self.power_on()

    def destroy(self) -> None:
        """As Nova does it: the guest first, then its ports; and the networks when nobody is on them."""
        for guest in GUESTS:
            self._compute.destroy(guest.name)
        for name in list(self.ports):
            self.delete_port(name)
        for network in self.networks.values():
            self._neutron.delete_network(network.id)
        self.networks.clear()

    def statuses(self) -> dict[str, int]:
        """How many of our ports have each status in Neutron."""
        ours = {port.id for port in self.ports.values()}
        return dict(Counter(port.status for port in self._neutron.ports() if port.id in ours))

    def broken_promises(self) -> list[str]:
        """See promise.broken."""
        network_of = {self.address(nic): nic.network for nic in self.nics}
        down = {self.address(nic) for nic in self.nics if nic.name in self.down}
        return promise.broken(self._systems.snapshot(), network_of, down, {MGMT.vswitch: MGMT.name})

    def belongings(self) -> list[Fact]:
        """What the systems and xCAT hold of our guests."""
        return sorted(fact for fact in self._systems.facts() if fact.userid in USERIDS)

    def _plugged(self, nic: NicRole) -> PluggedNic:
        port = self.ports[nic.name]
        return PluggedNic(port.id, nic.vdev, port.mac_address, port.addresses[0])

