"""A SMAPI client of its own bytes: it shares no code with the server it speaks to."""

import socket
import ssl
import struct
from dataclasses import dataclass
from typing import Self


def number(value: int) -> bytes:
    return struct.pack(">i", value)


def text(value: str) -> bytes:
    return struct.pack(">I", len(value)) + value.encode("latin-1")


def nul(*values: str) -> bytes:
    return b"".join(value.encode("latin-1") + b"\0" for value in values)


def body(
    function: str,
    target: str = "LNX1",
    parameters: bytes = b"",
    user: str = "NEUTRON",
    password: str = "neutron1",
) -> bytes:
    """A request behind its length."""
    return text(function) + text(user) + text(password) + text(target) + parameters


def frame(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


@dataclass(frozen=True)
class Response:
    """What came back: the id at once, and of the second response the codes and what stands behind them."""

    request_id: int
    rc: int
    rs: int
    payload: bytes

    @property
    def codes(self) -> tuple[int, int]:
        return self.rc, self.rs


class Conversation:
    """One connection; EOFError when the server hangs up."""

    def __init__(self, address: tuple[str, int], tls: ssl.SSLContext | None = None) -> None:
        plain = socket.create_connection(address, timeout=10)
        self.socket = tls.wrap_socket(plain, server_hostname="localhost") if tls else plain

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def take(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            piece = self.socket.recv(length - len(data))
            if not piece:
                raise EOFError(f"{len(data)} of {length} bytes came")
            data += piece
        return data

    def number(self) -> int:
        return int(struct.unpack(">I", self.take(4))[0])

    def response(self) -> Response:
        first = self.number()
        rest = self.take(self.number())
        request_id, rc, rs = struct.unpack(">III", rest[:12])
        assert request_id == first
        return Response(request_id, rc, rs, rest[12:])


def ask(address: tuple[str, int], data: bytes, tls: ssl.SSLContext | None = None) -> Response:
    """One request (behind its length) and its response; the server must hang up after it."""
    with Conversation(address, tls) as conversation:
        conversation.send(frame(data))
        response = conversation.response()
        assert conversation.socket.recv(1) == b""
        return response
