"""The networks, ports and guests of the story on a running cloud: how they come, and how they go."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from zvmlab import promise
from zvmlab.cast import DHCP_NODE, EVERY_NETWORK, MGMT, GuestRole, NetworkRole, NicRole
from zvmlab.compute.base import Compute, PluggedNic
from zvmlab.leases import Leases
from zvmlab.neutron_api import Network, NeutronApi, Port, wait_for
from zvmlab.systems import Systems
from zvmlab.wire import Seat, Wire
from zvmsim.oracle import NicAddress


class Population:
    """What OpenStack has on the two systems at the moment.

    wire: what its guests send each other. leases: their DHCP clients, if a DHCP node serves them. guests:
    those that have come. networks, ports: by the name of their role. down: roles whose ports are to have no
    traffic.
    """

    def __init__(
        self, neutron: NeutronApi, computes: Mapping[str, Compute], systems: Systems, dhcp: bool = False
    ) -> None:
        """computes: Nova's hands, by host. dhcp: there is a DHCP node, and packets."""
        self.wire = Wire(systems)
        packets = systems.simulator.packets
        self.leases = Leases(packets) if dhcp and packets else None
        self.guests: list[GuestRole] = []
        self.networks: dict[str, Network] = {}
        self.ports: dict[str, Port] = {}
        self.down: set[str] = set()
        self._neutron = neutron
        self._computes = computes
        self._systems = systems

    @property
    def nics(self) -> list[NicRole]:
        return [nic for guest in self.guests for nic in guest.nics() if nic.name in self.ports]

    def address(self, nic: NicRole) -> NicAddress:
        return self._systems.address(nic.host, nic.userid, nic.vdev)

    def network_roles(self) -> list[NetworkRole]:
        """Of the networks that are there."""
        return [role for role in EVERY_NETWORK if role.name in self.networks]

    def make_networks(self, roles: Iterable[NetworkRole]) -> None:
        for role in roles:
            network = self._neutron.create_network(role.name, role.type, role.physical_network, role.vlan)
            self._neutron.create_subnet(network.id, role.cidr, role.name, enable_dhcp=self.leases is not None)
            self.networks[role.name] = network

    def make_ports(self, guests: Iterable[GuestRole]) -> None:
        for nic in _nics(guests):
            network_id = self.networks[nic.network].id
            self.ports[nic.name] = self._neutron.create_port(network_id, nic.name, nic.host, nic.guest)

    def define(self, guests: Iterable[GuestRole]) -> None:
        for guest in guests:
            self._computes[guest.host].define(guest.name)
            self.guests.append(guest)

    def plug(self, guests: Iterable[GuestRole]) -> None:
        for guest in guests:
            nics = [_plugged(nic, self.ports[nic.name]) for nic in guest.nics()]
            self._computes[guest.host].plug(guest.name, nics)

    def unplug(self, nic: NicRole, port: Port) -> None:
        """port: what it was, for it is gone."""
        self._computes[nic.host].unplug(nic.guest, _plugged(nic, port))

    def unplugged(self) -> list[str]:
        """Guests whose NICs Nova does not see ready yet."""
        return [g.name for g in self.guests if not self._computes[g.host].is_plugged(g.name)]

    def power_on(self, host: str | None = None) -> None:
        """Guests of one host or all; those that are on already are left alone."""
        for guest in self.guests:
            compute = self._computes[guest.host]
            if host in (None, guest.host) and not compute.is_on(guest.name):
                compute.power_on(guest.name)

    def set_admin_state(self, nic: str, up: bool) -> None:
        self._neutron.update_port(self.ports[nic].id, admin_state_up=up)
        (self.down.discard if up else self.down.add)(nic)

    def delete_port(self, nic: str) -> Port:
        port = self.ports.pop(nic)
        self.down.discard(nic)
        self._neutron.delete_port(port.id)
        return port

    def rebuild(self, guests: Sequence[GuestRole]) -> None:
        """All networks and these guests at once, until they are on with all ports ACTIVE. Raises NotYet."""
        self.make_networks(EVERY_NETWORK)
        self.make_ports(guests)
        self.define(guests)
        self.plug(guests)
        self._neutron.wait_for_status([port.id for port in self.ports.values()], "ACTIVE")
        wait_for(self.unplugged, lambda left: not left, what="every guest to be plugged")
        self.power_on()
        if self.leases:
            self.leases.ask(self.seats())

    def destroy(self) -> None:
        """As Nova does it: the guest first, then its ports; and the networks when nobody is on them."""
        if self.leases:
            self.leases.close()
        for guest in self.guests:
            self._computes[guest.host].destroy(guest.name)
        self.guests.clear()
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
        """See promise.broken; if none is, where real frames go otherwise than the oracle says."""
        network_of = {self.address(nic): nic.network for nic in self.nics}
        down = {self.address(nic) for nic in self.nics if nic.name in self.down}
        snapshot = promise.apart_from(self._systems.snapshot(), DHCP_NODE.userid)
        broken = promise.broken(snapshot, network_of, down, {MGMT.vswitch: MGMT.name})
        return broken or self.wire.disagreements()

    def seats(self) -> list[Seat]:
        """Our NICs of guests that are on, but for those that are to have no traffic."""
        live = self._systems.snapshot().nics
        sitting = [nic for nic in self.nics if nic.name not in self.down and self.address(nic) in live]
        return [(self.address(nic), nic, self.ports[nic.name]) for nic in sitting]


def _nics(guests: Iterable[GuestRole]) -> list[NicRole]:
    return [nic for guest in guests for nic in guest.nics()]


def _plugged(nic: NicRole, port: Port) -> PluggedNic:
    (cidr,) = (role.cidr for role in EVERY_NETWORK if role.name == nic.network)
    return PluggedNic(port.id, nic.vdev, port.mac_address, port.addresses[0], cidr)
