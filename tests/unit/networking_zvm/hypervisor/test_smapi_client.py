"""One exchange with a server that may do anything: what has become of the call, and never a hang."""

import contextlib
import logging
import pathlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from networking_zvm import errors
from networking_zvm.hypervisor import smapi_wire
from networking_zvm.hypervisor.smapi_client import SmapiClient
from networking_zvm.hypervisor.smapi_wire import Call
from networking_zvm.settings import SmapiSettings, Tls
from tests.unit.networking_zvm.hypervisor.faulty_server import write_certificate

PASSWORD = "t0p s3cret"
READ = Call("Query_API_Functional_Level", "NEUTRON")
CHANGE = Call("Virtual_Network_Adapter_Disconnect", "LINUX01", smapi_wire.text("1000"))

Behaviour = Callable[[socket.socket, bytes], None]


def says(rc: int, rs: int, payload: bytes = b"", request_id: int = 7) -> Behaviour:
    """An answer as it should be."""
    header = smapi_wire.HEADER.pack(12 + len(payload), request_id, rc, rs)
    return sends(smapi_wire.number(request_id) + header + payload)


def sends(data: bytes) -> Behaviour:
    """Any bytes, and the end of the connection."""
    return lambda connection, _request: connection.sendall(data)


class FakeSmapi:
    """Answers each request with the next behaviour of `script`, the last one for ever."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.script: list[Behaviour] = [says(0, 710)]
        self.requests: list[bytes] = []
        self.released = threading.Event()
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def stall(self, _connection: socket.socket, _request: bytes) -> None:
        """Keep silent until the test is over."""
        self.released.wait()

    def trickle(self, connection: socket.socket, _request: bytes) -> None:
        """Send a byte now and then, without end."""
        connection.sendall(smapi_wire.number(7) + smapi_wire.HEADER.pack(1_000_000, 7, 0, 0))
        while not self.released.wait(0.02):
            connection.sendall(b"x")

    def close(self) -> None:
        self.released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, plain: socket.socket) -> None:
        with plain, contextlib.suppress(OSError):
            context = self._context
            with context.wrap_socket(plain, server_side=True) if context else plain as connection:
                stream = connection.makefile("rb")
                (length,) = smapi_wire.NUMBER.unpack(stream.read(4).ljust(4, b"\0"))
                request = stream.read(length)
                if not request or len(request) < length:
                    return
                self.requests.append(request)
                behave = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                behave(connection, request)


@pytest.fixture
def server() -> Iterator[FakeSmapi]:
    fake = FakeSmapi()
    yield fake
    fake.close()


def client(server: FakeSmapi, timeout: float = 5.0, tls: Tls | None = None) -> SmapiClient:
    return SmapiClient(SmapiSettings("127.0.0.1", server.port, "neutron", PASSWORD, tls, timeout))


def test_an_answer(server: FakeSmapi) -> None:
    payload = smapi_wire.text("x" * 200_000)
    server.script = [says(0, 710, payload)]
    answer = client(server).query(READ)
    assert (answer.rc, answer.rs, answer.payload) == (0, 710, payload)
    expected = smapi_wire.request(READ, b"neutron", PASSWORD.encode())
    assert server.requests == [expected[4:]]


def test_nobody_there_is_unreachable(server: FakeSmapi) -> None:
    gone = client(server)
    server._listener.shutdown(socket.SHUT_RDWR)
    server._listener.close()
    for attempt in (gone.query, gone.change):
        with pytest.raises(errors.Unreachable, match="Refused"):
            attempt(READ)
    server._listener = socket.create_server(("127.0.0.1", 0))


LOST: dict[str, Behaviour] = {
    "at once": sends(b""),
    "within the id": sends(b"\0\0"),
    "after the id": sends(smapi_wire.number(7)),
    "within the payload": sends(smapi_wire.number(7) + smapi_wire.HEADER.pack(100, 7, 0, 0) + b"x"),
}
NONSENSE: dict[str, Behaviour] = {
    "another id": sends(smapi_wire.number(8) + smapi_wire.HEADER.pack(12, 7, 0, 0)),
    "too short": sends(smapi_wire.number(7) + smapi_wire.HEADER.pack(11, 7, 0, 0)),
    "too long": sends(smapi_wire.number(7) + smapi_wire.HEADER.pack(0xFFFFFFFF, 7, 0, 0)),
    "another protocol": sends(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n"),
}


@pytest.mark.parametrize("how", LOST)
def test_a_lost_answer_is_unknown_and_only_reads_are_repeated(server: FakeSmapi, how: str) -> None:
    server.script = [LOST[how], LOST[how], says(0, 710)]
    assert client(server).query(READ).rs == 710
    server.script = [LOST[how]]
    server.requests.clear()
    with pytest.raises(errors.Unknown, match="no answer to Virtual_Network_Adapter_Disconnect of LINUX01"):
        client(server).change(CHANGE)
    assert len(server.requests) == 1


@pytest.mark.parametrize("how", NONSENSE)
def test_nonsense_is_untrusted_and_leaves_a_change_unknown(server: FakeSmapi, how: str) -> None:
    server.script = [NONSENSE[how]]
    with pytest.raises(errors.Untrusted):
        client(server).query(READ)
    with pytest.raises(errors.Unknown):
        client(server).change(CHANGE)


@pytest.mark.parametrize("how", ["stall", "trickle"])
def test_a_server_that_does_not_come_to_an_end_is_given_up(server: FakeSmapi, how: str) -> None:
    server.script = [getattr(server, how)]
    started = time.monotonic()
    for attempt in (client(server, timeout=0.3).query, client(server, timeout=0.3).change):
        with pytest.raises(errors.Unknown, match="timed out"):
            attempt(READ)
    assert time.monotonic() - started < 10
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("rc", "rs", "kind"),
    [
        (100, 8, errors.Refused),
        (212, 8, errors.Refused),
        (400, 12, errors.Busy),
        (404, 12, errors.Busy),
        (596, 3543, errors.Busy),
        (900, 99, errors.Busy),
        (900, 12, errors.Refused),
        (400, 4, errors.Gone),
        (204, 8, errors.Gone),
    ],
)
def test_codes_of_a_change(server: FakeSmapi, rc: int, rs: int, kind: type[Exception]) -> None:
    server.script = [says(rc, rs)]
    with pytest.raises(kind) as caught:
        client(server).change(CHANGE)
    assert isinstance(caught.value, errors.HypervisorError)
    assert (caught.value.rc, caught.value.rs) == (rc, rs)
    assert len(server.requests) == 1


def test_codes_of_a_read(server: FakeSmapi) -> None:
    server.script = [says(900, 99), says(0, 28)]
    assert client(server).query(READ).rs == 28
    server.script = [says(500, 8)]
    with pytest.raises(errors.Untrusted, match=r"SMAPI 500/8"):
        client(server).query(READ)
    server.script = [says(100, 16)]
    with pytest.raises(errors.Untrusted, match="SMAPI does not let NEUTRON do it"):
        client(server).query(READ)


def test_refused_credentials_name_their_options(server: FakeSmapi) -> None:
    server.script = [says(120, 0)]
    for attempt in (client(server).query, client(server).change):
        with pytest.raises(errors.Unreachable, match="check smapi_username and smapi_password"):
            attempt(READ)


def test_the_servers_words_are_passed_on(server: FakeSmapi) -> None:
    """Captured: the text's length counts the NUL at its end."""
    said = b"UNKNOWN_DIRECTORY_KEYWORD_PARAMETER=VLAN\0"
    server.script = [says(8, 3002, smapi_wire.counted(said))]
    with pytest.raises(errors.Refused, match=r"'UNKNOWN_DIRECTORY_KEYWORD_PARAMETER=VLAN' \(SMAPI 8/3002\)"):
        client(server).change(Call("Image_Definition_Update_DM", "LINUX01"))
    server.script = [says(596, 3543, smapi_wire.text("USER LINUX01 LETMEIN"))]
    with pytest.raises(errors.Busy) as caught:
        client(server).change(Call("Image_Replace_DM", "LINUX01"))
    assert "LETMEIN" not in str(caught.value)


@pytest.mark.parametrize("success", [0, 100])
def test_what_was_only_started_is_waited_for(server: FakeSmapi, success: int) -> None:
    server.script = [says(592, 42), says(0, 104), sends(b""), says(0, 104), says(0, success)]
    client(server).change(CHANGE)
    question = Call("Query_Asynchronous_Operation_DM", "LINUX01", smapi_wire.number(42))
    asked = smapi_wire.request(question, b"neutron", PASSWORD.encode())[4:]
    assert server.requests[1:] == [asked] * 4


@pytest.mark.parametrize(
    ("end", "kind"),
    [(says(0, 108), errors.Refused), (says(0, 99), errors.Unknown), (says(500, 8), errors.Unknown)],
)
def test_what_was_started_may_fail(server: FakeSmapi, end: Behaviour, kind: type[Exception]) -> None:
    server.script = [says(592, 42), says(0, 104), end]
    with pytest.raises(kind, match="operation 42"):
        client(server).change(CHANGE)


def test_what_does_not_end_is_unknown(server: FakeSmapi) -> None:
    server.script = [says(592, 42), says(0, 104)]
    with pytest.raises(errors.Unknown, match="operation 42 is still in progress"):
        client(server, timeout=0.4).change(CHANGE)


def test_calls_run_side_by_side(server: FakeSmapi) -> None:
    barrier = threading.Barrier(6)

    def together(connection: socket.socket, request: bytes) -> None:
        barrier.wait(5)
        says(0, 710)(connection, request)

    server.script = [together]
    shared = client(server)
    with ThreadPoolExecutor(6) as pool:
        assert {answer.rs for answer in pool.map(shared.query, [READ] * 6)} == {710}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("smapi-tls")
    write_certificate(folder / "server.pem", folder / "server.key")
    return folder / "server.pem"


@pytest.fixture
def secured(certificate: pathlib.Path) -> Iterator[FakeSmapi]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    fake = FakeSmapi(context)
    yield fake
    fake.close()


def test_tls_verifies_unless_an_operator_insists(
    secured: FakeSmapi, certificate: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert client(secured, tls=Tls(str(certificate))).query(READ).rs == 710
    with pytest.raises(errors.Unreachable, match="certificate verify failed"):
        client(secured, tls=Tls()).query(READ)
    assert not caplog.records
    assert client(secured, tls=Tls(verify=False)).query(READ).rs == 710
    assert "not verified" in caplog.text


def test_tls_on_one_side_only_sends_no_password(server: FakeSmapi, certificate: pathlib.Path) -> None:
    with pytest.raises(errors.Unreachable):
        client(server, 0.5, Tls(str(certificate))).change(CHANGE)
    assert server.requests == []


@pytest.mark.parametrize(
    ("changes", "option"),
    [
        ({"password": "пароль"}, "smapi_password"),
        ({"password": ""}, "smapi_password"),
        ({"username": "neu\0tron"}, "smapi_username"),
        ({"tls": Tls("/nowhere/ca.pem")}, "smapi_ca_file"),
    ],
)
def test_what_cannot_work_is_told_at_once(changes: dict[str, object], option: str) -> None:
    values: dict[str, object] = {"host": "h", "port": 1, "username": "neutron", "password": PASSWORD}
    with pytest.raises(errors.ConfigurationError, match=option) as caught:
        SmapiClient(SmapiSettings(**(values | changes)))  # type: ignore[arg-type]
    assert "пароль" not in str(caught.value)


def test_the_password_is_told_to_nobody(server: FakeSmapi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = [repr(client(server)), repr(SmapiSettings("h", 1, "neutron", PASSWORD))]
    for behaviour in (*LOST.values(), *NONSENSE.values(), says(120, 0), says(100, 8)):
        server.script = [behaviour]
        with pytest.raises(errors.HypervisorError) as caught:
            client(server).change(CHANGE)
        told.append(f"{caught.value} {caught.value.__cause__!r} {caught.value.__context__!r}")
    assert PASSWORD not in "\n".join([*told, caplog.text])


@given(st.binary(max_size=64))
@limits(max_examples=60, deadline=None)
def test_no_answer_breaks_the_client(shared: FakeSmapi, data: bytes) -> None:
    shared.script = [sends(data)]
    with contextlib.suppress(errors.Unknown, errors.Refused, errors.Busy, errors.Gone, errors.Unreachable):
        client(shared, timeout=0.5).change(CHANGE)


@pytest.fixture(scope="module")
def shared() -> Iterator[FakeSmapi]:
    fake = FakeSmapi()
    yield fake
    fake.close()
