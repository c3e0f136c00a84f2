"""Image_*_DM, Image_Definition_*_DM and Static_Image_Changes_*_DM: the user directory."""

from zvmsim.world.answers import DefinitionInfo, SearchHit
from zvmsim.world.functions.parameters import DEVICE, Arguments, Parameter, number, required, text
from zvmsim.world.functions.registry import function
from zvmsim.world.nicdef import Nicdef, nicdefs_of
from zvmsim.world.smapi import Reply, SmapiError
from zvmsim.world.system import System

DONE_AT_ONCE = -1
"""Operation id of Image_Create_DM and Image_Delete_DM when nothing is left to wait for (pysmapi capture)."""

_NOTHING_FOUND = Reply(0, 28)
_UNLOCKED = Reply(0, 24)
_DEVICE = Parameter("device_address", DEVICE)


@function("Image_Query_DM", mutating=False, positional=True)
def image_query(system: System, call: Arguments) -> Reply:
    """The records of an entry: 400/4."""
    return Reply(data=system.directory.records(call.target))


@function("Image_Name_Query_DM", mutating=False, positional=True)
def image_name_query(system: System, _call: Arguments) -> Reply:
    """The userids of the directory, profiles not counted: 0/28 if there is none."""
    entries = system.directory.source.items()
    found = tuple(sorted(name for name, records in entries if not records[0].upper().startswith("PROFILE")))
    return Reply(data=found) if found else _NOTHING_FOUND


@function("Image_Replace_DM", mutating=True, positional=True)
def image_replace(system: System, call: Arguments) -> Reply:
    """New records for a locked entry, which this unlocks: 400/4, 400/12, 400/24, 596/3543."""
    system.directory.replace(call.target, call.records, call.caller)
    return Reply()


@function(
    "Image_Create_DM",
    Parameter("prototype_name", text(8)),
    Parameter("initial_password", text(200)),
    Parameter("initial_account_number", text(8)),
    mutating=True,
    positional=True,
)
def image_create(system: System, call: Arguments) -> Reply:
    """A new entry from records: 400/8; 400/20 for any prototype, as there are none here."""
    if "prototype_name" in call and not call.records:
        raise SmapiError(400, 20, f"no prototype {call.text('prototype_name')}")
    system.directory.create(call.target, call.records)
    return Reply(data=DONE_AT_ONCE)


@function(
    "Image_Delete_DM", Parameter("data_security_erase", text(1)), mutating=True, positional=True
)
def image_delete(system: System, call: Arguments) -> Reply:
    """Remove an entry; a guest that is on stays on: 400/4, 400/12."""
    system.directory.delete(call.target, call.caller)
    return Reply(data=DONE_AT_ONCE)


@function("Image_Lock_DM", _DEVICE, mutating=True, positional=True)
def image_lock(system: System, call: Arguments) -> Reply:
    """Lock an entry or one device: 400/4, 400/12, 404/12."""
    system.directory.lock(call.target, call.text("device_address"), call.caller)
    return Reply()


@function("Image_Unlock_DM", _DEVICE, mutating=True, positional=True)
def image_unlock(system: System, call: Arguments) -> Reply:
    """Release a lock: 400/4, 400/12, 400/24, 404/24."""
    system.directory.unlock(call.target, call.text("device_address"), call.caller)
    return Reply()


@function("Image_Lock_Query_DM", mutating=False, positional=True)
def image_lock_query(system: System, call: Arguments) -> Reply:
    """Who holds the locks: 0/12 with a payload if locked, 0/24 if not, 400/4."""
    locks = system.directory.lock_info(call.target)
    return Reply(0, 12, locks) if locks.owner or locks.devices else _UNLOCKED


@function(
    "Directory_Manager_Search_DM",
    required("search_pattern", text(72)),
    mutating=False,
    positional=True,
)
def search(system: System, call: Arguments) -> Reply:
    """Records that contain the pattern, in any case: 0/28 if none does."""
    pattern = call.text("search_pattern").upper()
    found = tuple(
        SearchHit(userid, record)
        for userid, records in system.directory.source.items()
        for record in records
        if pattern in record.upper()
    )
    return Reply(data=found) if found else _NOTHING_FOUND


@function("Static_Image_Changes_Immediate_DM", mutating=True, positional=True)
def changes_immediate(system: System, _call: Arguments) -> Reply:
    """Bring the object directory up to date now."""
    system.directory.put_online_now()
    return Reply()


@function("Static_Image_Changes_Activate_DM", mutating=True, positional=True)
def changes_activate(system: System, _call: Arguments) -> Reply:
    """Every change goes into the object directory at once again."""
    system.directory.set_online(True)
    return Reply()


@function("Static_Image_Changes_Deactivate_DM", mutating=True, positional=True)
def changes_deactivate(system: System, _call: Arguments) -> Reply:
    """Changes stay out of the object directory; each answers 0/8 from now on."""
    system.directory.set_online(False)
    return Reply()


@function(
    "Query_Asynchronous_Operation_DM",
    required("operation_id", number(0, 999_999_999)),
    mutating=False,
    positional=True,
)
def query_operation(_system: System, _call: Arguments) -> Reply:
    """0/0 completed: the world does everything at once, so only fault rules start operations (592)."""
    return Reply()


@function("Image_Definition_Query_DM", mutating=False, open_keywords=True)
def definition_query(system: System, call: Arguments) -> Reply:
    """Statements of an entry by keyword, NICDEF also of its profile: 400/4, 8/3002."""
    keywords = _keywords(call)
    records = system.directory.records(call.target)
    found: list[DefinitionInfo] = []
    for keyword in keywords:
        if keyword == "NICDEF":
            found += _nicdef_lines(system, call.target)
        else:
            found += _plain_lines(keyword, records)
    return Reply(data=tuple(found))


@function("Image_Definition_Create_DM", mutating=True, open_keywords=True)
def definition_create(system: System, call: Arguments) -> Reply:
    """Add statements: 404/4 for a NIC that is defined already."""
    with system.directory.all_or_nothing():
        for nicdef in _nicdef_values(call):
            system.directory.define_nic(call.target, nicdef, call.caller)
    return Reply()


@function("Image_Definition_Update_DM", mutating=True, open_keywords=True)
def definition_update(system: System, call: Arguments) -> Reply:
    """Write statements in place of those for the same device, or as new ones: 400/4, 400/12, 8/3002, 8/3003.

    Guess: operands that the new NICDEF leaves out are gone.
    """
    with system.directory.all_or_nothing():
        for nicdef in _nicdef_values(call):
            system.directory.put_nic(call.target, nicdef, call.caller)
    return Reply()


@function("Image_Definition_Delete_DM", mutating=True, open_keywords=True)
def definition_delete(system: System, call: Arguments) -> Reply:
    """Remove statements, NICs by their VDEV: 404/8."""
    with system.directory.all_or_nothing():
        for nicdef in _nicdef_values(call):
            system.directory.remove_nic(call.target, nicdef.vdev, call.caller)
    return Reply()


_KNOWN_KEYWORDS = ("NICDEF", "COMMAND", "INCLUDE", "IPL", "LOGONBY", "OPTION", "SPECIAL", "USER")


def _keywords(call: Arguments) -> list[str]:
    """The keywords of the call; 8/3002 with its text for one that is unknown here."""
    keywords = [keyword.upper() for keyword in call.values]
    if unknown := [keyword for keyword in keywords if keyword not in _KNOWN_KEYWORDS]:
        raise _unknown_keyword(unknown[0])
    return keywords


def _unknown_keyword(keyword: str) -> SmapiError:
    """Source: pysmapi capture of the error text."""
    text = f"UNKNOWN_DIRECTORY_KEYWORD_PARAMETER={keyword}"
    return SmapiError(8, 3002, text, error_text=text)


def _nicdef_values(call: Arguments) -> list[Nicdef]:
    """The NICDEF values of a change, one per line; other statements are not for network clients: 8/3002."""
    if others := [keyword for keyword in _keywords(call) if keyword != "NICDEF"]:
        raise _unknown_keyword(others[0])
    return [_parse_value(line) for line in call.text("nicdef").splitlines()]


def _parse_value(value: str) -> Nicdef:
    """Read "VDEV=0900 TYPE=QDIO DEVICES=3 LAN=SYSTEM SWITCHNAME=VSW2"; 8/3003 for anything else.

    LANNAME and SWITCHNAME both complete LAN. TYPE may be left out where only the device counts (delete).
    """
    given = dict(word.upper().partition("=")[::2] for word in value.split())
    vdev = given.pop("VDEV", "")
    lan = given.pop("SWITCHNAME", "") or given.pop("LANNAME", "")
    owner = given.pop("LAN", "")
    kind = given.pop("TYPE", "QDIO")
    words = [f"NICDEF {vdev} TYPE {kind}", *(f"{k} {v.replace(',', ' ')}".strip() for k, v in given.items())]
    if owner or lan:
        words.append(f"LAN {owner} {lan}")
    try:
        (nicdef,) = nicdefs_of([" ".join(words)]).values()
    except ValueError as error:
        raise SmapiError(8, 3003, str(error)) from error
    return nicdef


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
    statements = (record.partition(" ") for record in records)
    return [DefinitionInfo(keyword, rest) for word, _, rest in statements if word.upper() == keyword]
