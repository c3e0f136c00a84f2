"""Feilong: the real server, one for each system, in front of the commands that its guest would run."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Self

from zvmlab.compute.feilong import FeilongCompute
from zvmlab.control_points.base import Command, ControlPoint, Manner
from zvmlab.feilong import Feilong
from zvmlab.systems import Fact, Systems
from zvmsim.journal import Call

_FROM_HEADERS = "tr -d '\\r' | sed -n 's/^X-Auth-Token: //Ip'"


class FeilongControlPoint(ControlPoint):
    """Two servers with TLS and a token each."""

    name = "feilong"
    dialect = "rest"
    manner = Manner(
        title="Feilong",
        plugging="Nova makes their NICs through Feilong",
        way="directory",
        most_changes=1,
        agent_removes_nics=False,
        vswitches_last=True,
        healing="the directory brings every NIC back",
        trunks=False,
    )

    def __init__(self, systems: Systems, folder: Path) -> None:
        super().__init__(systems, folder)
        self._servers = {
            host: Feilong(systems.simulator, system, folder / f"feilong-{host}")
            for host, system in systems.hosts.items()
        }
        self._eyes: dict[str, FeilongCompute] = {}
        self._noted = dict.fromkeys(self._servers, 0)

    def __enter__(self) -> Self:
        try:
            for host, server in self._servers.items():
                self._running.enter_context(server)
                self._eyes[host] = self.compute(host)
                self._running.callback(self._eyes[host].close)
        except BaseException:
            self._running.close()
            raise
        return self

    def restart(self) -> None:
        for server in self._servers.values():
            server.restart()

    def agent_options(self, host: str) -> Mapping[str, str]:
        server = self._servers[host]
        return {
            "feilong_server": server.url,
            "feilong_token_file": str(server.admin_token_file),
            "feilong_ca_file": str(server.ca_file),
            "user_prefix": self._systems.system(host).macs.user_prefix,
        }

    def compute(self, host: str) -> FeilongCompute:
        server = self._servers[host]
        if not (server.ca_file and server.admin_token_file):
            raise RuntimeError("a Feilong of the lab has TLS and a token")
        return FeilongCompute(server.url, server.ca_file, server.admin_token_file)

    def facts(self) -> Iterator[Fact]:
        for host, eyes in self._eyes.items():
            system = self._systems.hosts[host]
            yield from (Fact(userid.upper(), f"{system}: known to Feilong") for userid in eyes.guests())
            for row in eyes.rows():
                text = f"{system}: Feilong's row {row['interface']} port {row['port']} on {row['switch']}"
                yield Fact(row["userid"].upper(), text)

    def new_requests(self) -> Iterator[Call]:
        for host, server in self._servers.items():
            requests = server.requests()
            for method, path in requests[self._noted[host] :]:
                changing = method != "GET" and path != "/token"
                yield Call("rest", self._systems.hosts[host], "", f"{method} {path}", (), changing, {})
            self._noted[host] = len(requests)

    def by_hand(self) -> Iterable[Command]:
        server, system = self._servers[self.first_host], self._systems.hosts[self.first_host]
        curl = f"curl -s --cacert {server.state_dir.name}/ca.pem"
        admin = f'-H "X-Admin-Token: $(cat {server.state_dir.name}/token.dat)"'
        ask = f'{curl} -H "X-Auth-Token: $TOKEN" $FEILONG'
        return [
            (f"FEILONG={server.url}", f"that of {system}"),
            (f"TOKEN=$({curl} {admin} -X POST -D - $FEILONG/token | {_FROM_HEADERS})", "for an hour"),
            (f"{ask}/guests/nics", "which NIC is which port: Feilong's table, not z/VM"),
            (f"{ask}/vswitches/DATANET1", "a vswitch, and who is on it"),
            (f"{ask}/guests/WEB1/user_direct", "a directory entry: VLANs stand in its NICDEFs"),
        ]

    def logs(self) -> Mapping[str, Path]:
        return {
            f"feilong-{host}-{name}": log
            for host, server in self._servers.items()
            for name, log in server.logs.items()
        }
