"""What the configuration files literally say, so that every complaint can name its place.

oslo.config gives values; where a value stands, which names nobody asked for, and under which old name one
came, it does not tell. Values are always taken from oslo.config, never from here.
"""

import dataclasses
import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from oslo_config import cfg

from networking_zvm import errors


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """One assignment in a file; value as written, which may be a secret."""

    file: str
    section: str
    name: str
    value: str = dataclasses.field(repr=False)

    def __str__(self) -> str:
        return f"{self.file} [{self.section}] {self.name}"


class Files:
    """All assignments of all files, in the order in which they were read: later ones win."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._places = tuple(places)

    @classmethod
    def of(cls, conf: cfg.ConfigOpts) -> Self:
        """What the files say that `conf` was made from."""
        return cls(place for path in _paths(conf) for place in read_file(path))

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places)

    def every(self, section: str, name: str) -> list[Place]:
        """Every assignment to this name; the last one counts."""
        return [p for p in self._places if same_section(p.section, section) and p.name == name]

    def winner(self, names: Sequence[tuple[str, str]]) -> Place | None:
        """The assignment that counts among these (section, name): in the last file, under the first name."""
        for file in reversed(dict.fromkeys(p.file for p in self._places)):
            for section, name in names:
                if found := [p for p in self.every(section, name) if p.file == file]:
                    return found[-1]
        return None

    def where(self, section: str, name: str) -> str:
        """Where the value comes from or, if from nowhere, would have to be set."""
        return str(self.winner([(section, name)]) or f"[{section}] {name}")


def same_section(one: str, other: str) -> bool:
    """oslo.config tells sections apart without regard to case, but for DEFAULT."""
    if "DEFAULT" in (one, other):
        return one == other
    return one.lower() == other.lower()


def read_file(path: str) -> list[Place]:
    """All assignments of one file.

    Raises ConfigurationError for what is no configuration, without quoting the line: it may hold a secret.
    """
    sections: dict[str, dict[str, list[str]]] = {}
    try:
        cfg.ConfigParser(path, sections).parse()
    except cfg.ParseError as error:
        problem = f"{path} line {error.lineno}: {error.msg[:1].lower()}{error.msg[1:]}"
        raise errors.ConfigurationError([problem]) from None
    except UnicodeDecodeError:
        raise errors.ConfigurationError([f"{path}: is not UTF-8 text"]) from None
    return [
        Place(path, section, name, value)
        for section, names in sections.items()
        for name, values in names.items()
        for value in values
    ]


def _paths(conf: cfg.ConfigOpts) -> list[str]:
    paths = list(conf.config_file or [])
    for folder in conf.config_dir or []:
        paths += sorted(glob.glob(os.path.join(folder, "*.conf")))
    return [os.path.abspath(os.path.expanduser(path)) for path in paths]
