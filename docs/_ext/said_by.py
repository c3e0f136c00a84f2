"""Quotations of what programs say, held to the code: a message that no string of it can make fails the build.

    .. said-by:: networking_zvm zvmsim        packages in whose strings the words are looked for

       port 37a84878: waiting, no NIC has been defined for this port yet

A blank line separates messages; lines of one message are joined. An ellipsis stands for a value
left out.
"""

import ast
import functools
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

_PLACEHOLDER = re.compile(r"%(?:\.\d+)?[sdf]")
_WORD = re.compile(r"(?<!\S)[('\"]?[A-Za-z]?[a-z']+[,.:;)]*(?!\S)")
_SHORTEST = 12  # characters of the code's own that make a string worth comparing
_SHARE = 0.3  # of a message's words that must be the code's own; others come from z/VM, libraries, files


class SaidBy(Directive):
    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        self.state.document.settings.env.note_reread()
        messages = [" ".join(lines.split()) for lines in "\n".join(self.content).split("\n\n")]
        for message in messages:
            if _share(message, self.arguments[0]) < _SHARE:
                raise self.error(f"{self.arguments[0]} does not say: {message}")
        return [nodes.literal_block(text="\n".join(messages), classes=["said"], language="none")]


def _share(message: str, packages: str) -> float:
    """How many of the message's words, names and numbers aside, are literally in strings that fit it."""
    covered: set[int] = set()
    for pattern in _patterns(packages):
        for match in pattern.finditer(message):
            covered.update(at for group in range(1, pattern.groups + 1) for at in range(*match.span(group)))
    words = [covered.issuperset(range(*word.span())) for word in _WORD.finditer(message)]
    return sum(words) / len(words)


@functools.cache
def _patterns(packages: str) -> list[re.Pattern[str]]:
    texts = {parts for package in packages.split() for file in _files(package) for parts in _texts(file)}
    return [_pattern(parts) for parts in texts if sum(map(len, parts)) >= _SHORTEST]


def _files(package: str) -> Iterator[Path]:
    """The package's modules. Raises ModuleNotFoundError."""
    spec = importlib.util.find_spec(package)
    if spec is None:
        raise ModuleNotFoundError(package)
    for folder in spec.submodule_search_locations or []:
        yield from Path(folder).rglob("*.py")


def _texts(file: Path) -> Iterator[tuple[str, ...]]:
    """Every string of a module, cut where something is put in."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "%s" for part in node.values]
            yield tuple(_PLACEHOLDER.split("".join(map(str, parts))))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield tuple(_PLACEHOLDER.split(node.value))


def _pattern(parts: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(".*?".join(f"({re.escape(part)})" for part in parts))


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("said-by", SaidBy)
    return {"parallel_read_safe": True}
