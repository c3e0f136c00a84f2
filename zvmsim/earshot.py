"""Who hears whom: a real frame from every NIC to all others, and where it has arrived.

It is the matrix of `zvmsim.oracle`, tried.
"""

import contextlib
import itertools
import socket
import struct
from collections.abc import Iterator, Mapping
from typing import Final, Self

from zvmsim.dataplane import frames
from zvmsim.dataplane.errors import NoMachineError
from zvmsim.dataplane.packets import Packets
from zvmsim.oracle import NicAddress
from zvmsim.world.guest import Nic

ETHERTYPE: Final = 0x88B5
"""IEEE 802 local experimental EtherType 1: nobody else's frames."""

_READ: Final = 2048
_SENDER: Final = struct.Struct("!HII")
_SHORTEST: Final = 60
_rounds = itertools.count(1)

Heard = dict[tuple[NicAddress, NicAddress], bool]


class Ears:
    """An ear at every NIC that is there, within a `with` block, for the world as it is when that begins.

    nics: of a snapshot. Entering raises PacketsError, TimeoutError.
    """

    def __init__(self, packets: Packets, nics: Mapping[NicAddress, Nic]) -> None:
        self._packets = packets
        self._nics = nics
        self._addresses = sorted(nics)
        self._ears: dict[NicAddress, socket.socket] = {}

    def __enter__(self) -> Self:
        self._packets.settle()
        for address in self._addresses:
            with contextlib.suppress(NoMachineError):
                self._ears[address] = self._ear(address)
        return self

    def __exit__(self, *_: object) -> None:
        for ear in self._ears.values():
            ear.close()

    def listen(self, vlan: int | None = None) -> Heard:
        """For every ordered pair of the NICs, whether a frame of the first arrives at the second.

        The frame is a broadcast from the NIC's own MAC address, untagged or tagged with `vlan`. A NIC that is
        not there, or whose cable is out, says and hears nothing. Raises PacketsError, TimeoutError.
        """
        number = next(_rounds)
        for address, ear in self._ears.items():
            _say(ear, _frame(self._nics[address], number, self._addresses.index(address), vlan))
        self._packets.drain()
        heard = {(self._addresses[told], b) for b, ear in self._ears.items() for told in _told(ear, number)}
        return {(a, b): (a, b) in heard for a, b in itertools.permutations(self._addresses, 2)}

    def _ear(self, address: NicAddress) -> socket.socket:
        machine = self._packets.machine(address.system, address.userid)
        ear = machine.open_socket(socket.AF_PACKET, socket.SOCK_RAW)
        ear.bind((machine.interface(address.vdev), ETHERTYPE))
        ear.setblocking(False)
        return ear


def _frame(nic: Nic, number: int, sender: int, vlan: int | None) -> bytes:
    mac = bytes.fromhex(nic.mac.replace("-", ""))
    plain = frames.BROADCAST + mac + _SENDER.pack(ETHERTYPE, number, sender)
    return (plain if vlan is None else frames.pushed(plain, vlan)).ljust(_SHORTEST, b"\0")


def _say(ear: socket.socket, frame: bytes) -> None:
    """An interface without carrier takes no frames."""
    with contextlib.suppress(OSError):
        ear.send(frame)


def _told(ear: socket.socket, number: int) -> Iterator[int]:
    """Who is heard there in this round."""
    while True:
        try:
            frame = ear.recv(_READ)
        except OSError:
            return
        _, round_, sender = _SENDER.unpack_from(frames.popped(frame), 12)
        if round_ == number:
            yield sender
