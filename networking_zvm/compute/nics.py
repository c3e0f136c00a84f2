"""A guest's NICs as Neutron wants them and as they are: which is which, and what contradicts. Pure.

A NIC is a port's by the control point's record or by its MAC: the user prefix with the MACID of its directory
record or, where there is no such record, the MAC it has live. All others are foreign.
"""

import collections
import dataclasses
import enum
from collections.abc import Callable, Iterable, Iterator, Sequence

from networking_zvm import model
from networking_zvm.compute import vdevs


@dataclasses.dataclass(frozen=True, slots=True)
class Nic:
    """A NIC that a guest shall have: its port and the port's MAC. vdev: where, None for anywhere."""

    port_id: str
    mac: model.Mac
    vdev: model.Vdev | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class DefinedNic:
    """Where a port's NIC is. is_new: it was not there before."""

    port_id: str
    mac: model.Mac
    address: model.NicAddress
    is_new: bool


class Fault(enum.StrEnum):
    """In what a NIC differs from its port."""

    PREFIX = "prefix"
    CLAIMS = "claims"
    MISSING = "missing"
    DIRECTORY = "directory"
    LIVE = "live"
    NOT_LIVE = "not live"


@dataclasses.dataclass(frozen=True, slots=True)
class Mismatch:
    """One such difference. reason: both sides and what to do, for an operator."""

    port_id: str
    fault: Fault
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a NIC is or shall be. is_there: the directory has it already."""

    nic: Nic
    address: model.NicAddress
    is_there: bool


def of_port(nic: Nic, view: model.GuestView) -> list[model.GuestNic]:
    """The NICs that are this port's, usually one or none."""
    return [found for _, found in sorted(view.nics.items()) if _is_of(nic, found, view)]


def _is_of(nic: Nic, found: model.GuestNic, view: model.GuestView) -> bool:
    macid = found.directory.macid if found.directory else None
    by_macid = macid is not None and model.Mac.assemble(view.mac_prefix, macid) == nic.mac
    by_live_mac = found.directory is None and found.live is not None and found.live.mac == nic.mac
    return nic.port_id in found.port_ids or by_macid or by_live_mac


def contradiction(nic: Nic, found: model.GuestNic) -> Mismatch | None:
    """Why a NIC that seems to be the port's cannot be taken for it."""
    macid = found.directory.macid if found.directory else nic.mac.macid
    if macid != nic.mac.macid:
        has = f"has MACID {macid}" if macid else "has no MACID"
        reason = (
            f"NIC {found.address} is recorded as port {nic.port_id} and {has} in the user directory, but the "
            f"port has MAC {nic.mac}: remove that NIC, or give the port its MAC"
        )
        return Mismatch(nic.port_id, Fault.DIRECTORY, reason)
    if found.port_ids and nic.port_id not in found.port_ids:
        others = ", ".join(sorted(found.port_ids))
        reason = (
            f"NIC {found.address} has MAC {nic.mac} of port {nic.port_id}, but is recorded as port {others}: "
            "correct the record, or remove that NIC"
        )
        return Mismatch(nic.port_id, Fault.CLAIMS, reason)
    return Mismatch(nic.port_id, Fault.CLAIMS, beyond_reach(found)) if is_beyond_reach(found) else None


def is_beyond_reach(found: model.GuestNic) -> bool:
    """Whether the control point, which works by a table of its own, can neither make nor remove the NIC.

    Feilong comes to that where z/VM has made a NIC and the answer was lost (smtclient.py, _create_nic).
    """
    return found.directory is not None and not found.recorded


def beyond_reach(found: model.GuestNic) -> str:
    """That it is so, in words."""
    macid = found.directory.macid if found.directory else None
    return (
        f"NIC {found.address} with MACID {macid} is in the user directory, but the control point does not "
        "know it: take its NICDEF out of the directory"
    )


def wrong_prefix(nic: Nic, view: model.GuestView) -> Mismatch | None:
    """z/VM gives every NIC with a MACID its own prefix, whatever MAC was asked for."""
    if nic.mac.prefix == view.mac_prefix:
        return None
    reason = (
        f"port {nic.port_id} has MAC {nic.mac}, outside {view.mac_prefix}, the user prefix of this z/VM: set "
        f"base_mac = {view.mac_prefix}:00:00:00 in neutron.conf and create the port again"
    )
    return Mismatch(nic.port_id, Fault.PREFIX, reason)


def match(nic: Nic, view: model.GuestView) -> model.GuestNic | Mismatch | None:
    """The port's NIC, None if there is none, or why that cannot be said."""
    if mismatch := wrong_prefix(nic, view):
        return mismatch
    found = of_port(nic, view)
    if mismatch := next(filter(None, (contradiction(nic, each) for each in found)), None):
        return mismatch
    if len(found) > 1:
        addresses = ", ".join(str(each.address) for each in found)
        reason = f"several NICs claim to be port {nic.port_id} ({addresses}): remove all but one"
        return Mismatch(nic.port_id, Fault.CLAIMS, reason)
    return found[0] if found else None


def place(
    nics: Sequence[Nic], view: model.GuestView, first: model.Vdev
) -> tuple[list[Place], dict[str, Mismatch]]:
    """Where the NICs are, or shall be made, in their order; and those that cannot be, by port.

    Raises InvalidValue if the device numbers do not suffice.
    """
    faults: dict[str, Mismatch] = {}
    for rival in _rivals(nics):
        faults.setdefault(rival.port_id, rival)
    at: dict[str, model.NicAddress] = {}
    there: set[str] = set()
    for nic in nics:
        found = match(nic, view)
        if isinstance(found, Mismatch):
            faults.setdefault(nic.port_id, found)
        elif found:
            at[nic.port_id] = found.address
            there |= {nic.port_id} if found.directory else set()
    used = set(vdevs.taken(view))
    for nic in nics:
        if nic.vdev and nic.port_id not in at and nic.port_id not in faults:
            if not vdevs.fits(nic.vdev, used):
                faults[nic.port_id] = _no_room(nic.port_id, nic.vdev, view.userid)
            else:
                at[nic.port_id] = model.NicAddress(view.userid, nic.vdev)
                used.update(vdevs.block(nic.vdev))
    rest = [nic.port_id for nic in nics if nic.port_id not in at and nic.port_id not in faults]
    for port_id, vdev in zip(rest, vdevs.allocate(len(rest), used, first), strict=True):
        at[port_id] = model.NicAddress(view.userid, vdev)
    good = [nic for nic in nics if nic.port_id not in faults]
    return [Place(nic, at[nic.port_id], nic.port_id in there) for nic in good], faults


def to_remove(
    nics: Iterable[Nic], view: model.GuestView
) -> tuple[dict[model.NicAddress, Nic], list[Mismatch]]:
    """Whatever is these ports', by its address; and what may be another's. One without MACID is a port's."""
    mine: dict[model.NicAddress, Nic] = {}
    faults: list[Mismatch] = []
    for nic in nics:
        for found in of_port(nic, view):
            mismatch = contradiction(nic, found)
            if mismatch and not (found.directory and found.directory.macid is None):
                faults.append(mismatch)
            else:
                mine[found.address] = nic
    return mine, faults


def _no_room(port_id: str, vdev: model.Vdev, userid: model.Userid) -> Mismatch:
    last = vdevs.block(vdev)[-1]
    reason = f"port {port_id} asks for devices {vdev} to {last:04X} of {userid}, which are not all free"
    return Mismatch(port_id, Fault.CLAIMS, reason)


def _rivals(nics: Iterable[Nic]) -> Iterator[Mismatch]:
    """Ports that are asked for twice, or together for one MAC."""
    yield from _repeated(nics, lambda nic: nic.port_id, "port {0.port_id} is asked for twice")
    same_mac = "port {0.port_id} has MAC {0.mac}, and so has another: Neutron must give each its own"
    yield from _repeated(nics, lambda nic: nic.mac, same_mac)


def _repeated(nics: Iterable[Nic], key: Callable[[Nic], str], text: str) -> Iterator[Mismatch]:
    groups: dict[str, list[Nic]] = collections.defaultdict(list)
    for nic in nics:
        groups[key(nic)].append(nic)
    for group in groups.values():
        for nic in group[1:] and group:
            yield Mismatch(nic.port_id, Fault.CLAIMS, text.format(nic))


def mismatches(nics: Iterable[Nic], view: model.GuestView) -> Iterator[Mismatch]:
    """All differences between the ports and the guest's NICs."""
    for nic in nics:
        found = match(nic, view)
        if isinstance(found, Mismatch):
            yield found
        elif found is None or found.directory is None:
            where = f"NIC {found.address} of port" if found else "the NIC of port"
            reason = f"{where} {nic.port_id} is not in the user directory of {view.userid}: plug it again"
            yield Mismatch(nic.port_id, Fault.MISSING, reason)
        elif view.logged_on:
            yield from _live_mismatch(nic, found)


def _live_mismatch(nic: Nic, found: model.GuestNic) -> Iterator[Mismatch]:
    """Source: CP makes NICs with their MACID at logon; no function of SMAPI makes a live one with a MACID.

    Through xCAT CP is told before, and may have refused.
    """
    if found.live is None:
        what = f"NIC {found.address} of port {nic.port_id} is not live"
        yield Mismatch(nic.port_id, Fault.NOT_LIVE, f"{what}: it comes with the guest's next logon")
    elif found.live.mac and found.live.mac != nic.mac:
        reason = (
            f"NIC {found.address} is live with MAC {found.live.mac}, which z/VM has picked: it gets MAC "
            f"{nic.mac} of port {nic.port_id} with the guest's next logon"
        )
        yield Mismatch(nic.port_id, Fault.LIVE, reason)
