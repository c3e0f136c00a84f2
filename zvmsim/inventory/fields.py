"""Which attribute of a world object stands under which key, and how its text is read and written."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zvmsim.inventory.reader import Reader
from zvmsim.world import names
from zvmsim.world.functions.parameters import choice, list_of, number, star_or
from zvmsim.world.vlans import format_vlans, parse_vlans


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a mapping and the attribute it sets."""

    key: str
    read: Callable[[str], Any]
    write: Callable[[Any], object] = str
    attribute: str = ""

    @property
    def target(self) -> str:
        """Name of the attribute; the key's unless stated."""
        return self.attribute or self.key


def read_fields(reader: Reader, fields: Iterable[Field]) -> dict[str, Any]:
    """Attribute values of the keys that are given."""
    given = (field for field in fields if field.key in reader)
    values = {field.target: reader.value(field.key, field.read, _NOTHING) for field in given}
    return {attribute: value for attribute, value in values.items() if value is not _NOTHING}


def write_fields(item: object, defaults: object, fields: Iterable[Field]) -> dict[str, object]:
    """Keys of the attributes that differ from those of `defaults`."""
    return {
        field.key: field.write(getattr(item, field.target))
        for field in fields
        if getattr(item, field.target) != getattr(defaults, field.target)
    }


_NOTHING: Any = object()


def flag(text: str) -> bool:
    """true or false, yes or no, on or off."""
    return choice("true", "yes", "on", "false", "no", "off")(text) in ("TRUE", "YES", "ON")


def same(value: Any) -> object:
    """Written as it is."""
    return value


def joined(words: Iterable[str]) -> str:
    """Words with blanks between."""
    return " ".join(words) or "NONE"


def one_of(*words: str) -> Callable[[str], str]:
    """Exactly one of these words, in any case."""
    return choice(*(word.upper() for word in words))


def integer(low: int, high: int) -> Callable[[str], int]:
    """A number in a range."""
    return lambda text: int(number(low, high)(text))


def prefix(text: str) -> str:
    """A MAC prefix: 6 hex digits of a locally administered unicast address."""
    digits = text.strip().upper()
    try:
        first = int(names.mac_id(digits)[:2], 16)
    except ValueError:
        first = 0
    if first & 3 != 2:
        raise ValueError(f"{text} is not a MAC prefix (6 hex digits, like 020001)")
    return digits


def mac(text: str) -> str:
    """A MAC address like 02-00-01-00-00-05."""
    digits = text.strip().upper()
    if [len(part) for part in digits.split("-")] != [2] * 6:
        raise ValueError(f"{text} is not a MAC address like 02-00-01-00-00-05")
    int(digits.replace("-", ""), 16)
    return digits


def osa_device(text: str) -> str:
    """Device number of an OSA's first device."""
    return names.device(text)


def label(text: str) -> str:
    """A free name."""
    if not text.strip():
        raise ValueError("is empty")
    return text.strip()


def _word_list(check: Callable[[str], str], most: int) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        found = list_of(check, most)(text)
        return () if found == "NONE" else tuple(found.split())

    return read


BLOCK = (
    Field("port_type", one_of("ACCESS", "TRUNK")),
    Field("promiscuous", flag, same),
    Field("osd_sim", flag, same),
    Field("vlans", parse_vlans, format_vlans),
)
VSWITCH = (
    Field("transport", one_of("IP", "ETHERNET")),
    Field("type", one_of("QDIO", "IEDN", "INMN", "IVL")),
    Field("native_vlan", names.vlan, same),
    Field("port_type", one_of("ACCESS", "TRUNK")),
    Field("gvrp", flag, same),
    Field("queue_memory_limit", integer(1, 8), same),
    Field("routing", one_of("NONROUTER", "PRIROUTER")),
    Field("ip_timeout", integer(1, 240), same),
    Field("isolation", flag, same),
    Field("mac_protect", one_of("UNSPECIFIED", "MACPROTECT", "NOMACPROTECT")),
    Field("port_based", flag, same),
    Field("vlan_counters", flag, same),
    Field("vepa", flag, same),
    Field("connected", flag, same),
    Field("rdevs", _word_list(names.real_device, 3), joined),
    Field("port_names", _word_list(names.name, 3), joined),
    Field("controllers", _word_list(star_or(names.name), 8), joined),
    Field("mac_id", names.mac_id),
    Field("mac", mac),
)
OSA = (
    Field("lan", label),
    Field("port", label),
    Field("chpid", label),
    Field("state", one_of("FREE", "BOXED", "OFFLINE", "ATTACHED")),
    Field("holder", names.name),
)
GUEST_LAN = (
    Field("type", one_of("QDIO", "HIPERSOCKETS")),
    Field("transport", one_of("IP", "ETHERNET")),
    Field("restricted", flag, same),
    Field("allowed", lambda text: frozenset(map(names.name, text.split())), " ".join),
    Field("persistent", flag, same),
)
NIC = (
    Field("type", one_of("QDIO", "HIPERSOCKETS", "IEDN", "INMN")),
    Field("devices", integer(3, 3072), same),
    Field("mac", mac),
    Field("mac_id", names.mac_id),
    Field("order", integer(0, 999_999_999), same),
    Field("driver", flag, same),
    Field("port_name", label),
)
SYSTEM = (
    Field("level", integer(540, 999), same),
    Field("dna", flag, same),
    Field("service_level", integer(0, 9999), same),
    Field("storage", label),
    Field("mac_protect", flag, same),
    Field("controllers", _word_list(names.name, 16), joined),
)


def read_vlan(text: str) -> tuple[bool, int | None]:
    """The `vlan` of a vswitch: UNAWARE, AWARE, or the default VLAN id, as (aware, default)."""
    word = text.strip().upper()
    return (word == "AWARE", None) if word in ("AWARE", "UNAWARE") else (True, names.vlan(word))


def write_vlan(vlan_aware: bool, default_vlan: int | None) -> str | int:
    """The inverse of `read_vlan`."""
    if not vlan_aware:
        return "UNAWARE"
    return "AWARE" if default_vlan is None else default_vlan


def behaviour_value(name: str, choices: Mapping[str, tuple[bool | str, ...]]) -> Callable[[str], bool | str]:
    """Reads the position of one behaviour switch."""

    def read(text: str) -> bool | str:
        if name not in choices:
            raise ValueError(f"no such switch; there are {', '.join(choices)}")
        by_text = {str(choice).lower(): choice for choice in choices[name]}
        if text.lower() not in by_text:
            raise ValueError(f"{text} is none of {', '.join(by_text)}")
        return by_text[text.lower()]

    return read
