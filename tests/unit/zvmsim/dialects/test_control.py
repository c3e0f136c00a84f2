"""The control API over HTTP, and what it does to the world."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import yaml

from tests.unit.zvmsim.dialects.rest import Rest
from zvmsim.clock import VirtualClock
from zvmsim.server import Simulator, inventory_text


class Api:
    """JSON over HTTP; answers are (status, content)."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(
        self, method: str, path: str, json: object = None, text: str | None = None
    ) -> tuple[int, Any]:
        data = None if text is None else text.encode()
        answer = requests.request(method, self._url + path, json=json, data=data, timeout=10)
        is_json = answer.headers["Content-Type"] == "application/json"
        return answer.status_code, answer.json() if is_json else answer.text


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator.from_inventory("two-systems", clock=VirtualClock()) as running:
        yield running


@pytest.fixture
def api(simulator: Simulator) -> Api:
    return Api(simulator.control_url)


def test_systems_shows_everything_but_passwords(api: Api) -> None:
    status, systems = api("GET", "/systems")
    assert status == 200
    zvma = systems["ZVMA"]
    assert zvma["vswitches"]["DATANET1"]["users"][0]["vlans"] == [900]
    assert zvma["guests"]["DBSRV1"]["nics"][1]["lan_name"] == "DATANET1"
    assert zvma["directory"]["ROUTER1"] == ["NICDEF 0700 TYPE QDIO LAN SYSTEM DATANET1 DEVICES 3"]
    assert "LBYONLY" not in str(systems)


def test_ipl_logon_logoff(api: Api, simulator: Simulator) -> None:
    zvmb = simulator.world.systems["ZVMB"]
    assert api("POST", "/systems/zvmb/guests/dbsrv2/logoff") == (200, {})
    assert "DBSRV2" not in zvmb.guests
    assert api("POST", "/systems/ZVMB/guests/DBSRV2/logon") == (200, {"uncoupled": []})
    before = zvmb.ipl_time
    api("POST", "/clock/advance", {"seconds": 60})
    assert api("POST", "/systems/ZVMB/ipl") == (200, {})
    assert (zvmb.ipl_time - before).total_seconds() == 60
    status, refusal = api("POST", "/systems/ZVMB/guests/DBSRV2/logon")
    assert (status, refusal["rc"], refusal["rs"]) == (409, 200, 8)


def test_journal_and_stats(api: Api, simulator: Simulator) -> None:
    rest = Rest(simulator)
    rest.smcli("Image_Query_DM -T DBSRV1")
    mark = api("GET", "/journal")[1]["mark"]
    rest.smcli("Virtual_Network_Adapter_Disconnect -T DBSRV1 -v 0700")
    entries = api("GET", f"/journal?since={mark}&mutating=true&dialect=smapi")[1]["entries"]
    (entry,) = entries
    assert (entry["function"], entry["objects"]) == ("Virtual_Network_Adapter_Disconnect", ["DBSRV1", "0700"])
    assert (entry["rc"], entry["rs"], entry["mutating"]) == (0, 0, True)
    assert len(api("GET", "/journal?object=DBSRV1&system=ZVMA&function=*Disconnect")[1]["entries"]) == 1
    stats = api("GET", "/stats")[1]
    assert (stats["calls"], stats["mutating"]) == (4, 2)
    assert {"Image_Query_DM", "PUT /nodes/zhcp/dsh"} <= {line["function"] for line in stats["functions"]}


def test_faults(api: Api, simulator: Simulator) -> None:
    rule = {"function": "Image_Query_DM", "count": 1, "reply": {"rc": 500, "rs": 8}}
    assert api("POST", "/faults", rule) == (201, {"number": 1})
    api("POST", "/faults", {"function": "Image_Delete_DM", "delay": 1})
    assert "Return Code: 500" in Rest(simulator).smcli("Image_Query_DM -T DBSRV1").output
    first = api("GET", "/faults")[1][0]
    assert (first["number"], first["acted"], first["reply"]) == (1, 1, {"rc": 500, "rs": 8})
    assert api("DELETE", "/faults/2") == (200, {})
    assert [rule["number"] for rule in api("GET", "/faults")[1]] == [1]
    assert api("DELETE", "/faults") == (200, {})
    assert api("GET", "/faults") == (200, [])


def test_delay(api: Api, simulator: Simulator) -> None:
    api("PUT", "/delay", {"read": 0.5, "write": 1})
    latency = simulator.world.gate.latency
    assert (latency.read, latency.write, latency.directory) == (0.5, 1, 0)
    api("PUT", "/delay", "instant")
    assert simulator.world.gate.latency.write == 0


def test_reach_and_matrix(api: Api) -> None:
    there = api("GET", "/reach?from=ZVMA:DBSRV1:0700&to=ZVMB:DBSRV2:700")[1]
    assert (there["from"], there["to"], there["ok"]) == ("ZVMA:DBSRV1:0700", "ZVMB:DBSRV2:0700", True)
    tagged = api("GET", "/reach?from=ZVMA:DBSRV1:0700&to=ZVMB:DBSRV2:700&vlan=900")[1]
    assert not tagged["ok"]
    assert "may not send tagged frames" in tagged["because"]
    matrix = api("GET", "/matrix")[1]
    assert len(matrix) == 10 * 9
    assert there in matrix


def test_inventory_out_and_in(api: Api, simulator: Simulator) -> None:
    text = api("GET", "/inventory")[1]
    assert yaml.safe_load(text)["xcat"]["mn_node"] == "xcat"
    changed = text.replace("DATANET1", "DATANET9")
    assert api("PUT", "/inventory", text=changed) == (200, {})
    assert "DATANET9" in simulator.world.systems["ZVMA"].vswitches
    assert Rest(simulator).dsh("zhcp", "vmcp q vswitch datanet9").errorcode == "0"


def test_a_wrong_inventory_changes_nothing(api: Api, simulator: Simulator) -> None:
    world = simulator.world
    bad = inventory_text("one-system").replace("mn_ip:", "mn_op:")
    status, answer = api("PUT", "/inventory", text=bad)
    assert (status, answer) == (400, {"error": "inventory: xcat.mn_op: unknown key"})
    assert simulator.world is world


def test_without_xcat_there_is_only_the_control_api() -> None:
    data = yaml.load(inventory_text("one-system"), yaml.BaseLoader)
    del data["xcat"]
    with Simulator.from_inventory(data) as simulator:
        assert simulator.xcat_url == ""
        status, answer = Api(simulator.control_url)("POST", "/xcat/restart")
    assert (status, answer) == (400, {"error": "xcat: the inventory has no such section"})


def test_unreachable_and_restart(api: Api, simulator: Simulator) -> None:
    node = simulator.management_node
    assert node
    assert api("PUT", "/xcat/unreachable", ["zhcpb"]) == (200, {})
    assert node.unreachable == {"zhcpb"}
    booted = node.self_node.booted
    api("POST", "/clock/advance", {"seconds": 5})
    assert api("POST", "/xcat/restart") == (200, {})
    assert (node.self_node.booted - booted).total_seconds() == 5


@pytest.mark.parametrize(
    ("method", "path", "json", "error"),
    [
        ("GET", "/journal?mutating=maybe", None, "mutating: 'maybe' is not true or false"),
        ("GET", "/journal?since=x", None, "since: 'x' is not a number"),
        ("GET", "/journal?nope=x", None, "nope: unknown parameter"),
        ("POST", "/systems/ZVMX/ipl", None, "system: there is no ZVMX; there are ZVMA, ZVMB"),
        ("POST", "/faults", {"nope": 1}, "rule: nope: unknown key"),
        ("POST", "/faults", [], "body: not a mapping"),
        ("DELETE", "/faults/7", None, "number: there is no rule 7"),
        ("PUT", "/delay", "slow", "delay: 'slow' is none of instant, typical, bad day"),
        ("PUT", "/delay", {"read": "x"}, "delay.read: 'x' is not a number of seconds"),
        ("PUT", "/delay", {"nope": 1}, "delay.nope: unknown; there are read, write, directory"),
        ("PUT", "/delay", [1], "delay: neither a profile's name nor seconds by kind of command"),
        ("POST", "/clock/advance", {"seconds": -1}, "seconds: -1 is not a number of seconds"),
        ("GET", "/reach?from=ZVMA:DBSRV1:0700", None, "to: missing"),
        ("GET", "/reach?from=x&to=y", None, "from: 'x' is not SYSTEM:USERID:VDEV"),
        ("PUT", "/xcat/unreachable", ["nope"], "nodes: there is no node nope"),
        ("PUT", "/xcat/unreachable", {"a": 1}, "body: not a list of names"),
    ],
)
def test_bad_input_names_the_field(api: Api, method: str, path: str, json: object, error: str) -> None:
    assert api(method, path, json) == (400, {"error": error})


def test_a_body_that_is_no_json(api: Api) -> None:
    status, answer = api("POST", "/faults", text="{")
    assert status == 400
    assert answer["error"].startswith("body: not JSON")
