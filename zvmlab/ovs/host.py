"""A Linux host with Open vSwitch on a physical LAN of the simulated systems, with Neutron's own agents."""

from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from zvmlab.cloud.full import FullCloud
from zvmlab.cloud.neutron_conf import write_conf
from zvmlab.cloud.processes import Processes
from zvmlab.neutron_api import Port
from zvmlab.ovs import agents
from zvmlab.ovs.instance import Instance
from zvmlab.ovs.switch import OpenVswitch
from zvmsim.dataplane.machine import Machine
from zvmsim.dataplane.packets import Packets

PROVIDER_BRIDGE: Final = "br-provider"
OPENVSWITCH_AGENT: Final = "neutron-openvswitch-agent"
DHCP_AGENT: Final = "neutron-dhcp-agent"

_LONGEST_DEVICE: Final = 14
"""As Nova has it: NIC_NAME_LEN in nova/network/model.py."""


class OvsHost:
    """Alive within a `with` block that ends before the cloud's and the simulator's.

    name: of the host in Neutron, and of the machine. lan: physical LAN that its eth0 is plugged into;
    physical_network: what Neutron calls that. Files are in the cloud's state directory, logs among its logs.
    """

    def __init__(
        self, name: str, cloud: FullCloud, packets: Packets, lan: str, physical_network: str
    ) -> None:
        self.name = name
        self._cloud = cloud
        self._packets = packets
        self._lan = lan
        self._bridge_mappings = f"{physical_network}:{PROVIDER_BRIDGE}"
        self._instances: list[Instance] = []

    def __enter__(self) -> Self:
        """Start Open vSwitch, but no agent. Raises CloudError, PacketsError; ValueError for a wrong LAN."""
        self._folder = self._cloud.state_dir / self.name
        self._folder.mkdir()
        self.machine = self._packets.outside(self.name, self._lan)
        self._processes = Processes(self._cloud.state_dir / "log")
        self._switch = OpenVswitch(self.machine, self._processes, self._folder / "openvswitch")
        self._place = _Inside(self.machine, self._switch)
        try:
            self._switch.start(PROVIDER_BRIDGE, self.machine.interface())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def start_agent(self, program: str) -> None:
        """Start OPENVSWITCH_AGENT or DHCP_AGENT. Raises CloudError, OSError."""
        folder = self._folder / program
        folder.mkdir(exist_ok=True)
        sections = (
            agents.dhcp_agent(self.name, folder)
            if program == DHCP_AGENT
            else agents.openvswitch_agent(self.name, folder, self._bridge_mappings)
        )
        conf = write_conf(folder / "agent.conf", sections)
        self._cloud.start_agent_in(self._place, self._agent(program), program, conf)

    def kill_agent(self, program: str) -> None:
        """End it at once; what it has made stays. (To end in its own way may take it minutes.)"""
        self._cloud.kill_agent(self._agent(program))

    def boot(self, port: Port, mtu: int) -> Instance:
        """Plug the port in, as Nova does, and have an instance with it; mtu: bytes, of the port's network.

        The agent does its part a little later. Raises CloudError, OSError, PacketsError.
        """
        device = f"tap{port.id}"[:_LONGEST_DEVICE]
        self._switch.plug(port, device)
        instance = Instance(self.machine, port, device, mtu)
        self._instances.append(instance)
        return instance

    def _agent(self, program: str) -> str:
        return f"{self.name}-{program}"

    def _end(self) -> None:
        """The agents first, lest they see their switch go; then whatever is left in the machine."""
        for program in (DHCP_AGENT, OPENVSWITCH_AGENT):
            self._cloud.kill_agent(self._agent(program))
        self._processes.close()
        self._packets.unplug_outside(self.name)
        for instance in self._instances:
            instance.close()


class _Inside:
    """The machine as a place for agents of this cloud."""

    def __init__(self, machine: Machine, switch: OpenVswitch) -> None:
        self._machine = machine
        self._switch = switch
        self._port: int | None = None

    def command(self, argv: Sequence[str]) -> list[str]:
        return self._switch.command(argv)

    def connect(self, port: int) -> None:
        """One line serves all agents."""
        if self._port != port:
            self._machine.listen(port, to=("127.0.0.1", port))
            self._port = port
