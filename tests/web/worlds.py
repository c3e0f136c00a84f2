"""Worlds to look at: the lab's kind of cloud, and one of a thousand guests."""

import yaml

from zvmsim.server import Simulator, inventory_text
from zvmsim.world.smapi import Request

GUESTS = {
    "ZVMA": {"WEB1": ("100",), "WEB3": ("100", "200"), "DB1": ("200",), "LB1": ("100 200-203",)},
    "ZVMB": {"WEB2": ("100",), "DB2": ("200",), "APP1": ("201", "100")},
}
"""VLANs of each NIC of each guest, on DATANET1."""


def two_systems() -> dict[str, object]:
    """The inventory of that name with its systems alone, which starts faster."""
    inventory = yaml.load(inventory_text("two-systems"), yaml.BaseLoader)
    return {key: inventory[key] for key in ("lans", "systems")}


def furnish(simulator: Simulator) -> None:
    """Put a few guests of a cloud onto the two systems, with a trunk port and a NIC that is not coupled."""
    for system, guests in GUESTS.items():
        for userid, vlans in guests.items():
            add_guest(simulator, system, userid, *vlans)
    create = "Virtual_Network_Adapter_Create"
    smapi(simulator, "ZVMB", create, "DB2", image_device_number="1009", adapter_type="2")


def add_guest(simulator: Simulator, system: str, userid: str, *vlans: str) -> None:
    """Log a guest on whose NICs, 1000, 1003, ..., are coupled to DATANET1 in these VLANs by its directory."""
    with simulator.world.lock:
        subject = simulator.world.systems[system]
        subject.directory.create(userid, (f"USER {userid} LBYONLY 1G 2G G", *map(_nicdef, range(9), vlans)))
        assert subject.logon(userid) == []


def smapi(simulator: Simulator, system: str, function: str, target: str, **arguments: str) -> None:
    reply = simulator.world.smapi(system, Request(function, target, arguments, ()), caller="OPNCLOUD")
    assert (reply.rc, reply.rs) == (0, 0), function


def crowd(guests: int, vlans: int) -> dict[str, object]:
    """An inventory of two systems and so many guests in so many VLANs, with two NICs each."""
    return {
        "lans": ["campus", "campus-trunk"],
        "systems": {name: _crowded(name, guests // 2, vlans) for name in ("ZVMA", "ZVMB")},
    }


def _crowded(system: str, guests: int, vlans: int) -> dict[str, object]:
    userids = [f"{system[-1]}{number:05}" for number in range(guests)]
    nics = {"1000": "DATANET1", "1003": "XCATVSW2"}
    records = [f"NICDEF {vdev} TYPE QDIO LAN SYSTEM {vswitch}" for vdev, vswitch in nics.items()]
    grants = {userid: {"vlans": str(100 + at % vlans)} for at, userid in enumerate(userids)}
    return {
        "level": "710",
        "system_prefix": {"ZVMA": "020001", "ZVMB": "020002"}[system],
        "osas": {"A100": {"lan": "campus"}, "A200": {"lan": "campus-trunk"}},
        "vswitches": {
            "XCATVSW2": {
                "transport": "ETHERNET",
                "rdevs": "A100",
                "grants": {userid: {} for userid in userids},
            },
            "DATANET1": {"transport": "ETHERNET", "vlan": "AWARE", "rdevs": "A200", "grants": grants},
        },
        "directory": {userid: [f"USER {userid} LBYONLY 1G 2G G", *records] for userid in userids},
        "guests": {userid: {} for userid in userids},
    }


def _nicdef(number: int, vlans: str) -> str:
    port = "TRUNK" if " " in vlans else "ACCESS"
    return f"NICDEF {0x1000 + 3 * number:04X} TYPE QDIO LAN SYSTEM DATANET1 VLAN {vlans} PORTTYPE {port}"
