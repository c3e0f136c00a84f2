"""The story: what OpenStack promises about networks on z/VM, chapter by chapter, each promise checked.

Every chapter leaves the cloud as the next one finds it; the last leaves nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import requests

from zvmlab import promise
from zvmlab.cast import (
    AGENT_NETWORKS,
    GUESTS,
    NETWORKS,
    NEW_VSWITCH,
    NEW_VSWITCH_RDEV,
    NICS,
    UNMAPPED,
    USERIDS,
    NicRole,
)
from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.neutron_conf import write_conf
from zvmlab.compute import XcatError
from zvmlab.lab import Lab
from zvmlab.neutron_api import NeutronError, NotYet
from zvmlab.population import Population
from zvmlab.stage import Stage, StoryBroken
from zvmlab.systems import Calls

KILLED, IPLED = "zvma", "zvmb"
MOST_CHANGES = 2
FOREIGN_MAC = "fa:16:3e:00:00:01"
TROUBLE: Final = (StoryBroken, NeutronError, NotYet, XcatError, CloudError, requests.RequestException)


class Story:
    """Told once per lab. calls: what the agents needed for the new ports, once those are up."""

    def __init__(self, lab: Lab, stage: Stage) -> None:
        self.population = Population(lab.neutron, lab.compute, lab.systems)
        self.calls: Calls | None = None
        self._cloud, self._neutron = lab.cloud, lab.neutron
        self._systems, self._compute = lab.systems, lab.compute
        self._stage = stage
        self._facts_before = lab.systems.facts()
        self._strangers_before = promise.among_strangers(lab.systems.snapshot(), ())

    def chapters(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("Two z/VM systems, each with its agent, and one Neutron", self.agents_report),
            ("Three networks: one flat, two VLANs", self.networks_are_made),
            ("Six guests, as Nova would make them", self.guests_come),
            ("Who reaches whom", self.traffic_flows),
            ("A port is switched off and on", self.port_goes_down_and_up),
            ("A NIC is removed", self.nic_is_removed),
            (f"The agent of {KILLED} is killed and started again", self.agent_is_killed),
            (f"{IPLED} is re-IPLed", self.system_is_ipled),
            ("What cannot work is refused, and says why", self.nonsense_is_refused),
            ("Everything is deleted", self.everything_goes),
        ]

    def tell(self, before_the_end: Callable[[], None]) -> None:
        """Tell it to the end or to where it breaks; `before_the_end` is called while all still stands."""
        *chapters, last = self.chapters()
        for title, chapter in chapters:
            if not self._told(title, chapter):
                return
        before_the_end()
        self._told(*last)

    def _told(self, title: str, chapter: Callable[[], None]) -> bool:
        with self._stage.chapter(title):
            try:
                chapter()
            except StoryBroken:
                return False
            except TROUBLE as trouble:
                self._stage.expect("the chapter comes to its end", f"{type(trouble).__name__}: {trouble}", "")
                return False
        return True

    # The chapters

    def agents_report(self) -> None:
        for host in self._systems.zhcps:
            self.start_agent(host)
        prefixes = {}
        for host in self._systems.zhcps:
            prefixes[host] = self._neutron.wait_for_agent(host).configurations["mac_prefix"]
        self._stage.expect(
            "Neutron knows both agents, alive, and the MAC prefix of their systems",
            prefixes,
            dict.fromkeys(self._systems.zhcps, "02:00:00"),
        )
        self._stage.eventually(
            f"{NEW_VSWITCH} was missing: each agent has made it, VLAN aware, with uplink {NEW_VSWITCH_RDEV}",
            self._strange_news,
            self._new_vswitches(),
            log=f"agent-{KILLED}",
        )
        self._expect_no_loss("everything that was there is as it was")

    def networks_are_made(self) -> None:
        mark = self._systems.mark()
        self.population.make_networks()
        kinds = {name: network.network_type for name, network in self.population.networks.items()}
        self._stage.expect(
            "a flat network for management, web and db in VLANs 100 and 200",
            kinds,
            {role.name: role.type for role in NETWORKS},
        )
        self._stage.expect("a network alone changes nothing on z/VM", self._systems.changes(mark), [])

    def guests_come(self) -> None:
        self.population.make_ports()
        bindings = {name: port.vif_type for name, port in self.population.ports.items()}
        self._stage.expect(
            f"{len(NICS)} ports on two hosts, all bound by the z/VM driver",
            bindings,
            dict.fromkeys(bindings, "zvm"),
        )
        self.population.define_guests()
        mark, by_nova = self._systems.mark(), (self._compute.reads, self._compute.changes)
        self.population.announce_nics()
        self._expect_all_active("Nova announces their NICs to xCAT, and every port becomes ACTIVE")
        self.calls = self._calls_of_agents(mark, *by_nova)
        few = self.calls.rest_changes <= MOST_CHANGES * len(NICS)
        self._stage.expect(f"at most {MOST_CHANGES} mutating calls to xCAT per port", few, True, log="agent")
        self._stage.eventually(
            "Nova finds every NIC in the user directory, with its vswitch", self.population.unplugged, []
        )
        self.population.power_on()
        self._stage.expect("the guests are on, and every NIC of theirs is coupled", self._uncoupled(), [])

    def traffic_flows(self) -> None:
        self._expect_promises("NICs of one network reach each other, also across systems; others never do")
        self._expect_strangers("guests that OpenStack does not own reach whom they reached before")

    def port_goes_down_and_up(self) -> None:
        nic, sibling = self._nic("lb1-web-2"), self._nic("lb1-web")
        before = self._systems.nic(self.population.address(sibling))
        self.population.set_admin_state(nic.name, up=False)
        one_down = {"ACTIVE": len(NICS) - 1, "DOWN": 1}
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
            f"port {nic.name} is deleted: NIC {nic.vdev} leaves the directory and its VLAN",
            lambda: self._traces(nic),
            [],
            log=f"agent-{nic.host}",
        )
        self._compute.forget_nic(nic.guest, port.id)
        self._expect_promises("all other NICs reach whom they reached")
        self._expect_untouched(sibling, before)

    def agent_is_killed(self) -> None:
        self._cloud.kill_agent(KILLED)
        self._stage.expect("it is dead, and nobody's traffic cares", self.population.broken_promises(), [])
        mark = self._systems.mark()
        self.start_agent(KILLED)
        self._stage.eventually(
            "started again, it reads all it needs to know",
            lambda: self._systems.has_passed_since(mark, KILLED),
            True,
            log=f"agent-{KILLED}",
        )
        self._stage.expect("and changes nothing: not one mutating call", self._systems.changes(mark), [])
        self._expect_all_active("all ports are ACTIVE")

    def system_is_ipled(self) -> None:
        before = self._systems.mark()
        self._systems.ipl(IPLED)
        zvm = self._systems.zhcps[IPLED].system
        there = [nic.name for nic in self.population.nics if nic.host == IPLED]
        self._stage.expect(f"its guests are off, {NEW_VSWITCH} is gone", self._uncoupled(), there)
        self.population.power_on(IPLED)
        self._stage.eventually(
            f"Nova logs the guests on again, the agent heals {zvm}: all networks as promised",
            self.population.broken_promises,
            [],
            log=f"agent-{IPLED}",
        )
        self._expect_all_active("all ports are ACTIVE")
        self._stage.expect(f"{KILLED} saw no mutating call", self._systems.changes(before, KILLED), [])
        self._expect_strangers("foreign guests are back where they were")

    def nonsense_is_refused(self) -> None:
        mark = self._systems.mark()
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
        self._stage.expect("z/VM has seen nothing of all this", self._systems.changes(mark), [])

    def everything_goes(self) -> None:
        self.population.destroy()
        left = [port.name for port in self._neutron.ports()] + [n.name for n in self._neutron.networks()]
        self._stage.expect("Neutron has no port and no network", left, [])
        self._stage.eventually(
            f"of {len(GUESTS)} guests no NIC, grant, directory entry or row is left",
            self.population.belongings,
            [],
            log="agent",
        )
        self._expect_no_loss("whatever is not OpenStack's is as it was")
        claim = f"and nothing is new but {NEW_VSWITCH}"
        self._stage.expect(claim, self._strange_news(), self._new_vswitches())

    # Their parts

    def start_agent(self, host: str) -> None:
        """The agent's file is written anew each time, as a restart of the service would find it."""
        path = self._cloud.state_dir / f"agent-{host}.conf"
        write_conf(path, {**self._systems.agent_sections(host), **AGENT_NETWORKS})
        self._cloud.start_agent(host, path)

    def _nic(self, name: str) -> NicRole:
        return next(nic for nic in NICS if nic.name == name)

    def _expect_all_active(self, claim: str) -> None:
        self._expect_statuses(claim, {"ACTIVE": len(self.population.ports)})

    def _expect_statuses(self, claim: str, expected: dict[str, int]) -> None:
        self._stage.eventually(claim, self.population.statuses, expected, log="agent")

    def _expect_promises(self, claim: str) -> None:
        self._stage.eventually(claim, self.population.broken_promises, [], log="agent")

    def _expect_strangers(self, claim: str) -> None:
        ours = [address for address in self._systems.snapshot().nics if address.userid in USERIDS]
        now = promise.among_strangers(self._systems.snapshot(), ours)
        self._stage.expect(claim, now, self._strangers_before)

    def _expect_untouched(self, sibling: NicRole, before: object) -> None:
        claim = f"{sibling.name}, on the same vswitch, was never uncoupled for it"
        self._stage.expect(claim, self._systems.nic(self.population.address(sibling)), before)

    def _expect_no_loss(self, claim: str) -> None:
        self._stage.expect(claim, sorted(self._facts_before - self._systems.facts()), [])

    def _strange_news(self) -> list[str]:
        news = self._systems.facts() - self._facts_before
        return sorted(fact.text for fact in news if fact.userid not in USERIDS)

    def _new_vswitches(self) -> list[str]:
        what = f"{NEW_VSWITCH} ETHERNET VLAN aware uplink {NEW_VSWITCH_RDEV}"
        return sorted(f"{zhcp.system}: {what}" for zhcp in self._systems.zhcps.values())

    def _uncoupled(self) -> list[str]:
        snapshot = self._systems.snapshot()
        live = {nic.name: snapshot.nics.get(self.population.address(nic)) for nic in self.population.nics}
        return [name for name, nic in live.items() if nic is None or not nic.coupled]

    def _traces(self, nic: NicRole) -> list[str]:
        """Where z/VM still has a removed NIC, apart from a device the guest keeps, coupled to nothing."""
        here = [fact.text for fact in self.population.belongings() if fact.userid == nic.userid]
        marks = f"NICDEF {nic.vdev}", f"live NIC {nic.vdev}"
        return [text for text in here if any(m in text for m in marks) and not text.endswith("on nothing")]

    def _calls_of_agents(self, mark: int, nova_reads: int, nova_changes: int) -> Calls:
        calls = self._systems.calls(mark)
        reads = calls.rest_reads - (self._compute.reads - nova_reads)
        changes = calls.rest_changes - (self._compute.changes - nova_changes)
        return Calls(reads, changes, calls.zvm_reads, calls.zvm_changes)

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
