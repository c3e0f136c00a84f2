"""What the story needs to know of a control point, and where it differs by it."""

import abc
import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Literal, Self

from zvmlab.compute.base import Compute
from zvmlab.systems import Fact, Systems
from zvmsim.journal import Call

Command = tuple[str, str]
"""Something to type in a shell, and what for."""


@dataclass(frozen=True, slots=True)
class Manner:
    """Where the story goes another way.

    title: what people call the control point. plugging: what Nova does about the NICs of a guest. way: how
    agents let guests onto vswitches. most_changes: mutating calls of an agent per new port, at most.
    agent_removes_nics: whether the agent takes a deleted port's NIC out of the directory; otherwise Nova
    does. vswitches_last: whether a vswitch that an agent has made outlasts an IPL. healing: who has
    everything back in place after an IPL, once the guests are on. trunks: whether agents can make a guest a
    trunk port, as a DHCP node has to be.
    """

    title: str
    plugging: str
    way: Literal["directory", "grant"]
    most_changes: int
    agent_removes_nics: bool
    vswitches_last: bool
    healing: str
    trunks: bool


class ControlPoint(abc.ABC):
    """The way to both systems, open within a `with` block.

    name: as in the agents' option control_point. dialect: of its requests in the simulator's journal.
    """

    name: ClassVar[str]
    dialect: ClassVar[Literal["rest", "smapi"]]
    manner: ClassVar[Manner]

    def __init__(self, systems: Systems, folder: Path) -> None:
        """folder: for files, if it needs any; it exists."""
        self._systems = systems
        self._folder = folder
        self._running = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start what must run. Raises CloudError, with nothing left running."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    @abc.abstractmethod
    def agent_options(self, host: str) -> Mapping[str, str]:
        """What the agent of that host must know to find its system: options of [zvm]."""

    @abc.abstractmethod
    def compute(self, host: str) -> Compute:
        """Nova's hands on that host's system, to be closed by whoever asks."""

    @abc.abstractmethod
    def by_hand(self) -> Iterable[Command]:
        """How a person looks at it, in the lab's folder; at the first system's, if each has its own."""

    @abc.abstractmethod
    def restart(self) -> None:
        """Start anew what serves, as its operator does. Raises CloudError."""

    @property
    def first_host(self) -> str:
        return next(iter(self._systems.hosts))

    def facts(self) -> Iterable[Fact]:
        """What it keeps of guests in tables of its own."""
        return ()

    def new_requests(self) -> Iterable[Call]:
        """The requests since this was asked before that did not pass through the simulator."""
        return ()

    def logs(self) -> Mapping[str, Path]:
        """Log files by what writes them."""
        return {}
