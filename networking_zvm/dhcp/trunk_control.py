"""How driver and helper talk: one JSON question and one answer for each connection to a unix socket.

Whoever may open the socket's file may ask; it belongs to the agent's user, with mode 0600.
"""

import contextlib
import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_ANSWER_SECONDS = 30.0
_LONGEST = 1 << 20  # bytes; an attachment takes about 150

Message = Mapping[str, Any]


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """A name for the socket that is short enough for the kernel, however deep the directory lies."""
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


def ask(path: Path, question: Message) -> dict[str, Any]:
    """The answer. Raises ConnectionError or FileNotFoundError if nobody listens, TimeoutError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.settimeout(_ANSWER_SECONDS)
        with _address(path) as address:
            line.connect(address)
        line.sendall(json.dumps(question).encode())
        if not (answer := line.recv(_LONGEST)):
            raise ConnectionAbortedError(f"{path}: the helper left without an answer")
        return dict(json.loads(answer))


def listen(path: Path, owner: int) -> socket.socket:
    """A listening socket that only root and the user `owner` can open. Raises OSError."""
    path.unlink(missing_ok=True)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
    before = os.umask(0o177)
    try:
        with _address(path) as address:
            line.bind(address)
    finally:
        os.umask(before)
    os.chown(path, owner, -1, follow_symlinks=False)
    line.listen(16)
    return line


def hear(line: socket.socket) -> Message | None:
    """The question of a connection that has become readable; None if there is none after all."""
    try:
        question = json.loads(line.recv(_LONGEST) or b"null")
    except (OSError, ValueError):
        return None
    return question if isinstance(question, dict) else None


def answer(line: socket.socket, message: Message) -> None:
    """Send an answer, unless whoever asked has gone."""
    with contextlib.suppress(OSError):
        line.sendall(json.dumps(message).encode())
