"""The DHCP clients of our guests: each NIC's own, for as long as its guest is on."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from zvmlab.dhcp_client import DhcpClient, Lease
from zvmlab.wire import Seat
from zvmsim.dataplane.packets import Packets
from zvmsim.oracle import NicAddress

Held = Mapping[NicAddress, tuple[Lease, float]]
"""The leases that NICs have, with the seconds left of each."""

_LEASED_S: Final = 30.0
_RENEWED_S: Final = 5.0
_AT_ONCE: Final = 8


class Leases:
    """Close it, and clients end."""

    def __init__(self, packets: Packets) -> None:
        self._packets = packets
        self._clients: dict[NicAddress, DhcpClient] = {}

    def ask(self, seats: Iterable[Seat]) -> list[str]:
        """Have the client of every NIC ask for a lease, as at a boot. Returns what is not Neutron's word."""
        self._packets.settle()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [complaint for complaint in pool.map(self._ask, seats) if complaint]

    def renews(self, address: NicAddress) -> bool:
        """Whether a server renews the lease of a NIC that has one."""
        return self._clients[address].renew(_RENEWED_S) is not None

    def held(self) -> Held:
        """All that are held."""
        found = {address: client.held for address, client in self._clients.items()}
        return {address: held for address, held in found.items() if held}

    def forget(self, addresses: Iterable[NicAddress]) -> None:
        """End their clients, without a word to the server."""
        for address in addresses:
            if client := self._clients.pop(address, None):
                client.close()

    def close(self) -> None:
        """End all."""
        self.forget(list(self._clients))

    def _ask(self, seat: Seat) -> str:
        address, _, port = seat
        self.forget([address])
        machine = self._packets.machine(address.system, address.userid)
        client = self._clients[address] = DhcpClient(machine, address.vdev)
        lease = client.lease(_LEASED_S)
        if lease and (str(lease.address.ip),) == port.addresses:
            return ""
        return f"{port.name} got {lease.address if lease else 'none'}, not {', '.join(port.addresses)}"
