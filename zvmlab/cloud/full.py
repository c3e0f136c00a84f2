"""A cloud as sites run it: MariaDB, RabbitMQ, Neutron's API and RPC server and each agent are processes.

Everything listens on loopback only, on ports and with passwords made up for this cloud, and writes into its
state directory only. Neither root nor a system service is needed, just the programs (`programs`).
"""

import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import requests

from zvmlab.cloud.base import PRODUCT_AGENT, Cloud
from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.mariadb import MariaDb
from zvmlab.cloud.neutron_conf import NeutronSettings, agent_sections, server_sections, write_conf
from zvmlab.cloud.place import Place, environment
from zvmlab.cloud.ports import free_ports
from zvmlab.cloud.programs import missing_packages
from zvmlab.cloud.rabbitmq import RabbitMq
from zvmlab.neutron_api import NeutronApi, NeutronError

MIGRATION_TIMEOUT_S: Final = 120.0
API_TIMEOUT_S: Final = 120.0
AGENT_STOP_TIMEOUT_S: Final = 30.0
API_WORKERS: Final = 2


class FullCloud(Cloud):
    """See `Cloud`. kill_agent is a SIGKILL.

    At the end the agents are stopped in order; the servers are killed, as their data is thrown away.
    """

    def __init__(
        self,
        settings: NeutronSettings,
        state_dir: Path | None = None,
        agent_module: str = PRODUCT_AGENT,
        server_path: Path | None = None,
    ) -> None:
        """server_path: a directory that Neutron's own processes import from first; agents do not."""
        super().__init__(settings, state_dir, agent_module)
        self._server_path = server_path

    def _start(self) -> None:
        if packages := missing_packages():
            raise CloudError(
                f"the full cloud needs the Debian packages {', '.join(packages)} "
                "(apt-get install --no-install-recommends; their system services need not run)"
            )
        amqp, dist, epmd, sql, api = free_ports(5)
        rabbitmq = RabbitMq(self.state_dir / "rabbitmq", amqp, dist, epmd, secrets.token_hex())
        self._rabbitmq = rabbitmq
        mariadb = MariaDb(self.state_dir / "mariadb", sql, secrets.token_hex())
        self._write_configuration(rabbitmq, mariadb)
        rabbitmq.start(self._processes)  # takes longest: the database is made ready meanwhile
        mariadb.start(self._processes)
        mariadb.wait_ready(self._processes)
        self._processes.run(
            "neutron-db-manage",
            [_script("neutron-db-manage"), "--config-file", str(self._conf), "upgrade", "head"],
            MIGRATION_TIMEOUT_S,
        )
        rabbitmq.wait_ready(self._processes)
        self._api_port = api
        self.start_neutron()

    def _write_configuration(self, rabbitmq: RabbitMq, mariadb: MariaDb) -> None:
        server = server_sections(self.settings, self.state_dir, rabbitmq.url, mariadb.url_of("neutron"))
        self._conf = write_conf(self.state_dir / "neutron.conf", server)
        agents = agent_sections(self.settings, self.state_dir, rabbitmq.url)
        self._agent_conf = write_conf(self.state_dir / "agents.conf", agents)

    def start_neutron(self) -> None:
        """Start Neutron's API and RPC server, again if need be; returns when the API answers."""
        self.endpoint = f"http://127.0.0.1:{self._api_port}"
        found_by = {"OS_NEUTRON_CONFIG_DIR": str(self.state_dir), "OS_NEUTRON_CONFIG_FILES": self._conf.name}
        environment = {**self._server_environment(), **found_by}
        self._processes.start("neutron-api", _api_command(self._api_port), env=environment)
        self._start_rpc_server()
        self._processes.wait_ready("neutron-api", self._api_answers, API_TIMEOUT_S)

    def _start_rpc_server(self) -> None:
        command = [_script("neutron-rpc-server"), "--config-file", str(self._conf)]
        self._processes.start("neutron-rpc-server", command, env=self._server_environment())

    def _server_environment(self) -> Mapping[str, str]:
        paths = [self._server_path, os.environ.get("PYTHONPATH")]
        return {
            "TMPDIR": str(self.state_dir / "tmp"),
            "PYTHONPATH": os.pathsep.join(str(path) for path in paths if path),
        }

    def kill_neutron(self) -> None:
        """Kill both; no request is answered and no agent is heard until `start_neutron`."""
        self._processes.stop("neutron-rpc-server", grace=0)
        self._processes.stop("neutron-api", grace=0)

    def restart_broker(self) -> None:
        """Kill RabbitMQ and start it again; returns when it answers."""
        self._rabbitmq.start(self._processes)
        self._rabbitmq.wait_ready(self._processes)

    def restart_rpc_server(self) -> None:
        """Kill the server that the agents speak to, and start it again; returns at once."""
        self._start_rpc_server()

    def _api_answers(self) -> bool:
        api = NeutronApi(self.endpoint)
        try:
            api.networks()
        except (requests.RequestException, NeutronError):
            return False
        finally:
            api.close()
        return True

    def _stop(self) -> None:
        for name in self._processes.logs:
            if name.startswith("agent-"):
                self._processes.stop(name, AGENT_STOP_TIMEOUT_S)

    def start_agent(self, name: str, config_file: Path) -> None:
        self._start_agent(name, [sys.executable, "-m", self.agent_module, *self._files(config_file)])

    def start_agent_in(self, place: Place, name: str, program: str, config_file: Path) -> None:
        place.connect(self._rabbitmq.amqp_port)
        command = place.command([_script(program), *self._files(config_file)])
        self._start_agent(name, command, environment())

    def _start_agent(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        if self.agent_alive(name):
            raise CloudError(f"agent {name} is alive already")
        self._processes.start(f"agent-{name}", command, env)

    def _files(self, config_file: Path) -> list[str]:
        return ["--config-file", str(self._agent_conf), "--config-file", str(config_file)]

    def stop_agent(self, name: str) -> None:
        if not self._processes.stop(f"agent-{name}", AGENT_STOP_TIMEOUT_S):
            raise CloudError(f"agent {name} did not stop within {AGENT_STOP_TIMEOUT_S:g} s; it was killed")

    def kill_agent(self, name: str) -> None:
        self._processes.stop(f"agent-{name}", grace=0)

    def agent_alive(self, name: str) -> bool:
        return self._processes.alive(f"agent-{name}")

    def logs(self) -> Mapping[str, Path]:
        return self._processes.logs


def _script(name: str) -> str:
    """A program that came with this Python's packages."""
    return str(Path(sys.executable).with_name(name))


def _api_command(port: int) -> list[str]:
    """uWSGI where it is installed, as the Neutron documentation has it; waitress otherwise.

    The header is upstream's too: without it clients that keep connections open see some of them reset.
    """
    uwsgi = _script("uwsgi")
    if not Path(uwsgi).exists():
        return [sys.executable, "-m", "zvmlab.cloud.api_server", str(port)]
    return [
        *(uwsgi, "--http-socket", f"127.0.0.1:{port}", "--virtualenv", sys.prefix),
        *("--module", "neutron.wsgi.api:application", "--need-app", "--lazy-apps"),
        *("--master", "--die-on-term", "--processes", str(API_WORKERS), "--threads", "1", "--enable-threads"),
        *("--thunder-lock", "--buffer-size", "65535", "--add-header", "Connection: close"),
    ]
