"""The guests on the wire: real frames and pings between their NICs, held against what the oracle says.

Without real packets on this machine nothing is sent, and nothing disagrees.
"""

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from zvmlab.cast import EVERY_NETWORK, NicRole
from zvmlab.neutron_api import Port
from zvmlab.systems import Systems
from zvmsim import oracle
from zvmsim.earshot import Ears, Heard
from zvmsim.oracle import NicAddress

_PING_S: Final = 5.0
_AT_ONCE: Final = 8
_PREFIXES: Final = {role.name: role.cidr.partition("/")[2] for role in EVERY_NETWORK}

Seat = tuple[NicAddress, NicRole, Port]
"""A NIC of OpenStack's that is live, its role and its port."""


class Wire:
    """What the guests of two systems send each other."""

    def __init__(self, systems: Systems) -> None:
        self._systems = systems

    @property
    def missing(self) -> list[str]:
        """What this machine lacks for real packets; empty if they flow."""
        return self._systems.simulator.packets_missing

    def heard(self) -> Heard:
        """For all NICs of both systems, whether a frame of the first arrives at the second; empty without
        packets. Raises PacketsError, TimeoutError.
        """
        packets = self._systems.simulator.packets
        if packets is None:
            return {}
        with Ears(packets, self._systems.snapshot().nics) as ears:
            return ears.listen()

    def disagreements(self) -> list[str]:
        """Where frames go otherwise than the oracle says. Raises as `heard`."""
        heard = self.heard()
        told = oracle.matrix(self._systems.snapshot(), {a for a, _ in heard})
        return [
            f"{a} to {b}: a frame {'arrives' if arrives else 'does not arrive'}, but {told[a, b].because}"
            for (a, b), arrives in heard.items()
            if (a, b) in told and told[a, b].ok != arrives
        ]

    def give_addresses(self, seats: Iterable[Seat]) -> None:
        """Have each guest take the address that Neutron gave its port, as its first boot would."""
        packets = self._systems.simulator.packets
        for address, role, port in seats:
            if packets:
                machine = packets.machine(address.system, address.userid)
                machine.address(address.vdev, f"{port.addresses[0]}/{_PREFIXES[role.network]}")

    def unanswered(self, seats: Collection[Seat]) -> list[str]:
        """Guests whose ping to an address of another guest in one of their networks gets no answer."""
        pairs = [
            (here, port)
            for here, role, _ in seats
            for there, other, port in seats
            if role.network == other.network and role.guest != other.guest
        ]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answered = list(pool.map(self._is_answered, pairs))
        return [f"{here} to {port.name}" for (here, port), ok in zip(pairs, answered, strict=True) if not ok]

    def _is_answered(self, pair: tuple[NicAddress, Port]) -> bool:
        here, port = pair
        packets = self._systems.simulator.packets
        machine = packets.machine(here.system, here.userid) if packets else None
        return machine is None or machine.ping(port.addresses[0], _PING_S) is not None
