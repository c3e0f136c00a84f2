"""Image_Definition_*_DM: an entry of the user directory by keyword, NICDEF=VDEV=1000 TYPE=QDIO ..."""

from dataclasses import replace

from zvmsim.world.answers import DefinitionInfo
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.functions.parameters import Arguments
from zvmsim.world.functions.registry import function
from zvmsim.world.nicdef import Nicdef, nicdefs_of
from zvmsim.world.smapi import Reply, SmapiError
from zvmsim.world.system import System

_STATEMENTS = (
    "CONSOLE",
    "COMMAND",
    "CPU",
    "DEDICATE",
    "INCLUDE",
    "IPL",
    "LINK",
    "LOGONBY",
    "MDISK",
    "NICDEF",
    "OPTION",
    "SHARE",
    "SPECIAL",
    "SPOOL",
    "USER",
    "VMRELOCATE",
)
"""Keywords that z/VM knows, most from a pysmapi capture of Image_Definition_Query_DM."""

_NETWORK_KEYWORDS = ("VLAN", "PORTTYPE", "PORTNUMBER")


@function("Image_Definition_Query_DM", mutating=False, open_keywords=True)
def definition_query(system: System, call: Arguments) -> Reply:
    """Statements of an entry by keyword, "*" for all, NICDEF also of its profile: 400/4, 8/3002.

    Statements other than NICDEF come as they stand in the record; z/VM names their operands, too.
    """
    asked = ["*"] if "*" in call else _keywords(call)
    return Reply(data=definitions(system, call.target, *asked))


@function("Image_Definition_Create_DM", mutating=True, open_keywords=True)
def definition_create(system: System, call: Arguments) -> Reply:
    """Add statements: 404/4 for a NIC that is defined already."""
    with system.directory.all_or_nothing():
        for nicdef in _nicdef_values(system, call):
            system.directory.define_nic(call.target, nicdef, call.caller)
    return Reply()


@function("Image_Definition_Update_DM", mutating=True, open_keywords=True)
def definition_update(system: System, call: Arguments) -> Reply:
    """Write statements in place of those for the same device, or as new ones: 400/4, 400/12, 8/3002, 8/3003.

    Guess: operands that the new NICDEF leaves out are gone.
    """
    with system.directory.all_or_nothing():
        for nicdef in _nicdef_values(system, call):
            system.directory.put_nic(call.target, nicdef, call.caller)
    return Reply()


@function("Image_Definition_Delete_DM", mutating=True, open_keywords=True)
def definition_delete(system: System, call: Arguments) -> Reply:
    """Remove statements, NICs by their VDEV: 404/8."""
    with system.directory.all_or_nothing():
        for nicdef in _nicdef_values(system, call):
            system.directory.remove_nic(call.target, nicdef.vdev, call.caller)
    return Reply()


def definitions(system: System, userid: str, *keywords: str) -> tuple[DefinitionInfo, ...]:
    """Statements of an entry, of these keywords or ("*" or none) of every one; SmapiError 400/4."""
    records = system.directory.records(userid)
    found: list[DefinitionInfo] = []
    for keyword in _STATEMENTS if not keywords or "*" in keywords else keywords:
        found += _nicdef_lines(system, userid) if keyword == "NICDEF" else _plain_lines(keyword, records)
    return tuple(found)


def _keywords(call: Arguments) -> list[str]:
    """The keywords of the call; 8/3002 with its text for one that is unknown here."""
    keywords = [keyword.upper() for keyword in call.values]
    if unknown := [keyword for keyword in keywords if keyword not in _STATEMENTS]:
        raise _unknown_keyword(unknown[0])
    return keywords


def _unknown_keyword(keyword: str) -> SmapiError:
    """Source: pysmapi capture of the error text."""
    text = f"UNKNOWN_DIRECTORY_KEYWORD_PARAMETER={keyword}"
    return SmapiError(8, 3002, text, error_text=text)


def _nicdef_values(system: System, call: Arguments) -> list[Nicdef]:
    """The NICDEF values of a change, one per line; 400/4, 8/3002, 8/3003.

    Other statements are accepted (pysmapi captures) and not written: zvmsim does not know their operands.
    """
    _keywords(call)
    system.directory.require_changeable(call.target, call.caller)
    return [_parse_value(line, system.behaviour) for line in call.text("nicdef").splitlines()]


def _parse_value(value: str, behaviour: Behaviour) -> Nicdef:
    """Read "VDEV=0900 TYPE=QDIO DEVICES=3 LAN=SYSTEM SWITCHNAME=VSW2"; 8/3003 for anything else.

    LANNAME and SWITCHNAME both complete LAN. TYPE may be left out where only the device counts (delete).
    """
    given = _operands(value)
    if behaviour.definition_network_keywords == "refuse":
        for keyword in _NETWORK_KEYWORDS:
            if keyword in given:
                raise _unknown_keyword(keyword)
    vdev = given.pop("VDEV", "")
    lan = given.pop("SWITCHNAME", "") or given.pop("LANNAME", "")
    owner = given.pop("LAN", "")
    kind = given.pop("TYPE", "QDIO")
    words = [f"NICDEF {vdev} TYPE {kind}", *(f"{k} {v}".strip() for k, v in given.items())]
    if owner or lan:
        words.append(f"LAN {owner} {lan}")
    try:
        (nicdef,) = nicdefs_of([" ".join(words)]).values()
    except ValueError as error:
        raise SmapiError(8, 3003, str(error)) from error
    if behaviour.definition_network_keywords == "drop":
        return replace(nicdef, vlans=frozenset(), port_type=None, port=None)
    return nicdef


def _operands(value: str) -> dict[str, str]:
    """Operands by keyword. Several VLANs stand behind one VLAN=, with blanks or commas between (Guess)."""
    given: dict[str, str] = {}
    last = ""
    for word in value.upper().replace(",", " ").split():
        keyword, _, operand = word.partition("=")
        if last == "VLAN" and keyword[0].isdigit():
            given["VLAN"] += f" {word}"
        else:
            given[keyword] = operand
            last = keyword
    return given


def _nicdef_lines(system: System, userid: str) -> list[DefinitionInfo]:
    own = system.directory.nicdefs(userid).values()
    inherited = system.directory.profile_nicdefs(userid).values()
    return [DefinitionInfo("NICDEF", _format_value(nicdef)) for nicdef in own] + [
        DefinitionInfo("NICDEF_PROFILE", _format_value(nicdef)) for nicdef in inherited
    ]


def _format_value(nicdef: Nicdef) -> str:
    """ "VDEV=0600 TYPE=QDIO LAN=SYSTEM SWITCHNAME=XCATVSW1" (xCAT zvmUtils.pm takes LAN and SWITCHNAME from
    it).
    """
    switch = "SWITCHNAME" if nicdef.lan_owner == "SYSTEM" else "LANNAME"
    operands = (
        ("VDEV", nicdef.vdev),
        ("TYPE", "HIPERS" if nicdef.type == "HIPERSOCKETS" else nicdef.type),
        ("DEVICES", nicdef.devices),
        ("LAN", nicdef.lan_owner),
        (switch, nicdef.lan_name),
        ("CHPID", nicdef.chpid),
        ("MACID", nicdef.mac_id),
        ("PORTNUMBER", nicdef.port),
        ("PORTTYPE", nicdef.port_type),
        ("VLAN", ",".join(map(str, sorted(nicdef.vlans)))),
    )
    return " ".join(f"{keyword}={value}" for keyword, value in operands if value not in (None, ""))


def _plain_lines(keyword: str, records: tuple[str, ...]) -> list[DefinitionInfo]:
    statements = (record.strip().partition(" ") for record in records)
    return [DefinitionInfo(keyword, rest.strip()) for word, _, rest in statements if word.upper() == keyword]
