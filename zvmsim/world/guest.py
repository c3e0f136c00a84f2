"""Guests that are logged on, and their virtual NICs."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from zvmsim.world.answers import AdapterType
from zvmsim.world.names import device_range
from zvmsim.world.vswitch import Block


@dataclass(frozen=True, slots=True)
class Nic:
    """One live virtual NIC.

    mac_id: user part of a MACID, "" when CP chose the MAC. lan_owner, lan_name: "" when not coupled.
    block: the authorization it was coupled with, as later SET VSWITCH commands left it; None on guest LANs.
    order: rises with every coupling of the system. driver: a driver in the guest runs it. port_name: set by
        that driver.
    """

    userid: str
    vdev: str
    type: AdapterType
    devices: int
    mac: str
    mac_id: str = ""
    lan_owner: str = ""
    lan_name: str = ""
    block: Block | None = None
    order: int = 0
    driver: bool = False
    port_name: str = ""

    @property
    def coupled(self) -> bool:
        """Whether it is connected to a vswitch or guest LAN."""
        return bool(self.lan_name)

    @property
    def range(self) -> range:
        """The device numbers it occupies."""
        return device_range(self.vdev, self.devices)


@dataclass(slots=True)
class Guest:
    """A logged-on virtual machine; nics by base device number, in order of definition.

    boot_id: what Linux calls this run of its own, anew at every logon (proc(5)). mac_ids: those chosen with
    SET NIC MACID for base device numbers, whether or not there is such a NIC yet.
    """

    userid: str
    since: datetime
    boot_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    nics: dict[str, Nic] = field(default_factory=dict)
    mac_ids: dict[str, str] = field(default_factory=dict)
