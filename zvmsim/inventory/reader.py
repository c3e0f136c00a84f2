"""Reads a tree of YAML and collects every error with its place."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any, TypeVar

import yaml

try:
    from yaml import CBaseLoader as FastestLoader
except ImportError:  # PyYAML built without libyaml
    from yaml import BaseLoader as FastestLoader  # type: ignore[assignment]

T = TypeVar("T")


class InventoryError(ValueError):
    """The inventory is wrong; errors: one "place: what is wrong" each."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


class _TextLoader(FastestLoader):
    """Every scalar is a text: 0600 stays 0600. A key given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise InventoryError([f"line {line}: {key.value} is given twice"])
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def parse(text: str) -> object:
    """The tree of a YAML text, "" for an empty one; InventoryError for text that is no YAML."""
    try:
        tree = yaml.load(text, _TextLoader)  # noqa: S506 - makes nothing but texts, lists and mappings
    except yaml.YAMLError as error:
        raise InventoryError([f"not YAML: {' '.join(str(error).split())}"]) from error
    return "" if tree is None else tree


class Reader:
    """One mapping of the tree; keys that nobody asked for become errors in `close`."""

    def __init__(self, place: str, data: object, errors: list[str]) -> None:
        self.place = place
        self.errors = errors
        self._asked: set[str] = set()
        self._data: Mapping[str, object] = {}
        if isinstance(data, Mapping):
            self._data = data
        elif data != "":
            self.errors.append(f"{place or 'inventory'}: not a mapping of names to values")

    def error(self, key: str, text: str) -> None:
        """Record an error at a key of this mapping."""
        self.errors.append(f"{self._at(key)}: {text}")

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def names(self, read: Callable[[str], T]) -> list[tuple[str, T]]:
        """The keys of this mapping, each with what `read` makes of it; those it refuses become errors."""
        found = ((key, self._read(key, key, read, None)) for key in self._data)
        self._asked.update(self._data)
        return [(key, name) for key, name in found if name is not None]

    def raw(self, key: str) -> object:
        """The value as it stands; counts as asked for."""
        self._asked.add(key)
        return self._data[key]

    def value(self, key: str, read: Callable[[str], T], default: T) -> T:
        """A scalar read by `read` (ValueError becomes an error here), or the default."""
        self._asked.add(key)
        if key not in self._data:
            return default
        return self._read(key, self._data[key], read, default)

    def values(self, key: str, read: Callable[[str], T]) -> list[T]:
        """A list of scalars."""
        self._asked.add(key)
        data = self._data.get(key, [])
        if not isinstance(data, list):
            self.error(key, "not a list")
            return []
        found = (self._read(f"{key}[{at}]", item, read, None) for at, item in enumerate(data))
        return [item for item in found if item is not None]

    def child(self, key: str) -> "Reader":
        """The mapping under a key, empty if absent."""
        self._asked.add(key)
        return Reader(self._at(key), self._data.get(key, ""), self.errors)

    def children(self, read: Callable[[str], T]) -> "Iterator[tuple[T, Reader]]":
        """Every mapping inside this one with its name, which `read` checks."""
        for key, name in self.names(read):
            yield name, self.child(key)

    def close(self) -> None:
        """Keys nobody asked for are errors."""
        for key in self._data:
            if key not in self._asked:
                self.error(key, "unknown key")

    def _read(self, key: str, data: object, read: Callable[[str], T], default: T) -> T:
        if not isinstance(data, str):
            self.error(key, "not a single value")
            return default
        try:
            return read(data)
        except ValueError as error:
            self.error(key, str(error))
            return default

    def _at(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key
