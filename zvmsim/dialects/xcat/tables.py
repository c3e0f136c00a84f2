"""The xCAT database tables and the three commands on them: tabdump, gettab, tabch.

Source: xcat-core Schema.pm (columns, keys), tabutils.pm, Table.pm.
"""

import itertools
import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from zvmsim.dialects.xcat.messages import Message, Messages, data, error

Row = dict[str, str | None]
Key = tuple[str | None, ...]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "hosts": ("node", "ip", "hostnames", "otherinterfaces", "comments", "disable"),
    "hypervisor": ("node", "type", "interface", "comments", "disable"),
    "mac": ("node", "interface", "mac", "comments", "disable"),
    "nodehm": ("node", "power", "mgt", "cons", "termserver", "termport", "comments", "disable"),
    "nodelist": ("node", "groups", "status", "statustime", "comments", "disable"),
    "noderes": ("node", "servicenode", "netboot", "tftpserver", "comments", "disable"),
    "nodetype": ("node", "os", "arch", "profile", "provmethod", "comments", "disable"),
    "passwd": ("key", "username", "password", "cryptmethod", "authdomain", "comments", "disable"),
    "policy": (
        *("priority", "name", "host", "commands", "noderange", "parameters"),
        *("time", "rule", "comments", "disable"),
    ),
    "ppc": ("node", "hcp", "id", "pprofile", "parent", "comments", "disable"),
    "site": ("key", "value", "comments", "disable"),
    "switch": ("node", "switch", "port", "vlan", "interface", "comments", "disable"),
    "zvm": (
        *("node", "hcp", "userid", "nodetype", "parent"),
        *("comments", "disable", "discovered", "status"),
    ),
}
_KEYS: Mapping[str, tuple[str, ...]] = {
    "switch": ("node", "switch", "port"),
    "site": ("key",),
    "passwd": ("key", "username"),
    "policy": ("priority",),
}


def key_columns(table: str) -> tuple[str, ...]:
    return _KEYS.get(table, ("node",))


class DuplicateKeyError(Exception):
    """A row with the same primary key is there."""


class Tables:
    """All tables of one management node. Rows keep the order they were made in; safe for threads."""

    def __init__(self, rows: Mapping[str, Iterable[Mapping[str, str]]] | None = None) -> None:
        """rows: by table; raises DuplicateKeyError, KeyError for an unknown table or column."""
        self._tables = {table: _Table(table) for table in COLUMNS}
        self._lock = threading.RLock()
        for table, first_rows in (rows or {}).items():
            for row in first_rows:
                self.insert(table, row)

    def rows(self, table: str, **match: str) -> list[Row]:
        """Copies of the rows whose columns have these values."""
        with self._lock:
            return [dict(row) for row in self._tables[table].find(match).values()]

    def value(self, table: str, column: str, **match: str) -> str | None:
        """The column in the first matching row; None without one."""
        rows = self.rows(table, **match)
        return rows[0][column] if rows else None

    def insert(self, table: str, values: Mapping[str, str | None]) -> None:
        """Add a row; a key column left out becomes an empty text. Raises DuplicateKeyError, KeyError."""
        row: Row = dict.fromkeys(COLUMNS[table])
        row |= dict.fromkeys(key_columns(table), "")
        for column, value in values.items():
            if column not in row:
                raise KeyError(column)
            row[column] = value
        with self._lock:
            self._tables[table].add(row)

    def delete(self, table: str, match: Mapping[str, str]) -> None:
        """Delete the matching rows; none is fine."""
        with self._lock:
            self._tables[table].remove(self._tables[table].find(match))

    def update(self, table: str, match: Mapping[str, str], changes: "Sequence[Change]") -> bool:
        """Change every matching row, all or none; false without one. Raises DuplicateKeyError.

        Guess: that a change which would give two rows one key changes nothing (SQL's rule).
        """
        with self._lock:
            found = self._tables[table].find(match)
            self._tables[table].replace({number: _changed(row, changes) for number, row in found.items()})
            return bool(found)

    def upsert(self, table: str, match: Mapping[str, str], changes: "Sequence[Change]") -> None:
        """Update the matching rows or insert one. Raises DuplicateKeyError."""
        with self._lock:
            if not self.update(table, match, changes):
                row = _changed({**dict.fromkeys(COLUMNS[table]), **match}, changes)
                self.insert(table, {column: value for column, value in row.items() if value is not None})

    def upsert_row(self, table: str, row: Mapping[str, str]) -> None:
        """Put a row in place of the one with the same primary key. Raises KeyError for an unknown column."""
        self.delete(table, {column: row.get(column, "") for column in key_columns(table)})
        self.insert(table, row)

    def tabdump(self, table: str | None) -> Messages:
        """A table as comma separated lines, or the names of all tables."""
        if not table:
            return [data(*sorted(COLUMNS))]
        if table not in COLUMNS:
            return [error(f"No such table: {table}")]
        with self._lock:
            lines = [_dumped(table, row) for row in self._tables[table]]
        return [data("#" + ",".join(COLUMNS[table]), *lines)]

    def gettab(self, table: str, key: Mapping[str, str], attributes: Sequence[str]) -> Messages:
        """Attributes of the first matching row: the bare value of a single one, else `table.col: value`."""
        if table not in COLUMNS:
            return [error(f"No such table: {table}")]
        if unknown := [column for column in key if column not in COLUMNS[table]]:
            return [error(f"Unknown key {unknown[0]} to {table}")]
        if unknown := [column for column in attributes if column not in COLUMNS[table]]:
            return [error(f'No column "{unknown[0]}" in table "{table}"')]
        rows = self.rows(table, **key)
        if not rows:
            return []
        if len(attributes) == 1:
            return [data(rows[0][attributes[0]])]
        return [data(f"{table}.{attribute}: {rows[0][attribute] or ''}") for attribute in attributes]

    def tabch(self, words: Sequence[str]) -> Messages:
        """The words of one tabch command; nothing is said on success."""
        try:
            _TableChange(words).apply_to(self)
        except _TabchError as problem:
            return [problem.message]
        except DuplicateKeyError as duplicate:
            return [error(f"DB error {duplicate}", code="4")]
        return []


class _Table:
    """One table's rows in the order they were made; by the first column of the key they are found at once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._key = key_columns(name)
        self._rows: dict[int, Row] = {}
        self._numbers: dict[Key, int] = {}
        self._by_first: dict[str, set[int]] = defaultdict(set)
        self._next = itertools.count()

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows.values())

    def find(self, match: Mapping[str, str]) -> dict[int, Row]:
        """The matching rows by their numbers."""
        first = match.get(self._key[0])
        candidates = self._rows if first is None else sorted(self._by_first.get(first, ()))
        return {number: self._rows[number] for number in candidates if _matches(self._rows[number], match)}

    def add(self, row: Row) -> None:
        """Raises DuplicateKeyError."""
        self.replace({next(self._next): row})

    def remove(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._forget(number)
            del self._rows[number]

    def replace(self, rows: Mapping[int, Row]) -> None:
        """Put rows in place of those with the same numbers, or none: DuplicateKeyError."""
        keys = {self._key_of(row) for row in rows.values()}
        others = {self._numbers[key] for key in keys & self._numbers.keys()} - rows.keys()
        if others or len(keys) < len(rows):
            columns = ", ".join(f"{self._name}.{column}" for column in self._key)
            raise DuplicateKeyError(f"UNIQUE constraint failed: {columns}")
        for number in rows.keys() & self._rows.keys():
            self._forget(number)
        for number, row in rows.items():
            self._rows[number] = row
            self._numbers[self._key_of(row)] = number
            self._by_first[row[self._key[0]] or ""].add(number)

    def _forget(self, number: int) -> None:
        row = self._rows[number]
        del self._numbers[self._key_of(row)]
        self._by_first[row[self._key[0]] or ""].discard(number)

    def _key_of(self, row: Row) -> Key:
        return tuple(row[column] for column in self._key)


class Change:
    """`column=value` or `column+=value` of a tabch command; the value NULL clears."""

    def __init__(self, column: str, value: str, append: bool = False) -> None:
        self.column = column
        self._value = value
        self._append = append

    def apply_to(self, row: Row) -> None:
        old = row[self.column]
        if self._append and old:
            row[self.column] = f"{old},{self._value}"
        else:
            row[self.column] = None if self._value == "NULL" else self._value


class _TabchError(Exception):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.message: Message = error(text)


_TARGET = re.compile(r"(\w+)\.(\w+)(\+?)=(.*)", re.DOTALL)
_USAGE = "Usage:\ntabch <key>=<value> <table.column>=<newvalue> [table.column=newvalue] ..."


class _TableChange:
    """One parsed tabch command: delete, plain insert (no key), or update-or-insert by key."""

    def __init__(self, words: Sequence[str]) -> None:
        rest = [word for word in words if word]
        self._delete = bool(rest) and rest[0] in ("-d", "--delete")
        rest = rest[1:] if self._delete else rest
        self._key: dict[str, str] | None = None
        if rest and not _TARGET.fullmatch(rest[0]):
            self._key = _key_values(rest.pop(0))
        if not rest:
            raise _TabchError(_USAGE)
        self._tables = rest if self._delete else []
        self._changes: dict[str, list[Change]] = {}
        for word in [] if self._delete else rest:
            self._add_change(word)
        for table in self._tables or self._changes:
            _check_columns(table, self._key or {})

    def _add_change(self, word: str) -> None:
        target = _TARGET.fullmatch(word)
        if not target:
            raise _TabchError(_USAGE)
        table, column, plus, value = target.groups()
        _check_columns(table, {column: value})
        self._changes.setdefault(table, []).append(Change(column, value, bool(plus)))

    def apply_to(self, tables: Tables) -> None:
        if self._delete:
            for table in self._tables:
                tables.delete(table, self._key or {})
            return
        for table, changes in self._changes.items():
            if self._key is not None:
                tables.upsert(table, self._key, changes)
            else:
                tables.insert(table, _changed(dict.fromkeys(COLUMNS[table]), changes, only_set=True))


def _key_values(word: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in word.split(",")]
    if not all(equals for _, equals, _ in pairs):
        raise _TabchError(_USAGE)
    return {column: value for column, _, value in pairs}


def _check_columns(table: str, columns: Iterable[str]) -> None:
    if table not in COLUMNS:
        raise _TabchError(f"No such table: {table}")
    for column in columns:
        if column not in COLUMNS[table]:
            raise _TabchError(f'No column "{column}" in table "{table}"')


def _changed(row: Row, changes: Sequence[Change], only_set: bool = False) -> Row:
    copy = dict(row)
    for change in changes:
        change.apply_to(copy)
    return {column: value for column, value in copy.items() if value is not None} if only_set else copy


def _matches(row: Row, match: Mapping[str, str]) -> bool:
    return all((row[column] or "") == value for column, value in match.items())


def _dumped(table: str, row: Row) -> str:
    """Quoted values, nothing for undefined ones, and one trailing comma taken off."""
    cells = ["" if (value := row[column]) is None else _quoted(value) for column in COLUMNS[table]]
    return ",".join(cells)


def _quoted(value: str) -> str:
    doubled = value.replace('"', '""')
    return f'"{doubled}"'
