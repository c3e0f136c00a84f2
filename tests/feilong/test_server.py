"""The life of a Feilong server of the lab."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.feilong.site import Rest, expiry
from zvmlab.cloud.errors import CloudError
from zvmlab.feilong import Feilong
from zvmlab.neutron_api import wait_for
from zvmsim.server import Simulator

TO_BE_KILLED = """
import json, sys, time
from zvmlab.feilong import Feilong
from zvmsim.server import Simulator

with Simulator.from_inventory("two-systems") as simulator, Feilong(simulator, "ZVMA") as feilong:
    ports = [int(feilong.url.rpartition(":")[2]), feilong.sdkserver_port]
    print(json.dumps([ports, str(feilong.state_dir)]), flush=True)
    time.sleep(600)
"""


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_two_at_once_on_two_systems(simulator: Simulator, tmp_path: Path) -> None:
    with (
        Feilong(simulator, "ZVMA", tmp_path / "a", auth="none", tls=False) as first,
        Feilong(simulator, "ZVMB", tmp_path / "b", token_seconds=7200) as second,
    ):
        assert (first.admin_token_file, first.ca_file) == (None, None)
        hosts = [Rest(feilong).get("/host")["zvm_host"] for feilong in (first, second)]
        assert hosts == ["ZVMA", "ZVMB"]
        a_guest = {"guest": {"userid": "TWOATONE", "vcpus": 1, "memory": 1024, "disk_list": []}}
        assert Rest(second).call("POST", "/guests", a_guest).output == []
        assert "TWOATONE" in simulator.world.systems["ZVMB"].directory.source
        assert "TWOATONE" not in simulator.world.systems["ZVMA"].directory.source
        assert 3600 < expiry(Rest(second).user_token or "") - time.time() <= 7200


def test_it_leaves_its_files_where_it_was_told_and_nothing_else(simulator: Simulator, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Feilong(simulator, "ZVMA", home) as feilong:
        ports = [int(feilong.url.rpartition(":")[2]), feilong.sdkserver_port]
        assert all(map(listens, ports))
        token_file = feilong.admin_token_file
        assert token_file
        assert token_file.stat().st_mode & 0o777 == 0o600
    assert not any(map(listens, ports))
    written = {name for name, log in feilong.logs.items() if log.exists()}
    assert written == {"web", "sdkserver", "zvmsdk", "smt"}
    secret = token_file.read_text()
    assert not any(secret in log.read_text(errors="replace") for log in feilong.logs.values())
    assert not any(simulator.commands["ZVMA"].secret in log.read_text() for log in feilong.logs.values())


def test_a_restart_keeps_guests_and_tokens(simulator: Simulator) -> None:
    with Feilong(simulator, "ZVMB") as feilong:
        rest = Rest(feilong)
        guest = {"guest": {"userid": "RESTARTD", "vcpus": 1, "memory": 1024, "disk_list": []}}
        assert rest.call("POST", "/guests", guest).output == []
        feilong.restart()
        again = Rest(feilong)
        again.user_token = rest.user_token
        assert again.get("/guests") == ["RESTARTD"]


@pytest.mark.usefixtures("simulator")
def test_nothing_outlives_a_lab_that_is_killed() -> None:
    lab = subprocess.Popen([sys.executable, "-c", TO_BE_KILLED], stdout=subprocess.PIPE, text=True)
    assert lab.stdout
    with lab.stdout:
        ports, state_dir = json.loads(lab.stdout.readline())
    assert all(map(listens, ports))
    lab.send_signal(signal.SIGKILL)
    lab.wait(10)
    wait_for(
        lambda: [*filter(listens, ports), *[path for path in [state_dir] if Path(path).exists()]],
        lambda left: left == [],
        what="the end of everything",
        timeout=10,
    )


def test_a_system_without_a_guest_for_it(simulator: Simulator) -> None:
    with pytest.raises(CloudError, match="no guest on ZVMC"), Feilong(simulator, "ZVMC"):
        pass
