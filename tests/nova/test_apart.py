"""The tests that import Nova, in a process of their own: it registers options that clash with Neutron's."""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).with_name("apart")


def test_with_nova_in_the_process() -> None:
    variables = {**os.environ, "NOVA_APART": "1", "OS_NOVA_DISABLE_EVENTLET_PATCHING": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(FOLDER)]
    run = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
