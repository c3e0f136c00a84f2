"""Where the story is told: chapters and checks go to a console as they happen, and into a record."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from zvmlab.neutron_api import NotYet, wait_for

Told = tuple[str, Callable[[], None]]
"""A chapter's title, and what tells it."""

PATIENCE_S = 45.0
SHOWN_ITEMS = 8


class StoryBroken(Exception):
    """What follows makes no sense without what was just waited for."""


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation. log: name of the log to read if it did not hold."""

    claim: str
    held: bool
    expected: str
    seen: str
    log: str


@dataclass(slots=True)
class Chapter:
    """seconds: how long it took."""

    title: str
    checks: list[Check] = field(default_factory=list)
    seconds: float = 0.0


class Stage:
    """Tells one story. chapters: those told so far, the last one perhaps not to its end.

    patience: seconds for what must become true.
    """

    def __init__(self, console: Console, patience: float = PATIENCE_S) -> None:
        self.chapters: list[Chapter] = []
        self._console = console
        self._patience = patience

    def tell(
        self,
        chapters: Sequence[Told],
        trouble: tuple[type[Exception], ...],
        before_the_end: Callable[[], None],
    ) -> None:
        """Tell all to the end, or to the first that breaks or meets `trouble`.

        before_the_end: called before the last chapter, which takes everything away.
        """
        *others, last = chapters
        for told in others:
            if not self._comes_to_its_end(told, trouble):
                return
        before_the_end()
        self._comes_to_its_end(last, trouble)

    def _comes_to_its_end(self, told: Told, trouble: tuple[type[Exception], ...]) -> bool:
        title, tell = told
        with self.chapter(title):
            try:
                tell()
            except StoryBroken:
                return False
            except trouble as met:
                self.expect("the chapter comes to its end", f"{type(met).__name__}: {met}", "")
                return False
        return True

    @contextmanager
    def chapter(self, title: str) -> Iterator[None]:
        """Tell a chapter within a `with` block."""
        chapter = Chapter(title)
        self.chapters.append(chapter)
        self._console.print(f"\n[bold cyan]{len(self.chapters):2}  {escape(title)}[/]")
        started = time.monotonic()
        try:
            with self._console.status(f"[dim]{escape(title)}[/]"):
                yield
        finally:
            chapter.seconds = time.monotonic() - started

    def expect(self, claim: str, seen: object, expected: object, log: str = "neutron") -> None:
        """Check that what is seen is what was expected; the story goes on either way."""
        check = Check(claim, seen == expected, _shown(expected), _shown(seen), log)
        self.chapters[-1].checks.append(check)
        if check.held:
            self._console.print(f"    [green]✓[/] {escape(claim)}")
        else:
            self._console.print(f"    [bold red]✗ {escape(claim)}[/]")
            self._indented(f"expected  {check.expected}")
            self._indented(f"seen      {check.seen}")

    def eventually(
        self,
        claim: str,
        look: Callable[[], object],
        expected: object,
        log: str = "neutron",
        patience: float | None = None,
    ) -> None:
        """Look until it is as expected. Raises StoryBroken when patience, in seconds, ends."""
        patience = patience or self._patience
        try:
            seen = wait_for(look, lambda seen: seen == expected, what=claim, timeout=patience)
        except NotYet:
            seen = look()
        self.expect(claim, seen, expected, log)
        if not self.chapters[-1].checks[-1].held:
            raise StoryBroken(f"after {patience:g} s still not so: {claim}")

    def quote(self, text: str) -> None:
        """Somebody else's words: an error, a line of a log."""
        self._indented(text, "dim italic")

    def failed(self) -> list[Check]:
        return [check for chapter in self.chapters for check in chapter.checks if not check.held]

    def count(self) -> int:
        return sum(len(chapter.checks) for chapter in self.chapters)

    def _indented(self, text: str, style: str = "") -> None:
        self._console.print(Padding(Text(text, style), (0, 4, 0, 6)))


def _shown(value: object) -> str:
    """A value in a failure's report; of a long collection only the beginning."""
    if not isinstance(value, Collection) or isinstance(value, str | dict):
        return str(value)
    items = [str(item) for item in value]
    more = [f"and {len(items) - SHOWN_ITEMS} more"] if len(items) > SHOWN_ITEMS else []
    return "; ".join([*items[:SHOWN_ITEMS], *more]) or "nothing"
