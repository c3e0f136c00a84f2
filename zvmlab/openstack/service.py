"""The seam between the cloud and its services: each is configured, gets its tables, starts, and answers."""

import abc
import contextlib
import http
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

import requests

from zvmlab.cloud.neutron_conf import Sections, write_conf
from zvmlab.cloud.processes import Processes
from zvmlab.openstack.site import LOOPBACK_ONLY, Site

COMMAND_TIMEOUT_S: Final = 180.0
READY_TIMEOUT_S: Final = 120.0
ANSWER_TIMEOUT_S: Final = 30.0
SERVE_WSGI: Final = Path(__file__).with_name("serve-wsgi")


class Service(abc.ABC):
    """One service with its API. name: of it, its folder, its user in Keystone and its process.

    Methods raise CloudError.
    """

    name: ClassVar[str]
    module: ClassVar[str]
    """Of its WSGI application."""

    def __init__(self, site: Site, processes: Processes, environment: Path) -> None:
        """environment: the virtual environment that has its programs."""
        self.site = site
        self.folder = site.folder / self.name
        self.conf = self.folder / f"{self.name}.conf"
        self._processes = processes
        self._environment = environment

    @abc.abstractmethod
    def sections(self) -> Sections:
        """Its configuration."""

    @abc.abstractmethod
    def make_tables(self) -> None:
        """Fill its database, which is empty."""

    @abc.abstractmethod
    def found_by(self) -> Mapping[str, str]:
        """Environment variables by which the WSGI application finds its configuration."""

    def prepare(self) -> None:
        """Everything that must be so before it starts."""
        self.folder.mkdir(mode=0o700)
        write_conf(self.conf, self.sections())
        self.make_tables()

    def start(self) -> None:
        """Launch its processes; a process that runs is started again."""
        server = [str(self._program("python")), "-P", str(SERVE_WSGI)]
        api = [*server, self.module, str(self.site.ports[self.name])]
        self._launch(f"{self.name}-api", api, self.found_by())

    def wait_ready(self) -> None:
        """Until the API answers."""
        self._processes.wait_ready(f"{self.name}-api", self._answers, READY_TIMEOUT_S)

    def _answers(self) -> bool:
        with contextlib.suppress(requests.RequestException), requests.Session() as session:
            session.trust_env = False
            answer = session.get(self.site.url(self.name), timeout=ANSWER_TIMEOUT_S)
            return answer.status_code < http.HTTPStatus.INTERNAL_SERVER_ERROR
        return False

    def _manage(self, program: str, *words: str, **variables: str) -> None:
        """Run one of the service's management commands to its end; variables are for its environment."""
        command = [str(self._program(program)), "--config-file", str(self.conf), *words]
        environment = {**self._variables(), **variables}
        name = "-".join((program, *itertools.takewhile(lambda word: not word.startswith("-"), words)))
        self._processes.run(name, command, COMMAND_TIMEOUT_S, environment)

    def _launch(self, name: str, command: Sequence[str], variables: Mapping[str, str]) -> None:
        self._processes.start(name, command, env={**self._variables(), **variables})

    def _program(self, name: str) -> Path:
        return self._environment / "bin" / name

    def _variables(self) -> Mapping[str, str]:
        """The second start of a program is the quicker one, as Python has kept its byte code."""
        places = {"TMPDIR": str(self.site.folder / "tmp"), "HOME": str(self.folder)}
        return {**LOOPBACK_ONLY, **places, "PYTHONDONTWRITEBYTECODE": ""}
