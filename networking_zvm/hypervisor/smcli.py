"""The words for each change: of smcli, SMAPI's command line, and what its answers say. Pure.

A change that succeeds ends with `Done`, on its own or after the words that tell what is being done; one
that fails says `Failed` (or `Started`, 592) and its codes. Both layouts, that of xCAT's zHCP and today's, are
read. Sources: zVMopenstack/zhcp and feilong zthin, smcliVirtual.c, smcliImageDefinition.c, wrapperutils.c.
"""

import dataclasses
import re
from collections.abc import Iterable
from typing import assert_never

from networking_zvm import errors, model
from networking_zvm.hypervisor import base, cp_texts, smapi_codes, smapi_keywords

PROGRAM = "/opt/zhcp/bin/smcli"

Words = tuple[str, ...]
ZvmChange = (
    base.DefineNic
    | base.RemoveNic
    | base.Couple
    | base.Uncouple
    | base.Authorize
    | base.Deauthorize
    | base.PortChange
)

_CODE = re.compile(r"^\s*(Return|Reason) Code:[ \t]*(0|-?[1-9][0-9]{0,8})[ \t\r]*$", re.MULTILINE)
_ANY_CODE = re.compile(r"^\s*(?:Return|Reason) Code:", re.MULTILINE)
_WORDS_OF_SERVER = re.compile(r"^\s*(?:Description|Details):\s*(?:ULGSMC\w+\s)?\s*(\S.*?)\s*$", re.MULTILINE)
_DONE = re.compile(r"(?:^|\.\.\.\s*)Done\s*\Z", re.MULTILINE)
_USAGE = re.compile(r"^\s*(?:ERROR: (?:Missing|Unsupported|Too many)|Unknown option|This option requires)")
_LAN = re.compile(r"^\s*LAN (owner|name):[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """One call of smcli. already: codes by which it fails because what is asked for holds already.

    couples: the vswitch of a live coupling, where "already connected" leaves open to what. makes: a live NIC,
    where "exists already" leaves open what does. instead: what is to be done where it fails because a grant
    is there already. is_wish: it is a command for CP, whose refusal leaves a worse NIC and no failure.
    """

    words: Words
    already: frozenset[smapi_codes.Codes] = frozenset()
    couples: base.Couple | None = None
    makes: model.NicAddress | None = None
    instead: tuple["Command", ...] = ()
    is_wish: bool = False

    def __str__(self) -> str:
        return f"{self.words[1]} of {self.words[3]}"


def commands(change: ZvmChange, persistent: bool) -> tuple[Command, ...]:
    """What carries out the change. persistent: grants shall survive an IPL (SYSTEM CONFIG is updated).

    The directory comes before the live guest, so that a logon in between finds the new state. Raises Refused
    for authorization by directory or by port: xCAT's zHCP is older than the former (z/VM 7.1), and has no
    command that writes a port's number into the directory.
    """
    match change:
        case base.DefineNic():
            return tuple(_define(change))
        case base.RemoveNic():
            return tuple(_remove(change))
        case base.Couple() if not (change.vlans or change.port):
            return tuple(_couple(change))
        case base.Uncouple():
            return tuple(_uncouple(change))
        case base.Authorize():
            return (_authorize(change, persistent),)
        case base.Deauthorize():
            return (_deauthorize(change, persistent),)
        case (
            base.Couple()
            | base.AssignPort()
            | base.ReleasePort()
            | base.AllowVlan()
            | base.DenyVlan()
        ):
            raise errors.Refused(f"{change}: through xCAT guests are authorized by grant only")
        case _:
            assert_never(change)


def create_vswitch(caller: model.Userid, spec: model.VSwitchSpec, persistent: bool) -> Command:
    """The Extended function: the older one cannot make a VLAN aware vswitch without a default VLAN.

    It is known from z/VM 6.1.1 on (zhcp smcli.c).
    """
    settings = smapi_keywords.create_vswitch(spec, persistent)
    words = _words("Virtual_Network_Vswitch_Create_Extended", caller, *_settings(settings))
    return Command(words, frozenset({smapi_codes.VSWITCH_EXISTS}))


def failure(what: str, text: str) -> errors.HypervisorError | None:
    """Why a change failed, from the text it printed; None if it says that it was done."""
    found = [(match[1], int(match[2])) for match in _CODE.finditer(text)]
    codes, any_codes = dict(found), len(_ANY_CODE.findall(text))
    said = "; ".join(match[1] for match in _WORDS_OF_SERVER.finditer(text))
    if "Return" in codes and len(codes) == len(set(found)) and len(found) == any_codes:
        return smapi_codes.failure(f"{what}: {said}" if said else what, codes["Return"], codes.get("Reason"))
    if _DONE.search(text.rstrip()) and not any_codes:
        return None
    kind = errors.Refused if _USAGE.search(text) else errors.Unknown
    return kind(f"{what}: smcli says {' '.join(text.split())[:160]!r}")


def nic_query(address: model.NicAddress) -> Words:
    """Asks what the live NIC is coupled to; fails if there is none."""
    return _words("Virtual_Network_Adapter_Query", address.userid, "-v", address.vdev)


def is_coupled_to(text: str, vswitch: model.VSwitchName) -> bool:
    """Whether the answer to nic_query() names this vswitch."""
    lan = {(match[1], match[2].upper()) for match in _LAN.finditer(text)}
    return lan == {("owner", "SYSTEM"), ("name", str(vswitch))}


def _words(function: str, target: str, *options: str) -> Words:
    return (PROGRAM, function, "-T", str(target), *options)


def _settings(values: dict[str, str]) -> Iterable[str]:
    for key, value in values.items():
        yield from ("-k", f"{key}={value}")


def _define(change: base.DefineNic) -> Iterable[Command]:
    """In a running guest by the older function, which every smcli has; one that is off has no need of it.

    None of SMAPI's functions gives a live NIC its MAC, so CP is told before.
    """
    address = change.address
    settings = smapi_keywords.nicdef(address, change.mac, change.vswitch)
    yield Command(_words("Image_Definition_Update_DM", address.userid, *_settings(settings)))
    if change.live:
        qdio = ("-t", "2", "-d", "3")
        already = smapi_codes.NO_GUEST | {smapi_codes.NIC_EXISTS}
        yield Command(cp_texts.choose_mac(address, change.mac), is_wish=True)
        yield Command(_nic("Create", address, *qdio), already, makes=address)


def _nic(function: str, address: model.NicAddress, *options: str) -> Words:
    return _words(f"Virtual_Network_Adapter_{function}", address.userid, "-v", address.vdev, *options)


def _remove(change: base.RemoveNic) -> Iterable[Command]:
    yield Command(_nic("Delete_DM", change.address), smapi_codes.NO_NIC)
    if change.live:
        yield Command(_nic("Delete", change.address), smapi_codes.NO_NIC)
        yield Command(cp_texts.leave_mac(change.address), is_wish=True)


def _couple(change: base.Couple) -> Iterable[Command]:
    if change.directory:
        yield Command(_nic("Connect_Vswitch_DM", change.address, "-n", change.vswitch))
    if change.live:
        words = _nic("Connect_Vswitch", change.address, "-n", change.vswitch)
        yield Command(words, frozenset({smapi_codes.ALREADY_COUPLED}), couples=change)


def _uncouple(change: base.Uncouple) -> Iterable[Command]:
    if change.directory:
        yield Command(_nic("Disconnect_DM", change.address), smapi_codes.NOT_COUPLED)
    if change.live:
        yield Command(_nic("Disconnect", change.address), smapi_codes.NOT_COUPLED)


def _authorize(change: base.Authorize, persistent: bool) -> Command:
    grant = _set_vswitch(change.userid, smapi_keywords.authorize(change, persistent))
    if not change.replaces:
        return grant
    revoke = _deauthorize(base.Deauthorize(change.userid, change.vswitch), persistent)
    return dataclasses.replace(grant, instead=(revoke, grant))


def _deauthorize(change: base.Deauthorize, persistent: bool) -> Command:
    settings = smapi_keywords.deauthorize(change, persistent)
    return _set_vswitch(change.userid, settings, smapi_codes.NO_GRANT)


def _set_vswitch(
    userid: model.Userid, settings: dict[str, str], already: frozenset[smapi_codes.Codes] = frozenset()
) -> Command:
    words = _words("Virtual_Network_Vswitch_Set_Extended", userid, *_settings(settings))
    return Command(words, already)
