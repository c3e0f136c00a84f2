"""A private RabbitMQ: its own node name, ports, directories and account, and nothing of the system's.

Environment variables: rabbitmq.com/docs/configure and rabbitmq.com/docs/relocate.
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from zvmlab.cloud.neutron_conf import write_private
from zvmlab.cloud.processes import Processes
from zvmlab.cloud.programs import program

READY_TIMEOUT_S: Final = 120.0
AMQP_HEADER: Final = b"AMQP\x00\x00\x09\x01"
METHOD_FRAME: Final = b"\x01"


@dataclass(frozen=True)
class RabbitMq:
    """Ports on loopback: amqp_port for clients, dist_port and epmd_port for Erlang itself."""

    directory: Path
    amqp_port: int
    dist_port: int
    epmd_port: int
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        return f"rabbit://neutron:{self.password}@127.0.0.1:{self.amqp_port}/"

    def start(self, processes: Processes) -> None:
        """Start it, or start it again with what it kept.

        Erlang's port mapper is started first, as a process of ours: on demand it would become a daemon.
        """
        self.directory.mkdir(mode=0o700, exist_ok=True)
        (self.directory / "enabled_plugins").write_text("[].\n")
        write_private(
            self.directory / "rabbitmq.conf",
            f"listeners.tcp.1 = 127.0.0.1:{self.amqp_port}\n"
            f"default_user = neutron\ndefault_pass = {self.password}\n",
        )
        processes.start("epmd", [program("epmd"), "-port", str(self.epmd_port), "-address", "127.0.0.1"])
        processes.start("rabbitmq", [program("rabbitmq-server")], env=self._environment())

    def wait_ready(self, processes: Processes) -> None:
        processes.wait_ready("rabbitmq", self._answers, READY_TIMEOUT_S)

    def _environment(self) -> Mapping[str, str]:
        where = self.directory
        return {
            "HOME": str(where),
            "RABBITMQ_NODENAME": f"zvmlab{self.amqp_port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.amqp_port),
            "RABBITMQ_DIST_PORT": str(self.dist_port),
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": str(where / "mnesia"),
            "RABBITMQ_LOG_BASE": str(where / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(where / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(where / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(where / "rabbitmq.pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1",
        }

    def _answers(self) -> bool:
        """AMQP 0-9-1: the server answers the protocol header with a method frame (Connection.Start)."""
        try:
            with socket.create_connection(("127.0.0.1", self.amqp_port), timeout=5) as connection:
                connection.sendall(AMQP_HEADER)
                return connection.recv(1) == METHOD_FRAME
        except OSError:
            return False
