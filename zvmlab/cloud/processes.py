"""The processes of a cloud: each with a process group and a log of its own, none outliving the cloud.

What they start (workers, say) is in their group and goes with it. Should the lab itself be killed, the
`guard` process ends them.
"""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.guard import end_group
from zvmlab.neutron_api import NotYet, wait_for

GUARD_TIMEOUT_S: Final = 15.0
LOG_TAIL_LINES: Final = 15


class Guard:
    """The `guard` process: ends process groups and removes a directory, should we ourselves be killed.

    remove: the directory, which goes at the end whichever way the end comes.
    """

    def __init__(self, remove: Path | None = None) -> None:
        command = [sys.executable, "-m", "zvmlab.cloud.guard", *([str(remove)] if remove else [])]
        self._guard = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, cwd="/")

    def watch(self, group: int) -> None:
        """End this process group when all ends."""
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        """Somebody else has ended it."""
        self._tell(f"-{group}")

    def close(self) -> None:
        """Have it do its work now."""
        self._guard.communicate(timeout=GUARD_TIMEOUT_S)

    def _tell(self, order: str) -> None:
        if self._guard.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._guard.stdin.write(f"{order}\n".encode())
                self._guard.stdin.flush()


class Processes:
    """The processes of one cloud, by name.

    log_dir: each process writes stdout and stderr to <name>.log there. remove: a directory that is removed at
    the very end, whichever way the end comes.
    """

    def __init__(self, log_dir: Path, remove: Path | None = None) -> None:
        self._log_dir = log_dir
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.logs: dict[str, Path] = {}
        self._guard = Guard(remove)

    def start(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str] | None = None,
        stdin: socket.socket | None = None,
    ) -> None:
        """Start the command; env adds to our own environment. What still runs under that name is killed."""
        self.stop(name, grace=0)
        log = self.logs.setdefault(name, self._log_dir / f"{name}.log")
        with log.open("ab") as output:
            popen = subprocess.Popen(
                command,
                stdin=stdin.fileno() if stdin else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                cwd=self._log_dir,
                start_new_session=True,
            )
        self._running[name] = popen
        self._guard.watch(popen.pid)

    def run(
        self, name: str, command: Sequence[str], timeout: float, env: Mapping[str, str] | None = None
    ) -> None:
        """Run a command to its end; env as for start.

        Raises CloudError if it fails or takes more than `timeout` seconds.
        """
        self.start(name, command, env)
        try:
            code = self._running[name].wait(timeout)
        except subprocess.TimeoutExpired:
            raise CloudError(f"{name} is not done after {timeout:g} s{self.tail(name)}") from None
        finally:
            self.stop(name, grace=0)
        if code:
            raise CloudError(f"{name} failed with exit code {code}{self.tail(name)}")

    def alive(self, name: str) -> bool:
        return name in self._running and not _has_ended(self._running[name])

    def wait_ready(self, name: str, ready: Callable[[], bool], timeout: float) -> None:
        """Poll until ready. Raises CloudError if the process ends first or is not in `timeout` seconds."""

        def look() -> bool:
            if not self.alive(name):
                raise CloudError(f"{name} ended during its start{self.tail(name)}")
            return ready()

        try:
            wait_for(look, bool, what=name, timeout=timeout)
        except NotYet:
            raise CloudError(f"{name} is not ready after {timeout:g} s{self.tail(name)}") from None

    def stop(self, name: str, grace: float) -> bool:
        """Ask the process to end (SIGTERM), kill what is left of its group after `grace` seconds.

        Returns whether the process ended by itself.
        """
        popen = self._running.pop(name, None)
        if popen is None:
            return True
        if grace and not _has_ended(popen):
            popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                popen.wait(grace)
        by_itself = _has_ended(popen)
        end_group(popen.pid)
        popen.wait()
        self._guard.forget(popen.pid)
        return by_itself

    def close(self) -> None:
        """Kill whatever still runs, latest first, and let the guard finish."""
        for name in reversed(list(self._running)):
            self.stop(name, grace=0)
        self._guard.close()

    def tail(self, name: str) -> str:
        """The end of a process's log, worded to follow a complaint."""
        log = self.logs[name]
        lines = log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        return f"; the end of {log}:\n" + "\n".join(lines)


def _has_ended(popen: subprocess.Popen[bytes]) -> bool:
    """Its number is kept from other processes until its group has been ended (waitid(2), WNOWAIT)."""
    if popen.returncode is not None:
        return True
    return os.waitid(os.P_PID, popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
