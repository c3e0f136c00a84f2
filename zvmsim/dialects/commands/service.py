"""A loopback service that runs commands for one guest, and the folder of executables that ask it."""

import contextlib
import logging
import os
import secrets
import shutil
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from zvmsim.dialects.commands import programs, wire
from zvmsim.world.world import World

_LOG = logging.getLogger(__name__)
_EXECUTABLE = Path(__file__).with_name("zvm-command")
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class CommandAccess:
    """How a process runs commands as a guest.

    folder: holds the executables. secret: keeps other users of the machine out.
    """

    system: str
    userid: str
    host: str
    port: int
    secret: str = field(repr=False)
    folder: Path

    @property
    def script(self) -> Path:
        """A file for a shell to source, readable by its owner only; it sets what `environment` tells."""
        return self.folder.with_suffix(".sh")

    def environment(self, path: str = os.defpath) -> dict[str, str]:
        """Environment variables for the process; the executables come before `path`."""
        return {
            "PATH": f"{self.folder}{os.pathsep}{path}",
            "ZVMSIM_COMMANDS": f"{self.host}/{self.port}",
            "ZVMSIM_SECRET": self.secret,
        }


class CommandService:
    """Listens from the moment it is made. Raises OSError.

    world: gives the present world, another after the simulator took a new inventory. folder: where the
    executables go, made if absent; a script for shells goes beside it.
    """

    def __init__(self, world: Callable[[], World], system: str, userid: str, folder: Path) -> None:
        secret = secrets.token_urlsafe(24)
        self._server = _Server(lambda: programs.Programs(world(), system, userid), secret)
        _install(folder)
        host, port = self._server.server_address[:2]
        self.access = CommandAccess(system, userid, str(host), int(port), secret, folder)
        _write_script(self.access)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name=f"zvmsim commands {system}", daemon=True
        )
        self._thread.start()

    def stop(self) -> threading.Thread:
        """Close the address in the thread that is returned; a command under way is left behind in its own."""
        stopping = threading.Thread(target=self._stop, name="zvmsim stop", daemon=True)
        stopping.start()
        return stopping

    def _stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, programs_now: Callable[[], programs.Programs], secret: str) -> None:
        super().__init__((_LOOPBACK, 0), _Handler)
        self.programs_now = programs_now
        self.secret = secret

    def handle_error(self, _request: object, client_address: object) -> None:
        """Say why a command got no answer: an inventory without the system, say."""
        _LOG.exception("no answer for %s", client_address)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer one invocation; a stranger gets none."""
        try:
            invocation = wire.read_invocation(self.rfile, self.server.secret)
        except wire.WireError as error:
            _LOG.warning("a command that is none: %s", error)
            return
        result = self.server.programs_now().run(invocation)
        with contextlib.suppress(ConnectionError):
            self.wfile.write(wire.answer(result))


def _install(folder: Path) -> None:
    """One copy, executable wherever the package came from, and a link for each name."""
    folder.mkdir(parents=True, exist_ok=True)
    first, *others = (folder / name for name in programs.NAMES)
    shutil.copyfile(_EXECUTABLE, first)
    first.chmod(0o755)
    for link in others:
        link.symlink_to(first.name)


def _write_script(access: CommandAccess) -> None:
    variables = access.environment("$PATH")
    access.script.touch(mode=0o600)
    access.script.write_text("".join(f'export {name}="{value}"\n' for name, value in variables.items()))
