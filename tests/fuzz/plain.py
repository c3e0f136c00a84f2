"""Independent, simple readings of the layouts: slow, strict, and written without a look at the parsers'.

They know only the plain forms (keywords in full, ASCII); where a text has others they say so by `Unsure`.
What cannot be meant is `Nonsense`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Z0-9@#$_][A-Z0-9@#$_+:-]{0,7}", re.ASCII)
_HARMLESS = ("real_device_address", "virtual_device_address", "controller_name", "port_name", "device_status")
_NO_VLAN = ("NONE", "0", "0000", "00000", "32768")


class Nonsense(Exception):
    """No reader may accept this."""


class Unsure(Exception):
    """This reader is too simple."""


def name(text: str) -> str:
    """A userid or the name of a vswitch."""
    plain = text.strip().upper()
    if not text.isascii() or not _NAME.fullmatch(plain):
        raise Nonsense(f"{text!r} is no name")
    return plain


def vdev(text: str) -> str:
    plain = text.strip().upper()
    if not re.fullmatch(r"[0-9A-F]{1,4}", plain) or not text.isascii():
        raise Nonsense(f"{text!r} is no virtual device")
    return plain.zfill(4)


def mac(text: str) -> str:
    digits = re.sub(r"[-:.]", "", text.strip()).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or not text.isascii():
        raise Nonsense(f"{text!r} is no MAC")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def vlans(words: Iterable[str]) -> frozenset[int]:
    """VLANs as "10", "00010", "20-29", or lists of these with commas."""
    found: set[int] = set()
    for word in ",".join(words).split(","):
        if not re.fullmatch(r"[0-9]{1,9}(-[0-9]{1,9})?", word, re.ASCII):
            raise Nonsense(f"{word!r} is no VLAN")
        first, _, last = word.partition("-")
        if not 1 <= int(first) <= int(last or first) <= 4094:
            raise Nonsense(f"{word!r} is no range of VLANs")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


@dataclass
class VSwitch:
    """As listed by smcli. users: with what stands behind user_vlan_id."""

    attributes: dict[str, str] = field(default_factory=dict)
    users: list[tuple[str, list[str]]] = field(default_factory=list)
    nics: list[dict[str, str]] = field(default_factory=list)
    cut_short: bool = False


def listing(text: str) -> dict[str, VSwitch]:
    """smcli's Virtual_Network_Vswitch_Query_Extended. Raises Nonsense."""
    vswitches: list[VSwitch] = []
    for line in text.split("\n"):
        key, colon, value = (part.strip() for part in line.partition(":"))
        if key.startswith("Error"):
            gap = re.fullmatch(r"Error (\w+) +is NULL!!", key)
            if not gap or gap[1] not in (*_HARMLESS, "device_error_status", "vlan_info"):
                raise Nonsense(line)
            if gap[1] == "vlan_info" and vswitches:
                vswitches[-1].cut_short = True
        elif key == "switch_name" and colon:
            vswitches.append(VSwitch({"switch_name": name(value)}))
        elif vswitches:
            _take(vswitches[-1], key, value)
    found = {vswitch.attributes["switch_name"]: vswitch for vswitch in vswitches}
    if len(found) < len(vswitches):
        raise Nonsense("a vswitch is listed twice")
    return found


def _take(vswitch: VSwitch, key: str, value: str) -> None:
    if key == "port_num":
        vswitch.users.append(("", []))
    elif key in ("grant_userid", "user_vlan_id"):
        if not vswitch.users:
            raise Nonsense(f"{key} {value} of nobody")
        userid, vids = vswitch.users[-1]
        if key == "user_vlan_id":
            vids.append(value)
        elif userid:
            raise Nonsense(f"{userid} is {value} too")
        else:
            vswitch.users[-1] = name(value), vids
    elif key == "adapter_owner":
        vswitch.nics.append({key: name(value)})
    elif key in ("adapter_vdev", "adapter_macaddr"):
        if not vswitch.nics:
            raise Nonsense(f"{key} of nobody")
        if key in vswitch.nics[-1]:
            raise Nonsense(f"{key} is {value} too")
        vswitch.nics[-1][key] = vdev(value) if key == "adapter_vdev" else mac(value)
    else:
        vswitch.attributes.setdefault(key, value)


def grants(users: Iterable[tuple[str, list[str]]]) -> dict[str, frozenset[int]]:
    """By userid, all VLANs taken together."""
    found: dict[str, frozenset[int]] = {}
    for userid, vids in users:
        real = [vid for vid in vids if vid.upper() not in _NO_VLAN]
        found[userid] = found.get(userid, frozenset()) | (vlans(real) if real else frozenset())
    return found


@dataclass
class Nic:
    """What NICDEF statements say of one NIC. lan: of SYSTEM's."""

    lan: str | None = None
    macid: str | None = None
    vlans: frozenset[int] = frozenset()
    port: int | None = None


_OPERANDS = {"TYPE": 1, "DEVICES": 1, "LAN": 2, "CHPID": 1, "MACID": 1, "PORTNUMBER": 1, "PORTTYPE": 1}


def nicdefs(statements: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Nic]:
    """Raises Nonsense, Unsure."""
    found: dict[tuple[str, str], Nic] = {}
    for userid, statement in statements:
        words = statement.upper().split()
        if words[:1] != ["NICDEF"]:
            continue
        if not statement.isascii():
            raise Unsure("letters of another alphabet")
        if len(words) < 2:
            raise Nonsense("NICDEF of what")
        nic = found.setdefault((name(userid), vdev(words[1])), Nic())
        _operands(nic, words[2:])
    return found


def _operands(nic: Nic, words: list[str]) -> None:
    rest = iter(words)
    for word in rest:
        if word == "VLAN":
            listed = [vid for vid in rest if vid[:1].isdigit() or _stop(vid)]
            if listed != words[words.index("VLAN") + 1 :] or not listed:
                raise Unsure("operands behind the VLANs")
            nic.vlans |= vlans(listed)
        elif word in _OPERANDS:
            values = [value for _, value in zip(range(_OPERANDS[word]), rest, strict=False)]
            if len(values) < _OPERANDS[word]:
                raise Nonsense(f"{word} of what")
            _operand(nic, word, values)
        else:
            raise Unsure(word)


def _stop(word: str) -> bool:
    raise Unsure(f"{word} among VLANs")


def _operand(nic: Nic, word: str, values: list[str]) -> None:
    if word == "LAN":
        nic.lan = name(values[1]) if values[0] == "SYSTEM" else None
    elif word == "MACID":
        if not re.fullmatch(r"[0-9A-F]{1,6}", values[0]):
            raise Nonsense(f"MACID {values[0]}")
        nic.macid = values[0].zfill(6)
    elif word == "PORTNUMBER":
        if not re.fullmatch(r"[0-9]{1,5}", values[0], re.ASCII):
            raise Nonsense(f"PORTNUMBER {values[0]}")
        nic.port = int(values[0]) or None


def counted(payload: bytes) -> Iterator[bytes]:
    """Parts behind their lengths of four bytes. Raises Nonsense."""
    at = 0
    while at < len(payload):
        end = at + 4 + int.from_bytes(payload[at : at + 4])
        if end > len(payload) or at + 4 > len(payload):
            raise Nonsense("bytes are missing")
        yield payload[at + 4 : end]
        at = end


def terminated(part: bytes) -> list[str]:
    """Texts that end with a NUL. Raises Nonsense."""
    if part and part[-1]:
        raise Nonsense("a text does not end")
    return part.decode("latin-1").split("\0")[:-1]
