"""The rules of the house that no single file shows: who may import whom, and how big things may grow.

Each rule is a function from a parsed module to the breaches it finds, so that each can also be shown to catch
one. What a package may import besides itself and the standard library is read from pyproject.toml: an
operator's or a simulator's install must bring along all that the code uses.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("networking_zvm", "zvmsim", "zvmlab")
OURS = (*PACKAGES, "bench", "tests")
FORBIDDEN = {
    "networking_zvm": {"zvmsim", "zvmlab", "bench", "tests"},
    "zvmsim": {"networking_zvm", "zvmlab", "bench", "tests"},
    "zvmlab": {"bench", "tests"},
}
EXTRAS = {"networking_zvm": (), "zvmsim": ("sim",), "zvmlab": ("sim", "lab")}
MODULE_LINES = 400
FUNCTION_LINES = 60


@dataclasses.dataclass(frozen=True)
class Module:
    """One source file: its path below the root of the tree, its text and its syntax tree."""

    path: str
    text: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def package(self) -> str:
        return self.path.split("/")[0]

    def at(self, node: ast.stmt | ast.expr) -> str:
        return f"{self.path}:{node.lineno}"


Rule = Callable[[Module], Iterator[str]]


@functools.cache
def modules(*tops: str) -> tuple[Module, ...]:
    files = sorted(file for top in tops for file in (ROOT / top).rglob("*.py"))
    return tuple(Module(file.relative_to(ROOT).as_posix(), file.read_text()) for file in files)


def breaches(rule: Rule, *tops: str) -> str:
    """What `rule` finds below `tops`, one breach per line; empty when all is well."""
    return "\n".join(found for module in modules(*tops) for found in rule(module))


def imports(module: Module) -> Iterator[tuple[str, str]]:
    """(place, top-level name) of everything the module imports, by statement or by name at run time."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((module.at(node), alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield module.at(node), node.module.split(".")[0]
        elif isinstance(node, ast.Call) and called(node) in {"import_module", "__import__", "import_object"}:
            yield from ((module.at(node), name.split(".")[0]) for name in constant_strings(node.args[:1]))


def called(call: ast.Call) -> str:
    """The last name of what is called: `f` for both `f()` and `module.f()`."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def constant_strings(nodes: list[ast.expr]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


@functools.cache
def declared(package: str) -> frozenset[str]:
    """Names importable from the distributions that pyproject.toml lists for the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [] if package == "zvmsim" else list(project["dependencies"])
    for extra in EXTRAS[package]:
        wanted += project["optional-dependencies"][extra]
    names = {normal(re.split(r"[\[<>=!~; ]", requirement)[0]) for requirement in wanted}
    provides = importlib.metadata.packages_distributions()
    return frozenset(top for top, dists in provides.items() if names & {normal(dist) for dist in dists})


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def crosses_a_border(module: Module) -> Iterator[str]:
    for place, name in imports(module):
        if name in FORBIDDEN.get(module.package, set()):
            yield f"{place}: {module.package} must not import {name}"
        if name == "nova" and not module.path.startswith("networking_zvm/compute/"):
            yield f"{place}: only networking_zvm.compute may import nova"


def asks_the_oracle(module: Module) -> Iterator[str]:
    """The data plane and the oracle are two readings of one set of rules, each a check of the other."""
    nodes = ast.walk(module.tree) if module.path.startswith("zvmsim/dataplane/") else ()
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            origin = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            if any(f"{origin}{alias.name}.".startswith("zvmsim.oracle.") for alias in node.names):
                yield f"{module.at(node)}: zvmsim.dataplane must not import zvmsim.oracle"


def imports_the_undeclared(module: Module) -> Iterator[str]:
    free = sys.stdlib_module_names | declared(module.package) | set(PACKAGES) | {"nova"}
    for place, name in imports(module):
        if name not in free:
            yield f"{place}: {name} comes with no distribution that pyproject.toml lists for {module.package}"


def uses_eventlet(module: Module) -> Iterator[str]:
    return (f"{place}: no eventlet here" for place, name in imports(module) if name == "eventlet")


def is_too_long(module: Module) -> Iterator[str]:
    lines = module.text.count("\n")
    if lines > MODULE_LINES:
        yield f"{module.path}: {lines} lines, {MODULE_LINES} at most"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{module.at(node)}: {node.name} has {lines} lines, {FUNCTION_LINES} at most"


def is_a_package_without_words(module: Module) -> Iterator[str]:
    if module.path.endswith("/__init__.py") and not ast.get_docstring(module.tree):
        yield f"{module.path}: say in a docstring what lives here and what does not"


def sleeps(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "asyncio.sleep", "sleep"}:
            yield f"{module.at(node)}: wait for what should become true, not for time to pass"


@pytest.mark.parametrize(
    ("rule", "where"),
    [
        (crosses_a_border, PACKAGES),
        (asks_the_oracle, ("zvmsim",)),
        (imports_the_undeclared, PACKAGES),
        (uses_eventlet, OURS),
        (is_too_long, (*PACKAGES, "bench")),
        (is_a_package_without_words, PACKAGES),
        (sleeps, ("tests",)),
    ],
    ids=lambda value: value.__name__ if callable(value) else "-".join(value),
)
def test_the_house_keeps_its_rules(rule: Rule, where: tuple[str, ...]) -> None:
    if found := breaches(rule, *where):
        pytest.fail(found, pytrace=False)


def test_every_directory_of_modules_is_a_package() -> None:
    lost = {Path(module.path).parent for module in modules(*PACKAGES)}
    assert [str(folder) for folder in sorted(lost) if not (ROOT / folder / "__init__.py").exists()] == []


LONG_FUNCTION = "def f():\n" + "    pass\n" * FUNCTION_LINES
LONG_MODULE = "pass\n" * (MODULE_LINES + 1)


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (crosses_a_border, "networking_zvm/a.py", "import zvmsim.world"),
        (crosses_a_border, "networking_zvm/a.py", "from zvmlab import main"),
        (crosses_a_border, "networking_zvm/a.py", "def f():\n    import zvmsim"),
        (crosses_a_border, "networking_zvm/a.py", "importlib.import_module('zvmsim.world')"),
        (crosses_a_border, "networking_zvm/agent/a.py", "from nova.virt import driver"),
        (crosses_a_border, "zvmsim/a.py", "from networking_zvm.model import Nic"),
        (asks_the_oracle, "zvmsim/dataplane/a.py", "from zvmsim.oracle import reach"),
        (asks_the_oracle, "zvmsim/dataplane/a.py", "from zvmsim import oracle"),
        (asks_the_oracle, "zvmsim/dataplane/a.py", "def f():\n    import zvmsim.oracle"),
        (imports_the_undeclared, "zvmsim/a.py", "import neutron"),
        (imports_the_undeclared, "networking_zvm/a.py", "import flask"),
        (uses_eventlet, "tests/a.py", "from eventlet import greenthread"),
        (is_too_long, "zvmsim/a.py", LONG_FUNCTION),
        (is_too_long, "zvmsim/a.py", LONG_MODULE),
        (is_a_package_without_words, "zvmsim/world/__init__.py", "import os"),
        (sleeps, "tests/unit/test_a.py", "time.sleep(1)"),
        (sleeps, "tests/unit/test_a.py", "from time import sleep\nsleep(1)"),
    ],
)
def test_a_breach_is_found_and_named(rule: Rule, path: str, text: str) -> None:
    assert [found for found in rule(Module(path, text)) if found.startswith(path)]


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        (crosses_a_border, "zvmlab/a.py", "import zvmsim, networking_zvm"),
        (crosses_a_border, "networking_zvm/compute/a.py", "from nova.virt import driver"),
        (crosses_a_border, "networking_zvm/agent/a.py", "from . import zvmsim"),
        (asks_the_oracle, "zvmsim/control.py", "from zvmsim.oracle import reach"),
        (asks_the_oracle, "zvmsim/dataplane/a.py", "from zvmsim.world import world\nimport json"),
        (imports_the_undeclared, "zvmsim/a.py", "import json, yaml, flask"),
        (sleeps, "tests/unit/test_a.py", "clock.sleep(1)"),
        (imports_the_undeclared, "networking_zvm/a.py", "import requests\nfrom oslo_config import cfg"),
        (is_too_long, "zvmsim/a.py", "def f():\n" + "    pass\n" * (FUNCTION_LINES - 1)),
    ],
)
def test_what_is_allowed_passes(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Module(path, text))) == []
