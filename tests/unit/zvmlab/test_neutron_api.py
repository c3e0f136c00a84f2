"""Waiting, and reading Neutron's refusals; the functional tests use the client on a real Neutron."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from zvmlab.neutron_api import NeutronApi, NeutronError, NotYet, wait_for


class Refusal(BaseHTTPRequestHandler):
    """Answers every request with the server's `answer`: status, content type and body."""

    server: "RefusingServer"

    def do_GET(self) -> None:
        status, content_type, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


class RefusingServer(ThreadingHTTPServer):
    answer = (500, "text/plain", "")


@pytest.fixture
def server() -> Iterator[RefusingServer]:
    with RefusingServer(("127.0.0.1", 0), Refusal) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def api(server: RefusingServer) -> Iterator[NeutronApi]:
    api = NeutronApi(f"http://127.0.0.1:{server.server_port}/")
    yield api
    api.close()


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            (400, "application/json", json.dumps({"NeutronError": {"type": "X", "message": "a wrong MAC"}})),
            "a wrong MAC (HTTP 400)",
        ),
        ((404, "application/json", json.dumps({"message": "no such thing"})), "no such thing (HTTP 404)"),
        ((500, "application/json", json.dumps({"NeutronError": "it broke"})), "it broke (HTTP 500)"),
        ((502, "text/html", "<h1>proxy</h1>"), "<h1>proxy</h1> (HTTP 502)"),
        ((503, "text/plain", ""), "Service Unavailable (HTTP 503)"),
    ],
)
def test_a_refusal_carries_neutrons_own_words(
    server: RefusingServer, api: NeutronApi, answer: tuple[int, str, str], text: str
) -> None:
    server.answer = answer
    with pytest.raises(NeutronError) as caught:
        api.networks()
    assert str(caught.value) == text
    assert caught.value.status == answer[0]


def test_a_proxy_of_the_environment_is_not_asked(
    server: RefusingServer, api: NeutronApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    server.answer = (200, "application/json", json.dumps({"networks": []}))
    assert api.networks() == []


def test_waiting_returns_what_held() -> None:
    sights = iter([1, 2, 3, 4])
    assert wait_for(lambda: next(sights), lambda seen: seen == 3, what="three", timeout=10) == 3


def test_waiting_in_vain_tells_the_last_sight() -> None:
    with pytest.raises(NotYet, match=r"waited 0\.15 s for all ports to be up; last seen: one is DOWN"):
        wait_for(lambda: "DOWN", lambda _: False, "all ports to be up", 0.15, show="one is {}".format)


def test_waiting_looks_at_least_once() -> None:
    assert wait_for(lambda: True, bool, what="the truth", timeout=0)
