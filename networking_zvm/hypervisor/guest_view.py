"""One guest, put together from its directory entry, the running guest and the control point's records. Pure.

Of a directory entry the NICs are read, and which device numbers are taken. Statements of a profile that the
entry includes do not stand in it.
Guess: keywords may be shortened to three letters; to take a number for used that is free does no harm.
Source: CP Planning and Administration (7.1), CONSOLE, COMMAND, DEDICATE, LINK, MDISK, NICDEF, SPECIAL, SPOOL.
"""

import dataclasses
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from networking_zvm import errors, model
from networking_zvm.hypervisor import nicdef

_DEVICE_STATEMENTS = ("CON", "DED", "MDI", "SPO")
_VDEV = re.compile(r"[0-9A-F]{1,4}")
_NUMBER = re.compile(r"[0-9]{1,9}")
_NIC_DEVICES = 3
_MOST_DEVICES = 3072  # of one NIC


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A guest's directory entry. devices: the numbers that its statements take."""

    nics: Mapping[model.NicAddress, model.DirectoryNic]
    devices: frozenset[int]


def read_entry(userid: model.Userid, statements: Sequence[str]) -> Entry:
    """Read the guest's directory entry. Raises Untrusted if this is not it; never tells what stands in it."""
    heads = (line.upper().split()[:2] for line in statements)
    if not any(words[:1] in (["USER"], ["IDENTITY"]) and words[1:] == [userid] for words in heads):
        raise errors.Untrusted(f"the directory entry shown is not that of {userid}")
    nics = nicdef.read_nics((userid, line) for line in statements)
    return Entry(nics, frozenset(_devices(statements)))


def assemble(
    userid: model.Userid,
    mac_prefix: model.MacPrefix,
    entry: Entry,
    running: Mapping[model.Vdev, model.RunningNic] | None,
    port_ids: Mapping[model.NicAddress, frozenset[str]],
    records: Iterable[model.NicAddress] | None = None,
) -> model.GuestView:
    """The picture of the guest.

    running: its live NICs, None if it is off. port_ids: of NICs that the control point knows as ports.
    records: all NICs in the table by which the control point works, None if there is no such table.
    """
    live, known = running or {}, None if records is None else set(records)
    addresses = {a for a in (*entry.nics, *port_ids, *(known or ())) if a.userid == userid}
    addresses |= {model.NicAddress(userid, vdev) for vdev in live}
    nics = {
        address.vdev: model.GuestNic(
            address,
            port_ids.get(address, frozenset()),
            entry.nics.get(address),
            live.get(address.vdev),
            known is None or address in known,
        )
        for address in sorted(addresses)
    }
    return model.GuestView(userid, mac_prefix, running is not None, nics, entry.devices)


def _devices(statements: Iterable[str]) -> Iterator[int]:
    for statement in statements:
        words = statement.upper().split()
        if words[:1] in (["COMMAND"], ["CMD"]) and words[1:2] and words[1].startswith("DEF"):
            words = words[2:]
        first, count = _device(words)
        if _VDEV.fullmatch(first):
            yield from range(int(first, 16), min(int(first, 16) + count, 0x10000))


def _device(words: Sequence[str]) -> tuple[str, int]:
    """The first device a statement makes, and how many; no number if it makes none."""
    match words:
        case ["NICDEF" | "NIC", vdev, *operands]:
            return vdev, _count(operands)
        case [keyword, vdev, "QDIO" | "HIPERS" | "HIPERSOCKETS", *_] if keyword.startswith("SPE"):
            return vdev, _NIC_DEVICES
        case [keyword, vdev, *_] if keyword.startswith((*_DEVICE_STATEMENTS, "SPE")):
            return vdev, 1
        case [keyword, _, theirs, *ours] if keyword.startswith("LIN"):
            return (ours[0] if ours and _VDEV.fullmatch(ours[0]) else theirs), 1
    return "", 0


def _count(operands: Sequence[str]) -> int:
    """How many devices a NIC has. Source: NICDEF, DEVICES."""
    for keyword, value in itertools.pairwise(operands):
        if keyword.startswith("DEV") and _NUMBER.fullmatch(value):
            return max(_NIC_DEVICES, min(int(value), _MOST_DEVICES))
    return _NIC_DEVICES
