"""The commands as an operator runs them, against a simulated management node."""

import json
import pathlib
import socket
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator

import pytest
import yaml

from networking_zvm import errors, model
from networking_zvm.cli import main
from networking_zvm.cli.plan import plan
from networking_zvm.conf import load
from networking_zvm.hypervisor.connect import connect
from zvmsim.server import Simulator

PORT = "8f1c2d3e-0000-4000-8000-000000000001"
GONE = "8f1c2d3e-0000-4000-8000-000000000002"


@pytest.fixture
def inventory() -> dict:
    """One system. Nova has announced a NIC of WEB1; one of a port that is no more is on DBSRV1."""
    path = pathlib.Path(main.__file__).parents[2] / "zvmsim" / "inventories" / "one-system.yaml"
    data = yaml.load(path.read_text(), yaml.BaseLoader)  # 020000 shall stay a text
    data["systems"]["ZVMA"]["directory"]["WEB1"] = ["USER WEB1 LBYONLY 1G 2G G"]
    data["xcat"]["tables"] = {
        "zvm": [{"node": "web1", "hcp": "zhcp.example.com", "userid": "WEB1"}],
        "switch": [
            {"node": "web1", "port": PORT, "interface": "1000", "comments": "zhcp"},
            {"node": "web1", "port": GONE, "interface": "1003", "comments": "zhcp"},
        ],
    }
    return data


@pytest.fixture
def simulator(inventory) -> Iterator[Simulator]:
    with Simulator.from_inventory(inventory) as running:
        yield running


class Site:
    """An agent's configuration, of which each test may change some lines."""

    def __init__(self, folder: pathlib.Path, simulator: Simulator) -> None:
        self._path = folder / "agent.ini"
        self._lines = {
            "xcat_server": simulator.xcat_url,
            "xcat_username": "admin",
            "xcat_password": "admin",
            "xcat_ca_file": str(simulator.ca_file),
            "vswitch_mappings": "public:XCATVSW2,tenants:DATANET1",
        }

    def arguments(self, **changed: str) -> list[str]:
        zvm = "\n".join(f"{name} = {value}" for name, value in {**self._lines, **changed}.items())
        self._path.write_text(
            f"[DEFAULT]\nhost = zvm1\nbase_mac = 02:00:00:00:00:00\n[zvm]\n{zvm}\n"
            "[ml2_type_flat]\nflat_networks = public\n[ml2_type_vlan]\nnetwork_vlan_ranges = tenants\n"
        )
        self._path.chmod(0o600)
        return ["--config-file", str(self._path)]

    def check(self, capsys, **changed: str) -> tuple[int, dict[str, list[str]]]:
        """Exit code, and the levels found for each topic."""
        code = main.main([*self.arguments(**changed), "check", "--format", "json"])
        document = json.loads(capsys.readouterr().out)
        assert document["exit_code"] == code
        levels: dict[str, list[str]] = {}
        for finding in document["findings"]:
            levels.setdefault(finding["topic"], []).append(finding["level"])
        return code, levels


@pytest.fixture
def site(tmp_path, simulator) -> Site:
    return Site(tmp_path, simulator)


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class TestCheck:
    def test_all_is_well(self, site, capsys):
        code, levels = site.check(capsys)
        assert code == 0
        assert {level for found in levels.values() for level in found} == {"OK"}
        assert levels["networks"] == ["OK", "OK"]

    def test_the_text_says_the_same(self, site, capsys):
        assert main.main(["check", *site.arguments()]) == 0
        text = capsys.readouterr().out
        assert "OK    MAC prefix     02:00:00, as base_mac says" in text
        assert text.endswith("\n\n9 ok\n")

    def test_a_wrong_password(self, site, capsys):
        code, levels = site.check(capsys, xcat_password="hunter2")
        assert code == 2
        assert levels["control point"] == ["FAIL"]
        assert levels["connection"] == ["OK"]
        assert levels["networks"] == levels["port records"] == ["SKIP"]

    def test_a_zhcp_that_this_management_node_does_not_manage(self, site, capsys):
        code, levels = site.check(capsys, xcat_zhcp_nodename="zhcp9")
        assert (code, levels["control point"], levels["z/VM"]) == (2, ["FAIL"], ["SKIP"])

    def test_nobody_listens(self, site, capsys, free_port):
        code, levels = site.check(capsys, xcat_server=f"127.0.0.1:{free_port}")
        assert (code, levels["connection"], levels["control point"]) == (2, ["FAIL"], ["SKIP"])

    def test_a_certificate_that_nobody_vouches_for(self, site, capsys):
        code, levels = site.check(capsys, xcat_ca_file="")
        assert (code, levels["connection"]) == (2, ["FAIL"])

    def test_no_verification(self, site, capsys):
        code, levels = site.check(capsys, xcat_ca_file="", xcat_verify="no")
        assert (code, levels["connection"], levels["networks"]) == (1, ["WARN"], ["OK", "OK"])

    def test_a_vlan_network_on_an_unaware_vswitch(self, site, capsys):
        code, levels = site.check(capsys, vswitch_mappings="tenants:XCATVSW1,public:DATANET1")
        assert code == 2
        assert "FAIL" in levels["networks"]

    def test_a_configuration_that_cannot_work(self, site, capsys):
        code, levels = site.check(capsys, parallelism="0", xcat_servr="mn")
        assert (code, levels["configuration"], levels["connection"]) == (2, ["FAIL", "FAIL"], ["SKIP"])

    def test_no_files_at_all(self, capsys, tmp_path):
        (tmp_path / "empty.ini").touch()
        assert main.main(["check", "--config-file", str(tmp_path / "empty.ini")]) == 2
        assert main.main(["check", "--config-file", str(tmp_path / "nowhere.ini")]) == 2
        assert "there is no such file" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_reader_that_has_seen_enough_ends_it_quietly(site, command):
    line = [sys.executable, "-m", "networking_zvm.cli.main", command, *site.arguments()]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_nothing_is_ever_changed(site, simulator, capsys):
    before = simulator.world.journal.mark()
    site.check(capsys)
    main.main(["show", *site.arguments()])
    settings = load(site.arguments())
    plan(settings, connect(settings), Neutron(PORT))
    entries = simulator.world.journal.entries(since=before)
    assert len(entries) > 10
    assert [entry for entry in entries if entry.call.mutating] == []


class TestShow:
    def test_json(self, site, capsys):
        assert main.main(["show", "--format", "json", *site.arguments()]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["system"]["name"] == "ZVMA"
        assert {v["name"]: v["networks"] for v in document["vswitches"]} == {
            "DATANET1": ["tenants"], "XCATVSW1": [], "XCATVSW2": ["public"]
        }  # fmt: skip
        recorded = [nic for nic in document["nics"] if nic["port_id"]]
        assert {(nic["userid"], nic["vdev"]) for nic in recorded} == {("WEB1", "1000"), ("WEB1", "1003")}

    def test_table(self, site, capsys):
        assert main.main([*site.arguments(), "show"]) == 0
        assert "ZHCPA" in capsys.readouterr().out

    def test_a_failure_is_one_line(self, site, capsys):
        assert main.main(["show", *site.arguments(xcat_password="hunter2")]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert len(told.err.splitlines()) == 1
        assert "hunter2" not in told.err


class Neutron:
    """Wants one port of WEB1 on VLAN 100 of `tenants`."""

    def __init__(self, port_id: str) -> None:
        vlan = model.Segment(model.NetworkType.VLAN, "tenants", model.VlanId(100))
        self._bindings = {port_id: model.PortBinding(port_id, model.Mac("02:00:00:00:00:01"), vlan)}

    def bindings(self) -> dict[str, model.PortBinding]:
        return self._bindings

    def still_here(self, port_ids: Collection[str]) -> frozenset[str]:
        return frozenset()

    def report(self, statuses: object) -> None:
        raise AssertionError("a look reports nothing")


def test_plan_tells_what_the_agent_would_do(site):
    settings = load(site.arguments())
    forecast = plan(settings, connect(settings), Neutron(PORT))
    assert [(step.guest, step.change, step.ports) for step in forecast.steps] == [
        ("WEB1", "grant WEB1 DATANET1 on VLAN 100", (PORT,)),
        ("WEB1", "define NIC WEB1 1000 with MAC 02:00:00:00:00:01 on DATANET1 in the directory", (PORT,)),
        ("WEB1", "record DATANET1 VLAN 100 for WEB1 1000", (PORT,)),
    ]
    assert [(port.port_id, port.state) for port in forecast.ports] == [(PORT, "pending")]
    text = forecast.as_text()
    assert "the directory does not hold it" in text
    assert json.loads(forecast.as_json())["steps"][0]["guest"] == "WEB1"


def test_plan_says_when_there_is_nothing_to_do(site):
    settings = load(site.arguments())
    forecast = plan(settings, connect(settings), Neutron("some-other-port"))
    assert forecast.steps == ()
    text = forecast.as_text()
    assert "Nothing to change" in text
    assert "waiting" in text


class SilentNeutron(Neutron):
    """Never answers, as a message bus that cannot be reached."""

    def __init__(self) -> None:
        super().__init__(PORT)
        self.released = threading.Event()

    def bindings(self) -> dict[str, model.PortBinding]:
        self.released.wait()
        return super().bindings()


@pytest.fixture
def silent_neutron() -> Iterator[SilentNeutron]:
    neutron = SilentNeutron()
    yield neutron
    neutron.released.set()


def test_plan_does_not_wait_for_a_silent_neutron(site, silent_neutron):
    settings = load(site.arguments())
    with pytest.raises(errors.NeutronUnavailable, match=r"within 0\.1 s.*transport_url.*RPC workers"):
        plan(settings, connect(settings), silent_neutron, patience=0.1)


class LostNeutron(Neutron):
    def bindings(self) -> dict[str, model.PortBinding]:
        raise errors.NeutronUnavailable("Neutron does not list our ports: lost")


def test_plan_says_why_neutron_could_not_answer(site):
    settings = load(site.arguments())
    with pytest.raises(errors.NeutronUnavailable, match="does not list our ports: lost"):
        plan(settings, connect(settings), LostNeutron(PORT))
