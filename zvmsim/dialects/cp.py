"""CP commands as guests issue them with vmcp: QUERY, DEFINE NIC, COUPLE, UNCOUPLE, DETACH NIC, SET NIC, the
GRANT and REVOKE of SET VSWITCH, and (in `cp_spool`) those for reader files.

`speak_cp(world)` makes a world answer them. A refusal's return code is the number of its HCP message.
Source: CP Commands and Utilities Reference (abbreviations), tessia-baselib guests/cms (NIC created), Feilong
utils.py and xCAT zvmUtils.pm (message numbers that clients match). Guess: texts of messages that no client
quotes; module letters vary on real systems and clients match `HCP...nnnE`.
"""

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from zvmsim.dialects import cp_displays, cp_spool
from zvmsim.world import names
from zvmsim.world.answers import CpReply
from zvmsim.world.functions import carry_out
from zvmsim.world.guest import Nic
from zvmsim.world.smapi import Request, SmapiError
from zvmsim.world.system import System
from zvmsim.world.views import lan_infos, system_info, vmlan_info, vswitch_infos
from zvmsim.world.world import World

Command = Callable[[System, str, Sequence[str]], Iterator[str]]
"""Carries out a command of (system, caller, operands) and gives the lines it prints."""


class _CpError(Exception):
    """A refused command; the message is printed, its number is the return code."""

    def __init__(self, module: str, number: int, text: str) -> None:
        super().__init__(f"HCP{module}{number:03}E {text}")
        self.number = number


def speak_cp(world: World) -> None:
    """Let the world's CP commands, and the COMMAND statements of its directories, be carried out here."""
    world.cp_processor = process


def process(system: System, caller: str, command: str) -> CpReply:
    """Carry out one command under the world's lock."""
    words = command.upper().split()
    try:
        return CpReply(0, tuple(_dispatch(_COMMANDS, words)(system, caller)))
    except _CpError as error:
        return CpReply(error.number, (str(error),))
    except SmapiError as error:
        refusal = _refusal(error, words)
        return CpReply(refusal.number, (str(refusal),))


def _dispatch(
    commands: Sequence[tuple[str, Command]], words: Sequence[str]
) -> Callable[[System, str], Iterator[str]]:
    """Find the command; capitals of its name are its shortest abbreviation."""
    verb = words[0] if words else ""
    for name, command in commands:
        shortest = sum(1 for letter in name if letter.isupper())
        if len(verb) >= shortest and name.upper().startswith(verb):
            return functools.partial(_run, command, words[1:])
    raise _CpError("CMD", 1, f"Unknown CP command: {verb}")


def _run(command: Command, operands: Sequence[str], system: System, caller: str) -> Iterator[str]:
    return command(system, caller, operands)


def _refusal(error: SmapiError, words: Sequence[str]) -> _CpError:
    """The HCP message for a refusal that SMAPI reports with codes."""
    device = next((_padded(word) for word in words if re.fullmatch(r"[0-9A-F]{1,4}", word)), "")
    target = " ".join(words[-2:])
    texts = {
        (200, 4): ("CQU", 45, f"{_userid_in(error)} not logged on"),
        (200, 12): ("CQU", 45, f"{_userid_in(error)} not logged on"),
        (204, 4): ("NDF", 2797, f"NIC {device} not created; device {device} is already defined"),
        (204, 8): ("NDQ", 40, f"Device {device} does not exist"),
        (204, 20): ("CPL", 2789, f"NIC {device} is already connected to {target}"),
        (204, 48): ("UNC", 2790, f"NIC {device} is not connected"),
        (212, 8): ("CPL", 6011, f"You are not authorized to COUPLE to {target}"),
        (212, 28): ("CPL", 2791, f"NIC {device} cannot be connected to {target}"),
        (212, 40): ("SWU", 2788, error.why),
    }
    module, number, text = texts.get((error.rc, error.rs), ("NET", error.rs or error.rc, error.why))
    return _CpError(module, number, text)


def _userid_in(error: SmapiError) -> str:
    return error.why.partition(" ")[0]


def _padded(vdev: str) -> str:
    return vdev.rjust(4, "0")


def _device(operands: Sequence[str], at: int) -> str:
    return _named(names.device, operands, at)


def _named(check: Callable[[str], str], operands: Sequence[str], at: int) -> str:
    if at >= len(operands):
        raise _CpError("CFC", 26, "Operand missing or invalid")
    try:
        return check(operands[at])
    except ValueError:
        raise _CpError("CFC", 3, f"Invalid option - {operands[at]}") from None


# QUERY


def _query(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    if not operands:
        raise _CpError("CFC", 26, "Operand missing or invalid")
    try:
        command = _dispatch(_QUERIES, operands)
    except _CpError:
        return _query_something(system, caller, operands)
    return command(system, caller)


def _query_something(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    """QUERY vdev or QUERY userid: a word that is no keyword."""
    guest = system.guests.get(caller)
    if re.fullmatch(r"[0-9A-F]{1,4}", operands[0]) and operands[0] not in system.directory.source:
        number = int(operands[0], 16)
        for nic in guest.nics.values() if guest else ():
            if number in nic.range:
                return iter([cp_displays.virtual_device(nic, number)])
        raise _CpError("QVD", 40, f"Device {_padded(operands[0])} does not exist")
    return _query_user(system, caller, operands)


def _query_userid(system: System, caller: str, _operands: Sequence[str]) -> Iterator[str]:
    yield f"{caller:8} AT {system.name}"


def _query_cplevel(system: System, _caller: str, _operands: Sequence[str]) -> Iterator[str]:
    return cp_displays.cplevel(system_info(system))


def _query_user(system: System, _caller: str, operands: Sequence[str]) -> Iterator[str]:
    if not operands:
        yield f"{len(system.guests):5} USERS,     0 DIALED,     0 NET"
        return
    if operands[0] not in system.guests:
        raise _CpError("CQU", 45, f"{operands[0]} not logged on")
    yield cp_displays.user(operands[0])


def _query_names(system: System, _caller: str, _operands: Sequence[str]) -> Iterator[str]:
    return cp_displays.names(list(system.guests))


def _query_virtual(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    if operands[:1] == ["NIC"]:
        return _query_nic(system, caller, operands[1:])
    if not operands or operands[0] == "ALL":
        return _query_nic(system, caller, ())
    return _query_something(system, caller, operands)


def _query_nic(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    guest = system.guests.get(caller)
    nics = guest.nics if guest else {}
    if operands:
        vdev = _device(operands, 0)
        if vdev not in nics:
            raise _CpError("NDQ", 40, f"Device {vdev} does not exist")
        return cp_displays.virtual_nic(nics[vdev], _on_vswitch(system, nics[vdev]))
    if not nics:
        raise _CpError("NDQ", 40, "NIC does not exist")
    return (line for nic in nics.values() for line in cp_displays.virtual_nic(nic, _on_vswitch(system, nic)))


def _on_vswitch(system: System, nic: Nic) -> bool:
    return nic.lan_owner == "SYSTEM" and nic.lan_name in system.vswitches


def _query_lan(system: System, _caller: str, operands: Sequence[str]) -> Iterator[str]:
    found = [lan for lan in lan_infos(system) if not operands or lan.name == operands[-1]]
    if operands and not found:
        raise _CpError("QLN", 2788, f"LAN {operands[-1]} does not exist")
    return (line for lan in found for line in cp_displays.lan(lan))


def _query_vswitch(system: System, _caller: str, operands: Sequence[str]) -> Iterator[str]:
    words = [word for word in operands if word != "SYSTEM"]
    details = _DETAILS.get(words[-1][:3], "") if words else ""
    wanted = [word for word in words if word[:3] not in _DETAILS]
    found = vswitch_infos(system, wanted[0] if wanted else "*")
    return (line for info in found for line in cp_displays.vswitch(info, details))


_DETAILS = {"ACC": "ACCESSLIST", "DET": "DETAILS"}


def _query_vmlan(system: System, _caller: str, _operands: Sequence[str]) -> Iterator[str]:
    return cp_displays.vmlan(vmlan_info(system))


_QUERIES: tuple[tuple[str, Command], ...] = (
    ("Virtual", _query_virtual),
    ("NIC", _query_nic),
    ("USERID", _query_userid),
    ("CPLEVEL", _query_cplevel),
    ("Users", _query_user),
    ("Names", _query_names),
    ("LAN", _query_lan),
    ("VSWITCH", _query_vswitch),
    ("VMLAN", _query_vmlan),
)


# Changes


def _define(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    """DEFINE NIC vdev [TYPE] [QDIO|HIPERsockets] [DEVices n] [MACID mmmmmm]."""
    if operands[:1] != ["NIC"]:
        raise _CpError("DEF", 3, f"Invalid option - {' '.join(operands[:1])}")
    vdev = _device(operands, 1)
    words = [word for word in operands[2:] if word != "TYPE"]
    options = dict(itertools.pairwise(words))
    devices = next((value for key, value in options.items() if key.startswith("DEV")), "3")
    nic = system.define_nic(
        caller,
        vdev,
        "HIPERSOCKETS" if words and words[0].startswith("HIPER") else "QDIO",
        int(devices) if devices.isdecimal() else 3,
        _named(names.mac_id, [options["MACID"]], 0) if "MACID" in options else "",
    )
    yield f"NIC {nic.vdev} is created; devices {nic.vdev}-{nic.range[-1]:04X} defined"


def _couple(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    """COUPLE vdev [TO] owner name."""
    words = [word for word in operands if word != "TO"]
    vdev, owner = _device(words, 0), _named(str, words, 1)
    name = _named(names.name, words, 2)
    system.couple(caller, vdev, name, caller if owner == "*" else owner)
    yield f"NIC {vdev} is connected to {_place(system, owner, name)}"


def _uncouple(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    nic = system.nic(caller, _device(operands, 0))
    system.uncouple(caller, nic.vdev)
    yield f"NIC {nic.vdev} is disconnected from {_place(system, nic.lan_owner, nic.lan_name)}"


def _place(system: System, owner: str, name: str) -> str:
    is_vswitch = owner == "SYSTEM" and name in system.vswitches
    return f"{'VSWITCH' if is_vswitch else 'LAN'} {owner} {name}"


def _detach(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    if operands[:1] != ["NIC"]:
        raise _CpError("DTC", 3, f"Invalid option - {' '.join(operands[:1])}")
    nic = system.nic(caller, _device(operands, 1))
    system.detach_nic(caller, nic.vdev)
    yield f"NIC {nic.vdev} is destroyed; devices {nic.vdev}-{nic.range[-1]:04X} detached"


def _set(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    if operands[:1] == ["NIC"]:
        return _set_nic(system, caller, operands[1:])
    if operands[:1] == ["VSWITCH"]:
        return _set_vswitch(system, caller, operands[1:])
    raise _CpError("SET", 3, f"Invalid option - {' '.join(operands[:1])}")


def _set_nic(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    """SET NIC [USERid userid] vdev MACID {SYStem | [USEr] mmmmmm}; the guest's own is named by "*" too.

    Source: CP Commands and Utilities Reference 7.2, SET NIC; openSUSE mkcloud sends it without USER.
    """
    userid, words = caller, list(operands)
    if words and words[0] in {"USER", "USERI", "USERID"}:
        named, words = _named(str, words, 1), words[2:]
        userid = caller if named == "*" else _named(names.name, [named], 0)
    vdev = _device(words, 0)
    if words[1:2] != ["MACID"]:
        raise _CpError("SNI", 26, "Operand missing or invalid")
    chosen = [word for word in words[2:] if word not in {"USE", "USER"}]
    if chosen and chosen[0] in {"SYS", "SYST", "SYSTE", "SYSTEM"}:
        system.unset_nic_mac(userid, vdev)
    else:
        system.set_nic_mac(userid, vdev, _named(names.mac_id, chosen, 0))
    yield "Command complete"


def _set_vswitch(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    """SET VSWITCH name GRAnt userid [PORTType type] [VLAN vidset], SET VSWITCH name REVoke userid."""
    name, verb = _named(names.name, operands, 0), _named(str, operands, 1)
    userid, options = _named(names.name, operands, 2), list(operands[3:])
    if verb.startswith("REV"):
        arguments = {"switch_name": name, "revoke_userid": userid}
    elif verb.startswith("GRA"):
        arguments = {"switch_name": name, "grant_userid": userid, **_grant_options(options)}
    else:
        raise _CpError("SWU", 3, f"Invalid option - {verb}")
    reply = carry_out(system, Request("Virtual_Network_Vswitch_Set_Extended", caller, arguments), caller)
    if reply.rc:
        raise SmapiError(reply.rc, reply.rs, f"SET VSWITCH {name} is refused")
    yield "Command complete"


def _grant_options(words: list[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    while words:
        word = words.pop(0)
        if word.startswith("PORTT") and words:
            options["port_type"] = words.pop(0)
        elif word == "VLAN":
            options["user_vlan_id"], words = " ".join(words), []
        else:
            raise _CpError("SWU", 3, f"Invalid option - {word}")
    return options


_COMMANDS: tuple[tuple[str, Command], ...] = (
    ("Query", _query),
    ("DEFine", _define),
    ("COUPle", _couple),
    ("UNCOUPle", _uncouple),
    ("DETach", _detach),
    ("SET", _set),
    ("CHange", cp_spool.change),
    ("TRANsfer", cp_spool.transfer),
    ("PURge", cp_spool.purge),
)
