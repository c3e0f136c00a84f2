"""Editing one NIC's coupling in the records of a directory entry, everything else byte for byte. Pure.

Source: NICDEF, CP Planning and Administration (7.1): one NIC may be spread over several statements, of which
later ones add to earlier ones; Feilong (smtclient.py) couples by such an added statement.
"""

from collections.abc import Iterable, Iterator, Sequence

from networking_zvm import errors, model
from networking_zvm.hypervisor import base, nicdef

_WIDTH = 72
_ENCODING = "iso-8859-1"
_COUPLING = frozenset({"LAN", "VLAN", "PORTTYPE", "PORTNUMBER"})


def coupled(records: Sequence[bytes], change: base.Couple) -> list[bytes]:
    """The records with the NIC coupled as the change says, and in no other way. Raises Gone, Refused."""
    operands = [f"LAN SYSTEM {change.vswitch}"]
    if change.port:
        operands.append(f"PORTNUMBER {change.port}")
    if change.vlans:
        vlans = " ".join(map(str, sorted(change.vlans)))
        operands += ["PORTTYPE ACCESS", f"VLAN {vlans}"]
    return _edited(records, change.address, list(_statements(change.address, operands)))


def uncoupled(records: Sequence[bytes], address: model.NicAddress) -> list[bytes]:
    """The records with the NIC coupled to nothing. Raises Gone, Refused."""
    return _edited(records, address, [])


def couples(records: Iterable[bytes], vdev: model.Vdev) -> bool:
    """Whether a record of the NIC says anything about vswitch, VLANs or port. Raises Refused."""
    return any(_without_coupling(record, words) != record for record, words in _of_nic(records, vdev))


def _edited(
    records: Sequence[bytes], address: model.NicAddress, additions: Sequence[bytes]
) -> list[bytes]:
    """The NIC's records without their coupling, and the additions behind the last of them."""
    kept = {record: _without_coupling(record, words) for record, words in _of_nic(records, address.vdev)}
    if not kept:
        raise errors.Gone(f"directory entry of {address.userid}: it has no NICDEF {address.vdev}")
    last = max(at for at, record in enumerate(records) if record in kept)
    edited: list[bytes] = []
    for at, record in enumerate(records):
        if kept.get(record, True):
            edited.append(kept.get(record, record))
        if at == last:
            edited += additions
    return edited


def _of_nic(records: Iterable[bytes], vdev: model.Vdev) -> Iterator[tuple[bytes, list[str]]]:
    """The NIC's records with their words in upper case."""
    for record in records:
        words = [word.decode(_ENCODING) for word in record.upper().split()]
        if words[:1] == ["NICDEF"] and len(words) > 1 and _is(words[1], vdev):
            yield record, words


def _is(word: str, vdev: model.Vdev) -> bool:
    try:
        return model.Vdev(word) == vdev
    except errors.InvalidValue:
        return False


def _without_coupling(record: bytes, words: list[str]) -> bytes:
    """The record as it is, changed, or empty if nothing else stands in it. Raises Refused."""
    if words[-1].endswith(","):
        raise errors.Refused(f"NICDEF {words[1]} goes on in the next record: write it without a comma")
    try:
        left = nicdef.without_operands(words[2:], _COUPLING)
    except errors.InvalidValue as error:
        raise errors.Refused(f"NICDEF {words[1]}: {error}") from None
    if left == words[2:]:
        return record
    if left and left[-1].endswith(","):
        raise errors.Refused(f"NICDEF {words[1]} would go on in the next record, behind {left[-1]!r}")
    return _record(" ".join([*words[:2], *left])) if left else b""


def _statements(address: model.NicAddress, operands: list[str]) -> Iterator[bytes]:
    """The operands in as few records as hold them."""
    line = f"NICDEF {address.vdev}"
    for operand in operands:
        if len(line) + 1 + len(operand) > _WIDTH:
            yield _record(line)
            line = f"NICDEF {address.vdev}"
        line += f" {operand}"
    yield _record(line)


def _record(line: str) -> bytes:
    if len(line) > _WIDTH:
        raise errors.Refused(f"{line[:40]}... is longer than a directory record of {_WIDTH} columns")
    return line.ljust(_WIDTH).encode(_ENCODING)
