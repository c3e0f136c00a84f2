"""Two z/VM systems whose guests exchange real packets."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from zvmlab.neutron_api import wait_for
from zvmsim.dataplane.machine import Machine
from zvmsim.dataplane.packets import Packets
from zvmsim.server import Simulator
from zvmsim.world.smapi import Request
from zvmsim.world.world import World

GUESTS = ("WEB1", "WEB2", "DB1", "TRUNK1")
PATIENCE_S = 30.0
"""Longest wait for what takes moments on an idle machine."""


def inventory(
    guests: tuple[str, ...] = GUESTS, systems: tuple[str, ...] = ("ZVMA", "ZVMB")
) -> dict[str, Any]:
    """Each system: a VLAN-aware vswitch VSW1 with an uplink to LAN campus; guests with one NIC, 1000, that
    may not do anything yet.
    """
    return {"lans": ["campus"], "systems": {name: _system(n, guests) for n, name in enumerate(systems)}}


def _system(number: int, guests: tuple[str, ...]) -> dict[str, Any]:
    return {
        "level": 710,
        "system_prefix": f"02000{number + 1}",
        "dna": False,
        "osas": {"A100": {"lan": "campus"}},
        "vswitches": {"VSW1": {"transport": "ETHERNET", "vlan": "AWARE", "rdevs": "A100"}},
        "directory": {
            guest: [f"USER {guest} LBYONLY 1G 2G G", "NICDEF 1000 TYPE QDIO DEVICES 3"] for guest in guests
        },
        "guests": {guest: {} for guest in guests},
        "autolog": list(guests),
    }


class Site:
    """Guests begin uncoupled; `join` gives one leave, a cable and an address."""

    def __init__(self, source: Mapping[str, Any] | None = None) -> None:
        self._source = source or inventory()
        self._exits = ExitStack()

    def __enter__(self) -> Self:
        self.simulator = self._exits.enter_context(Simulator.from_inventory(self._source, packets=True))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exits.close()

    @property
    def world(self) -> World:
        return self.simulator.world

    @property
    def packets(self) -> Packets:
        assert self.simulator.packets is not None
        return self.simulator.packets

    def machine(self, guest: str, system: str = "ZVMA") -> Machine:
        return self.packets.machine(system, guest)

    def join(
        self, guest: str, vlans: str, address: str = "", system: str = "ZVMA", port_type: str = "ACCESS"
    ) -> Machine:
        self.allow(guest, vlans, system, port_type)
        self.do(lambda: self.world.systems[system].couple(guest, "1000", "VSW1"))
        machine = self.machine(guest, system)
        if address:
            machine.address("1000", address)
        return machine

    def allow(self, guest: str, vlans: str, system: str = "ZVMA", port_type: str = "ACCESS") -> None:
        self.set_vswitch(system, grant_userid=guest, user_vlan_id=vlans, port_type=port_type)

    def set_vswitch(self, system: str = "ZVMA", **keys: str) -> None:
        """SMAPI's Virtual_Network_Vswitch_Set_Extended."""
        request = Request("Virtual_Network_Vswitch_Set_Extended", "X", {"switch_name": "VSW1", **keys})
        reply = self.world.smapi(system, request, caller="TEST")
        assert (reply.rc, reply.rs) == (0, 0), reply
        self.packets.settle()

    def do(self, change: Callable[[], object]) -> None:
        """Something that happens to a world, and then to the packets."""
        with self.world.lock:
            change()
        self.packets.settle()


def reaches(machine: Machine, address: str) -> bool:
    """Whether a ping comes back within the time that a busy machine may take."""
    return machine.ping(address, PATIENCE_S) is not None


def silent(machine: Machine, address: str) -> bool:
    """Whether pings stay without answer for long enough to tell."""
    return machine.ping(address, 0.6) is None


def until(holds: Callable[[], bool], what: str) -> None:
    wait_for(holds, bool, what=what, timeout=PATIENCE_S)
