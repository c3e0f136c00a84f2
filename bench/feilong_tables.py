"""Rows in Feilong's own tables of guests and NICs, as its requests would write them.

Source: zVMCloudConnector 1.6.3, zvmsdk database.py (GuestDbOperator, NetworkDbOperator).
"""

import contextlib
import sqlite3
import uuid
from collections.abc import Iterable
from pathlib import Path


class FeilongTables:
    """The tables of one Feilong, which may be running. folder: of its databases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add_guests(self, userids: Iterable[str]) -> None:
        rows = ((str(uuid.uuid4()), userid, "", 0, "") for userid in userids)
        self._write("sdk_guest.sqlite", "INSERT INTO guests VALUES (?, ?, ?, ?, ?)", rows)

    def add_nics(self, nics: Iterable[tuple[str, str, str]]) -> None:
        """NICs that are not coupled: userid, virtual device, port id."""
        self._write("sdk_network.sqlite", "INSERT INTO switch VALUES (?, ?, NULL, ?, NULL)", nics)

    def couple(self, nics: Iterable[tuple[str, str, str]]) -> None:
        """Note the vswitches: userid, virtual device, vswitch."""
        rows = ((vswitch, userid, vdev) for userid, vdev, vswitch in nics)
        update = "UPDATE switch SET switch = ? WHERE userid = ? AND interface = ?"
        self._write("sdk_network.sqlite", update, rows)

    def _write(self, database: str, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with contextlib.closing(sqlite3.connect(self._folder / database)) as connection, connection:
            connection.executemany(statement, rows)
