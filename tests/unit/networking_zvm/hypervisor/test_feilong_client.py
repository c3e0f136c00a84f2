"""Tokens, limits and lost answers of the Feilong client, against a server that misbehaves as told."""

import json
import logging
import os
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from networking_zvm import errors, settings
from networking_zvm.hypervisor.feilong_client import FeilongClient
from tests.unit.networking_zvm.hypervisor import faulty_server
from tests.unit.networking_zvm.hypervisor.faulty_server import FaultyServer, Request

ADMIN = "AdminTokenOf42LettersAndDigits123456789012"
Build = Callable[..., FeilongClient]


def reply(output: object = "", status: int = 200, kind: str = "application/json") -> faulty_server.Behaviour:
    document = {"overallRC": 0, "modID": None, "rc": 0, "rs": 0, "errmsg": "", "output": output}
    return faulty_server.http(status, json.dumps(document), kind)


class TokenServer:
    """Gives tokens "first-1", "first-2" ... and takes only the newest, and that as often as it is told."""

    def __init__(self, name: str = "first", uses: int = 1000, admin: str = ADMIN) -> None:
        self.name = name
        self.uses = uses
        self.admin = admin
        self.given = 0
        self._left = 0
        self._lock = threading.Lock()

    def __call__(self, connection: socket.socket, request: Request) -> None:
        with self._lock:
            behave = self._answer(request)
        behave(connection, request)

    def _answer(self, request: Request) -> faulty_server.Behaviour:
        if request.target == "/token":
            if request.headers.get("x-admin-token") != self.admin:
                return UNAUTHORIZED
            self.given += 1
            self._left = self.uses
            return with_token(f"{self.name}-{self.given}")
        if request.headers.get("x-auth-token") != f"{self.name}-{self.given}" or not self._left:
            return UNAUTHORIZED
        self._left -= 1
        return reply("fine")


def with_token(token: str) -> faulty_server.Behaviour:
    def behave(connection: socket.socket, _request: Request) -> None:
        head = f"HTTP/1.1 200 OK\r\nX-Auth-Token: {token}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())

    return behave


UNAUTHORIZED = faulty_server.http(
    401, json.dumps({"overallRC": 400, "rc": 400, "rs": 401, "modID": 120, "errmsg": "no", "output": ""})
)


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    file = tmp_path / "token.dat"
    file.write_text(f"{ADMIN}\n")
    return file


@pytest.fixture
def build(server: FaultyServer, ca_file: str) -> Iterator[Build]:
    made: list[FeilongClient] = []

    def client(parallelism: int = 6, **changes: object) -> FeilongClient:
        values = {"url": server.url, "tls": settings.Tls(ca_file), "timeout": 5.0} | changes
        made.append(FeilongClient(settings.FeilongSettings(**values), parallelism))  # type: ignore[arg-type]
        return made[-1]

    yield client
    for each in made:
        each.close()


def test_a_token_is_got_once_and_kept(server: FaultyServer, build: Build, token_file: Path) -> None:
    tokens = TokenServer()
    server.script = [tokens]
    client = build(token_file=str(token_file))
    assert [client.read("/guests") for _ in range(3)] == ["fine"] * 3
    assert tokens.given == 1


def test_an_expired_token_is_renewed_and_the_request_repeated(
    server: FaultyServer, build: Build, token_file: Path
) -> None:
    tokens = TokenServer(uses=1)
    server.script = [tokens]
    client = build(token_file=str(token_file))
    assert [client.write("PUT", "/x", {}) for _ in range(3)] == ["fine"] * 3
    assert tokens.given == 3


def test_an_admin_token_that_was_changed_is_read_anew(
    server: FaultyServer, build: Build, token_file: Path
) -> None:
    server.script = [TokenServer()]
    client = build(token_file=str(token_file))
    client.read("/guests")
    server.script = [TokenServer(admin="another")]
    with pytest.raises(errors.Unreachable, match="check feilong_token_file"):
        client.read("/guests")
    token_file.write_text("another")
    assert client.read("/guests") == "fine"


def test_threads_that_meet_an_expired_token_share_the_new_one(
    server: FaultyServer, build: Build, token_file: Path
) -> None:
    server.script = [TokenServer()]
    client = build(token_file=str(token_file))
    client.read("/guests")
    tokens = TokenServer("second")
    server.script = [tokens]
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(client.read, ["/guests"] * 24)) == {"fine"}
    assert tokens.given == 1


def test_without_a_token_file_none_is_sent(server: FaultyServer, build: Build) -> None:
    server.script = [reply([])]
    build().read("/guests")
    assert "x-auth-token" not in server.requests[0].headers
    server.script = [UNAUTHORIZED]
    with pytest.raises(errors.Unreachable, match="set feilong_token_file"):
        build().read("/guests")


def test_a_server_that_can_give_no_token_is_told(
    server: FaultyServer, build: Build, token_file: Path
) -> None:
    server.script = [faulty_server.http(500, "<h1>AttributeError</h1>", "text/html")]
    with pytest.raises(errors.Unreachable, match="PyJWT"):
        build(token_file=str(token_file)).write("PUT", "/x", {})


@pytest.mark.parametrize("content", [None, "", "two\nlines", "\xe4"])
def test_a_token_file_without_a_token_is_a_fault_of_the_configuration(
    build: Build, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(errors.ConfigurationError, match="feilong_token_file"):
        build(token_file=str(file))


def test_a_url_of_another_kind_is_a_fault_of_the_configuration(build: Build) -> None:
    with pytest.raises(errors.ConfigurationError, match="feilong_server"):
        build(url="ftp://zcc.example.com")


def test_no_token_is_seen(
    server: FaultyServer, build: Build, token_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = build(token_file=str(token_file))
    server.script = [with_token("very-secret-jwt"), faulty_server.http(500, f"{ADMIN} very-secret-jwt")]
    with pytest.raises(errors.Unknown) as caught:
        client.write("PUT", "/x", {})
    seen = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "***" in seen
    assert ADMIN not in seen
    assert "very-secret-jwt" not in seen
    assert all(ADMIN not in request.target for request in server.requests)


LOST = {
    "drop": faulty_server.drop,
    "truncated": faulty_server.truncated,
    "502": faulty_server.http(502, "<h1>Bad Gateway</h1>", "text/html"),
    "page": faulty_server.http(200, "<html>It works!</html>", "text/html"),
    "bare": faulty_server.http(200, '{"smapi": "healthy"}'),
    "contradiction": reply("done", status=500),
}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_a_change_whose_answer_is_lost_is_unknown_and_sent_once(
    server: FaultyServer, build: Build, lost: faulty_server.Behaviour
) -> None:
    server.script = [lost]
    with pytest.raises(errors.Unknown):
        build().write("PUT", "/x", {})
    assert len(server.requests) == 1


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
def test_a_read_whose_answer_is_lost_is_repeated(
    server: FaultyServer, build: Build, lost: faulty_server.Behaviour
) -> None:
    server.script = [lost, reply("fine")]
    assert build().read("/x") == "fine"


def test_a_change_that_takes_too_long_is_unknown(server: FaultyServer, build: Build) -> None:
    server.script = [server.stall]
    with pytest.raises(errors.Unknown):
        build(timeout=0.2).write("PUT", "/x", {})


def test_a_server_that_is_not_there_is_unreachable(build: Build) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(errors.Unreachable):
        build(url=url).write("PUT", "/x", {})


@pytest.mark.parametrize("status", [301, 403, 404, 405])
def test_a_server_that_is_no_feilong_is_unreachable(
    server: FaultyServer, build: Build, status: int
) -> None:
    server.script = [faulty_server.http(status, '{"errors": [{"status": 404}]}')]
    with pytest.raises(errors.Unreachable, match="no Feilong"):
        build().read("/guests/nics")


def test_the_content_type_and_status_do_not_matter(server: FaultyServer, build: Build) -> None:
    refused = {"overallRC": 400, "rc": 400, "rs": 400, "modID": 120, "errmsg": "Malformed JSON", "output": ""}
    server.script = [faulty_server.http(400, json.dumps(refused), "text/html")]
    with pytest.raises(errors.Refused, match="Malformed JSON"):
        build().write("PUT", "/x", {})
    server.script = [faulty_server.http(200, json.dumps(refused))]
    with pytest.raises(errors.Refused):
        build().read("/x")


def test_a_body_that_feilong_could_not_take_is_not_sent(server: FaultyServer, build: Build) -> None:
    with pytest.raises(errors.Refused):
        build().write("PUT", "/x", {"long": "x" * 3500})
    assert server.requests == []


def test_a_body_that_is_empty_is_sent_nevertheless(server: FaultyServer, build: Build) -> None:
    server.script = [reply()]
    build().write("DELETE", "/x", {})
    assert server.requests[0].body == b"{}"


def test_few_requests_are_under_way_at_once(server: FaultyServer, build: Build) -> None:
    under_way, most = set[int](), list[int]()
    full, lock = threading.Event(), threading.Lock()

    def gather(connection: socket.socket, request: Request) -> None:
        with lock:
            under_way.add(id(request))
            most.append(len(under_way))
            if len(under_way) == 3:
                full.set()
        full.wait(5)
        with lock:
            under_way.discard(id(request))
        reply()(connection, request)

    server.script = [gather]
    client = build(parallelism=3)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(client.read, ["/x"] * 12))
    assert max(most) == 3


def test_the_environment_decides_nothing(
    server: FaultyServer, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "HTTPS_PROXY", "http://127.0.0.1:9")
    server.script = [reply("fine")]
    assert build().read("/x") == "fine"
