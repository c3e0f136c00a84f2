"""A Feilong server that serves one simulated system."""

import contextlib
import secrets
import socket
import string
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import requests

from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.ports import free_ports
from zvmlab.cloud.processes import Processes
from zvmlab.feilong import configuration, environment
from zvmlab.feilong.configuration import Auth
from zvmsim.server import Simulator
from zvmsim.tls import write_certificate

_PROGRAM: Final = Path(__file__).with_name("run-feilong")
_START_TIMEOUT_S: Final = 60.0
_ANSWER_TIMEOUT_S: Final = 5.0
_TOKEN_LETTERS: Final = 42
"""As zvmsdk-gentoken has it."""


class Feilong:
    """Alive within a `with` block.

    simulator: a started one whose inventory names a guest for Feilong on this system. state_dir: an empty or
    absent directory, which stays; left out, a new one that ends with the server. auth: "none" is what Nova
    needs. tls: served with a certificate of its own. token_seconds: how long a token is good.

    url, ca_file (None without TLS), admin_token_file (None without authentication): how to reach it.
    sdkserver_port: of its own protocol, without authentication, on loopback.
    """

    url: str
    ca_file: Path | None
    admin_token_file: Path | None
    sdkserver_port: int
    state_dir: Path

    def __init__(
        self,
        simulator: Simulator,
        system: str,
        state_dir: Path | None = None,
        *,
        auth: Auth = "token",
        tls: bool = True,
        token_seconds: int = 3600,
    ) -> None:
        self.system = system
        self._simulator = simulator
        self._given_state_dir = state_dir
        self._auth: Auth = auth
        self._tls = tls
        self._token_seconds = token_seconds

    def __enter__(self) -> Self:
        """Start it. Raises CloudError, with nothing left running, if it does not."""
        environment.python()  # before there is anything to clean up
        if files := configuration.files_in_the_way():
            raise CloudError(f"Feilong would read {files[0]} instead of the lab's configuration")
        if self.system not in self._simulator.commands:
            place = "in the section feilong of a started simulator's inventory"
            raise CloudError(f"there is no guest on {self.system} {place}")
        self.state_dir = self._given_state_dir or Path(tempfile.mkdtemp(prefix="feilong-"))
        for folder in ("log", "tmp", "database", "images", "files"):
            (self.state_dir / folder).mkdir(parents=True)
        ours_to_remove = None if self._given_state_dir else self.state_dir
        self._processes = Processes(self.state_dir / "log", remove=ours_to_remove)
        try:
            self._write_files()
            self.restart()
        except BaseException:
            self._processes.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._processes.close()

    def restart(self) -> None:
        """Start both processes, killing those that run; database, addresses and tokens stay.

        Raises CloudError.
        """
        certificate = [str(self.ca_file), str(self.state_dir / "key.pem")] if self.ca_file else []
        run, variables = [str(environment.python()), "-P", str(_PROGRAM)], self._variables()
        self._processes.start("web", [*run, "web", str(self._port), *certificate], variables)
        self._processes.start("sdkserver", [*run, "sdkserver"], variables)
        self._processes.wait_ready("sdkserver", self._sdkserver_listens, _START_TIMEOUT_S)
        self._processes.wait_ready("web", self._answers, _START_TIMEOUT_S)

    @property
    def logs(self) -> Mapping[str, Path]:
        """The log files by what writes them."""
        own = {name: self.state_dir / "log" / f"{name}.log" for name in ("zvmsdk", "smt")}
        return {**self._processes.logs, **own}

    def requests(self) -> list[tuple[str, str]]:
        """Method and path of every request so far, in the order in which they came."""
        lines = (self.state_dir / "log" / "requests").read_text().splitlines()
        return [(method, path) for method, _, path in (line.partition(" ") for line in lines)]

    def _write_files(self) -> None:
        home = self.state_dir
        self.sdkserver_port, self._port = free_ports(2)
        token_file = home / "token.dat"
        letters = string.ascii_letters + string.digits
        token_file.touch(mode=0o600)
        token_file.write_text("".join(secrets.choice(letters) for _ in range(_TOKEN_LETTERS)))
        self.admin_token_file = token_file if self._auth == "token" else None
        configuration.write_zvmsdk_conf(
            home, self.sdkserver_port, self._auth, token_file, self._token_seconds
        )
        level = self._simulator.world.systems[self.system].level
        configuration.write_sysinfo(home, self.system, level)
        self.ca_file = home / "ca.pem" if self._tls else None
        if self.ca_file:
            write_certificate(self.ca_file, home / "key.pem")
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    def _variables(self) -> dict[str, str]:
        commands = self._simulator.commands[self.system]
        return {
            **commands.environment(),
            "HOME": str(self.state_dir),
            "TMPDIR": str(self.state_dir / "tmp"),
            "PYTHONPATH": "",
            "LC_ALL": "C",  # the commands start sooner without a locale to load
        }

    def _sdkserver_listens(self) -> bool:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", self.sdkserver_port), _ANSWER_TIMEOUT_S).close()
            return True
        return False

    def _answers(self) -> bool:
        """GET / says its version, or that it wants a token."""
        with contextlib.suppress(requests.ConnectionError):
            requests.get(self.url, verify=str(self.ca_file or True), timeout=_ANSWER_TIMEOUT_S)
            return True
        return False
