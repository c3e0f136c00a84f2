"""Tables that are read from the code, so that the documentation cannot say something else.

Pages with such tables are read anew at every build, for nobody tells Sphinx when the code has changed.

    .. module-map:: networking_zvm            every module of a package and the first line of its docstring
    .. options:: module:function              options of one section; the function lists (group, options)
       :group: zvm
    .. renamed-options:: module:function      options with older names; as above
    .. switches:: module:Class                a dataclass of switches, explained in its docstring
    .. record-table:: module:NAME             a sequence of dataclass instances, one row each
       :columns: rule, source, test           the fields to show, in this order (default: all)

What programs say is quoted by `said-by`, see `said_by`.
"""

import ast
import dataclasses
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from docutils.statemachine import StringList
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
Row = Sequence[str]


class Table(Directive):
    """A list-table whose head and rows a subclass finds; cells are reStructuredText."""

    required_arguments = 1

    def head(self) -> Row:
        raise NotImplementedError

    def rows(self) -> Iterable[Row]:
        raise NotImplementedError

    def run(self) -> list[nodes.Node]:
        self.state.document.settings.env.note_reread()
        lines = [".. list-table::", "   :header-rows: 1", "   :widths: auto", ""]
        for row in (self.head(), *self.rows()):
            lines += [f"{'     -' if column else '   * -'} {cell}" for column, cell in enumerate(row)]
        parent = nodes.container()
        self.state.nested_parse(StringList(lines, source=self.arguments[0]), self.content_offset, parent)
        return parent.children

    def named(self) -> Any:
        """What `module:NAME` stands for."""
        module, _, name = self.arguments[0].partition(":")
        return getattr(importlib.import_module(module), name)


class ModuleMap(Table):
    def head(self) -> Row:
        return "Module", "What it is"

    def rows(self) -> Iterator[Row]:
        for file in sorted((ROOT / self.arguments[0]).rglob("*.py"), key=_package_first):
            words = ast.get_docstring(ast.parse(file.read_text())) or ""
            yield f"``{_dotted(file)}``", _escaped(words.split("\n\n")[0])


class Options(Table):
    option_spec: ClassVar = {"group": directives.unchanged_required}

    def head(self) -> Row:
        return "Option", "Values, and the default", "Meaning"

    def rows(self) -> Iterator[Row]:
        for section, options in self.named()():
            if str(section) == self.options["group"]:
                yield from ((f"``{o.name}``", _values(o), _escaped(o.help or "")) for o in options)


class RenamedOptions(Table):
    def head(self) -> Row:
        return "Old name", "Name today"

    def rows(self) -> list[Row]:
        return sorted(
            (f"``[{old.group or section}] {old.name or option.name}``", f"``[{section}] {option.name}``")
            for section, options in self.named()()
            for option in options
            for old in option.deprecated_opts
        )


class Switches(Table):
    def head(self) -> Row:
        return "Switch", "Positions, the default first", "What is known"

    def rows(self) -> Iterator[Row]:
        switches = self.named()
        words = dict(re.findall(r"^(\w+): (.+(?:\n +.+)*)", inspect.getdoc(switches) or "", re.MULTILINE))
        for name, positions in switches.choices().items():
            yield f"``{name}``", ", ".join(f"``{each}``" for each in positions), _escaped(words.get(name, ""))


class RecordTable(Table):
    option_spec: ClassVar = {"columns": directives.unchanged}

    def head(self) -> Row:
        return [column.replace("_", " ").capitalize() for column in self.columns()]

    def rows(self) -> list[Row]:
        columns = self.columns()
        return [[_escaped(str(getattr(record, column))) for column in columns] for record in self.named()]

    def columns(self) -> list[str]:
        if chosen := self.options.get("columns"):
            return [column.strip() for column in chosen.split(",")]
        return [field.name for field in dataclasses.fields(self.named()[0])]


_TYPES = {
    "string value": "text",
    "list value": "list, with commas",
    "floating point value": "number",
    "integer value": "whole number",
    "boolean value": "``true`` or ``false``",
}


def _values(option: Any) -> str:
    """Type, limits or choices, and default of an oslo.config option."""
    kind = option.type
    if choices := getattr(kind, "choices", None):
        told = "; ".join(f"``{choice}``: {_escaped(meaning)}" for choice, meaning in choices.items())
    else:
        limits = (("at least", getattr(kind, "min", None)), ("at most", getattr(kind, "max", None)))
        bounds = "".join(f", {words} {limit}" for words, limit in limits if limit is not None)
        told = f"{_TYPES[kind.type_name]}{bounds}"
    unset = option.default in (None, [])
    return f"{told}. Default: {'none' if unset else f'``{str(option.default).lower()}``'}"


def _package_first(file: Path) -> tuple[Path, bool, str]:
    return file.parent, file.name != "__init__.py", file.name


def _dotted(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _escaped(text: str) -> str:
    """Plain words as reStructuredText; what stands in backquotes becomes literal."""
    plain_and_quoted = re.split(r"`+([^`]+)`+", " ".join(text.split()))
    return "".join(
        rf"\ ``{part}``\ " if index % 2 else re.sub(r"([\\*|_`])", r"\\\1", part)
        for index, part in enumerate(plain_and_quoted)
    )


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("module-map", ModuleMap)
    app.add_directive("options", Options)
    app.add_directive("renamed-options", RenamedOptions)
    app.add_directive("switches", Switches)
    app.add_directive("record-table", RecordTable)
    return {"parallel_read_safe": True}
