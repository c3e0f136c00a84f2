"""Reading smcli's listing of vswitches (Virtual_Network_Vswitch_Query_Extended). Pure.

A vswitch is a run of `key: value` lines: first its attributes, then a group of lines per real device, per
authorization, per coupled NIC. Keys this module does not know are passed over. An authorization or NIC that
lacks a line makes the whole listing Untrusted, and so does smcli's own "Error ... is NULL!!" about one: it
drops the rest of the list then. One such error is known exactly: "Error vlan_info is NULL!!" stands where
xCAT's smcli has met a user without VLAN and has left out that one and all further users of the vswitch, but
nothing else. Today's smcli prints the vids as plain numbers and NONE; that of xCAT's zHCP prints them as they
come, 00100 and 32768 (none), and ranges.
Source: zVMopenstack/zhcp and feilong zthin, smcliVirtual.c; samples: pysmapi captures.
"""

import collections
import dataclasses
import re
from collections.abc import Iterable, Iterator

from networking_zvm import errors, model
from networking_zvm.hypervisor import nicdef

_Line = tuple[str, str]

_ATTRIBUTES = (
    "switch_name",
    "transport_type",
    "vlan_awareness",
    "vlan_id",
    "switch_status",
    "user_port_based",
)
_GRANT = ("grant_userid", "vlan_count")
_NIC = ("adapter_owner", "adapter_vdev", "adapter_macaddr")
_USERS_LEFT_OUT = "vlan_info"
_USER = {"port_num", *_GRANT, "user_vlan_id", _USERS_LEFT_OUT}
_MATTERS = {*_ATTRIBUTES, *_NIC, *_USER}
_HARMLESS_GAPS = {
    "real_device_address",
    "virtual_device_address",
    "controller_name",
    "port_name",
    "device_status",
    "device_error_status",
}
_GAP = re.compile(r"Error (\w+)\s+is NULL!!")
_ERROR = "Error"
_NO_VLAN = {"NONE", "0", "0000", "00000", "32768"}
_RDEV = re.compile(r"[0-9A-F]{4}")
_READY, _ACTIVE = "8", "1"
_PORT_TYPES = {port_type.upper(): port_type for port_type in model.PortType}


@dataclasses.dataclass(frozen=True, slots=True)
class Listing:
    """All vswitches and all NICs coupled to one. incomplete: the vswitches that lack users."""

    vswitches: dict[model.VSwitchName, model.VSwitch]
    live: dict[model.NicAddress, model.LiveNic]
    incomplete: set[model.VSwitchName] = dataclasses.field(default_factory=set)


def read_listing(text: str) -> Listing:
    """What the listing says. Raises Untrusted."""
    listing = Listing({}, {})
    for block in _blocks(text):
        try:
            vswitch = _vswitch(block)
            nics = list(_nics(block, vswitch.name))
        except errors.InvalidValue as error:
            raise _untrusted(f"{block[0][1]}: {error}") from None
        if vswitch.name in listing.vswitches:
            raise _untrusted(f"{vswitch.name} is listed twice")
        listing.vswitches[vswitch.name] = vswitch
        if (_USERS_LEFT_OUT, "") in block:
            listing.incomplete.add(vswitch.name)
        for nic in nics:
            if nic.address in listing.live:
                raise _untrusted(f"NIC {nic.address} is listed twice")
            listing.live[nic.address] = nic
    return listing


def _untrusted(what: str) -> errors.Untrusted:
    return errors.Untrusted(f"Virtual_Network_Vswitch_Query_Extended: {what}")


def _blocks(text: str) -> list[list[_Line]]:
    """The lines of each vswitch."""
    blocks: list[list[_Line]] = []
    for line in text.split("\n"):
        if line.strip().startswith(_ERROR):
            gap = _GAP.fullmatch(line.strip())
            if gap and gap[1] in _HARMLESS_GAPS:
                continue
            if not gap or gap[1] != _USERS_LEFT_OUT:
                raise _untrusted(f"smcli says {line.strip()!r}")
            line = gap[1]
        key, _, value = line.strip().partition(":")
        if key == "switch_name":
            blocks.append([])
        elif not blocks and key in _MATTERS:
            raise _untrusted(f"the line {line.strip()!r} belongs to no vswitch")
        if blocks:
            blocks[-1].append((key, value.strip()))
    return blocks


def _vswitch(block: list[_Line]) -> model.VSwitch:
    attributes = _complete(block, _ATTRIBUTES)
    layer_2 = _either("transport_type", attributes, "IP", "ETHERNET")
    aware = _either("vlan_awareness", attributes, "UNAWARE", "AWARE")
    rdevs = _rdevs(block)
    return model.VSwitch(
        name=model.VSwitchName(attributes["switch_name"]),
        layer=model.Layer.ETHERNET if layer_2 else model.Layer.IP,
        vlan_aware=aware,
        default_vlan=_vlan(attributes["vlan_id"]) if aware else None,
        port_based=_either("user_port_based", attributes, "USERBASED", "PORTBASED"),
        uplink=_uplink(attributes["switch_status"], rdevs, block),
        rdevs=rdevs,
        grants=_grants(block),
        port_type=_PORT_TYPES.get(_first(block, "port_type").upper()) if aware else None,
        native_vlan=_vlan(_first(block, "native_vlan_id") or "NONE") if aware else None,
    )


def _first(block: list[_Line], key: str) -> str:
    """The first value, "" where there is none: no port depends on it."""
    return next((value for name, value in block if name == key), "")


def _either(key: str, attributes: dict[str, str], no: str, yes: str) -> bool:
    value = attributes[key].upper()
    if value not in (no, yes):
        raise errors.InvalidValue(f"{key} {value!r}: must be {no} or {yes}")
    return value == yes


def _vlan(text: str) -> model.VlanId | None:
    if text.upper() in _NO_VLAN:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise errors.InvalidValue(f"vlan_id {text!r}: must be a number")
    return model.VlanId(text)


def _rdevs(block: list[_Line]) -> tuple[str, ...]:
    """The real devices. SMAPI of 7.1 repeats the first in place of the others; 0000 stands for none."""
    found = dict.fromkeys(value.upper() for key, value in block if key == "real_device_address")
    return tuple(rdev for rdev in found if _RDEV.fullmatch(rdev) and rdev != "0000")


def _uplink(status: str, rdevs: tuple[str, ...], block: list[_Line]) -> model.Uplink:
    """switch_status 8 is ready. With link aggregation smcli garbles it; then an active device decides."""
    if status == _READY:
        return model.Uplink.READY
    if not status.isdecimal() and ("device_status", _ACTIVE) in block:
        return model.Uplink.READY
    return model.Uplink.DOWN if rdevs else model.Uplink.NONE


def _grants(block: list[_Line]) -> dict[model.Userid, frozenset[model.VlanId]]:
    """Who may use the vswitch. A guest with ports of its own is listed once for each; they are one here."""
    grants: dict[model.Userid, frozenset[model.VlanId]] = collections.defaultdict(frozenset)
    keys = [key for key, _ in block if key in _USER]
    if _USERS_LEFT_OUT in keys[:-1]:
        raise errors.InvalidValue("users are listed although smcli says that it has left out the rest")
    for lines in _groups(block, "port_num", {*_GRANT, "user_vlan_id"}):
        values = _complete(lines, _GRANT)
        vids = [value.upper() for key, value in lines if key == "user_vlan_id"]
        vlans = nicdef.vlan_set(vid for vid in vids if vid not in _NO_VLAN)
        userid, count = model.Userid(values["grant_userid"]), values["vlan_count"]
        if count not in (str(len(vids)), str(len(vlans))):
            raise errors.InvalidValue(f"{userid} has a vlan_count of {count!r}, but {len(vids)} are listed")
        grants[userid] |= vlans
    return dict(grants)


def _nics(block: list[_Line], vswitch: model.VSwitchName) -> Iterator[model.LiveNic]:
    for lines in _groups(block, "adapter_owner", set(_NIC)):
        values = _complete(lines, _NIC)
        address = model.NicAddress(model.Userid(values["adapter_owner"]), model.Vdev(values["adapter_vdev"]))
        yield model.LiveNic(address, model.Mac(values["adapter_macaddr"]), vswitch)


def _groups(block: list[_Line], first: str, others: set[str]) -> Iterator[list[_Line]]:
    """Runs of lines that begin with the key `first` and go on with `others`."""
    group: list[_Line] | None = None
    for line in block:
        if line[0] == first:
            if group:
                yield group
            group = [line]
        elif line[0] in others:
            if group is None:
                raise errors.InvalidValue(f"{line[0]} {line[1]!r} stands before any {first}")
            group.append(line)
    if group:
        yield group


def _complete(lines: Iterable[_Line], keys: tuple[str, ...]) -> dict[str, str]:
    """The values of keys that must occur exactly once."""
    lines = list(lines)
    values = {key: value for key, value in lines if key in keys}
    if len(values) < len(keys) or sum(key in keys for key, _ in lines) > len(keys):
        raise errors.InvalidValue(f"{', '.join(keys)}: not all of them are listed once in {lines!r}")
    return values
