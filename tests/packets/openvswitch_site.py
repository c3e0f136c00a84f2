"""Two z/VM systems and a Linux host with Open vSwitch under one Neutron, all on one physical LAN."""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

import yaml

from zvmlab.cloud.full import FullCloud
from zvmlab.cloud.neutron_conf import NeutronSettings, Sections, write_conf
from zvmlab.compute.base import PluggedNic
from zvmlab.compute.xcat import XcatCompute
from zvmlab.neutron_api import Agent, Network, NeutronApi, Port, wait_for
from zvmlab.ovs.host import DHCP_AGENT, OPENVSWITCH_AGENT, OvsHost
from zvmlab.ovs.instance import Instance
from zvmlab.traffic import End
from zvmsim import oracle
from zvmsim.dataplane.machine import Machine
from zvmsim.dialects.xcat.config import Zhcp
from zvmsim.server import Simulator, inventory_text

LAN = "campus-trunk"
PHYSICAL_NETWORK = "datanet1"
ZVM_AGENT = "neutron-zvm-agent"
SYSTEMS = {"zvma": "ZVMA", "zvmb": "ZVMB"}
KVM = "kvm1"
KVM_AGENTS = (OPENVSWITCH_AGENT, DHCP_AGENT)
VDEV = "1000"
MTU = 1500
PATIENCE_S = 120.0

NEUTRON = NeutronSettings(
    flat_networks=(PHYSICAL_NETWORK,),
    vlan_ranges=(f"{PHYSICAL_NETWORK}:2:3999",),
    mechanism_drivers=("zvm", "openvswitch"),
    report_interval=1,
    agent_down_time=120,
)


@dataclass(frozen=True)
class Seat:
    """A port and the one NIC of what has it: a guest, or an instance on the Linux host."""

    name: str
    host: str
    network: Network
    port: Port
    end: End

    @property
    def machine(self) -> Machine:
        return self.end.machine

    @property
    def nic(self) -> oracle.NicAddress | None:
        """On z/VM."""
        system = SYSTEMS.get(self.host)
        return oracle.NicAddress(system, self.name.upper(), VDEV) if system else None


class Site:
    """In a `with` block: all four agents are alive. flat, red and blue are networks; blue is without DHCP."""

    def __init__(self, folder: Path) -> None:
        self.simulator = Simulator.from_inventory(_inventory(), packets=True)
        self.world = self.simulator.world
        self.cloud = FullCloud(NEUTRON, folder / "state")
        self.instances: dict[str, Instance] = {}
        self._running = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.simulator)
            assert self.simulator.packets
            self.packets = self.simulator.packets
            stack.enter_context(self.cloud)
            self.api = NeutronApi(self.cloud.endpoint)
            stack.callback(self.api.close)
            self.kvm = stack.enter_context(OvsHost(KVM, self.cloud, self.packets, LAN, PHYSICAL_NETWORK))
            self.computes = {host: self._compute(host) for host in SYSTEMS}
            for compute in self.computes.values():
                stack.callback(compute.close)
            self._start_agents()
            self.flat = self._network("flat", None, "10.30.0.0/24", dhcp=True)
            self.red = self._network("red", 100, "10.10.0.0/24", dhcp=True)
            self.blue = self._network("blue", 200, "10.20.0.0/24", dhcp=False)
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    # Guests and instances

    def boot(self, places: Mapping[str, tuple[str, Network]]) -> dict[str, Seat]:
        """By name, guests and instances on these hosts and networks; returns when all ports are ACTIVE."""
        ports = self.announce(places)
        self.power_on(ports)
        self.api.wait_for_status([port.id for port in ports.values()], "ACTIVE", PATIENCE_S)
        return self.seats(places)

    def announce(self, places: Mapping[str, tuple[str, Network]]) -> dict[str, Port]:
        """Ports, and guests with NICs that are off."""
        ports = {n: self.api.create_port(net.id, n, host, n) for n, (host, net) in places.items()}
        for name, port in ports.items():
            if port.host in SYSTEMS:
                nic = PluggedNic(port.id, VDEV, port.mac_address, port.addresses[0], "10.0.0.0/8")
                self.computes[port.host].define(name)
                self.computes[port.host].plug(name, [nic])
        return ports

    def power_on(self, ports: Mapping[str, Port]) -> None:
        """They run; the agents may have something left to do."""
        for name, port in ports.items():
            if port.host == KVM:
                self.instances[name] = self.kvm.boot(port, MTU)
                continue
            compute = self.computes[port.host]
            wait_for(partial(compute.is_plugged, name), bool, f"the NIC of {name}", PATIENCE_S)
            compute.power_on(name)

    def seats(self, places: Mapping[str, tuple[str, Network]]) -> dict[str, Seat]:
        """As they are now in Neutron and on the wire."""
        return {name: self._seat(name, *place) for name, place in places.items()}

    def _seat(self, name: str, host: str, network: Network) -> Seat:
        (port,) = self.api.ports(name=name)
        here = host in SYSTEMS
        machine = self.packets.machine(SYSTEMS[host], name) if here else self.instances[name]
        address = f"{port.addresses[0]}/8"
        return Seat(name, host, network, port, End(machine, VDEV if here else "", port.mac_address, address))

    def reached(self, seats: Iterable[Seat]) -> set[tuple[str, str]]:
        """What the oracle says of those on z/VM."""
        names = {seat.nic: seat.name for seat in seats if seat.nic}
        verdicts = oracle.matrix(oracle.snapshot(self.world), names)
        return {(names[a], names[b]) for (a, b), verdict in verdicts.items() if verdict.ok}

    # Agents

    def await_agent(self, host: str, binary: str, after: Agent | None = None) -> Agent:
        """Alive; if it is seen `after` a start anew, then with as many ports as it had before."""

        def ready(agent: Agent) -> bool:
            anew = after is None or agent.started_at > after.started_at
            whole = after is None or agent.configurations["devices"] == after.configurations["devices"]
            return agent.alive and anew and whole

        (agent,) = wait_for(
            lambda: self.api.agents(host=host, binary=binary),
            lambda agents: any(map(ready, agents)),
            what=f"{binary} of {host}",
            timeout=PATIENCE_S,
        )
        return agent

    def await_word(self, host: str, words: str) -> None:
        """Until the agent of that z/VM has said this."""
        log = self.cloud.logs()[f"agent-{host}"]
        wait_for(
            log.read_text, lambda said: words in said, f"the agent of {host} to say {words!r}", PATIENCE_S
        )

    def start_zvm_agent(self, host: str) -> None:
        self.cloud.start_agent(host, self.cloud.state_dir / f"agent-{host}.conf")

    def _start_agents(self) -> None:
        for host in SYSTEMS:
            write_conf(self.cloud.state_dir / f"agent-{host}.conf", self._zvm_sections(host))
            self.start_zvm_agent(host)
        for program in KVM_AGENTS:
            self.kvm.start_agent(program)
        for host in SYSTEMS:
            self.await_agent(host, ZVM_AGENT)
        for program in KVM_AGENTS:
            self.await_agent(KVM, program)

    def _zvm_sections(self, host: str) -> Sections:
        return {
            "DEFAULT": {"host": host},
            "ml2_type_flat": {"flat_networks": PHYSICAL_NETWORK},
            "ml2_type_vlan": {"network_vlan_ranges": NEUTRON.vlan_ranges[0]},
            "zvm": {
                "xcat_server": self.simulator.xcat_url,
                "xcat_username": "admin",
                "xcat_password": "admin",
                "xcat_ca_file": str(self.simulator.ca_file),
                "xcat_zhcp_nodename": self._zhcp(host).node,
                "polling_interval": "0.5",
            },
        }

    def _compute(self, host: str) -> XcatCompute:
        simulator = self.simulator
        assert simulator.ca_file
        return XcatCompute(simulator.xcat_url, simulator.ca_file, "admin", "admin", self._zhcp(host))

    def _zhcp(self, host: str) -> Zhcp:
        assert self.simulator.management_node
        zhcps = self.simulator.management_node.config.zhcps
        return next(zhcp for zhcp in zhcps if zhcp.system == SYSTEMS[host])

    def _network(self, name: str, vlan: int | None, cidr: str, dhcp: bool) -> Network:
        kind = "flat" if vlan is None else "vlan"
        network = self.api.create_network(name, kind, PHYSICAL_NETWORK, vlan)
        self.api.create_subnet(network.id, cidr, enable_dhcp=dhcp)
        return network


def _inventory() -> dict[str, Any]:
    """The shipped one, but guests of a flat network are in the VLAN that goes over the trunk untagged."""
    # yaml.BaseLoader makes strings alone: 020000 is a prefix, no number.
    inventory: dict[str, Any] = yaml.load(inventory_text("two-systems"), yaml.BaseLoader)
    for system in SYSTEMS.values():
        inventory["systems"][system]["vswitches"]["DATANET1"]["vlan"] = "1"
    return inventory
