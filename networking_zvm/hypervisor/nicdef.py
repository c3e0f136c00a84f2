"""NICDEF statements of the user directory. Pure.

One NIC may be spread over several statements: TYPE stands in one of them, and each later one adds to or
overrides what came before; VLANs are taken together, for a long list spreads over several. Keywords may be
shortened, operands stand in any order, comments begin with `*`.
Source: NICDEF, CP Planning and Administration (7.1).
"""

import dataclasses
import re
from collections.abc import Container, Iterable, Iterator

from networking_zvm import errors, model

_VLAN = re.compile(r"([0-9]+)(?:-([0-9]+))?")
_MACID = re.compile(r"[0-9A-F]{1,6}")
_PLAIN = re.compile(r"[\t\r\n -~]*")
_PORT = re.compile(r"[0-9]{1,5}")

_KEYWORDS = {
    "TYPE": (4, 1),
    "DEVICES": (3, 1),
    "LAN": (3, 2),
    "CHPID": (5, 1),
    "MACID": (5, 1),
    "PORTNUMBER": (7, 1),
    "PORTTYPE": (5, 1),
    "PQUPLINKTX": (10, 1),
    "VLAN": (4, None),
    "PROMISCUOUS": (3, 0),
    "NOPROMISCUOUS": (5, 0),
}
"""Of each operand: how many letters of its name are enough, and how many words follow (None: a list)."""

_AUTHORIZING = {"VLAN", "PORTNUMBER", "PORTTYPE", "PROMISCUOUS", "NOPROMISCUOUS"}


def read_nics(
    statements: Iterable[tuple[model.Userid, str]],
) -> dict[model.NicAddress, model.DirectoryNic]:
    """All NICs that the statements define; statements other than NICDEF are passed over.

    statements: directory entry and statement, in the directory's order. Raises Untrusted for a NICDEF
    whose known operands make no sense; operands of later levels are passed over.
    """
    nics: dict[model.NicAddress, model.DirectoryNic] = {}
    for userid, statement in statements:
        words = statement.upper().split()
        if not words or words[0] != "NICDEF":
            continue
        try:
            if not _PLAIN.fullmatch(statement):
                raise errors.InvalidValue("other letters may turn into plain ones, or into blanks")
            address = model.NicAddress(userid, model.Vdev(words[1]))
            nics[address] = _amended(nics.get(address) or model.DirectoryNic(address), words[2:])
        except (errors.InvalidValue, IndexError):
            raise errors.Untrusted(f"directory of {userid}: cannot read {statement!r}") from None
    return nics


def without_operands(words: list[str], unwanted: Container[str]) -> list[str]:
    """What is left of a statement's operands, however unwanted ones are shortened. Raises InvalidValue.

    words: in upper case, behind the device number. unwanted: full names.
    """
    try:
        return [word for keyword, piece in _pieces(words) if keyword not in unwanted for word in piece]
    except IndexError:
        raise errors.InvalidValue(f"NICDEF operands {' '.join(words)!r} are incomplete") from None


def vlan_set(words: Iterable[str]) -> frozenset[model.VlanId]:
    """VLANs given as "10", "20-29" or "10,20-29". Raises InvalidValue."""
    vlans: set[model.VlanId] = set()
    for text in (part for word in words for part in word.split(",")):
        match = _VLAN.fullmatch(text)
        if not match:
            raise errors.InvalidValue(f"VLAN {text!r}: must be a number or a range")
        first, last = model.VlanId(match[1]), model.VlanId(match[2] or match[1])
        if first > last:
            raise errors.InvalidValue(f"VLANs {text!r}: a range must not go backwards")
        vlans.update(map(model.VlanId, range(first, last + 1)))
    return frozenset(vlans)


def _amended(nic: model.DirectoryNic, words: list[str]) -> model.DirectoryNic:
    for keyword, values in _operands(words):
        if keyword in _AUTHORIZING:
            nic = dataclasses.replace(nic, authorizes=True)
        if keyword == "LAN":
            owner, name = values
            vswitch = model.VSwitchName(name) if owner == "SYSTEM" else None
            nic = dataclasses.replace(nic, vswitch=vswitch)
        elif keyword == "MACID":
            nic = dataclasses.replace(nic, macid=_macid(values[0]))
        elif keyword == "VLAN":
            nic = dataclasses.replace(nic, vlans=nic.vlans | vlan_set(values))
        elif keyword == "PORTNUMBER":
            nic = dataclasses.replace(nic, port=_port(values[0]))
    return nic


def _operands(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each known operand with its words. Raises IndexError where words are missing."""
    for keyword, piece in _pieces(words):
        if keyword:
            yield keyword, piece[1:]


def _pieces(words: list[str]) -> Iterator[tuple[str | None, list[str]]]:
    """The words operand by operand, unknown ones singly and without name. Raises as _operands()."""
    at = 0
    while at < len(words):
        keyword, count = _keyword(words[at]), 0
        if keyword:
            known = _KEYWORDS[keyword][1]
            count = _length_of_vlans(words, at + 1) if known is None else known
        end = at + 1 + count
        if end > len(words):
            raise IndexError(keyword)
        yield keyword, words[at:end]
        at = end


def _keyword(word: str) -> str | None:
    found = (k for k, (enough, _) in _KEYWORDS.items() if k.startswith(word) and len(word) >= enough)
    return next(found, None)


def _length_of_vlans(words: list[str], at: int) -> int:
    end = at
    while end < len(words) and words[end][0].isdigit():
        end += 1
    if end == at:
        raise IndexError("VLAN")
    return end - at


def _port(text: str) -> int | None:
    """0 stands for any. Guess: as it does in Virtual_Network_Adapter_Connect_Vswitch_Extended."""
    if not _PORT.fullmatch(text):
        raise errors.InvalidValue(f"PORTNUMBER {text!r}: must be a number of up to five digits")
    return int(text) or None


def _macid(text: str) -> str:
    if not _MACID.fullmatch(text):
        raise errors.InvalidValue(f"MACID {text!r}: must be up to six hex digits")
    return text.rjust(6, "0")
