"""How the lab and the embedded cloud's process talk: lines of JSON, objects of strings, on a socket pair."""

import contextlib
import json
import socket
from collections.abc import Mapping
from typing import Final

Message = Mapping[str, str]
MAX_CHUNK: Final = 65536


class ControlLine:
    """One end. Not for several threads at once."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._received = b""

    def send(self, message: Message) -> None:
        """Send one message; if the other side is gone the next receive says so."""
        with contextlib.suppress(BrokenPipeError):
            self._end.sendall(json.dumps(message).encode() + b"\n")

    def receive(self, timeout: float | None = None) -> Message | None:
        """The next message; None when the other side is gone, or silent for `timeout` seconds."""
        self._end.settimeout(timeout)
        try:
            while b"\n" not in self._received:
                chunk = self._end.recv(MAX_CHUNK)
                if not chunk:
                    return None
                self._received += chunk
        except (TimeoutError, ConnectionResetError):
            return None
        line, self._received = self._received.split(b"\n", 1)
        message: Message = json.loads(line)
        return message

    def close(self) -> None:
        self._end.close()
