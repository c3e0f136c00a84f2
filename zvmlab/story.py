"""The story: what OpenStack promises about networks on z/VM, chapter by chapter, each promise checked.

Every chapter leaves the cloud as the next one finds it; the last leaves nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import requests

from zvmlab import checkup
from zvmlab.addresses import addresses_of
from zvmlab.cast import (
    AGENT_NETWORKS,
    AGENT_PACE,
    DMZ,
    EDGES,
    GUESTS,
    NETWORKS,
    NEW_VSWITCH,
    NEW_VSWITCH_RDEV,
    NICS,
    UNMAPPED,
    WEB,
    NicRole,
)
from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.neutron_conf import write_conf
from zvmlab.compute.base import ComputeError
from zvmlab.evidence import Evidence
from zvmlab.lab import Lab
from zvmlab.ledger import Calls
from zvmlab.neutron_api import Agent, NeutronError, NotYet
from zvmlab.population import Population
from zvmlab.stage import Stage, StoryBroken, Told
from zvmlab.system_map import vlans
from zvmsim.dataplane.errors import PacketsError

KILLED, IPLED = "zvma", "zvmb"
FOREIGN_MAC = "fa:16:3e:00:00:01"
AGENT_BINARY: Final = "neutron-zvm-agent"
LET_IN: Final = {
    "grant": "by grant: each guest is on the list of its vswitches, with its VLAN",
    "directory": "by directory: each NIC's record names vswitch and VLAN, no grant is needed",
}
TROUBLE: Final = (
    *(StoryBroken, NeutronError, NotYet, ComputeError, CloudError, requests.RequestException),
    *(PacketsError, TimeoutError),
)


class Story:
    """Told once per lab. calls: what the agents needed for the new ports, once those are up."""

    def __init__(self, lab: Lab, stage: Stage) -> None:
        self.population = Population(lab.neutron, lab.computes, lab.systems, dhcp=lab.node is not None)
        self.addresses = addresses_of(lab, stage, self.population)
        self.calls: Calls | None = None
        self._lab = lab
        self._cloud, self._neutron, self._systems = lab.cloud, lab.neutron, lab.systems
        self._ledger, self._manner = lab.ledger, lab.control_point.manner
        self._stage = stage
        self._evidence = Evidence(lab, self.population)

    def chapters(self) -> list[Told]:
        by_dhcp: list[Told] = [("Addresses by DHCP", self.addresses_come)] if self.addresses.dhcp else []
        return [
            (f"Two z/VM systems through {self._manner.title}, two agents, one Neutron", self.agents_report),
            ("Three networks: one flat, two VLANs", self.networks_are_made),
            ("Six guests, as Nova would make them", self.guests_come),
            *by_dhcp,
            ("Who reaches whom", self.traffic_flows),
            ("One guest, one vswitch, two VLANs", self.edges_come),
            ("A port is switched off and on", self.port_goes_down_and_up),
            ("A NIC is removed", self.nic_is_removed),
            (f"The agent of {KILLED} is killed and started again", self.agent_is_killed),
            (f"{IPLED} is re-IPLed", self.system_is_ipled),
            ("What cannot work is refused, and says why", self.nonsense_is_refused),
            ("Everything is deleted", self.everything_goes),
        ]

    def tell(self, before_the_end: Callable[[], None]) -> None:
        """Tell it to the end or to where it breaks; `before_the_end` is called while all still stands."""
        self._stage.tell(self.chapters(), TROUBLE, before_the_end)

    # The chapters

    def agents_report(self) -> None:
        self.addresses.begin()
        for host in self._systems.hosts:
            self.start_agent(host)
        prefixes = {}
        for host in self._systems.hosts:
            agent = self._neutron.wait_for_agent(host, binary=AGENT_BINARY)
            prefixes[host] = agent.configurations["mac_prefix"]
        self._stage.expect(
            "Neutron knows both agents, alive, and the MAC prefix of their systems",
            prefixes,
            dict.fromkeys(self._systems.hosts, "02:00:00"),
        )
        self._stage.eventually(
            f"{NEW_VSWITCH} was missing: each agent has made it, VLAN aware, with uplink {NEW_VSWITCH_RDEV}",
            self._evidence.strange_news,
            self._evidence.new_vswitches(),
            log=f"agent-{KILLED}",
        )
        self._expect_no_loss("everything that was there is as it was")
        found = checkup.check_agent(self._lab, KILLED)
        self._stage.expect(f"neutron-zvm check of {KILLED}: nothing is wrong", checkup.complaints(found), [])
        way, said = self._manner.way, checkup.said_of(found, WEB.physical_network)
        self._stage.expect(f"guests will be let in by {way}", f"authorization by {way}" in said, True)
        self._stage.quote(said)
        self.addresses.agents_are_there()

    def networks_are_made(self) -> None:
        mark = self._ledger.mark()
        self.population.make_networks(NETWORKS)
        kinds = {name: network.network_type for name, network in self.population.networks.items()}
        self._stage.expect(
            "a flat network for management, web and db in VLANs 100 and 200",
            kinds,
            {role.name: role.type for role in NETWORKS},
        )
        self.addresses.networks_came(mark)

    def guests_come(self) -> None:
        self.population.make_ports(GUESTS)
        bindings = {name: port.vif_type for name, port in self.population.ports.items()}
        self._stage.expect(
            f"{len(NICS)} ports on two hosts, all bound by the z/VM driver",
            bindings,
            dict.fromkeys(bindings, "zvm"),
        )
        self.population.define(GUESTS)
        mark = self._ledger.mark()
        self.population.plug(GUESTS)
        self._expect_all_active(f"{self._manner.plugging}, and every port becomes ACTIVE")
        self.calls = self._ledger.calls(mark)
        self._expect_few_changes(self.calls)
        self._stage.eventually(
            "Nova finds every NIC in the user directory, with its vswitch", self.population.unplugged, []
        )
        self.population.power_on()
        left = self._evidence.uncoupled()
        self._stage.expect("the guests are on, and every NIC of theirs is coupled", left, [])
        self._stage.expect(LET_IN[self._manner.way], self._evidence.ways(), {self._manner.way: len(NICS)})

    def addresses_come(self) -> None:
        self.addresses.guests_booted()

    def traffic_flows(self) -> None:
        self._expect_promises("NICs of one network reach each other, also across systems; others never do")
        self._expect_pings()
        self._expect_strangers("guests that OpenStack does not own reach whom they reached before")

    def edges_come(self) -> None:
        self.population.make_networks([DMZ])
        self.addresses.network_came(DMZ)
        self.population.make_ports(EDGES)
        self.population.define(EDGES)
        self.population.plug(EDGES)
        _, *both = EDGES[0].nics()
        if self._manner.way == "directory":
            self._expect_all_active("a guest has a NIC in web and one in dmz, both on DATANET1: ACTIVE")
        else:
            self._second_vlan_is_refused(both[1])
        self.population.power_on()
        self.addresses.guests_booted()
        kept = [nic for nic in both if nic.name in self.population.ports]
        inside = [vlans(self._systems.snapshot(), self.population.address(nic)) for nic in kept]
        promised = [str(role.vlan) for role in (WEB, DMZ)][: len(kept)]
        claim = f"{both[0].userid} is in {' and '.join(f'VLAN {vlan}' for vlan in promised)}"
        self._stage.expect(claim, inside, promised)
        self._expect_promises("networks keep their promises, on one vswitch as well")

    def port_goes_down_and_up(self) -> None:
        nic, sibling = self._nic("lb1-web-2"), self._nic("lb1-web")
        before = self._systems.nic(self.population.address(sibling))
        self.population.set_admin_state(nic.name, up=False)
        one_down = {"ACTIVE": len(self.population.ports) - 1, "DOWN": 1}
        self._expect_statuses(f"{nic.name} is switched off and becomes DOWN", one_down)
        self._expect_promises("its traffic is gone, everybody else's flows")
        self.population.set_admin_state(nic.name, up=True)
        self._expect_all_active("switched on, it becomes ACTIVE")
        self._expect_promises("its traffic flows again")
        self._expect_untouched(sibling, before)

    def nic_is_removed(self) -> None:
        nic, sibling = self._nic("lb1-web-2"), self._nic("lb1-web")
        before = self._systems.nic(self.population.address(sibling))
        port = self.population.delete_port(nic.name)
        self._stage.eventually(
            f"port {nic.name} is deleted: the agent takes NIC {nic.vdev} off its vswitch",
            lambda: self._evidence.couplings(nic),
            [],
            log=f"agent-{nic.host}",
        )
        self.addresses.port_went(nic)
        self.population.unplug(nic, port)
        who = "the agent" if self._manner.agent_removes_nics else "Nova"
        claim = f"{who} takes it out of the directory"
        self._stage.eventually(claim, lambda: self._evidence.records(nic), [])
        self._expect_promises("all other NICs reach whom they reached")
        self._expect_untouched(sibling, before)

    def agent_is_killed(self) -> None:
        before = self._agent(KILLED)
        self._cloud.kill_agent(KILLED)
        self._stage.expect("it is dead, and nobody's traffic cares", self.population.broken_promises(), [])
        mark = self._ledger.mark()
        self.start_agent(KILLED)
        self._neutron.wait_for_agent(KILLED, after=before, binary=AGENT_BINARY)
        self._stage.eventually(
            "started again, it looks at everything and finds all its ports as they should be",
            self._ports_in_report,
            len([nic for nic in self.population.nics if nic.host == KILLED]) + self._dhcp_ports(),
            log=f"agent-{KILLED}",
        )
        self._stage.expect("and changes nothing: not one mutating call", self._ledger.changes(mark), [])
        self._expect_all_active("all ports are ACTIVE")

    def system_is_ipled(self) -> None:
        before = self._ledger.mark()
        kept = self._ipl()
        there = [nic.name for nic in self.population.nics if nic.host == IPLED]
        self._stage.expect("its guests are off", self._evidence.uncoupled(), there)
        fate = f"is there: {self._manner.title} made it to last" if self._manner.vswitches_last else "is gone"
        self._stage.expect(f"{NEW_VSWITCH} {fate}", kept, self._manner.vswitches_last)
        self.population.power_on(IPLED)
        self._stage.eventually(
            f"Nova logs the guests on, {self._manner.healing}: all networks as promised",
            self.population.broken_promises,
            [],
            log=f"agent-{IPLED}",
        )
        self._expect_all_active("all ports are ACTIVE")
        self.addresses.guests_booted(IPLED)
        self._stage.expect(f"{KILLED} saw no mutating call", self._ledger.changes(before, KILLED), [])
        self._expect_strangers("foreign guests are back where they were")

    def nonsense_is_refused(self) -> None:
        mark = self._ledger.mark()
        status, words = self._refusal_of_foreign_mac()
        self._stage.expect(f"a port with MAC {FOREIGN_MAC}: HTTP 400", status, 400)
        self._stage.expect("the answer names the remedy", "base_mac = 02:00:00" in words, True)
        self._stage.quote(words)
        network = self._neutron.create_network("nowhere", "flat", UNMAPPED)
        port = self._neutron.create_port(network.id, "lost", KILLED)
        claim = "a port on a network that no vswitch carries: binding_failed"
        self._stage.expect(claim, port.vif_type, "binding_failed")
        why = self._logged(f"port {port.id} not bound")
        self._stage.expect("Neutron's log says why", UNMAPPED in why, True)
        self._stage.quote(why)
        self._neutron.delete_port(port.id)
        self._neutron.delete_network(network.id)
        self._stage.expect(f"z/VM of {KILLED} saw nothing of it", self._ledger.changes(mark, KILLED), [])

    def everything_goes(self) -> None:
        count = len(self.population.guests)
        self.population.destroy()
        left = [port.name for port in self._neutron.ports()] + [n.name for n in self._neutron.networks()]
        self._stage.expect("Neutron has no port and no network", left, [])
        self._stage.eventually(
            f"of {count} guests no NIC, grant, directory entry or row is left",
            self._evidence.belongings,
            [],
            log="agent",
        )
        self.addresses.networks_went()
        self._expect_no_loss("whatever is not OpenStack's is as it was")
        claim = f"and nothing is new but {NEW_VSWITCH}"
        self._stage.expect(claim, self._evidence.strange_news(), self._evidence.new_vswitches())

    # Their parts

    def start_agent(self, host: str) -> None:
        """The agent's file is written anew each time, as a restart of the service would find it."""
        way = self._lab.control_point
        options = {"host": host, "control_point": way.name, **way.agent_options(host), **AGENT_PACE}
        if self._lab.node and host == self._lab.node.role.host:
            options["service_guests"] = self._lab.node.role.service_guests
        path = write_conf(self._lab.agent_conf(host), {"zvm": options, **AGENT_NETWORKS})
        self._cloud.start_agent(host, path)

    def _second_vlan_is_refused(self, nic: NicRole) -> None:
        """By grant all NICs of a guest on one vswitch share their VLAN."""
        self.population.down.add(nic.name)
        port = self.population.ports[nic.name]
        one_down = {"ACTIVE": len(self.population.ports) - 1, "DOWN": 1}
        self._expect_statuses(f"a guest in web wants a NIC in dmz, too: {nic.name} stays DOWN", one_down)
        self._stage.eventually(
            "`openstack network agent show` says why",
            lambda: "share their VLAN" in self._problem(nic.host, port.id),
            True,
        )
        self._stage.quote(self._problem(nic.host, port.id))
        self.population.unplug(nic, self.population.delete_port(nic.name))

    def _problem(self, host: str, port_id: str) -> str:
        return str(self._agent(host).configurations["problems"].get(port_id, ""))

    def _ports_in_report(self) -> int:
        return int(self._agent(KILLED).configurations["devices"])

    def _dhcp_ports(self) -> int:
        """Those that live by the DHCP node; its host is the killed agent's."""
        return len(self.population.networks) if self._lab.node else 0

    def _agent(self, host: str) -> Agent:
        (agent,) = self._neutron.agents(host=host, binary=AGENT_BINARY)
        return agent

    def _ipl(self) -> bool:
        """Whether the vswitch that the agent has made is there after it."""
        with self._systems.world.lock:
            self._systems.ipl(IPLED)
            return NEW_VSWITCH in self._systems.system(IPLED).vswitches

    def _nic(self, name: str) -> NicRole:
        return next(nic for nic in NICS if nic.name == name)

    def _expect_all_active(self, claim: str) -> None:
        self._expect_statuses(claim, {"ACTIVE": len(self.population.ports)})

    def _expect_statuses(self, claim: str, expected: dict[str, int]) -> None:
        self._stage.eventually(claim, self.population.statuses, expected, log="agent")

    def _expect_promises(self, claim: str) -> None:
        self._stage.eventually(claim, self.population.broken_promises, [], log="agent")

    def _expect_pings(self) -> None:
        wire = self.population.wire
        if wire.missing:
            lacks = "; ".join(wire.missing)
            self._stage.quote(f"so say the rules; for real packets this machine lacks {lacks}")
            return
        if not self.addresses.dhcp:
            self.addresses.guests_booted()
            self._stage.quote(self.addresses.why)
        seats = self.population.seats()
        claim = "a real frame from every NIC has gone just there; guests with their addresses ping each other"
        self._stage.eventually(claim, lambda: wire.unanswered(seats), [], log="zvmsim")

    def _expect_strangers(self, claim: str) -> None:
        self._stage.expect(claim, self._evidence.estranged(), [])

    def _expect_untouched(self, sibling: NicRole, before: object) -> None:
        claim = f"{sibling.name}, on the same vswitch, was never uncoupled for it"
        self._stage.expect(claim, self._systems.nic(self.population.address(sibling)), before)

    def _expect_no_loss(self, claim: str) -> None:
        self._stage.expect(claim, self._evidence.losses(), [])

    def _expect_few_changes(self, calls: Calls) -> None:
        most, title = self._manner.most_changes, self._manner.title
        claim = f"at most {most} mutating call{'s' if most > 1 else ''} to {title} per port"
        self._stage.expect(claim, calls.changes <= most * len(NICS), True, log="agent")

    def _refusal_of_foreign_mac(self) -> tuple[int, str]:
        network_id = self.population.networks["web"].id
        try:
            port = self._neutron.create_port(network_id, "foreign", KILLED, mac_address=FOREIGN_MAC)
        except NeutronError as error:
            return error.status, str(error)
        self._neutron.delete_port(port.id)
        return 201, f"the port was created as {port.vif_type}"

    def _logged(self, words: str) -> str:
        """The first line of any log with these words, from there on."""
        for path in self._cloud.logs().values():
            for line in _lines(path):
                if words in line:
                    return line[line.index(words) :]
        return ""


def _lines(path: Path) -> list[str]:
    return path.read_text(errors="replace").splitlines()
