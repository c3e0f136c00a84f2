"""Starting and stopping, in process and as the `zvmsim` command."""

import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.unit.zvmsim.dialects.rest import Rest
from zvmsim import cli
from zvmsim.server import Simulator


def test_several_run_in_one_process() -> None:
    with Simulator.from_inventory("two-systems") as one, Simulator.from_inventory("one-system") as other:
        Rest(one).put("/tables/switch", "node=n,port=p switch.vlan=1")
        assert Rest(other).get("/tables/switch", col="port", value="p", attribute="vlan").messages == []
        assert {"ZVMB"} == set(one.world.systems) - set(other.world.systems)


def test_stop_closes_the_ports_and_removes_the_certificate() -> None:
    simulator = Simulator.from_inventory("one-system")
    simulator.start()
    url, ca_file = simulator.control_url, simulator.ca_file
    assert ca_file is not None
    assert ca_file.exists()
    simulator.stop()
    simulator.stop()
    assert not ca_file.exists()
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.get(url, timeout=5)


def test_stop_takes_less_than_a_second_with_a_request_under_way() -> None:
    simulator = Simulator.from_inventory("one-system")
    simulator.start()
    simulator.world.faults.add({"function": "cp:*", "delay": 30})
    lost: list[Exception] = []

    def ask() -> None:
        try:
            Rest(simulator).dsh("zhcp", "vmcp q userid")
        except requests.exceptions.RequestException as error:
            lost.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    while simulator.world.faults.acted(1) == 0:
        thread.join(0.01)
    started = time.monotonic()
    simulator.stop()
    assert time.monotonic() - started < 10  # not the 30 of the delay


def test_the_certificate_goes_where_asked(tmp_path: Path) -> None:
    wanted = tmp_path / "mn.pem"
    with Simulator.from_inventory("one-system", ca_file=wanted) as simulator:
        assert simulator.ca_file == wanted
        assert Rest(simulator).get("/version").status == 200
        assert "PRIVATE" not in wanted.read_text()


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        simulator = Simulator.from_inventory("one-system", xcat_port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            simulator.start()


def test_serve_prints_where_it_listens_and_stops_on_sigterm() -> None:
    command = [sys.executable, "-m", "zvmsim.cli", "serve", "two-systems"]
    options = ["--xcat-port", "0", "--control-port", "0", "--delay", "0.001", "--credentials-in", "query"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    lines = [process.stdout.readline() for _ in range(8)]
    try:
        control_url = next(line.split()[2] for line in lines if line.startswith("control API"))
        assert requests.get(f"{control_url}/systems", timeout=10).json().keys() == {"ZVMA", "ZVMB"}
        xcat_url = next(line.split()[1] for line in lines if line.startswith("xCAT"))
        ca_file = next(line.split()[1] for line in lines if line.startswith("certificate"))
        headers = {"userName": "admin", "password": "admin"}
        version = f"{xcat_url}/version?format=json"
        assert requests.get(version, headers=headers, verify=ca_file, timeout=10).status_code == 401
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert not Path(ca_file).exists()


def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["check", "two-systems"]) == 0
    assert "ZVMA: z/VM 7.1, 3 vswitches, 5 guests logged on" in capsys.readouterr().out
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("systems: {A: {leve: 710}}\nxcat: {users: []}\n")
    assert cli.main(["check", str(wrong)]) == 1
    complaints = capsys.readouterr().err.splitlines()
    assert complaints[0] == f"{wrong} is wrong:"
    assert "systems.A.leve: unknown key" in complaints
    assert "xcat.users: not a list with at least one entry" in complaints


@pytest.mark.parametrize(
    "arguments", [["check", "/nowhere.yaml"], ["serve", "one-system", "--delay", "slow"]]
)
def test_what_cannot_be_done(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("action", ["check", "serve"])
def test_an_inventory_that_is_not_there(capsys: pytest.CaptureFixture[str], action: str) -> None:
    assert cli.main([action, "nothing"]) == 2
    (complaint,) = capsys.readouterr().err.splitlines()
    assert "nothing" in complaint
    assert "old-system, one-system, two-systems" in complaint
    assert "Errno" not in complaint


def test_an_inventory_that_cannot_be_read(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["check", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{tmp_path}: Is a directory\n"
    (tmp_path / "image").write_bytes(b"\xff\xfe\x00")
    assert cli.main(["check", str(tmp_path / "image")]) == 1
    assert "not UTF-8" in capsys.readouterr().err
