"""The connections: one request each, answered twice, first with the request's id, then with its outcome."""

import itertools
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

from zvmsim.dialects.smapi import wire
from zvmsim.world.gate import DroppedError, HttpFaultError

LARGEST_REQUEST = 1 << 20
"""Bytes; a longer one is refused unread (Guess)."""

_PATIENCE = 60.0
"""Seconds for a handshake, and between two pieces of a request."""
_BACKLOG = 256
_OUT_OF_RANGE = wire.int4(900) + wire.int4(36)

Answer = Callable[[bytes], bytes | None]
"""Takes a request behind its length, returns rc, rs and payload; None keeps the connection open without them.

Raises DroppedError, HttpFaultError to close the connection without an answer.
"""


class SmapiServer:
    """Listens from the moment it is made; raises OSError if the address is taken.

    workers: how many answers are made at once, None = all. certificate: (certificate, key) files for TLS.
    Threads keep no process alive.
    """

    def __init__(
        self,
        answer: Answer,
        host: str,
        port: int,
        *,
        workers: int | None = None,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        self._answer = answer
        self._workers: AbstractContextManager[object] = (
            threading.BoundedSemaphore(workers) if workers else nullcontext()
        )
        self._tls = _server_context(*certificate) if certificate else None
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._stopped = False
        self._listener = socket.create_server((host, port), backlog=_BACKLOG)
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        threading.Thread(target=self._accept, name="zvmsim smapi", daemon=True).start()

    def stop(self) -> None:
        """Close the address and every connection; a function that still runs is left behind."""
        with self._lock:
            self._stopped = True
            sockets = [self._listener, *self._open]
        for each in sockets:
            _hang_up(each)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="zvmsim smapi", daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            connection = self._prepared(plain)
        except OSError:
            plain.close()
            return
        try:
            with connection, suppress(OSError, EOFError, DroppedError, HttpFaultError):
                if self._keep(connection):
                    self._converse(connection)
        finally:
            with self._lock:
                self._open.discard(connection)

    def _prepared(self, plain: socket.socket) -> socket.socket:
        """With TLS, but without its handshake yet."""
        plain.settimeout(_PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        if self._tls is None:
            return plain
        return self._tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)

    def _keep(self, connection: socket.socket) -> bool:
        """Remember the connection for `stop`, unless that has been."""
        with self._lock:
            if not self._stopped:
                self._open.add(connection)
            return not self._stopped

    def _converse(self, connection: socket.socket) -> None:
        if isinstance(connection, ssl.SSLSocket):
            connection.do_handshake()
        length = int.from_bytes(_receive(connection, 4))
        body = _receive(connection, length) if length <= LARGEST_REQUEST else None
        request_id = wire.int4(next(self._ids))
        connection.sendall(request_id)
        outcome = _OUT_OF_RANGE if body is None else self._worked(body)
        if outcome is None:
            _wait_for_end(connection)
        else:
            connection.sendall(wire.counted(request_id + outcome))

    def _worked(self, body: bytes) -> bytes | None:
        with self._workers:
            return self._answer(body)


def _server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _receive(connection: socket.socket, length: int) -> bytes:
    """Exactly so many bytes; EOFError if the client ends before."""
    pieces, missing = [], length
    while missing:
        piece = connection.recv(min(missing, 1 << 16))
        if not piece:
            raise EOFError
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _wait_for_end(connection: socket.socket) -> None:
    """Until the client hangs up; what it may say is of no interest."""
    connection.settimeout(None)
    while connection.recv(1024):
        pass


def _hang_up(connection: socket.socket) -> None:
    """The plain socket's way: TLS's own leaves a thread that reads with an error instead of an end."""
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
