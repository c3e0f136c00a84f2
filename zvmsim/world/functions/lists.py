"""Name_List_* and System_RDR_File_Manage: what Feilong keeps of its guests besides the directory."""

from zvmsim.world.functions.parameters import NAME, Arguments, required, text
from zvmsim.world.functions.registry import function
from zvmsim.world.smapi import Reply, SmapiError
from zvmsim.world.system import System

_LIST_NOT_FOUND = (200, 24)
_ENTRY = required("name", NAME)


@function("Name_List_Add", _ENTRY, mutating=True, positional=True)
def add(system: System, call: Arguments) -> Reply:
    """Put a name into the list, which this makes if need be. Guess: a name that is there is no error."""
    names = system.name_lists.setdefault(call.target, [])
    if call.text("name") not in names:
        names.append(call.text("name"))
    return Reply()


@function("Name_List_Remove", _ENTRY, mutating=True, positional=True)
def remove(system: System, call: Arguments) -> Reply:
    """Take a name out; 200/24 no such list. Guess: a name that is not there is no error."""
    names = _list(system, call.target)
    if call.text("name") in names:
        names.remove(call.text("name"))
    return Reply()


@function("Name_List_Query", mutating=False, positional=True)
def query(system: System, call: Arguments) -> Reply:
    """The names; 200/24 no such list."""
    return Reply(data=tuple(_list(system, call.target)))


@function("Name_List_Destroy", mutating=True, positional=True)
def destroy(system: System, call: Arguments) -> Reply:
    """Remove the list; 200/24 no such list."""
    _list(system, call.target)
    del system.name_lists[call.target]
    return Reply()


@function("System_RDR_File_Manage", required("spoolids", text(255)), mutating=True)
def reader_files(system: System, call: Arguments) -> Reply:
    """Purge files of the target's reader: "all", or numbers; 396/42 a number that is not there."""
    if call.text("spoolids").upper() == "ALL":
        system.spool.purge_all(call.target)
        return Reply()
    for number in call.words("spoolids"):
        system.spool.purge(call.target, int(number) if number.isdecimal() else 0)
    return Reply()


def _list(system: System, name: str) -> list[str]:
    if name not in system.name_lists:
        raise SmapiError(*_LIST_NOT_FOUND, f"no name list {name}")
    return system.name_lists[name]
