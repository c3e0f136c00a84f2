"""The fidelity table keeps its word: its tests exist, and every switch of Behaviour stands in it."""

import ast
from pathlib import Path

import pytest

from zvmsim.fidelity import TABLE, Fidelity
from zvmsim.world.behaviour import Behaviour

ROOT = Path(__file__).parents[4]


def names_of_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    plain = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return plain | {f"{c.name}::{n.name}" for c in classes for n in c.body if isinstance(n, ast.FunctionDef)}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.rule[:40])
def test_the_test_of_a_rule_exists(row: Fidelity) -> None:
    path, _, name = row.test.partition("::")
    assert name in names_of_tests(ROOT / path)
    assert row.rule
    assert row.source


def test_every_switch_stands_in_the_table() -> None:
    assert {row.switch for row in TABLE if row.switch} == set(Behaviour.choices())
