"""Messages between the simulator and its switch process: JSON objects, now and then with open sockets.

Each is its length (4 bytes, network order) and the text; descriptors travel with the length (unix(7),
SCM_RIGHTS).
"""

import contextlib
import json
import os
import socket
from collections.abc import Mapping, Sequence
from typing import Any, Final

Message = dict[str, Any]

_LENGTH: Final = 4
_PIECE: Final = 1 << 18
_DESCRIPTORS: Final = 8


class Channel:
    """One end of a pair of stream sockets; reading may be broken off by a timeout and taken up again."""

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._bytes = bytearray()
        self._descriptors: list[int] = []

    def send(self, message: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        """Raises OSError if the other end is gone."""
        text = json.dumps(message, separators=(",", ":")).encode()
        self._socket.settimeout(None)
        socket.send_fds(self._socket, [len(text).to_bytes(_LENGTH)], descriptors)
        self._socket.sendall(text)

    def receive(self, timeout: float | None = None) -> tuple[Message, list[int]]:
        """The next message and what descriptors came with it, which are the caller's to close.

        Raises EOFError if the other end is gone, TimeoutError after `timeout` seconds without a byte.
        """
        self._socket.settimeout(timeout)
        while (end := self._end_of_message()) is None:
            data, descriptors, _flags, _sender = socket.recv_fds(self._socket, _PIECE, _DESCRIPTORS)
            for descriptor in descriptors:
                os.set_inheritable(descriptor, False)
            if not data:
                raise EOFError("the other end is gone")
            self._bytes += data
            self._descriptors += descriptors
        message: Message = json.loads(self._bytes[_LENGTH:end])
        del self._bytes[:end]
        descriptors, self._descriptors = self._descriptors, []
        return message, descriptors

    def end(self) -> None:
        """Let both ends see that no more comes; whoever waits in `receive` here gets EOFError."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the descriptor back; nobody may be in `receive`."""
        self._socket.close()

    def _end_of_message(self) -> int | None:
        end = _LENGTH + int.from_bytes(self._bytes[:_LENGTH])
        return end if len(self._bytes) >= end and len(self._bytes) >= _LENGTH else None
