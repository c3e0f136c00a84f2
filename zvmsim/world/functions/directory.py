"""Image_*_DM, Static_Image_Changes_*_DM and searches: the user directory."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from zvmsim.world.answers import DirectoryEntry, SearchHit
from zvmsim.world.functions.definition import definitions
from zvmsim.world.functions.parameters import DEVICE, Arguments, Parameter, choice, number, required, text
from zvmsim.world.functions.registry import function
from zvmsim.world.operations import REASONS
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
    """The userids of the directory, profiles not counted: 0/28 if there is none.

    In the directory's own order, the newest last (pysmapi capture).
    """
    entries = system.directory.source.items()
    found = tuple(name for name, records in entries if not records[0].upper().startswith("PROFILE"))
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
    """Records with these words in this order, in any case, "*" for any characters: 0/28 if none has.

    Source: pysmapi capture, "user sys*" finds "USER SYSMAINT NOLOG ..." and "USER SYS      NOLOG ...".
    Guess: the words may begin anywhere in the record.
    """
    pattern = call.text("search_pattern").upper().split()
    found = tuple(
        SearchHit(userid, record)
        for userid, records in system.directory.source.items()
        for record in records
        if _contains(record.upper().split(), pattern)
    )
    return Reply(data=found) if found else _NOTHING_FOUND


def _contains(words: Sequence[str], pattern: Sequence[str]) -> bool:
    literal = [word.replace("[", "[[]").replace("?", "[?]") for word in pattern]
    return any(
        all(map(fnmatchcase, words[start:], literal)) for start in range(len(words) - len(pattern) + 1)
    )


@function("Query_All_DM", Parameter("format", choice("YES", "NO")), mutating=False)
def query_all(system: System, call: Arguments) -> Reply:
    """Every entry: with FORMAT=YES (the default, Guess) by keyword, otherwise its records."""
    entries = system.directory.source.items()
    return Reply(data=tuple(_entry(system, userid, call.text("format") == "NO") for userid, _ in entries))


def _entry(system: System, userid: str, as_records: bool) -> DirectoryEntry:
    records = system.directory.records(userid)
    kind = records[0].split()[0].upper()
    if as_records:
        return DirectoryEntry(kind, userid, records=records)
    return DirectoryEntry(kind, userid, definitions=definitions(system, userid))


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
def query_operation(system: System, call: Arguments) -> Reply:
    """0/100 succeeded, 0/104 in progress, 0/108 failed; 0/0 for an id nobody knows (pysmapi capture).

    So an operation that a fault rule started, answering 592, is 0/0 as well.
    """
    progress = system.operations.get(int(call.text("operation_id")))
    return Reply(0, REASONS[progress] if progress else 0)
