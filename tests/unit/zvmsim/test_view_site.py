"""The live page's files and data over HTTP, and who is turned away from the control port."""

import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import requests

from zvmsim.server import Simulator
from zvmsim.web.guard import objection
from zvmsim.web.site import FILES

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator.from_inventory("two-systems") as running:
        yield running


def get(simulator: Simulator, path: str, **headers: str) -> requests.Response:
    return requests.get(simulator.control_url + path, headers=headers, timeout=10)


@pytest.mark.parametrize("name", FILES)
def test_a_file_comes_with_its_type_and_a_strict_policy(simulator: Simulator, name: str) -> None:
    answer = get(simulator, f"/web/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == FILES[name]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.text == (ROOT / "zvmsim/web" / name).read_text()


def test_the_page_is_at_the_root(simulator: Simulator) -> None:
    assert "<title>zvmsim</title>" in get(simulator, "/").text


@pytest.mark.parametrize("path", ["/web/site.py", "/web/../control.py", "/web/%2e%2e/cli.py", "/web/"])
def test_nothing_else_is_served(simulator: Simulator, path: str) -> None:
    assert get(simulator, path).status_code == 404


def test_a_wheel_has_every_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["zvmsim"]
    assert [name for name in FILES if not any(fnmatchcase(f"web/{name}", each) for each in patterns)] == []


@pytest.mark.parametrize("path", ["/view", "/view/calls", "/view/changes"])
def test_asking_again_is_answered_with_304_until_something_changes(simulator: Simulator, path: str) -> None:
    tag = get(simulator, path).headers["ETag"]
    again = get(simulator, path, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    simulator.control.add_fault({"delay": 1})
    simulator.control.logoff("ZVMA", "ROUTER1")
    changed = get(simulator, path, **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag


def test_another_world_is_another_view(simulator: Simulator) -> None:
    tag = get(simulator, "/view").headers["ETag"]
    simulator.replace_inventory(simulator.dump_inventory().replace("ROUTER1", "ROUTER9"))
    changed = get(simulator, "/view", **{"If-None-Match": tag})
    assert "ROUTER9" in changed.text
    assert "ROUTER1" not in changed.text


@pytest.mark.parametrize(
    ("method", "host", "origin", "word"),
    [
        ("GET", "127.0.0.1:8080", None, ""),
        ("GET", "localhost:8080", None, ""),
        ("GET", "[::1]:8080", None, ""),
        ("GET", "LOCALHOST:8080", None, ""),
        ("POST", "localhost:8080", "http://localhost:8080", ""),
        ("GET", "localhost:8080", "http://evil.example", ""),
        ("GET", "evil.example:8080", None, "host"),
        ("GET", "127.0.0.1.evil.example", None, "host"),
        ("GET", "127.0.0.1@evil.example", None, "host"),
        ("GET", "10.1.2.3:8080", None, "host"),
        ("GET", "0.0.0.0:8080", None, "host"),
        ("GET", "", None, "host"),
        ("GET", "[::1", None, "host"),
        ("POST", "127.0.0.1:8080", "http://localhost:8080", "origin"),
        ("POST", "127.0.0.1:8080", "http://127.0.0.1:9090", "origin"),
        ("POST", "127.0.0.1:8080", "https://127.0.0.1:8080", "origin"),
        ("DELETE", "127.0.0.1:8080", "http://evil.example", "origin"),
        ("PUT", "127.0.0.1:8080", "null", "origin"),
    ],
)
def test_who_is_turned_away(method: str, host: str, origin: str | None, word: str) -> None:
    assert objection(method, host, origin).partition(":")[0] == word


def test_a_strange_host_reads_nothing_and_a_strange_page_changes_nothing(simulator: Simulator) -> None:
    refused = get(simulator, "/systems", Host="evil.example:8080")
    assert (refused.status_code, set(refused.json())) == (403, {"error"})
    before = simulator.control.systems()
    for origin in ("http://evil.example", "null"):
        for path in ("/systems/ZVMA/ipl", "/clock/advance", "/faults"):
            answer = requests.post(
                simulator.control_url + path, data="{}", headers={"Origin": origin}, timeout=10
            )
            assert answer.status_code == 403
    assert simulator.control.systems() == before
    assert simulator.control.faults() == []
    own = {"Origin": simulator.control_url}
    assert requests.post(f"{simulator.control_url}/faults", data="{}", headers=own, timeout=10).ok


def test_a_userid_with_a_colon_can_be_asked_about(simulator: Simulator) -> None:
    answer = get(simulator, "/reach?from=ZVMA:A:B:1000&to=ZVMA:XCAT:0600")
    assert answer.json()["because"] == "ZVMA:A:B 1000 does not exist (is the guest logged on?)"
