"""The two simulated z/VM systems: started here, asked here, and re-IPLed here."""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

import yaml

from zvmlab.cloud.processes import Guard
from zvmlab.dhcp_node import NodeRole, with_node
from zvmsim import oracle
from zvmsim.server import Simulator, inventory_text
from zvmsim.world.guest import Nic
from zvmsim.world.system import System
from zvmsim.world.vswitch import Block, Vswitch

INVENTORY: Final = "two-systems"
LOGGERS: Final = ("zvmsim", "networking_zvm")


class Fact(NamedTuple):
    """One thing that is so, about one guest; userid is "" for what is nobody's."""

    userid: str
    text: str


class Systems:
    """Two z/VM systems, alive within a `with` block, in this process; SMAPI speaks TLS on both.

    simulator: what runs them. hosts: the system by the host that it is in OpenStack, in the inventory's
    order. ca_file: vouches for every server of the simulator.
    """

    def __init__(self, packets: bool = False, node: NodeRole | None = None) -> None:
        """packets: guests shall be machines that exchange frames, if this machine can (`Simulator`). node: a
        guest more.
        """
        inventory = with_node(_inventory(), node) if node else _inventory()
        self.simulator = Simulator.from_inventory(inventory, packets=packets)
        self.world = self.simulator.world
        self.hosts = {name.lower(): name for name in self.world.systems}

    def __enter__(self) -> Self:
        self.simulator.start()
        if not self.simulator.ca_file:
            raise RuntimeError(f"nothing in the inventory {INVENTORY} speaks TLS")
        self.control_url = self.simulator.control_url
        self.ca_file = self.simulator.ca_file
        self._guard = Guard(remove=self.ca_file.parent)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.simulator.stop()
        self._guard.close()

    @contextlib.contextmanager
    def logging_to(self, path: Path) -> Iterator[None]:
        """What is logged in this process goes there, not between the lines of the story."""
        handler = logging.FileHandler(path)
        loggers = [logging.getLogger(name) for name in LOGGERS]
        for logger in loggers:
            logger.addHandler(handler)
            logger.propagate = False
        try:
            yield
        finally:
            for logger in loggers:
                logger.propagate = True
                logger.removeHandler(handler)
            handler.close()

    def system(self, host: str) -> System:
        return self.world.systems[self.hosts[host]]

    def address(self, host: str, userid: str, vdev: str) -> oracle.NicAddress:
        return oracle.NicAddress(self.hosts[host], userid, vdev)

    def snapshot(self) -> oracle.Snapshot:
        return oracle.snapshot(self.world)

    def nic(self, address: oracle.NicAddress) -> Nic | None:
        """The live NIC as it is; one that is coupled anew is not equal to itself before."""
        return self.snapshot().nics.get(address)

    def way_of(self, address: oracle.NicAddress, vswitch: str) -> str:
        """What lets the NIC onto the vswitch: "grant", "directory" (its record names it) or "nothing"."""
        with self.world.lock:
            system = self.world.systems[address.system]
            if system.vswitches[vswitch].lasting_blocks(address.userid):
                return "grant"
            nicdef = system.directory.nicdefs(address.userid).get(address.vdev)
        return "directory" if nicdef and nicdef.vswitch == vswitch else "nothing"

    def ipl(self, host: str) -> None:
        with self.world.lock:
            self.system(host).ipl()

    def facts(self) -> frozenset[Fact]:
        """Everything that can be taken from somebody or left behind: who is authorized, defined, coupled."""
        with self.world.lock:
            return frozenset(_facts_of(self.world.systems.values()))


def _inventory() -> dict[str, object]:
    """The shipped one; SMAPI shall speak TLS, as it should on a site."""
    # yaml.BaseLoader makes strings alone: 020000 is a prefix, no number.
    inventory = yaml.load(inventory_text(INVENTORY), yaml.BaseLoader)  # noqa: S506
    for server in inventory["smapi"].values():
        server["tls"] = "yes"
    return dict(inventory)


def _facts_of(systems: Iterable[System]) -> Iterator[Fact]:
    for system in systems:
        for userid, records in system.directory.source.items():
            yield Fact(userid, f"{system.name}: in the directory")
            nicdefs = (record for record in records if record.upper().startswith("NICDEF"))
            yield from (Fact(userid, f"{system.name}: {nicdef}") for nicdef in nicdefs)
        for nic in system.nics():
            yield Fact(nic.userid, f"{system.name}: live NIC {nic.vdev} on {nic.lan_name or 'nothing'}")
        for vswitch in system.vswitches.values():
            yield from _facts_of_vswitch(f"{system.name}: {vswitch.name}", vswitch)
        for vswitch in system.config.values():
            yield from _facts_of_vswitch(f"{system.name}: SYSTEM CONFIG {vswitch.name}", vswitch)


def _facts_of_vswitch(name: str, vswitch: Vswitch) -> Iterator[Fact]:
    aware = "VLAN aware" if vswitch.vlan_aware else "VLAN unaware"
    yield Fact("", f"{name} {vswitch.transport} {aware} uplink {' '.join(vswitch.rdevs) or 'none'}")
    yield from (Fact(block.userid, f"{name} {_authorization(block)}") for block in vswitch.all_blocks())


def _authorization(block: Block) -> str:
    vlans = ",".join(map(str, sorted(block.vlans))) or "default"
    return f"grant port {block.port} {block.port_type or ''} VLAN {vlans} {block.temporary_for}".strip()
