"""The simulator's hold on its switch process: start, requests, end."""

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

from zvmsim.dataplane import process, tree
from zvmsim.dataplane.channel import Channel, Message
from zvmsim.dataplane.errors import PacketsError

_START_TIMEOUT_S: Final = 20.0
_STOP_TIMEOUT_S: Final = 60.0
_PACKAGES: Final = Path(__file__).parents[2]


class Switch:
    """A switch process; it runs from the moment this is made. Raises PacketsError if it cannot.

    process: the id of the first process of the private tree.
    """

    def __init__(self) -> None:
        ours, its = socket.socketpair()
        self._channel = Channel(ours)
        self._one_at_a_time = threading.Lock()
        self._unanswered = 0
        with its:
            self._popen = _start(its)
        try:
            self.process: int = self._receive(time.monotonic() + _START_TIMEOUT_S)[0]["process"]
        except PacketsError:
            self.close()
            raise

    def request(self, deadline: float, **request: Any) -> tuple[Message, list[int]]:
        """Ask for something and wait for the answer, until `deadline` on the monotonic clock.

        Raises PacketsError, TimeoutError.
        """
        if not self._one_at_a_time.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise TimeoutError("the switch process is busy with earlier requests")
        try:
            while self._unanswered:
                self._drop_late_answer(deadline)
            self._send(request)
            answer, descriptors = self._receive(deadline)
            self._unanswered = 0
        finally:
            self._one_at_a_time.release()
        if "error" in answer:
            raise PacketsError(answer["error"])
        return answer, descriptors

    def end(self) -> None:
        """Have it end; requests under way raise PacketsError."""
        self._channel.end()

    def close(self) -> None:
        """Have it end, and wait for that."""
        self._channel.end()
        try:
            self._popen.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        with self._one_at_a_time:
            self._channel.close()

    def _send(self, request: Message) -> None:
        try:
            self._channel.send(request)
        except OSError as error:
            raise PacketsError(f"the switch process is gone: {error}") from error
        self._unanswered = 1

    def _receive(self, deadline: float) -> tuple[Message, list[int]]:
        left = deadline - time.monotonic()
        try:
            return self._channel.receive(max(0.001, left))
        except TimeoutError as error:
            raise TimeoutError("the switch process has not done it in time") from error
        except (EOFError, OSError) as error:
            raise PacketsError(f"the switch process is gone: {error}") from error

    def _drop_late_answer(self, deadline: float) -> None:
        _, descriptors = self._receive(deadline)
        self._unanswered = 0
        for descriptor in descriptors:
            os.close(descriptor)


def _start(end: socket.socket) -> "subprocess.Popen[bytes]":
    """A session of its own keeps a terminal's Ctrl-C away: the simulator says when it is over."""
    path = os.pathsep.join([str(_PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [*tree.command(), sys.executable, "-P", "-m", process.__name__, str(end.fileno())]
    try:
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=[end.fileno()],
            env={**os.environ, "PYTHONPATH": path},
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise PacketsError(f"{command[0]}: {error.strerror}") from error
