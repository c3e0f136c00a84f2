"""Whichever way the lab ends, nothing of its cloud is left: no process, no file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.cloud.conftest import BACKENDS, STANDIN
from tests.functional.cloud.remains import processes_of
from zvmlab.cloud.base import Cloud
from zvmlab.neutron_api import wait_for

LAB = f"""
import signal
import sys
from pathlib import Path
from {{module}} import {{cloud}}
from zvmlab.cloud.neutron_conf import NeutronSettings
from zvmlab.neutron_api import NeutronApi
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
with {{cloud}}(NeutronSettings(), agent_module="{STANDIN}") as cloud:
    cloud.start_agent("zvm1", Path(sys.argv[1]))
    NeutronApi(cloud.endpoint).wait_for_agent("zvm1")
    print(cloud.state_dir, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_is_left(backend: type[Cloud], how: signal.Signals, tmp_path: Path) -> None:
    agent_conf = tmp_path / "agent.conf"
    agent_conf.write_text("[DEFAULT]\nhost = zvm1\n")
    script = LAB.format(module=backend.__module__, cloud=backend.__name__)
    command = [sys.executable, "-c", script, str(agent_conf)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as lab:
        assert lab.stdout is not None
        state_dir = Path(lab.stdout.readline().decode().strip())
        assert processes_of(state_dir)
        os.kill(lab.pid, how)
        lab.wait(timeout=60)
    wait_for(lambda: processes_of(state_dir), lambda left: not left, what="all processes to end", timeout=20)
    wait_for(state_dir.exists, lambda exists: not exists, what="all files to go", timeout=20)
