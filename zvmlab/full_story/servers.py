"""The networks and servers of the story: how they come through OpenStack's API, and how they go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zvmlab import promise
from zvmlab.cast import NetworkRole, NicRole
from zvmlab.full_story.cast import FLAVOR, IMAGE, IMAGE_FILE, NETWORKS, OS_DISTRO, ServerRole
from zvmlab.full_story.lab import FullLab
from zvmlab.neutron_api import Port, wait_for
from zvmlab.picture import Picture
from zvmlab.system_map import vlans
from zvmsim.oracle import NicAddress
from zvmsim.world.guest import Nic


@dataclass(frozen=True, slots=True)
class Place:
    """Where a NIC is. vlan is "" on a vswitch without VLANs, mac as Neutron writes it."""

    vswitch: str
    vlan: str
    mac: str


class Servers:
    """Those that stand at the moment. Methods raise what openstacksdk raises.

    roles: by name of the server. userids: of every guest there has been. networks: ids by name.
    """

    def __init__(self, lab: FullLab) -> None:
        self.roles: dict[str, ServerRole] = {}
        self.userids: set[str] = set()
        self.networks: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._lab = lab
        self._compute, self._network = lab.api.compute, lab.api.network

    def make_networks(self, roles: Iterable[NetworkRole]) -> None:
        for role in roles:
            vlan = {} if role.vlan is None else {"provider_segmentation_id": role.vlan}
            network = self._network.create_network(
                name=role.name,
                provider_network_type=role.type,
                provider_physical_network=role.physical_network,
                **vlan,
            )
            self._network.create_subnet(
                network_id=network.id, name=role.name, cidr=role.cidr, ip_version=4, enable_dhcp=False
            )
            self.networks[role.name] = network.id

    def make_image_and_flavor(self) -> str:
        """The image's status."""
        self._flavor = self._compute.create_flavor(**FLAVOR).id
        form = {"disk_format": "raw", "container_format": "bare", "os_distro": OS_DISTRO}
        self._image = self._lab.api.image.create_image(IMAGE, data=IMAGE_FILE, **form).id
        return str(self._lab.api.image.get_image(self._image).status)

    def create(self, role: ServerRole) -> None:
        """As `openstack server create --host` does."""
        networks = [{"uuid": self.networks[name]} for name in role.networks]
        made = self._compute.create_server(
            name=role.name, image_id=self._image, flavor_id=self._flavor, networks=networks, host=role.host
        )
        self.roles[role.name] = role
        self._ids[role.name] = made.id

    def state(self, name: str) -> str:
        """Its status; of one in error also why."""
        seen = self._compute.get_server(self._ids[name])
        return f"{seen.status}: {seen.fault['message']}" if seen.fault else str(seen.status)

    def wait_active(self, timeout: float) -> None:
        """Until all of them are. Raises NotYet."""
        wait_for(
            lambda: {name: self.state(name) for name in self.roles},
            lambda states: set(states.values()) == {"ACTIVE"},
            what="the servers to be ACTIVE",
            timeout=timeout,
        )

    def attach(self, name: str, network: str) -> str:
        """Give it a NIC on that network; the port's id."""
        made = self._compute.create_server_interface(self._ids[name], net_id=self.networks[network])
        return str(made.port_id)

    def detach(self, name: str, port_id: str) -> None:
        self._compute.delete_server_interface(port_id, server=self._ids[name])

    def reboot(self, name: str) -> None:
        """Hard: off and on again."""
        self._compute.reboot_server(self._ids[name], "HARD")

    def delete(self, name: str) -> None:
        self._compute.delete_server(self._ids[name])

        del self._ids[name], self.roles[name]

    def remaining(self) -> list[str]:
        """Every server that Nova has."""
        return [server.name for server in self._compute.servers()]

    # What becomes of them

    def id(self, name: str) -> str:
        """Nova's."""
        return self._ids[name]

    def userid(self, name: str) -> str:
        """Of its guest."""
        userid = str(self._compute.get_server(self._ids[name]).instance_name).upper()
        self.userids.add(userid)
        return userid

    def ports(self, name: str) -> dict[str, Port]:
        """Its ports by network, those of one with other servers' not among them."""
        names = {id: name for name, id in self.networks.items()}
        return {
            names[port.network_id]: _port(port)
            for port in self._network.ports(device_id=self._ids[name])
        }

    def statuses(self, name: str) -> dict[str, str]:
        """Of its ports, by network."""
        return {network: port.status for network, port in self.ports(name).items()}

    def promised(self, name: str) -> set[Place]:
        """Where its NICs ought to be."""
        roles = {role.name: role for role in NETWORKS}
        return {
            Place(roles[network].vswitch, str(roles[network].vlan or ""), port.mac_address)
            for network, port in self.ports(name).items()
        }

    def places(self, name: str) -> set[Place]:
        """Where its NICs are in fact, as z/VM has them; none if it is off."""
        snapshot = self._lab.systems.snapshot()
        return {
            Place(nic.lan_name, vlans(snapshot, address), _mac(nic))
            for address, nic in self.nics(name).items()
        }

    def nics(self, name: str) -> Mapping[NicAddress, Nic]:
        """Its live NICs; one that is coupled anew is not equal to itself before."""
        guest = self._lab.systems.hosts[self.roles[name].host], self.userid(name)
        nics = self._lab.systems.snapshot().nics
        return {a: nic for a, nic in nics.items() if (a.system, a.userid) == guest}

    def broken_promises(self) -> list[str]:
        """Pairs of NICs that reach each other, or do not, against what their networks promise."""
        picture = self.picture()
        flat = {role.vswitch: role.name for role in NETWORKS if role.vlan is None}
        network_of = {address: role.network for address, (role, _) in picture.ports.items()}
        return promise.broken(picture.snapshot, network_of, (), flat)

    def picture(self) -> Picture:
        """How things stand now."""
        ports = {
            address: shown for name in self.roles for address, shown in self._shown(name).items()
        }
        hosts = {system: host for host, system in self._lab.systems.hosts.items()}
        return Picture(self._lab.systems.snapshot(), ports, hosts, "Nova and Feilong")

    def _shown(self, name: str) -> dict[NicAddress, tuple[NicRole, Port]]:
        """A live NIC belongs to the port with its MAC."""
        role, macs = self.roles[name], {_mac(nic): address for address, nic in self.nics(name).items()}
        return {
            macs[port.mac_address]: (
                NicRole(f"{name}-{network}", name, role.host, network, macs[port.mac_address].vdev),
                port,
            )
            for network, port in self.ports(name).items()
            if port.mac_address in macs
        }


def _mac(nic: Nic) -> str:
    return nic.mac.replace("-", ":").lower()


def _port(seen: Any) -> Port:
    return Port(
        id=seen.id,
        name=seen.name,
        network_id=seen.network_id,
        mac_address=seen.mac_address,
        addresses=tuple(fixed["ip_address"] for fixed in seen.fixed_ips),
        status=seen.status,
        admin_state_up=seen.is_admin_state_up,
        device_id=seen.device_id,
        device_owner=seen.device_owner,
        host=seen.binding_host_id,
        vif_type=seen.binding_vif_type,
        vif_details=seen.binding_vif_details,
    )
