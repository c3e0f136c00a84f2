"""Nova's real services with our driver, before Feilong on zvmsim; see `tests.nova.services`."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from zvmlab.cloud.errors import CloudError
from zvmlab.feilong import environment

PACKAGE = "tests.nova.services"
FOLDER = Path(__file__).with_name("services")
SECONDS = 280


def names() -> list[str]:
    """All tests, read without importing them."""
    return [
        f"{PACKAGE}.{file.stem}.{case.name}.{test.name}"
        for file in sorted(FOLDER.glob("*.py"))
        for case in ast.parse(file.read_text()).body
        if isinstance(case, ast.ClassDef)
        for test in case.body
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
    ]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What went wrong in each test, "" if nothing did."""
    try:
        environment.python()
    except CloudError as error:
        pytest.skip(str(error))
    file = tmp_path_factory.mktemp("nova") / "outcomes.json"
    variables = {**os.environ, "OS_NOVA_DISABLE_EVENTLET_PATCHING": "1", "ZVM_NOVA_OUTCOMES": str(file)}
    command = [sys.executable, "-W", "ignore", "-m", PACKAGE]
    run = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=SECONDS)
    assert file.exists(), run.stderr[-4000:]
    return json.loads(file.read_text())


@pytest.mark.parametrize("name", names(), ids=lambda name: name.removeprefix(f"{PACKAGE}."))
def test_nova(outcomes: dict[str, str], name: str) -> None:
    if failure := outcomes.get(name, "it was not run"):
        pytest.fail(failure[-8000:], pytrace=False)
