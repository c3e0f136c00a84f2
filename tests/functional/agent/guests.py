"""Guests on ZVMA, as Nova makes them through xCAT, and what reaches what on the simulated system."""

from collections.abc import Iterator

from zvmlab.compute.base import PluggedNic
from zvmlab.compute.xcat import XcatCompute
from zvmlab.neutron_api import Network, NeutronApi, Port, wait_for
from zvmsim import oracle
from zvmsim.journal import Entry
from zvmsim.server import Simulator

HOST = "zvma"
VDEVS = ("1000", "1003", "1006")


class Guests:
    """Ports of host `zvma` and the guests that have them; the n-th NIC of a guest is its n-th port."""

    def __init__(self, simulator: Simulator, api: NeutronApi) -> None:
        assert simulator.management_node
        assert simulator.ca_file
        zhcp = next(z for z in simulator.management_node.config.zhcps if z.node == "zhcp")
        self.world = simulator.world
        self.api = api
        self._compute = XcatCompute(simulator.xcat_url, simulator.ca_file, "admin", "admin", zhcp)

    def close(self) -> None:
        self._compute.close()

    def network(self, name: str, kind: str, physical_network: str, vlan: int | None = None) -> Network:
        return self.api.create_network(name, kind, physical_network, vlan)

    def announce(self, guest: str, *networks: Network, mac: str | None = None) -> list[Port]:
        """A guest that is off, and a port for it on each network."""
        ports = [
            self.api.create_port(n.id, f"{guest}-{n.name}", HOST, guest, mac_address=mac) for n in networks
        ]
        self._compute.define(guest)
        self._compute.plug(guest, list(_nics(ports)))
        return ports

    def boot(self, guest: str, *networks: Network) -> list[Port]:
        """The same, and the guest is on, with all ports ACTIVE."""
        ports = self.announce(guest, *networks)
        wait_for(lambda: self._compute.is_plugged(guest), bool, what=f"the NICs of {guest}")
        self._compute.power_on(guest)
        self.api.wait_for_status([port.id for port in ports], "ACTIVE")
        return [self.api.port(port.id) for port in ports]

    def reaches(self, source: str, destination: str) -> bool:
        """Whether an untagged frame of "GUEST vdev" reaches the other."""
        ends = [oracle.NicAddress("ZVMA", *name.upper().split()) for name in (source, destination)]
        with self.world.lock:
            return oracle.reach(oracle.snapshot(self.world), ends[0], ends[1], None).ok

    def changes(self, since: int, *guests: str) -> list[Entry]:
        """What has been changed on z/VM and in xCAT's tables since the mark; of these guests only, if any."""
        entries = self.world.journal.entries(since, mutating=True)
        return [entry for entry in entries if not guests or _concerns(entry, guests)]


def _concerns(entry: Entry, guests: tuple[str, ...]) -> bool:
    return any(guest.upper() in str(entry).upper() for guest in guests)


def _nics(ports: list[Port]) -> Iterator[PluggedNic]:
    for vdev, port in zip(VDEVS, ports, strict=False):
        yield PluggedNic(port.id, vdev, port.mac_address, "10.0.0.5", "10.0.0.0/24")
