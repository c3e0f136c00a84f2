"""An HTTPS server that misbehaves as told: what a test sends next is a function on the raw connection."""

import json
import shlex
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def script(self) -> str:
        """The script of a dsh request, "" for any other."""
        words = json.loads(self.body) if self.body else []
        return next((w.removeprefix("command=") for w in words if w.startswith("command=")), "")


Behaviour = Callable[[socket.socket, Request], None]


def http(status: int, body: bytes | str, kind: str = "application/json") -> Behaviour:
    """A plain answer."""
    content = body.encode() if isinstance(body, str) else body

    def behave(connection: socket.socket, _request: Request) -> None:
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
        connection.sendall(head.encode() + b"Connection: close\r\n\r\n" + content)

    return behave


def messages(*groups: dict[str, object]) -> Behaviour:
    """An answer of xCAT."""
    return http(200, json.dumps({"data": list(groups)}))


def truncated(connection: socket.socket, _request: Request) -> None:
    """The body ends before its announced length."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"data": [')


def drop(_connection: socket.socket, _request: Request) -> None:
    """No answer at all."""


class FaultyServer:
    """Answers each request with the next behaviour of `script`, the last one for ever."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.script: list[Behaviour] = [messages()]
        self.requests: list[Request] = []
        self.released = threading.Event()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._listener.getsockname()[1]}"

    def stall(self, _connection: socket.socket, _request: Request) -> None:
        """Keep silent until the test is over."""
        self.released.wait()

    def close(self) -> None:
        self.released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(plain,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            with self._context.wrap_socket(plain, server_side=True) as connection:
                request = _read(connection)
                self.requests.append(request)
                behave = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                behave(connection, request)
        except OSError:
            plain.close()


def _read(connection: socket.socket) -> Request:
    with connection.makefile("rb") as stream:
        method, target, _ = stream.readline().decode().split(" ", 2)
        headers: dict[str, str] = {}
        while line := stream.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return Request(method, target, headers, stream.read(int(headers.get("content-length", 0))))


@contextmanager
def running(directory: Path) -> Iterator[tuple[FaultyServer, Path]]:
    """A server and the CA file that vouches for it."""
    certificate, key = directory / "server.pem", directory / "server.key"
    write_certificate(certificate, key)
    server = FaultyServer(certificate, key)
    try:
        yield server, certificate
    finally:
        server.close()


def write_certificate(certificate: Path, key: Path) -> None:
    """A self-signed certificate for 127.0.0.1."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "faulty server")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


@dataclass
class Zhcp:
    """Behaves as a zHCP behind dsh: prints a text for each command, known by a part of its words.

    outputs: part of the command to (exit status, text). Commands chained by && end with the first failure.
    pieces: how the output is cut into strings. noise: what ssh prints to stderr. cut: output after so many
    lines is lost.
    """

    outputs: dict[str, tuple[int, str]]
    node: str = "zhcp"
    pieces: int | None = None
    noise: tuple[str, ...] = ()
    cut: int | None = None
    commands: list[list[str]] = field(default_factory=list)

    def __call__(self, connection: socket.socket, request: Request) -> None:
        lines = [f"{self.node}: {line}" for line in self._run(request.script)][: self.cut]
        size = self.pieces or len(lines) or 1
        chunks: list[str | None] = ["\n".join(lines[i : i + size]) for i in range(0, len(lines), size)]
        groups: list[dict[str, object]] = [{"data": [*chunks, None]}] if chunks else []
        if self.noise:
            groups.append({"error": list(self.noise), "errorcode": ["0"], "NoErrorPrefix": ["1"]})
        messages(*groups, {"errorcode": ["0"]})(connection, request)

    def _run(self, script: str) -> Iterator[str]:
        status = 0
        for joiner, words in _commands(script):
            if joiner == "&&" and status:
                continue
            if words[0] == "echo":
                yield " ".join(words[1:]).replace("$?", str(status))
                status = 0
            else:
                self.commands.append(words)
                line = " ".join(words)
                status, text = next((out for part, out in self.outputs.items() if part in line), (127, ""))
                yield from text.splitlines()


def _commands(script: str) -> Iterator[tuple[str, list[str]]]:
    """Each command with what joins it to the one before."""
    lexer = shlex.shlex(script, posix=True, punctuation_chars=";&")
    lexer.whitespace_split = True
    joiner, words = "", []
    for token in lexer:
        if token in (";", "&&"):
            yield joiner, words
            joiner, words = token, []
        else:
            words.append(token)
    if words:
        yield joiner, words
