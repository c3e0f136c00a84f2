"""A small world to try rules on."""

from dataclasses import dataclass, replace

import pytest

from zvmsim.clock import VirtualClock
from zvmsim.world.answers import VswitchInfo
from zvmsim.world.guest import Nic
from zvmsim.world.macs import MacPool
from zvmsim.world.smapi import Reply, Request
from zvmsim.world.system import System
from zvmsim.world.views import vswitch_infos
from zvmsim.world.world import World


@dataclass
class Lab:
    """One system ZVMA and short ways to speak to it; `ask` returns the reply, `codes` only (rc, rs)."""

    world: World
    system: System
    clock: VirtualClock

    def ask(self, function: str, target: str = "LNX1", *records: str, **keys: str) -> Reply:
        caller = keys.pop("caller", "ZHCPA")
        return self.world.smapi("ZVMA", Request(function, target, keys, records), caller=caller)

    def codes(self, function: str, target: str = "LNX1", **keys: str) -> tuple[int, int]:
        reply = self.ask(function, target, **keys)
        return reply.rc, reply.rs

    def behave(self, **positions: bool | str) -> None:
        self.system.behaviour = replace(self.system.behaviour, **positions)  # type: ignore[arg-type]

    def user(self, userid: str, *nicdefs: str, on: bool = False) -> None:
        self.system.directory.create(userid, (f"USER {userid} LBYONLY 1G 2G G", *nicdefs))
        if on:
            self.system.logon(userid)

    def switch(self, name: str = "VSW1", **keys: str) -> None:
        keys = {"transport_type": "ETHERNET"} | keys
        function = "Virtual_Network_Vswitch_Create_Extended"
        assert self.codes(function, "SYSTEM", switch_name=name, **keys) == (0, 0)

    def alter(self, name: str = "VSW1", **keys: str) -> tuple[int, int]:
        return self.codes("Virtual_Network_Vswitch_Set_Extended", "SYSTEM", switch_name=name, **keys)

    def couple(self, userid: str = "LNX1", vdev: str = "1000", name: str = "VSW1") -> tuple[int, int]:
        return self.codes(
            "Virtual_Network_Adapter_Connect_Vswitch", userid, image_device_number=vdev, switch_name=name
        )

    def nic(self, userid: str = "LNX1", vdev: str = "1000") -> Nic:
        return self.system.nic(userid, vdev)

    def info(self, name: str = "VSW1") -> VswitchInfo:
        return vswitch_infos(self.system, name)[0]

    def users(self, name: str = "VSW1") -> dict[str, tuple[int, ...]]:
        """VLANs by authorized user."""
        return {user.userid: user.vlans for user in self.info(name).users}

    def vlans(self, userid: str = "LNX1", vdev: str = "1000") -> set[int]:
        """VLANs a coupled NIC is in."""
        nic = self.nic(userid, vdev)
        assert nic.block is not None
        return set(self.system.vswitch(nic.lan_name).vlans_of(nic.block))


@pytest.fixture
def lab() -> Lab:
    clock = VirtualClock()
    world = World(clock)
    system = System("ZVMA", clock, MacPool("020001", "020000"))
    world.add(system)
    return Lab(world, system, clock)
