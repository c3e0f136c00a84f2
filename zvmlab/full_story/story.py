"""The story: what Nova and Neutron together promise about servers on z/VM, each promise checked.

Every chapter leaves the cloud as the next one finds it; the last leaves no server.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import requests
from keystoneauth1.exceptions import ClientException
from openstack.exceptions import SDKException

from zvmlab import promise
from zvmlab.cast import NEW_VSWITCH
from zvmlab.cloud.errors import CloudError
from zvmlab.full_story.cast import ADDED, FIRST, NETWORKS, SECOND, ServerRole
from zvmlab.full_story.lab import FullLab
from zvmlab.full_story.servers import Servers
from zvmlab.neutron_api import NotYet
from zvmlab.stage import Stage, StoryBroken, Told
from zvmsim.oracle import NicAddress
from zvmsim.world.guest import Nic

TROUBLE: Final = (
    *(StoryBroken, NotYet, CloudError),
    *(SDKException, ClientException, requests.RequestException),
)


class Story:
    """Told once per lab."""

    def __init__(self, lab: FullLab, stage: Stage) -> None:
        self.servers = Servers(lab)
        self._added = ""
        self._lab = lab
        self._systems, self._journal = lab.systems, lab.systems.world.journal
        self._api: Any = lab.api
        self._stage = stage
        self._facts_before = lab.facts()
        self._strangers_before = promise.among_strangers(lab.systems.snapshot(), ())

    def chapters(self) -> list[Told]:
        return [
            ("Two z/VM systems, each with its nova-compute and its agent", self.hosts_come),
            ("Three networks: one flat, two VLANs", self.networks_are_made),
            (f"A server is created on {FIRST.host}, with two networks", self.server_comes),
            (f"Another one on {SECOND.host}, and who reaches whom", self.second_comes),
            ("A network is added to a running server", self.network_is_added),
            ("The server is rebooted, hard", self.server_is_rebooted),
            ("The network is taken away while the server runs", self.network_is_taken_away),
            (f"nova-compute of {FIRST.host} ends and starts again", self.compute_is_restarted),
            ("The servers are deleted", self.servers_go),
        ]

    def tell(self, before_the_end: Callable[[], None]) -> None:
        """Tell it to the end or to where it breaks; `before_the_end` is called while all still stands."""
        self._stage.tell(self.chapters(), TROUBLE, before_the_end)

    # The chapters

    def hosts_come(self) -> None:
        for host in self._systems.hosts:
            self._lab.start_host(host)
        here = dict.fromkeys(self._systems.hosts, True)
        self._stage.eventually("Neutron knows both agents, alive", self._agents, here, log="agent")
        zvms = dict.fromkeys(self._systems.hosts.values(), "up")
        claim = "Nova knows both systems, under the names that Feilong gives them"
        self._stage.eventually(claim, self._hypervisors, zvms, log="nova-compute")
        claim = "scheduler, conductor and both computes are up"
        self._stage.eventually(claim, self._services_down, {}, log="nova")

    def networks_are_made(self) -> None:
        mark = self._journal.mark()
        self.servers.make_networks(NETWORKS)
        self._stage.expect("a network alone changes nothing on z/VM", self._changes(mark), [])
        image = self.servers.make_image_and_flavor()
        self._stage.expect("Glance has an image", image, "active", log="glance")

    def server_comes(self) -> None:
        mark = self._journal.mark()
        self._create(FIRST)
        self._expect_ports_bound(FIRST)
        claim = "because Neutron told Nova of both ports, once the agent had them up: Nova's log has it"
        told = [self._event(port.id) for port in self.servers.ports(FIRST.name).values()]
        self._stage.expect(claim, [bool(line) for line in told], [True, True], log="nova-api")
        for line in told:
            self._stage.quote(line)
        userid, host = self.servers.userid(FIRST.name), FIRST.host
        last = self._changes(mark, host)[-1:]
        claim = f"{userid} was started last of all, when its NICs were on their vswitches"
        self._stage.expect(claim, last, [f"{self._systems.hosts[host]} Image_Activate {userid}"])
        self._expect_places(FIRST, "z/VM has both NICs, in VLAN 100 and in VLAN 200, with Neutron's MACs")
        claim = "the config drive waits in its reader"
        waiting = [file.name for file in self._systems.system(host).spool.files(userid)]
        self._stage.expect(claim, "cfgdrive.iso" in waiting, True, log="feilong")

    def second_comes(self) -> None:
        self._create(SECOND)
        self._expect_places(SECOND, "its NICs are where they belong, on the other system")
        self._expect_promises("the two reach each other on either network, also across systems; never across")
        self._expect_strangers("guests that OpenStack does not own reach whom they reached before")

    def network_is_added(self) -> None:
        before = self.servers.nics(FIRST.name)
        self._added = self.servers.attach(FIRST.name, ADDED.name)
        count = len(FIRST.networks) + 1
        claim = f"{ADDED.name} is added: the running guest has a third NIC"
        self._stage.eventually(claim, lambda: len(self.servers.nics(FIRST.name)), count, log="nova-compute")
        self._stage.eventually(
            "z/VM has made up a MAC for it until the next logon: the port is DOWN, the agent says why",
            lambda: "until the guest's next logon" in self._problem(FIRST.host, self._added),
            True,
            log=f"agent-{FIRST.host}",
        )
        self._stage.quote(self._problem(FIRST.host, self._added))
        self._expect_untouched(before)

    def server_is_rebooted(self) -> None:
        before = self.servers.nics(FIRST.name)
        self.servers.reboot(FIRST.name)
        self._stage.eventually(
            "the guest logs on anew",
            lambda: self.servers.nics(FIRST.name) != before,
            True,
            log="nova-compute",
        )
        self._expect_active(FIRST, "the server is ACTIVE")
        up = dict.fromkeys((*FIRST.networks, ADDED.name), "ACTIVE")
        claim = "so are all three ports"
        self._stage.eventually(claim, lambda: self.servers.statuses(FIRST.name), up, log="agent")
        self._expect_places(FIRST, "its NICs are where they belong, each with Neutron's MAC")
        self._expect_promises("and all networks keep their promises")

    def network_is_taken_away(self) -> None:
        before = self.servers.nics(FIRST.name)
        self.servers.detach(FIRST.name, self._added)
        self._stage.eventually(
            f"{ADDED.name} leaves: no port, no NIC in the guest, no record in the directory",
            lambda: self._traces(self._added),
            [],
            log="nova-compute",
        )
        self._expect_untouched(before)

    def compute_is_restarted(self) -> None:
        self._lab.cloud.stop_compute(FIRST.host)
        last_seen = self._last_report(FIRST.host)
        claim = "it has ended, and nobody's traffic cares"
        self._stage.expect(claim, self.servers.broken_promises(), [])
        mark = self._journal.mark()
        self._lab.cloud.start_compute(self._lab.feilongs.compute_host(FIRST.host))
        self._stage.eventually(
            "started again, it has looked after its servers and reports",
            lambda: self._last_report(FIRST.host) > last_seen,
            True,
            log=f"nova-compute-{FIRST.host}",
        )
        self._stage.expect("and changed nothing: not one mutating command", self._changes(mark), [])
        self._expect_active(FIRST, "the server is ACTIVE")

    def servers_go(self) -> None:
        for role in (FIRST, SECOND):
            self.servers.delete(role.name)
        self._stage.eventually("Nova has no server", self.servers.remaining, [], log="nova-compute")
        self._stage.eventually("Neutron has no port", self._ports, [])
        self._stage.eventually(
            "z/VM and Feilong have no NIC, grant, directory entry or row of theirs",
            self._belongings,
            [],
            log="agent",
        )
        claim = "and nova-compute no file: no config drive"
        self._stage.eventually(claim, self._lab.files, [], log="nova-compute")
        lost = sorted(self._facts_before - self._lab.facts())
        self._stage.expect("whatever is not OpenStack's is as it was", lost, [])
        claim = f"and nothing is new but {NEW_VSWITCH}, which the agents made"
        self._stage.expect(claim, [text for text in self._news() if NEW_VSWITCH not in text], [])

    # Their parts

    def _create(self, role: ServerRole) -> None:
        self.servers.create(role)
        networks = " and ".join(role.networks)
        self._expect_active(role, f"{role.name} with {networks} becomes ACTIVE")

    def _expect_active(self, role: ServerRole, claim: str) -> None:
        """Not to be waited for when it has failed for good."""

        def look() -> str:
            state = self.servers.state(role.name)
            if state.startswith("ERROR"):
                raise StoryBroken(state)
            return state

        try:
            self._stage.eventually(claim, look, "ACTIVE", log="nova-compute")
        except StoryBroken as broken:
            if str(broken).startswith("ERROR"):
                self._stage.expect(claim, str(broken), "ACTIVE", log="nova-compute")
            raise

    def _expect_ports_bound(self, role: ServerRole) -> None:
        ports = self.servers.ports(role.name)
        seen = {name: (port.status, port.vif_type, port.host) for name, port in ports.items()}
        claim = "so are its ports, bound by the z/VM driver"
        self._stage.expect(claim, seen, dict.fromkeys(role.networks, ("ACTIVE", "zvm", role.host)))

    def _expect_places(self, role: ServerRole, claim: str) -> None:
        self._stage.eventually(
            claim,
            lambda: self.servers.places(role.name),
            self.servers.promised(role.name),
            log=f"agent-{role.host}",
        )

    def _expect_promises(self, claim: str) -> None:
        self._stage.eventually(claim, self.servers.broken_promises, [], log="agent")

    def _expect_strangers(self, claim: str) -> None:
        snapshot = self._systems.snapshot()
        ours = [address for address in snapshot.nics if address.userid in self.servers.userids]
        now = promise.among_strangers(snapshot, ours)
        self._stage.expect(claim, now == self._strangers_before, True)

    def _expect_untouched(self, before: Mapping[NicAddress, Nic]) -> None:
        """All of these NICs that are still there."""
        now = self.servers.nics(FIRST.name)
        kept = [(now[a], before[a], a) for a in now.keys() & before.keys()]
        moved = [str(a) for nic, was, a in kept if (nic.lan_name, nic.order) != (was.lan_name, was.order)]
        self._stage.expect("its other NICs were never uncoupled for it", moved, [], log="agent")

    def _problem(self, host: str, port_id: str) -> str:
        """What that host's agent says of a port that is not well; "" if nothing."""
        (agent,) = self._api.network.agents(host=host)
        return str(agent.configuration["problems"].get(port_id, ""))

    def _agents(self) -> dict[str, bool]:
        return {agent.host: agent.is_alive for agent in self._api.network.agents()}

    def _hypervisors(self) -> dict[str, str]:
        return {zvm.name: zvm.state for zvm in self._api.compute.hypervisors(details=True)}

    def _services_down(self) -> dict[str, str]:
        services = self._api.compute.services()
        return {f"{one.binary} {one.host}": one.state for one in services if one.state != "up"}

    def _last_report(self, host: str) -> str:
        """When its nova-compute last reported."""
        (service,) = self._api.compute.services(host=host, binary="nova-compute")
        return str(service.updated_at)

    def _changes(self, mark: int, host: str | None = None) -> list[str]:
        """Mutating commands on z/VM, by everybody."""
        system = self._systems.hosts[host] if host else None
        entries = self._journal.entries(mark, mutating=True, system=system)
        return [f"{e.call.system} {e.call.function} {' '.join(e.call.objects)}".strip() for e in entries]

    def _event(self, port_id: str) -> str:
        """The line by which Nova's API notes Neutron's word of a port; "" if there is none."""
        words = f"Creating event network-vif-plugged:{port_id}"
        lines = self._lab.logs()["nova-api"].read_text(errors="replace").splitlines()
        return next((line[line.index(words) :] for line in lines if words in line), "")

    def _ports(self) -> list[str]:
        return [port.id for port in self._api.network.ports()]

    def _traces(self, port_id: str) -> list[str]:
        """Where there still is a port, or a NIC that is none of the first server's remaining ports."""
        known = [port for port in self._ports() if port == port_id]
        places = self.servers.places(FIRST.name) - self.servers.promised(FIRST.name)
        userid = self.servers.userid(FIRST.name)
        records = [fact.text for fact in self._lab.facts() if fact.userid == userid and "NICDEF" in fact.text]
        vdevs = {address.vdev for address in self.servers.nics(FIRST.name)}
        extra = [text for text in records if not any(f"NICDEF {vdev}" in text for vdev in vdevs)]
        return [*known, *map(str, places), *extra]

    def _belongings(self) -> list[str]:
        """What z/VM and Feilong hold of the servers' guests."""
        return sorted(fact.text for fact in self._lab.facts() if fact.userid in self.servers.userids)

    def _news(self) -> list[str]:
        return sorted(fact.text for fact in self._lab.facts() - self._facts_before)
