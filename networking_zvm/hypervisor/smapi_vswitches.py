"""Reading SMAPI's bulk answer about vswitches (Virtual_Network_Vswitch_Query_Extended). Pure.

It holds the number of vswitches and, for each, a structure of six counted parts: attributes, real devices,
users, coupled NICs, uplink NIC, global members. All are texts of words between blanks. A user with port
number 0 has a grant; any other number is that of a port kept for the user.
Sources: pysmapi captures of z/VM 7.1; feilong zthin smcliVirtual.c for the meaning of the words.
"""

import collections
import re

from networking_zvm import errors, model
from networking_zvm.hypervisor import nicdef
from networking_zvm.hypervisor.smapi_wire import Answer, Reader
from networking_zvm.hypervisor.vswitch_listing import Listing

_NO_VLAN = {"NONE", "0", "0000", "00000", "32768"}
_RDEV = re.compile(r"[0-9A-F]{4}")
_READY = "8"
_PORT_TYPES = {port_type.upper(): port_type for port_type in model.PortType}


def read_vswitches(answer: Answer) -> Listing:
    """All vswitches and all NICs coupled to one. Raises Untrusted."""
    listing = Listing({}, {})
    payload = Reader(answer.payload)
    try:
        for _ in range(payload.number()):
            _read_one(payload.part(), listing)
        payload.end()
    except errors.InvalidValue as error:
        raise errors.Untrusted(f"Virtual_Network_Vswitch_Query_Extended: {error}") from None
    return listing


def _read_one(structure: Reader, listing: Listing) -> None:
    attributes, devices, users, nics = (structure.part().strings() for _ in range(4))
    while structure:
        structure.part()
    if len(attributes) != 1:
        raise errors.InvalidValue(f"a vswitch has {len(attributes)} lines of attributes")
    vswitch = _vswitch(_words(attributes[0]), devices, users)
    if vswitch.name in listing.vswitches:
        raise errors.InvalidValue(f"{vswitch.name} is listed twice")
    listing.vswitches[vswitch.name] = vswitch
    for line in nics:
        nic = _live_nic(line, vswitch.name)
        if nic.address in listing.live:
            raise errors.InvalidValue(f"NIC {nic.address} is listed twice")
        listing.live[nic.address] = nic


def _vswitch(words: list[str], devices: list[str], users: list[str]) -> model.VSwitch:
    """words: name, transport, port type, queue, routing, awareness, VLAN, native VLAN, MAC, two of GVRP,
    status; further on, at a place that depends on the level, USERBASED or PORTBASED.
    """
    if len(words) < 12:
        raise errors.InvalidValue(f"attributes of a vswitch are missing: {' '.join(words)!r}")
    name, transport, awareness, vlan, status = words[0], words[1], words[5], words[6], words[11]
    native = words[7]
    aware = _either(awareness, "UNAWARE", "AWARE")
    based = [word for word in words[12:] if word in ("USERBASED", "PORTBASED")]
    rdevs = _rdevs(devices)
    granted, ports = _users(users)
    return model.VSwitch(
        name=model.VSwitchName(name),
        layer=model.Layer.ETHERNET if _either(transport, "IP", "ETHERNET") else model.Layer.IP,
        vlan_aware=aware,
        default_vlan=model.VlanId(vlan) if aware and vlan not in _NO_VLAN else None,
        port_based=_either(" ".join(based), "USERBASED", "PORTBASED"),
        uplink=_uplink(status, rdevs),
        rdevs=rdevs,
        grants={userid: frozenset().union(*sets) for userid, sets in granted.items()},
        defaulted=frozenset(userid for userid, sets in granted.items() if any(sets) and not all(sets)),
        ports=ports,
        port_type=_PORT_TYPES.get(words[2]) if aware else None,
        native_vlan=model.VlanId(native) if aware and native not in _NO_VLAN else None,
    )


def _words(line: str) -> list[str]:
    """In upper case, where letters of another alphabet could turn into others."""
    if not line.isascii():
        raise errors.InvalidValue(f"{line!r} holds letters of another alphabet")
    return line.upper().split()


def _either(value: str, no: str, yes: str) -> bool:
    if value not in (no, yes):
        raise errors.InvalidValue(f"attribute {value!r}: must be {no} or {yes}")
    return value == yes


def _rdevs(lines: list[str]) -> tuple[str, ...]:
    """The real devices. SMAPI of 7.1 repeats the first in place of the others; 0000 stands for none."""
    found = dict.fromkeys(line.upper()[:4] for line in lines)
    return tuple(rdev for rdev in found if _RDEV.fullmatch(rdev) and rdev != "0000")


def _uplink(status: str, rdevs: tuple[str, ...]) -> model.Uplink:
    if status == _READY:
        return model.Uplink.READY
    return model.Uplink.DOWN if rdevs else model.Uplink.NONE


def _users(
    lines: list[str],
) -> tuple[dict[model.Userid, list[frozenset[model.VlanId]]], dict[int, model.SwitchPort]]:
    """Each guest's grants, of which it may have several, and the ports.

    Guess: a port whose NIC is coupled by a directory record with its number is listed once for each reason.
    """
    grants: dict[model.Userid, list[frozenset[model.VlanId]]] = collections.defaultdict(list)
    ports: dict[int, model.SwitchPort] = {}
    for line in lines:
        port, userid, vlans = _user(_words(line))
        if port == 0:
            grants[userid].append(vlans)
        elif port in ports and ports[port].userid != userid:
            raise errors.InvalidValue(f"port {port} is listed for two guests")
        else:
            before = ports[port].vlans if port in ports else frozenset()
            ports[port] = model.SwitchPort(userid, vlans | before)
    return grants, ports


def _user(words: list[str]) -> tuple[int, model.Userid, frozenset[model.VlanId]]:
    """words: port number, userid, promiscuous, OSD simulation, number of VLANs, the VLANs or their ranges."""
    if len(words) < 5:
        raise errors.InvalidValue(f"a user is listed as {' '.join(words)!r}")
    userid, vids = model.Userid(words[1]), words[5:]
    vlans = nicdef.vlan_set(vid for vid in vids if vid not in _NO_VLAN)
    if words[4] not in (str(len(vids)), str(len(vlans))):
        raise errors.InvalidValue(f"{userid} has {words[4]!r} VLANs, but {len(vids)} are listed")
    return _port(words[0]), userid, vlans


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5):
        raise errors.InvalidValue(f"port number {text!r}: must be a number")
    return int(text)


def _live_nic(line: str, vswitch: model.VSwitchName) -> model.LiveNic:
    """line: owner, virtual device, MAC, type."""
    words = _words(line)
    if len(words) < 3:
        raise errors.InvalidValue(f"a NIC is listed as {line!r}")
    address = model.NicAddress(model.Userid(words[0]), model.Vdev(words[1]))
    return model.LiveNic(address, model.Mac(words[2]), vswitch)
