"""A DHCP node: a guest whose NICs are trunk ports, and Neutron's own DHCP agent in it.

The guest is in the simulator's inventory (`with_node`), off the wire: the z/VM agent of its system is told
of it (`NodeRole.service_guests`) and lets it onto the vswitches. Its only other connection is a management
line to the cloud's message broker.
"""

import copy
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from zvmlab.cloud.neutron_conf import Sections, write_conf
from zvmlab.cloud.place import Place
from zvmsim.dataplane.machine import Machine
from zvmsim.dataplane.management import Line
from zvmsim.dataplane.needs import missing as missing_for_packets
from zvmsim.dataplane.packets import Packets

PROGRAM: Final = "neutron-dhcp-agent"
LEASE_SECONDS: Final = 600
PACKAGES: Final = {
    "dnsmasq": "dnsmasq-base",
    "dhcp_release": "dnsmasq-utils",
    "ip": "iproute2",
    "iptables": "iptables",
}


@dataclass(frozen=True, slots=True)
class NodeRole:
    """Who it is. host: that of the z/VM agent of its system. nics: device number by physical network."""

    system: str
    host: str
    nics: Mapping[str, str]
    userid: str = "DHCP1"

    @property
    def name(self) -> str:
        """What the cloud calls its agent."""
        return f"dhcp-{self.host}"

    @property
    def service_guests(self) -> str:
        """The z/VM agent's option of this name."""
        return ",".join(f"{self.userid}:{vdev}:{network}" for network, vdev in self.nics.items())


def missing() -> list[str]:
    """What this machine lacks for a DHCP node, in words; empty if nothing."""
    root = [] if os.geteuid() == 0 else ["root, as Neutron's DHCP agent does"]
    programs = [f"{name} (package {PACKAGES[name]})" for name in PACKAGES if shutil.which(name) is None]
    return [*root, *missing_for_packets(), *programs]


class Agents(Protocol):
    """What it asks of a cloud; see `FullCloud`."""

    state_dir: Path

    def start_agent_in(self, place: Place, name: str, program: str, config_file: Path) -> None: ...

    def stop_agent(self, name: str) -> None: ...

    def kill_agent(self, name: str) -> None: ...

    def agent_alive(self, name: str) -> bool: ...


def with_node(inventory: Mapping[str, Any], role: NodeRole) -> dict[str, Any]:
    """The inventory with that guest, logged on, its NICs on no vswitch yet."""
    grown = copy.deepcopy(dict(inventory))
    system = grown["systems"][role.system]
    nics = [f"NICDEF {vdev} TYPE QDIO DEVICES 3" for vdev in role.nics.values()]
    system["directory"][role.userid] = [f"USER {role.userid} LBYONLY 1G 2G G", *nics]
    system["guests"][role.userid] = {}
    system["autolog"] = [*system["autolog"], role.userid]
    return grown


class DhcpNode:
    """The agent in the guest. What it has started there outlives it, until the guest logs off."""

    def __init__(self, role: NodeRole, cloud: Agents, packets: Packets) -> None:
        self.role = role
        self._cloud = cloud
        self._packets = packets
        self._line: Line | None = None

    def start(self) -> None:
        """Start the agent. Raises NoMachineError if the guest is off, CloudError if it runs already."""
        machine = self._packets.machine(self.role.system, self.role.userid)
        conf = self._write_conf(machine)
        place = _Inside(machine)
        self._cloud.start_agent_in(place, self.role.name, PROGRAM, conf)
        self._line = place.line

    def stop(self) -> None:
        """Let the agent end in its own way: that takes it 10 s and more. Raises CloudError, as clouds do."""
        try:
            self._cloud.stop_agent(self.role.name)
        finally:
            self._hang_up()

    def kill(self) -> None:
        """End the agent at once."""
        self._cloud.kill_agent(self.role.name)
        self._hang_up()

    @property
    def alive(self) -> bool:
        """Whether the agent runs."""
        return self._cloud.agent_alive(self.role.name)

    def _hang_up(self) -> None:
        if self._line:
            self._line.close()
            self._line = None

    def _write_conf(self, machine: Machine) -> Path:
        folder = self._cloud.state_dir / self.role.name
        folder.mkdir(exist_ok=True)
        dnsmasq = folder / "dnsmasq.conf"
        dnsmasq.write_text("user=root\n")  # anybody else could not read the files in our private folder
        interfaces = {network: machine.interface(vdev) for network, vdev in self.role.nics.items()}
        return write_conf(folder / "agent.conf", _sections(self.role.host, folder, dnsmasq, interfaces))


class _Inside:
    """A machine as a place for an agent."""

    def __init__(self, machine: Machine) -> None:
        self.line: Line | None = None
        self._machine = machine

    def command(self, argv: Sequence[str]) -> list[str]:
        return self._machine.command(argv, own_run=True)

    def connect(self, port: int) -> None:
        self.line = self._machine.listen(port, to=("127.0.0.1", port))


def _sections(host: str, folder: Path, dnsmasq: Path, interfaces: Mapping[str, str]) -> Sections:
    """The agent is root in there, so its root_helper has nothing to do; an empty one would be sudo."""
    return {
        "DEFAULT": {
            "host": host,
            "state_path": str(folder),
            "interface_driver": "zvm",
            "dhcp_lease_duration": str(LEASE_SECONDS),
            "dnsmasq_config_file": str(dnsmasq),
        },
        "agent": {"root_helper": "env"},
        "oslo_concurrency": {"lock_path": str(folder / "lock")},
        "zvm": {"trunk_interfaces": ",".join(f"{network}:{nic}" for network, nic in interfaces.items())},
    }
