"""The z/VM 7.1 system on which the captures were made, as far as they show it, and the captures.

The captures are those of pysmapi (github.com/lllucius/pysmapi, commit c0d802e and its tests folder,
Apache-2.0). They were taken one after the other while the system changed; `PREPARE` says what had to be
different for one of them.
"""

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from zvmsim.clock import VirtualClock
from zvmsim.server import load
from zvmsim.world.lan import Lan
from zvmsim.world.system import System
from zvmsim.world.world import World

EDT = timezone(timedelta(hours=-4), "EDT")


@dataclass(frozen=True)
class Capture:
    """One request and its response as they went over the wire."""

    function: str
    number: int
    arguments: dict[str, Any]
    request: bytes
    response: bytes

    @property
    def name(self) -> str:
        return f"{self.function}-{self.number}"


def captures() -> Iterator[Capture]:
    file = Path(__file__).parents[3] / "data" / "smapi_captures.json"
    for entry in json.loads(file.read_text())["captures"]:
        yield Capture(
            entry["function"],
            entry["number"],
            entry["arguments"],
            bytes.fromhex(entry["request"]),
            bytes.fromhex(entry["response"]),
        )


CAPTURES = {capture.name: capture for capture in captures()}


def strings(payload: bytes) -> list[str]:
    """The elements of an array of counted texts."""
    found, at = [], 4
    while at < len(payload):
        (length,) = struct.unpack_from(">I", payload, at)
        found.append(payload[at + 4 : at + 4 + length].decode("latin-1"))
        at += 4 + length
    return found


NAMES = strings(CAPTURES["Image_Name_Query_DM-1"].response[20:])
RECORDS = [record.rstrip() for record in strings(CAPTURES["Image_Query_DM-1"].response[20:])]
PING = [
    "USER GT@PING PASSWORD 1G 2G ABCDEFG",
    "CONSOLE 0009 3215 T",
    "IPL CMS",
    "LINK MAINT 190 190 RR",
    "MDISK 0777 3390 2467 1000 LX3004 W READ WRITE MULTIPLE",
]
SEARCHED = {
    "SYS": "USER SYS      NOLOG      32M   32M G",
    "SYSADMIN": "USER SYSADMIN SYSADMIN  16M   16M G",
    "SYSMAINT": "USER SYSMAINT NOLOG      32M   32M ABCDEFG",
}


def _entry(name: str) -> list[str]:
    if name == "GT@PONG":
        return RECORDS
    if name == "GT@PING":
        return PING
    return [SEARCHED.get(name, f"IDENTITY {name} NOLOG 32M 32M G")]


def _nic(mac: str, switch: str, order: int) -> dict[str, object]:
    return {"type": "QDIO", "mac": f"02-00-01-00-00-{mac}", "lan": f"SYSTEM {switch}", "order": order}


_GROUP = {"transport": "ETHERNET", "vlan": 1024, "native_vlan": 2049, "connected": False, "port_based": True}
VSWITCHES = {
    "DTCSMAPI": {
        "transport": "ETHERNET",
        "mac": "02-00-01-00-00-05",
        "grants": {"DTCSMAPI": {}, "LOHCOST": {}},
    },
    "EXTERN": {
        "transport": "ETHERNET",
        "mac": "02-00-01-00-00-01",
        "rdevs": "0500",
        "controllers": "DTCVSW2",
        "grants": {"TCPIP": {}, "M1": {}},
    },
    "GT@VSWI": _GROUP
    | {"type": "IVL", "rdevs": "0620 0630", "mac": "02-00-01-00-00-0B", "mac_protect": "MACPROTECT"},
    "GT@VSW1": {
        "transport": "IP",
        "connected": False,
        "port_names": "NAME1 NAME2 NAME3",
        "mac": "02-00-01-00-00-02",
        "mac_protect": "NOMACPROTECT",
        "grants": {"MAINT": {}, "GT@PONG": {}},
    },
    "GT@VSW2": _GROUP
    | {
        "port_type": "TRUNK",
        "rdevs": "0640 0650",
        "mac_id": "123456",
        "mac_protect": "MACPROTECT",
        "ip_timeout": 240,
        "vlan_counters": True,
        "vepa": True,
    },
}
_OSAS = ["0500", *(f"{0x600 + 3 * at:04X}" for at in range(43))]
INVENTORY = {
    "systems": {
        "VM1": {
            "level": 710,
            "service_level": 1801,
            "storage": "4G",
            "zone": "EDT -4",
            "ipl_time": "2019-04-28T13:39:31-04:00",
            "system_prefix": "020001",
            "user_prefix": "020000",
            "controllers": "DTCVSW1 DTCVSW2 DTCVSW3 DTCVSW4",
            "osas": {rdev: {"chpid": rdev[:2]} for rdev in _OSAS},
            "directory": {name: _entry(name) for name in NAMES},
            "vswitches": VSWITCHES,
            "guests": {
                "DTCSMAPI": {"nics": {"0100": _nic("06", "DTCSMAPI", 4)}},
                "LOHCOST": {"nics": {"F000": _nic("07", "DTCSMAPI", 3)}},
                "M1": {"nics": {"F000": _nic("04", "EXTERN", 2)}},
                "TCPIP": {"nics": {"F000": _nic("03", "EXTERN", 1)}},
                "GT@PONG": {"nics": {}},
            },
        }
    },
    "smapi": {"VM1": {"users": {"MAINT": {"password": "maint"}}}},
}

Preparation = Callable[[System], None]


def world_for(capture: Capture) -> World:
    """The system as it was when this capture was made."""
    start = datetime(2019, 4, 28, 13, 42, 29, tzinfo=EDT)
    if capture.function == "System_Info_Query":
        start = datetime(2019, 4, 28, 13, 59, 27, tzinfo=EDT)
    world = load(json.dumps(INVENTORY), clock=VirtualClock(start.astimezone())).world
    system = world.systems["VM1"]
    PREPARE.get(capture.name, PREPARE.get(capture.function, lambda _: None))(system)
    return world


def _with_nics(*vdevs: str, coupled: bool) -> Preparation:
    def prepare(system: System) -> None:
        for vdev in vdevs:
            system.define_nic("GT@PONG", vdev)
            if coupled:
                system.couple("GT@PONG", vdev, "GT@VSW1")

    return prepare


def _without(switch: str) -> Preparation:
    return lambda system: system.stop_vswitch(switch)


def _with_guest_lan(system: System) -> None:
    """The vswitch GT@VSW1 had become a guest LAN of that name."""
    system.stop_vswitch("GT@VSW1")
    allowed = frozenset({"GT@PONG", "GT@PING"})
    system.lans["SYSTEM", "GT@VSW1"] = Lan("GT@VSW1", "SYSTEM", "QDIO", restricted=True, allowed=allowed)


def _with_another_controller(system: System) -> None:
    system.vswitches["EXTERN"].controllers = ("DTCVSW3",)


def _with_nicdef(system: System) -> None:
    records = system.directory.source["GT@PONG"]
    system.directory.source["GT@PONG"] = (*records, "NICDEF 9000 TYPE QDIO DEVICES 3")


PREPARE: dict[str, Preparation] = {
    "Image_Lock_Query_DM": lambda system: system.directory.lock("GT@PONG", "", "MAINT"),
    "Image_Unlock_DM": lambda system: system.directory.lock("GT@PONG", "0888", "MAINT"),
    "Virtual_Network_Adapter_Connect_LAN": _with_nics("9000", coupled=False),
    "Virtual_Network_Adapter_Connect_LAN_DM": _with_nicdef,
    "Virtual_Network_Adapter_Connect_Vswitch": _with_nics("9100", coupled=False),
    "Virtual_Network_Adapter_Connect_Vswitch_Extended": _with_nics("9200", coupled=False),
    "Virtual_Network_Adapter_Delete": _with_nics("9000", coupled=False),
    "Virtual_Network_Adapter_Delete_DM": _with_nicdef,
    "Virtual_Network_Adapter_Disconnect": _with_nics("9000", coupled=True),
    "Virtual_Network_Adapter_Query": _with_nics("9000", "9100", "9200", coupled=True),
    "Virtual_Network_Adapter_Query_Extended": _with_nics("9000", "9100", "9200", coupled=True),
    "Virtual_Network_LAN_Access": _with_guest_lan,
    "Virtual_Network_LAN_Access_Query": _with_guest_lan,
    "Virtual_Network_LAN_Create": _without("GT@VSW1"),
    "Virtual_Network_LAN_Delete": _with_guest_lan,
    "Virtual_Network_OSA_Query": _with_another_controller,
    "Virtual_Network_Vswitch_Create_Extended-1": _without("GT@VSW2"),
    "Virtual_Network_Vswitch_Create_Extended-2": _without("GT@VSW2"),
    "Virtual_Network_Vswitch_Create_Extended-3": _without("GT@VSWI"),
}
