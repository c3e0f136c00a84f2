"""The Feilong of each system, with TLS and without a token, for Nova's own client knows none."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import requests

from zvmlab.feilong import Feilong
from zvmlab.openstack.nova import ComputeHost
from zvmlab.systems import Fact, Systems

REQUEST_TIMEOUT_S: Final = 60.0


class Feilongs:
    """Alive within a `with` block."""

    def __init__(self, systems: Systems, folder: Path) -> None:
        self._systems = systems
        self._servers = {
            host: Feilong(systems.simulator, system, folder / f"feilong-{host}", auth="none")
            for host, system in systems.hosts.items()
        }
        self._running = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Raises CloudError, with nothing left running."""
        with contextlib.ExitStack() as starting:
            for server in self._servers.values():
                starting.enter_context(server)
            self._running = starting.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def compute_host(self, host: str) -> ComputeHost:
        """What its nova-compute must know."""
        server = self._servers[host]
        prefix = self._systems.system(host).macs.user_prefix
        return ComputeHost(host, server.url, self._ca_file(host), prefix)

    def agent_options(self, host: str) -> Mapping[str, str]:
        """What its agent must know: options of [zvm]."""
        return {
            "control_point": "feilong",
            "feilong_server": self._servers[host].url,
            "feilong_ca_file": str(self._ca_file(host)),
            "user_prefix": self._systems.system(host).macs.user_prefix,
        }

    def facts(self) -> Iterator[Fact]:
        """What Feilong keeps of guests in tables of its own. Raises requests.RequestException."""
        for host, system in self._systems.hosts.items():
            for userid in self._ask(host, "/guests"):
                yield Fact(userid.upper(), f"{system}: known to Feilong")
            for row in self._ask(host, "/guests/nics"):
                text = f"{system}: Feilong's row {row['interface']} port {row['port']} on {row['switch']}"
                yield Fact(row["userid"].upper(), text)

    @property
    def logs(self) -> Mapping[str, Path]:
        return {
            f"feilong-{host}-{name}": log
            for host, server in self._servers.items()
            for name, log in server.logs.items()
        }

    def _ca_file(self, host: str) -> Path:
        ca_file = self._servers[host].ca_file
        if not ca_file:
            raise RuntimeError("a Feilong of the lab has TLS")
        return ca_file

    def _ask(self, host: str, path: str) -> Any:
        with requests.Session() as session:
            session.trust_env = False
            url, ca_file = self._servers[host].url + path, str(self._ca_file(host))
            answer = session.get(url, verify=ca_file, timeout=REQUEST_TIMEOUT_S)
            answer.raise_for_status()
            return answer.json()["output"]
