"""Physical LANs: learning hubs that join the uplinks of vswitches and the lines to machines outside z/VM."""

from typing import Protocol

from zvmsim.dataplane import frames

Deliveries = list[tuple[str, bytes]]
"""Names of ports with the frame that leaves there."""


class MacTable(dict[tuple[int, bytes], str]):
    """Who was heard where: (VLAN id, MAC) and the place's name. When it is full the oldest entry goes."""

    LARGEST = 16384

    def learn(self, vlan: int, mac: bytes, place: str) -> None:
        """Remember that the station was heard there."""
        key = vlan, mac
        if self.get(key) != place:
            if len(self) >= self.LARGEST:
                del self[next(iter(self))]
            self[key] = place


class End(Protocol):
    """What is plugged into a LAN.

    isolated, osa_port: of a vswitch, see `zvmsim.dataplane.wiring.Switch`. reflected: it is sent its own
    frames back, too.
    """

    @property
    def name(self) -> str: ...
    @property
    def isolated(self) -> bool: ...
    @property
    def osa_port(self) -> str: ...
    @property
    def reflected(self) -> bool: ...

    def from_lan(self, frame: bytes, origin: "End", sender: str, out: Deliveries) -> None:
        """Take a frame that entered the LAN at `origin`, where the NIC or line `sender` sent it."""


class PhysicalLan:
    """One LAN; as on a switch's trunk ports, tags stay on and each VLAN has stations of its own."""

    def __init__(self) -> None:
        self.ends: dict[str, End] = {}
        self.heard = MacTable()

    def carry(self, frame: bytes, origin: End, sender: str, out: Deliveries) -> None:
        """Bring a frame to the end where its receiver was heard, or to all."""
        vlan = frames.vlan(frame)
        self.heard.learn(vlan, frame[6:12], origin.name)
        known = None if frame[0] & 1 else self.heard.get((vlan, frame[:6]))
        for end in self.ends.values() if known is None else (self.ends[known],):
            if end is not origin or end.reflected:
                end.from_lan(frame, origin, sender, out)


class Line:
    """The end of a LAN at which a machine outside z/VM hangs."""

    isolated, osa_port, reflected = False, "", False

    def __init__(self, name: str, lan: PhysicalLan) -> None:
        self.name = name
        self._lan = lan

    def receive(self, frame: bytes, out: Deliveries) -> None:
        """A frame that the machine outside sent."""
        self._lan.carry(frame, self, self.name, out)

    def from_lan(self, frame: bytes, _origin: End, _sender: str, out: Deliveries) -> None:
        """It sees frames as they are on the cable."""
        out.append((self.name, frame))
