"""Reader files: what one guest punches for another.

Source: CP CHANGE, PURGE and TRANSFER; s390-tools vmur(8). Guess: a file that changes hands gets a number of
its new owner's.
"""

from dataclasses import dataclass, field, replace

from zvmsim.world.smapi import SmapiError

LAST_NUMBER = 9999
_NO_SUCH_FILE, _LIMIT_REACHED = 42, 427


@dataclass(frozen=True, slots=True)
class ReaderFile:
    """One spool file in a reader.

    number: 1-9999, unique in the reader. name: as vmur punches it, "network.doscript". spool_class: one
    letter. origin: userid of the guest that made it.
    """

    number: int
    name: str
    content: bytes = field(repr=False)
    spool_class: str
    origin: str


@dataclass(slots=True)
class Spool:
    """readers: files by number, by the userid that has them.

    Refusals are SmapiError 396 with the number of CP's message: 42 no such file, 427 too many files.
    """

    readers: dict[str, dict[int, ReaderFile]] = field(default_factory=dict)

    def files(self, userid: str) -> list[ReaderFile]:
        """What is in a reader, oldest first."""
        return list(self.readers.get(userid, {}).values())

    def punch(self, userid: str, name: str, content: bytes) -> ReaderFile:
        """A new file of class A in the guest's own reader."""
        return self._put(userid, ReaderFile(0, name, content, "A", userid))

    def change_class(self, userid: str, number: int, spool_class: str) -> None:
        self.readers[userid][number] = replace(self._file(userid, number), spool_class=spool_class)

    def transfer(self, userid: str, number: int, to: str) -> ReaderFile:
        """From one reader to another."""
        moved = self._put(to, self._file(userid, number))
        del self.readers[userid][number]
        return moved

    def purge(self, userid: str, number: int) -> None:
        self._file(userid, number)
        del self.readers[userid][number]

    def purge_all(self, userid: str) -> None:
        self.readers.pop(userid, None)

    def _file(self, userid: str, number: int) -> ReaderFile:
        reader = self.readers.get(userid, {})
        if number not in reader:
            raise SmapiError(396, _NO_SUCH_FILE, f"SPOOLID {number:04} does not exist")
        return reader[number]

    def _put(self, userid: str, file: ReaderFile) -> ReaderFile:
        reader = self.readers.setdefault(userid, {})
        number = next((n for n in range(1, LAST_NUMBER + 1) if n not in reader), 0)
        if not number:
            raise SmapiError(396, _LIMIT_REACHED, f"User {userid} spool fileid limit exceeded")
        reader[number] = replace(file, number=number)
        return reader[number]
