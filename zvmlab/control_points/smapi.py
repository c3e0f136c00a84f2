"""SMAPI itself: z/VM's own server on each system, and nothing in between."""

from collections.abc import Iterable, Mapping
from typing import Final

from networking_zvm.settings import SmapiSettings, Tls
from zvmlab.compute.smapi import SmapiCompute
from zvmlab.control_points.base import Command, ControlPoint, Manner

USERID: Final = "NEUTRON"
PASSWORD: Final = "neutron1"  # noqa: S105 - of the simulated systems, on loopback


class SmapiControlPoint(ControlPoint):
    """The simulator's own SMAPI servers, with TLS."""

    name = "smapi"
    dialect = "smapi"
    manner = Manner(
        title="SMAPI",
        plugging="Nova defines their NICs, with the ports' MACs",
        way="directory",
        most_changes=1,
        agent_removes_nics=False,
        vswitches_last=False,
        healing="the agent makes the vswitch anew",
        trunks=True,
    )

    def agent_options(self, host: str) -> Mapping[str, str]:
        return {
            "smapi_server": self._server(host),
            "smapi_username": USERID,
            "smapi_password": PASSWORD,
            "smapi_ca_file": str(self._systems.ca_file),
            "user_prefix": self._systems.system(host).macs.user_prefix,
        }

    def compute(self, host: str) -> SmapiCompute:
        address, port = self._systems.simulator.smapi_addresses[self._systems.hosts[host]]
        tls = Tls(str(self._systems.ca_file))
        return SmapiCompute(SmapiSettings(address, port, USERID, PASSWORD, tls))

    def restart(self) -> None:
        """Its servers remember nothing between two calls: their silence is all there is to see of it."""

    def by_hand(self) -> Iterable[Command]:
        system, server = self._systems.hosts[self.first_host], self._server(self.first_host)
        access = self._systems.simulator.commands[system]
        query = f"smcli Virtual_Network_Vswitch_Query_Extended -T {access.userid} -k switch_name=DATANET1"
        certificate = f"openssl s_client -brief -CAfile {self._systems.ca_file} -connect {server}"
        return [
            (f"{certificate} </dev/null", f"SMAPI of {system}: userid {USERID}, password {PASSWORD}"),
            (f". {access.script}", f"the shell becomes guest {access.userid}, with smcli and vmcp"),
            (query, "the same functions, spoken by smcli"),
            ("smcli Image_Query_DM -T WEB1", "a guest's directory entry: VLANs stand in its NICDEFs"),
        ]

    def _server(self, host: str) -> str:
        address, port = self._systems.simulator.smapi_addresses[self._systems.hosts[host]]
        return f"{address}:{port}"
