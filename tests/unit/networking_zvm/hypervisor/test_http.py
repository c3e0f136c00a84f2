"""HTTPS as it fails: what was sent, what may be repeated, and that no secret is seen."""

import json
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from networking_zvm import errors, settings
from networking_zvm.hypervisor import http
from tests.unit.networking_zvm.hypervisor import faulty_server
from tests.unit.networking_zvm.hypervisor.conftest import PASSWORD
from tests.unit.networking_zvm.hypervisor.faulty_server import FaultyServer

Build = Callable[..., http.RestClient]
OK = faulty_server.messages()


@pytest.fixture
def build(server: FaultyServer, ca_file: str) -> Iterator[Build]:
    """Clients, their password in the query, where it leaks most easily."""
    made: list[http.RestClient] = []

    def client(url: str = server.url, timeout: float = 5.0, **changes: object) -> http.RestClient:
        tls = changes.pop("tls", settings.Tls(ca_file))
        query = changes.pop("query", {"userName": "admin", "password": PASSWORD})
        made.append(http.RestClient(url, tls, timeout, changes.pop("headers", {}), query, [PASSWORD]))
        return made[-1]

    yield client
    for each in made:
        each.close()


def test_an_answer_is_parsed(server: FaultyServer, build: Build) -> None:
    server.script = [faulty_server.http(201, '{"data": [1]}')]
    assert build().read("GET", "/x") == {"data": [1]}


def test_a_body_is_sent_as_json(server: FaultyServer, build: Build) -> None:
    build().write("PUT", "/x", ["command=true"])
    (request,) = server.requests
    assert json.loads(request.body) == ["command=true"]
    assert request.headers["content-type"] == "application/json"


def test_headers_are_sent_and_kept_out_of_the_url(server: FaultyServer, build: Build) -> None:
    build(headers={"password": PASSWORD}, query={"format": "json"}).read("GET", "/x")
    (request,) = server.requests
    assert request.headers["password"] == PASSWORD
    assert request.target == "/x?format=json"


OVERLOADED = faulty_server.http(503, "Connection failure", "text/plain")
AFTER_SENDING = {
    "503": OVERLOADED,
    "504": faulty_server.http(504, "<h1>Gateway Timeout</h1>", "text/html"),
    "408": faulty_server.http(408, "SSL Timeout", "text/plain"),
    "500": faulty_server.http(500, "<h1>died</h1>", "text/html"),
    "drop": faulty_server.drop,
    "truncated": faulty_server.truncated,
    "html": faulty_server.http(200, "<html><body>It works!</body></html>", "text/html"),
    "half": faulty_server.http(200, '{"data": [{"data": ["zh'),
    "binary": faulty_server.http(200, b"\xff\xfe\x00"),
    "deep": faulty_server.http(200, "[" * 100_000),
}


@pytest.mark.parametrize("fault", AFTER_SENDING)
def test_a_write_is_sent_once_and_its_outcome_is_unknown(
    server: FaultyServer, build: Build, fault: str
) -> None:
    server.script = [AFTER_SENDING[fault], OK]
    with pytest.raises(errors.Unknown):
        build().write("PUT", "/x", [])
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", ["503", "drop", "truncated", "html"])
def test_a_read_is_repeated(server: FaultyServer, build: Build, fault: str) -> None:
    server.script = [AFTER_SENDING[fault], AFTER_SENDING[fault], OK]
    assert build().read("PUT", "/x", []) == {"data": []}
    assert len(server.requests) == 3


def test_a_read_is_given_up_after_three_times(server: FaultyServer, build: Build) -> None:
    server.script = [OVERLOADED]
    with pytest.raises(errors.Unknown, match="503: Connection failure"):
        build().read("GET", "/x")
    assert len(server.requests) == 3


def test_silence_is_an_unknown_outcome(server: FaultyServer, build: Build) -> None:
    server.script = [server.stall]
    began = time.monotonic()
    with pytest.raises(errors.Unknown, match="timed out"):
        build(timeout=0.3).write("PUT", "/x", [])
    assert time.monotonic() - began < 4
    server.released.set()
    server.released.clear()


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 405])
def test_a_rejection_is_told_without_markup(server: FaultyServer, build: Build, status: int) -> None:
    page = "<html><head><style>p {}</style></head><body><p>Invalid   nodes &amp; groups</p>" + "x" * 5000
    server.script = [faulty_server.http(status, page, "text/html")]
    with pytest.raises(http.Rejected) as caught:
        build().read("GET", "/x")
    assert caught.value.status == status
    assert caught.value.excerpt.startswith("Invalid nodes & groups")
    assert len(caught.value.excerpt) < 250
    assert len(server.requests) == 1


def test_a_redirection_is_not_followed(server: FaultyServer, build: Build) -> None:
    def away(connection: object, _request: object) -> None:
        connection.sendall(  # type: ignore[attr-defined]
            b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )

    server.script = [away]
    with pytest.raises(http.Rejected):
        build().read("GET", "/x")
    assert [r.target.partition("?")[0] for r in server.requests] == ["/x"]


def test_nobody_listening_is_unreachable(build: Build) -> None:
    with pytest.raises(errors.Unreachable, match="refused"):
        build(url="https://127.0.0.1:9").write("PUT", "/x", [])


def test_an_unknown_name_is_unreachable(build: Build) -> None:
    with pytest.raises(errors.Unreachable):
        build(url="https://mn.invalid").write("PUT", "/x", [])


def test_no_tls_is_unreachable(build: Build) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_plainly() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer_plainly)
        thread.start()
        with pytest.raises(errors.Unreachable):
            build(url=f"https://127.0.0.1:{listener.getsockname()[1]}").write("PUT", "/x", [])
        thread.join()


@pytest.fixture
def other_ca(tmp_path: Path) -> str:
    faulty_server.write_certificate(tmp_path / "other.pem", tmp_path / "other.key")
    return str(tmp_path / "other.pem")


@pytest.mark.parametrize("system_store", [True, False])
def test_a_certificate_of_an_unknown_ca_is_refused_before_anything_is_sent(
    server: FaultyServer, build: Build, other_ca: str, system_store: bool
) -> None:
    tls = settings.Tls(None if system_store else other_ca)
    with pytest.raises(errors.Unreachable, match="certificate verify failed"):
        build(tls=tls).write("PUT", "/x", [])
    assert server.requests == []


def test_verification_can_be_turned_off_and_says_so(
    server: FaultyServer, build: Build, other_ca: str, caplog: pytest.LogCaptureFixture
) -> None:
    build(tls=settings.Tls(other_ca, verify=False)).read("GET", "/x")
    assert len(server.requests) == 1
    assert "not verified" in caplog.text


@pytest.mark.parametrize("url", ["http://mn.example.com", "mn.example.com", "ftp://x"])
def test_a_url_without_tls_is_a_configuration_error(build: Build, url: str) -> None:
    with pytest.raises(errors.ConfigurationError):
        build(url=url)


def test_a_missing_ca_file_is_a_configuration_error(build: Build) -> None:
    with pytest.raises(errors.ConfigurationError, match="xcat_ca_file"):
        build(tls=settings.Tls("/nowhere.pem"))


@pytest.mark.parametrize("password", [" x", "x\n", "a\r\nb: c"])
def test_a_password_that_no_header_can_hold_is_refused_unseen(build: Build, password: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        build(headers={"password": password})
    assert password not in str(caught.value)


def test_many_threads_share_a_client(server: FaultyServer, build: Build) -> None:
    client = build()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.read("GET", "/x"), range(40)))
    assert answers == [{"data": []}] * 40


@pytest.mark.parametrize("where", ["query", "headers"])
def test_the_password_is_in_no_log_and_no_exception(
    server: FaultyServer, build: Build, caplog: pytest.LogCaptureFixture, where: str, other_ca: str
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = {"password": PASSWORD}
    mode = {"query": secret, "headers": {}} if where == "query" else {"query": {}, "headers": secret}
    echo = faulty_server.http(403, f"you said {PASSWORD}", "text/plain")
    told: list[str] = []
    stranger, nobody = settings.Tls(other_ca), "https://127.0.0.1:9"
    for client in [build(**mode), build(url=nobody, **mode), build(tls=stranger, **mode)]:
        for behaviour in [*AFTER_SENDING.values(), echo]:
            server.script = [behaviour]
            try:
                client.write("PUT", "/x", [])
            except errors.ZvmError as error:
                told += traceback.format_exception(error)
    told += [record.getMessage() for record in caplog.records]
    assert any("urllib3" in record.name for record in caplog.records)
    assert len(told) > 3 * len(AFTER_SENDING)
    for form in (PASSWORD, "t0p+s3cret", "t0p%20s3cret", "s3cret"):
        assert form not in "\n".join(told)


@pytest.fixture
def plain_client() -> Iterator[Callable[[str], http.RestClient]]:
    made: list[http.RestClient] = []

    def client(url: str) -> http.RestClient:
        made.append(http.RestClient(url, settings.Tls(), 5.0, {}, {}, [], "feilong", ("https", "http")))
        return made[-1]

    yield client
    for each in made:
        each.close()


def test_where_plain_http_is_allowed_it_knows_too_what_was_not_sent(
    plain_client: Callable[[str], http.RestClient],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=_answer_once, args=(listener,))
        thread.start()
        assert plain_client(url).exchange("GET", "/x").text == "[]"
        thread.join()
    with pytest.raises(errors.Unreachable, match="refused"):
        plain_client(url).write("PUT", "/x")


def _answer_once(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]")


def test_plain_http_is_refused_elsewhere() -> None:
    with pytest.raises(errors.ConfigurationError, match="must begin with https://"):
        http.RestClient("http://mn", settings.Tls(), 5.0, {}, {}, [])
