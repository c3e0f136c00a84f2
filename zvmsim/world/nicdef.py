"""The NICDEF directory statement: parse groups of records, format them again.

Records for one device number form a group: TYPE appears exactly once, further records add or change operands
(NICDEF 7.1 "consecutive statements modify"; Feilong writes LAN, VLAN and PORTTYPE on a second record).
"""

import re
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from zvmsim.world import names
from zvmsim.world.answers import AdapterType, PortType
from zvmsim.world.vlans import NO_VLANS, VlanSet, format_vlans, parse_vlans

Priority = Literal["LOW", "NORMAL", "HIGH"]
RECORD_WIDTH = 72
DEFAULT_DEVICES = 3


@dataclass(frozen=True, slots=True)
class Nicdef:
    """One virtual NIC of a directory entry.

    vdev: its first device number. devices: how many it occupies, None = not stated (3). lan_owner, lan_name:
        "" when it belongs to no LAN; a vswitch has the owner SYSTEM. port_type, promiscuous, port,
        uplink_priority: None = inherited from the LAN.
    vlans: empty = inherited. mac_id: 6 hex digits or "". chpid: 2 hex digits or "".
    """

    vdev: str
    type: AdapterType = "QDIO"
    devices: int | None = None
    lan_owner: str = ""
    lan_name: str = ""
    chpid: str = ""
    mac_id: str = ""
    port: int | None = None
    port_type: PortType | None = None
    uplink_priority: Priority | None = None
    vlans: VlanSet = NO_VLANS
    promiscuous: bool | None = None

    @property
    def vswitch(self) -> str:
        """Name of the SYSTEM-owned vswitch (or LAN) it couples to at LOGON, or ""."""
        return self.lan_name if self.lan_owner == "SYSTEM" else ""

    @property
    def authorizes(self) -> bool:
        """Whether it carries operands that an authorization block would."""
        return bool(self.vlans) or (self.port, self.port_type, self.promiscuous) != (None, None, None)

    @property
    def size(self) -> int:
        """How many devices it occupies."""
        return DEFAULT_DEVICES if self.devices is None else self.devices

    @property
    def range(self) -> range:
        """The device numbers it occupies."""
        return names.device_range(self.vdev, self.size)


def nicdefs_of(records: Iterable[str]) -> dict[str, Nicdef]:
    """The NICs that directory records define, by device number in order of first mention.

    Raises ValueError for an operand that cannot be, a TYPE missing or given twice, devices that overlap.
    """
    groups: dict[str, list[str]] = {}
    for record in records:
        if vdev := vdev_of(record):
            groups.setdefault(vdev, []).extend(record.upper().split()[2:])
    found = {vdev: _parse_group(vdev, words) for vdev, words in groups.items()}
    _refuse_overlaps(found.values())
    return found


def vdev_of(record: str) -> str:
    """The device number of a NICDEF record, "" for any other record; ValueError for a number that is none."""
    words = record.upper().split()
    if not words or words[0] != "NICDEF":
        return ""
    if len(words) < 2:
        raise ValueError("NICDEF without a device number")
    return names.device(words[1])


def format_nicdef(nicdef: Nicdef) -> tuple[str, ...]:
    """The statement as SMAPI writes it, LAN before DEVICES; more than one record if 72 columns do not hold
    it.

    Source: Feilong's function tests show "NICDEF 2000 TYPE QDIO LAN SYSTEM VSW1 DEVICES 3 MACID ABCDEF".
    """
    records = [f"NICDEF {nicdef.vdev}"]
    for operand in _operands(nicdef):
        if len(records[-1]) + 1 + len(operand) > RECORD_WIDTH:
            records.append(f"NICDEF {nicdef.vdev}")
        records[-1] += f" {operand}"
    return tuple(records)


def _operands(nicdef: Nicdef) -> list[str]:
    values = (
        ("LAN", f"{nicdef.lan_owner} {nicdef.lan_name}".strip()),
        ("DEVICES", nicdef.devices),
        ("CHPID", nicdef.chpid),
        ("MACID", nicdef.mac_id),
        ("PORTNUMBER", nicdef.port),
        ("PORTTYPE", nicdef.port_type),
        ("PQUPLINKTX", nicdef.uplink_priority),
    )
    operands = [f"TYPE {'HIPERS' if nicdef.type == 'HIPERSOCKETS' else nicdef.type}"]
    operands += [f"{keyword} {value}" for keyword, value in values if value not in (None, "")]
    operands += [f"VLAN {piece}" for piece in textwrap.wrap(format_vlans(nicdef.vlans), RECORD_WIDTH - 20)]
    if nicdef.promiscuous is not None:
        operands.append("PROMISCUOUS" if nicdef.promiscuous else "NOPROMISCUOUS")
    return operands


def _parse_group(vdev: str, words: list[str]) -> Nicdef:
    found, types = Nicdef(vdev), 0
    at = 0
    while at < len(words):
        keyword = _keyword(vdev, words[at])
        taken = _operand_length(keyword, words[at + 1 :])
        values = words[at + 1 : at + 1 + taken]
        if len(values) < taken:
            raise ValueError(f"NICDEF {vdev}: {keyword} lacks a value")
        found = _apply(found, keyword, values)
        types += keyword == "TYPE"
        at += 1 + taken
    if types != 1:
        raise ValueError(f"NICDEF {vdev}: TYPE must be given exactly once, not {types} times")
    names.device_range(vdev, found.size)
    return found


def _keyword(vdev: str, word: str) -> str:
    """The full operand name; operands may be cut down to the letters CP requires."""
    for keyword, shortest in _SHORTEST.items():
        if len(word) >= shortest and keyword.startswith(word):
            return keyword
    raise ValueError(f"NICDEF {vdev}: unknown operand {word}")


def _operand_length(keyword: str, rest: list[str]) -> int:
    if keyword == "LAN":
        return 2
    if keyword == "VLAN":
        return next((at for at, word in enumerate(rest) if not word[0].isdigit()), len(rest)) or 1
    return 0 if keyword in ("PROMISCUOUS", "NOPROMISCUOUS") else 1


def _apply(nicdef: Nicdef, keyword: str, values: list[str]) -> Nicdef:
    try:
        return replace(nicdef, **_OPERANDS[keyword](nicdef, *values))
    except ValueError as error:
        raise ValueError(f"NICDEF {nicdef.vdev}: {keyword}: {error}") from error


def _lan(owner: str, lan: str) -> dict[str, Any]:
    return {"lan_owner": owner if owner == "*" else names.name(owner), "lan_name": names.name(lan)}


def _number(text: str, low: int, high: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise ValueError(f"{text} is not a number from {low} to {high}")
    return int(text)


def _one_of(text: str, *choices: str) -> str:
    """A choice written out, or cut after the capitals of its pattern ("HIPERsockets")."""
    for choice in choices:
        capitals = sum(letter.isupper() for letter in choice)
        if choice.upper().startswith(text) and len(text) >= capitals:
            return choice.upper()
    raise ValueError(f"{text} is none of {', '.join(choice.upper() for choice in choices)}")


def _chpid(text: str) -> str:
    if not re.fullmatch(r"[0-9A-F]{1,2}", text):
        raise ValueError(f"{text} is not a channel path id (2 hex digits)")
    return text.zfill(2)


_SHORTEST = {
    "TYPE": 4, "DEVICES": 3, "LAN": 3, "CHPID": 5, "MACID": 5, "PORTNUMBER": 7, "PORTTYPE": 5,
    "PQUPLINKTX": 10, "VLAN": 4, "PROMISCUOUS": 3, "NOPROMISCUOUS": 5,
}  # fmt: skip

_OPERANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "TYPE": lambda _, text: {"type": _one_of(text, "HIPERsockets", "QDIO", "IEDN", "INMN")},
    "DEVICES": lambda _, text: {"devices": _number(text, 3, 3072)},
    "LAN": lambda _, owner, lan: _lan(owner, lan),
    "CHPID": lambda _, text: {"chpid": _chpid(text)},
    "MACID": lambda _, text: {"mac_id": names.mac_id(text)},
    "PORTNUMBER": lambda _, text: {"port": _number(text, 1, 65535)},
    "PORTTYPE": lambda _, text: {"port_type": _one_of(text, "ACCESS", "TRUNK")},
    "PQUPLINKTX": lambda _, text: {"uplink_priority": _one_of(text, "LOW", "NORMAL", "HIGH")},
    "VLAN": lambda nicdef, *words: {"vlans": nicdef.vlans | parse_vlans(" ".join(words))},
    "PROMISCUOUS": lambda _: {"promiscuous": True},
    "NOPROMISCUOUS": lambda _: {"promiscuous": False},
}


def _refuse_overlaps(nicdefs: Iterable[Nicdef]) -> None:
    taken: dict[int, str] = {}
    for nicdef in nicdefs:
        for number in nicdef.range:
            if number in taken:
                raise ValueError(f"NICDEF {nicdef.vdev}: device {number:04X} is part of {taken[number]}")
            taken[number] = nicdef.vdev
