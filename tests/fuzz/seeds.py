"""Real inputs: what zvmsim's z/VM prints and answers, beside the samples and captures of other tests."""

import functools
import json
from collections.abc import Iterator
from typing import Any

from tests.unit.networking_zvm.hypervisor import texts
from tests.unit.zvmsim.smapi.captured_system import CAPTURES, INVENTORY
from zvmsim.dialects import smcli
from zvmsim.dialects.smapi.config import Account, SmapiConfig
from zvmsim.dialects.smapi.exchange import answer
from zvmsim.dialects.smcli import Style
from zvmsim.server import load
from zvmsim.world.world import World

SYSTEM, CALLER = "ZVMA", "MAINT"
CONFIG = SmapiConfig({CALLER: Account(CALLER, "maint")})
ENTRY = (
    "USER LINUX02 LBYONLY 1G 2G G",
    "INCLUDE OSDFLT",
    "* NICDEF 0803 TYPE QDIO",
    "NICDEF 1000 TYPE QDIO MACID ABCDEF LAN SYSTEM VSW1 PORTTYPE ACCESS VLAN 10 20-22",
    "NICDEF 800 TYPE QDIO DEV 3 MACID 000012",
    "NICDEF 0800 LAN SYSTEM PORTS PORTNUM 7",
    "NICDEF 0900 TYPE QDIO LAN LINUX02 MYLAN CHPID 1A",
    "NICDEF 0A00 TYPE QDIO LAN SYSTEM VSW1 VLAN 30",
    "NICDEF 0A00 VLAN 40-41",
    "MDISK 0100 3390 1 10016 OS0001 MR",
)
STATEMENTS = [("LINUX02", record) for record in ENTRY if "NICDEF" in record]

_INVENTORY = {
    "lans": ["campus"],
    "systems": {
        SYSTEM: {
            "level": 720,
            "user_prefix": "020000",
            "system_prefix": "020001",
            "osas": {"A100": {"lan": "campus", "chpid": "1A"}},
            "vswitches": {
                "VSW1": {
                    "transport": "ETHERNET",
                    "vlan": "AWARE",
                    "rdevs": "A100",
                    "grants": {
                        "LINUX01": {"vlans": "10"},
                        "LINUX02": {"port_type": "TRUNK", "vlans": "20-22 30 40-41"},
                        "ROUTER": {"port_type": "TRUNK", "vlans": "1 900-901"},
                        "NOVLAN": {},
                        "LATER": {"vlans": "50"},
                    },
                },
                "PORTS": {"transport": "ETHERNET", "vlan": 100, "port_based": True},
                "FLAT": {"transport": "ETHERNET", "grants": {"LINUX01": {}, "LINUX02": {}}},
                "LAYER3": {"transport": "IP"},
            },
            "directory": {
                "LINUX01": [
                    "USER LINUX01 LBYONLY 1G 2G G",
                    "NICDEF 1000 TYPE QDIO LAN SYSTEM VSW1 MACID 000001",
                ],
                "LINUX02": list(ENTRY),
                "ROUTER": ["USER ROUTER LBYONLY 1G 2G G", "NICDEF 0700 TYPE QDIO LAN SYSTEM VSW1"],
            },
            "guests": {"LINUX01": {}, "ROUTER": {}},
            "autolog": ["LINUX01", "ROUTER"],
        }
    },
}


def world() -> World:
    """A system with every kind of vswitch, grant and NICDEF."""
    return load(json.dumps(_INVENTORY)).world


def captured_world() -> World:
    """That on which the captures were made."""
    return load(json.dumps(INVENTORY)).world


@functools.cache
def listings() -> tuple[str, ...]:
    """Vswitches as every kind of smcli lists them."""
    query = ("Virtual_Network_Vswitch_Query_Extended", "-T", CALLER, "-k", "switch_name=*")
    real = tuple(_smcli(style, *query) for style in ("zhcp", "today", "xcat"))
    return (*real, texts.VSWITCHES, texts.VSWITCHES_OF_ZHCP, texts.VSWITCHES_WITHOUT_USERS)


@functools.cache
def users() -> tuple[str, ...]:
    """The older listing."""
    query = ("Virtual_Network_Vswitch_Query", "-T", CALLER, "-s", "*")
    return _smcli("zhcp", *query), texts.VSWITCHES_AND_USERS


def smcli_text(*argv: str) -> str:
    return _smcli("today", *argv)


def _smcli(style: Style, *argv: str) -> str:
    return smcli.run(world(), SYSTEM, CALLER, list(argv), style=style).stdout


def payloads(function: str, *parameters: bytes, target: str = CALLER) -> tuple[bytes, ...]:
    """What the server answers, and what was captured, behind return and reason code."""
    body = b"".join(map(_counted, (function, CALLER, "maint", target))) + b"".join(parameters)
    own = answer(world(), SYSTEM, CONFIG, body)
    captured = [c.response[20:] for c in CAPTURES.values() if c.function == function]
    return tuple(payload for payload in ((own or b"")[8:], *captured) if payload)


def requests() -> tuple[bytes, ...]:
    """Captured requests, behind their lengths."""
    return tuple(capture.request[4:] for capture in CAPTURES.values())


def capture_answers() -> Iterator[bytes]:
    """Everything that came back on one connection."""
    return (capture.response for capture in CAPTURES.values())


def _counted(text: str) -> bytes:
    return len(text).to_bytes(4) + text.encode()


FEILONG_VSWITCH: dict[str, Any] = {
    "switch_name": "VSW1",
    "transport_type": "ETHERNET",
    "vlan_awareness": "AWARE",
    "vlan_id": "100",
    "switch_status": "OSA device ready.",
    "user_port_based": "USERBASED",
    "real_devices": {"A100": {"vdev": "0600", "controller": "DTCVSW1", "dev_status": "Device is active."}},
    "authorized_users": {
        "LINUX01": {"port_num": "0", "vlan_count": "1", "vlan_ids": ["10"]},
        "LINUX02": {"port_num": "0", "vlan_count": "2", "vlan_ids": ["20", "30-31"]},
        "NOVLAN": {"port_num": "0", "vlan_count": "0", "vlan_ids": []},
    },
    "adapters": {
        "LINUX01_1000": {"mac": "02-00-00-00-00-01", "type": "QDIO"},
        "ROUTER_0700": {"mac": "02-00-00-00-00-02", "type": "QDIO"},
    },
}
"""Layout: zVMCloudConnector 1.6.3, zvmsdk smtclient.py, query_vswitch."""

FEILONG_ROWS = [
    {"userid": "LINUX01", "interface": "1000", "switch": "VSW1", "port": "p1", "comments": None},
    {"userid": "linux02", "interface": "800", "switch": None, "port": "p2", "comments": None},
    {"userid": "LINUX03", "interface": "1000", "switch": None, "port": None, "comments": "OSA=A100"},
]
