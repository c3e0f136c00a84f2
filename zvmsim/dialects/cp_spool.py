"""The CP commands for reader files: CHANGE, TRANSFER and PURGE.

Source: CP Commands and Utilities Reference; Feilong vmUtils.py (punch2reader), which sends them. Guess: the
texts of success, which no client reads.
"""

from collections.abc import Iterator, Sequence

from zvmsim.world.smapi import SmapiError
from zvmsim.world.system import System

_INVALID_OPTION, _OPERAND_MISSING, _NOT_IN_DIRECTORY = 3, 26, 53


def change(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    """CHANGE RDR spoolid CLASS c."""
    number, rest = _reader_file(operands)
    if len(rest) != 2 or not "CLASS".startswith(rest[0]) or len(rest[1]) != 1:
        raise SmapiError(396, _OPERAND_MISSING, "Operand missing or invalid")
    system.spool.change_class(caller, number, rest[1])
    yield f"{number:07} FILE  CHANGED"


def transfer(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    """TRANSFER [*] RDR spoolid TO userid [RDR]."""
    number, rest = _reader_file(operands[1:] if operands[:1] == ["*"] else operands)
    if rest[:1] != ["TO"] or len(rest) < 2:
        raise SmapiError(396, _OPERAND_MISSING, "Operand missing or invalid")
    if rest[1] not in system.directory.active:
        raise SmapiError(396, _NOT_IN_DIRECTORY, f"{rest[1]} not in CP directory")
    system.spool.transfer(caller, number, rest[1])
    yield f"{number:07} FILE  TRANSFERRED"


def purge(system: System, caller: str, operands: Sequence[str]) -> Iterator[str]:
    """PURGE RDR spoolid or ALL."""
    if list(operands[1:]) == ["ALL"]:
        system.spool.purge_all(caller)
        yield "ALL FILES PURGED"
        return
    number, _rest = _reader_file(operands)
    system.spool.purge(caller, number)
    yield f"{number:07} FILE  PURGED"


def _reader_file(operands: Sequence[str]) -> tuple[int, Sequence[str]]:
    """The spool id after RDR or an abbreviation of READER, and what follows it."""
    device, number = (*operands[:2], "", "")[:2]
    if device != "RDR" and not (device and "READER".startswith(device)):
        raise SmapiError(396, _INVALID_OPTION, f"Invalid option - {device}")
    if not number.isdecimal():
        raise SmapiError(396, _OPERAND_MISSING, "Operand missing or invalid")
    return int(number), operands[2:]
