"""Completing smcli's listing of vswitches by its older one (Virtual_Network_Vswitch_Query). Pure.

smcli of xCAT's zHCP stops listing a vswitch's users at the first whom SMAPI shows without VLAN; z/VM 7.1
shows all users of VLAN unaware vswitches so. The older listing names every user. For an unaware vswitch that
is all there is to know. Of an aware one it tells who is that first user; the VLANs of those after it stay
unknown.
Guess: both listings name the users in the same order, as they do in pysmapi's captures; where they are seen
not to, all whom the first listing lacks stay unknown.
Sources: zVMopenstack/zhcp smcliVirtual.c, both queries; pysmapi captures.
"""

import dataclasses
import re
from collections.abc import Sequence

from networking_zvm import errors, model
from networking_zvm.hypervisor.vswitch_listing import Listing

_NO_VLANS: frozenset[model.VlanId] = frozenset()
_VSWITCH = re.compile(r"^VSWITCH:\s+Name:[ \t]*", re.MULTILINE)
_USERS = re.compile(r"^\s*Authorized users:\s*\n(.*?)^\s*Connections:", re.MULTILINE | re.DOTALL)
_USER = re.compile(r"^\s*User:[ \t]*(.*)$", re.MULTILINE)


def complete(listing: Listing, text: str) -> Listing:
    """The listing with the users it lacks. text: the older listing of all vswitches. Raises Untrusted."""
    try:
        users = _read(text)
    except errors.InvalidValue as error:
        raise _untrusted(str(error)) from None
    vswitches = dict(listing.vswitches)
    for name in listing.incomplete:
        if name not in users:
            raise _untrusted(f"vswitch {name} is not listed")
        vswitches[name] = _with_users(vswitches[name], users[name])
    return Listing(vswitches, listing.live)


def _untrusted(what: str) -> errors.Untrusted:
    return errors.Untrusted(f"Virtual_Network_Vswitch_Query: {what}")


def _read(text: str) -> dict[model.VSwitchName, list[model.Userid]]:
    """Who may use each vswitch, everyone once."""
    found: dict[model.VSwitchName, list[model.Userid]] = {}
    for block in _VSWITCH.split(text)[1:]:
        name = model.VSwitchName(block.partition("\n")[0])
        users = _USERS.search(block)
        names = _USER.findall(users[1]) if users else []
        lines = [line for line in users[1].split("\n") if line.strip()] if users else []
        if not users or name in found or not len(names) == len(lines) == len(_USER.findall(block)):
            raise _untrusted(f"vswitch {name} is not listed once with its users")
        found[name] = list(dict.fromkeys(map(model.Userid, names)))
    return found


def _with_users(vswitch: model.VSwitch, users: Sequence[model.Userid]) -> model.VSwitch:
    listed = list(vswitch.grants)
    dropped = [user for user in users if user not in vswitch.grants]
    in_order = users[: len(listed)] == listed
    unclear = frozenset(dropped[1:] if in_order else dropped) if vswitch.vlan_aware else frozenset()
    grants = {**vswitch.grants, **dict.fromkeys(dropped, _NO_VLANS)}
    return dataclasses.replace(vswitch, grants=grants, unclear=unclear)
