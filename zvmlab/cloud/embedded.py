"""A cloud that needs no servers: Neutron and the agents in one child process, on SQLite and `fake://`.

For demonstration and tests, not for sites: one API process, one database file, no broker. This is the lab's
end of it; `embedded_server` is the child.
"""

import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from zvmlab.cloud.base import Cloud
from zvmlab.cloud.control import ControlLine
from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.neutron_conf import agent_sections, server_sections, write_conf
from zvmlab.cloud.place import Place, environment

START_TIMEOUT_S = 120.0
COMMAND_TIMEOUT_S = 90.0
AGENT_STOP_TIMEOUT_S = 30.0


class EmbeddedCloud(Cloud):
    """See `Cloud`.

    Agents live in Neutron's process, since `fake://` reaches no further. Those that are to run somewhere else
    are processes of their own, for which it is bridged (`bus_bridge`).

    kill_agent is a SIGKILL for the latter. For the former it is a crash as good as threads allow: from that
    moment the agent's threads get no HTTP request, connection or thread started any more, and each is ended
    at its next step. Unlike after a SIGKILL their `finally` blocks do run; the full cloud has the real thing.
    """

    def _start(self) -> None:
        fake = "fake://"
        database = f"sqlite:///{self.state_dir}/neutron.sqlite"
        server_conf = server_sections(self.settings, self.state_dir, fake, database)
        self._agent_conf = write_conf(
            self.state_dir / "agents.conf", agent_sections(self.settings, self.state_dir, fake)
        )
        conf = write_conf(self.state_dir / "neutron.conf", server_conf)
        self._agent_logs: dict[str, Path] = {}
        self._elsewhere: set[str] = set()
        self._launch([sys.executable, "-m", "zvmlab.cloud.embedded_server", self.agent_module, str(conf)])

    def _launch(self, command: list[str]) -> None:
        ours, theirs = socket.socketpair()
        self._control = ControlLine(ours)
        with theirs:
            temporary = {"TMPDIR": str(self.state_dir / "tmp")}
            self._processes.start("neutron", command, env=temporary, stdin=theirs)
        answer = self._answer(START_TIMEOUT_S)
        self.endpoint, self._bus_port = answer["endpoint"], int(answer["bus_port"])
        bus = {"DEFAULT": {"transport_url": answer["bus_url"]}}
        self._bus_conf = write_conf(self.state_dir / "bus.conf", bus)

    def _stop(self) -> None:
        try:
            self._ask("quit")
        finally:
            self._control.close()

    def start_agent(self, name: str, config_file: Path) -> None:
        log = self._agent_logs.setdefault(name, self.state_dir / "log" / f"agent-{name}.log")
        self._ask("start", agent=name, files=f"{self._agent_conf}\n{config_file}", log=str(log))

    def start_agent_in(self, place: Place, name: str, program: str, config_file: Path) -> None:
        if self.agent_alive(name):
            raise CloudError(f"agent {name} is alive already")
        place.connect(self._bus_port)
        files = (self._agent_conf, self._bus_conf, config_file)
        words = [word for file in files for word in ("--config-file", str(file))]
        python = [sys.executable, "-m", "zvmlab.cloud.bus_bridge_driver"]
        self._processes.start(f"agent-{name}", place.command([*python, program, *words]), environment())
        self._elsewhere.add(name)

    def stop_agent(self, name: str) -> None:
        if name not in self._elsewhere:
            self._ask("stop", agent=name)
        elif not self._processes.stop(f"agent-{name}", AGENT_STOP_TIMEOUT_S):
            raise CloudError(f"agent {name} did not stop within {AGENT_STOP_TIMEOUT_S:g} s; it was killed")

    def kill_agent(self, name: str) -> None:
        if name in self._elsewhere:
            self._processes.stop(f"agent-{name}", grace=0)
        else:
            self._ask("kill", agent=name)

    def agent_alive(self, name: str) -> bool:
        if name in self._elsewhere:
            return self._processes.alive(f"agent-{name}")
        return self._ask("alive", agent=name)["alive"] == "yes"

    def logs(self) -> Mapping[str, Path]:
        return {**self._processes.logs, **{f"agent-{name}": log for name, log in self._agent_logs.items()}}

    def _ask(self, command: str, **arguments: str) -> Mapping[str, str]:
        self._control.send({"command": command, **arguments})
        return self._answer(COMMAND_TIMEOUT_S)

    def _answer(self, timeout: float) -> Mapping[str, str]:
        answer = self._control.receive(timeout)
        if answer is None:
            raise CloudError(f"the Neutron process is gone or silent{self._processes.tail('neutron')}")
        if "error" in answer:
            raise CloudError(answer["error"])
        return answer
