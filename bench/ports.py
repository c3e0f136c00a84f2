"""The ports that are measured: each the only NIC of a guest of its own, everything known by its number."""

import uuid
from dataclasses import dataclass
from typing import Literal

from networking_zvm import model

Kind = Literal["vlan", "flat"]

VDEV = "1000"
VSWITCH_OF = {"datanet1": model.VSwitchName("DATANET1"), "xcatvsw2": model.VSwitchName("XCATVSW2")}
PHYSICAL_NETWORK_OF: dict[Kind, str] = {"vlan": "datanet1", "flat": "xcatvsw2"}
FIRST_VLAN, VLANS = 100, 100


@dataclass(frozen=True, slots=True)
class Port:
    """Port `number`, on a VLAN or a flat network. With another id it is one that Neutron has made."""

    number: int
    kind: Kind
    port_id: str
    mac: str

    @property
    def userid(self) -> str:
        return f"BN{self.number:06}"

    @property
    def node(self) -> str:
        return self.userid.lower()

    @property
    def vlan(self) -> int | None:
        return FIRST_VLAN + self.number % VLANS if self.kind == "vlan" else None

    @property
    def vswitch(self) -> str:
        return VSWITCH_OF[PHYSICAL_NETWORK_OF[self.kind]]

    @property
    def macid(self) -> str:
        """Of its NICDEF record."""
        return model.Mac(self.mac).macid

    def binding(self) -> model.PortBinding:
        """What Neutron wants of it."""
        vlan = model.VlanId(self.vlan) if self.vlan else None
        segment = model.Segment(model.NetworkType(self.kind), PHYSICAL_NETWORK_OF[self.kind], vlan)
        return model.PortBinding(self.port_id, model.Mac(self.mac), segment)


def make_ports(count: int, kind: Kind) -> list[Port]:
    numbers = range(1, count + 1)
    return [Port(number, kind, str(uuid.UUID(int=number)), _mac(number)) for number in numbers]


def _mac(number: int) -> str:
    return "02:00:00:" + number.to_bytes(3).hex(":")
