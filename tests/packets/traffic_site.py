"""Two systems under a full cloud, through whichever control points, with guests that talk all the time."""

import contextlib
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Self

from zvmlab.cast import AGENT_NETWORKS, AGENT_PACE, EVERY_NETWORK, NEUTRON, GuestRole, NicRole
from zvmlab.cloud.full import FullCloud
from zvmlab.cloud.neutron_conf import write_conf
from zvmlab.control_points.base import ControlPoint
from zvmlab.control_points.feilong import FeilongControlPoint
from zvmlab.control_points.smapi import SmapiControlPoint
from zvmlab.control_points.xcat import XcatControlPoint
from zvmlab.neutron_api import NeutronApi, wait_for
from zvmlab.population import Population
from zvmlab.systems import Systems
from zvmlab.traffic import End, Traffic
from zvmsim.dataplane.machine import Machine
from zvmsim.journal import Call, Entry
from zvmsim.oracle import NicAddress
from zvmsim.world.behaviour import Behaviour

PATIENCE_S = 180.0
SLOW_S = 0.3

HOSTS = ("zvma", "zvmb")
Ways = Mapping[str, type[ControlPoint]]

XCAT_AND_SMAPI: Ways = {"zvma": XcatControlPoint, "zvmb": SmapiControlPoint}
"""Guests of zvma are let in by grant, those of zvmb by directory."""

FEILONG: Ways = dict.fromkeys(HOSTS, FeilongControlPoint)

IMPATIENT = {"rpc_response_timeout": "10"}
"""What a broker has lost is asked for again after so many seconds, not after a minute."""

UNFORGIVING = Behaviour(regrant="bounce", revoke_uncouples=True)
"""Whoever grants twice, or revokes too much, cuts somebody off."""

GUESTS = (
    GuestRole("west1", "zvma", ("mgmt", "web", "web")),
    GuestRole("west2", "zvma", ("mgmt", "web", "db")),
    GuestRole("east1", "zvmb", ("mgmt", "web", "dmz")),
    GuestRole("east2", "zvmb", ("mgmt", "dmz", "db")),
)

TALKS = (
    ("west1-mgmt", "west2-mgmt"),
    ("west1-web", "west2-web"),
    ("west1-web-2", "east1-web"),
    ("east1-dmz", "east2-dmz"),
    ("west2-mgmt", "east2-mgmt"),
)
"""Flat and in VLANs, on one vswitch and over the LAN; east1 with two NICs on one vswitch, in two VLANs."""

SIBLINGS = tuple(nic for guest in GUESTS for nic in guest.nics() if nic.network == "db")
"""NICs that do not talk, of guests that do."""

OTHERS = tuple(
    GuestRole(f"{h[-1]}new{n}", h, ("mgmt", "web", "web", "web", "db")) for h in HOSTS for n in range(2)
)
ABOUT_OTHERS = {"object": "?NEW*"}
PASSERS_BY = tuple(GuestRole(f"passer{host[-1]}", host, ("mgmt", "web")) for host in HOSTS)

_UP = re.compile(r"port (\S+): up,")


class Agents:
    """Both agents of a cloud, always treated alike."""

    def __init__(self, cloud: FullCloud, confs: dict[str, Path]) -> None:
        self._cloud = cloud
        self._confs = confs
        self._heard = dict.fromkeys(confs, 0)

    def start(self, *hosts: str) -> None:
        """These; without a name, both. So with `kill`."""
        self.listen()
        for host in hosts or self._confs:
            self._cloud.start_agent(host, self._confs[host])

    def stop(self) -> None:
        """As a service manager does."""
        for host in self._confs:
            self._cloud.stop_agent(host)

    def kill(self, *hosts: str) -> None:
        for host in hosts or self._confs:
            self._cloud.kill_agent(host)

    def listen(self) -> None:
        """Have ears for what they say from now on; so does a start."""
        self._heard = {host: len(self._log(host)) for host in self._confs}

    def await_word(self, words: str, *hosts: str) -> None:
        """Until these have said this; without a name, both."""
        self._await(lambda host, said: words in said or host not in (hosts or HOSTS), words)

    def await_up(self, ports: Mapping[str, Set[str]]) -> None:
        """Until each has found these ports, by host, as they should be."""
        self._await(lambda host, said: ports[host] <= set(_UP.findall(said)), "ports up")

    def _await(self, holds: Callable[[str, str], bool], what: str) -> None:
        wait_for(
            lambda: {host: self._log(host)[heard:] for host, heard in self._heard.items()},
            lambda said: all(holds(host, text) for host, text in said.items()),
            what=f"both agents to say: {what}",
            timeout=PATIENCE_S,
        )

    def _log(self, host: str) -> str:
        log = self._cloud.logs().get(f"agent-{host}")
        return log.read_text(encoding="utf-8") if log else ""


class TrafficSite:
    """In a `with` block: the cloud and both agents run, all GUESTS are on, their ports ACTIVE."""

    def __init__(self, folder: Path, ways: Ways) -> None:
        """ways: the control point of each host."""
        self.ways = ways
        self.systems = Systems(packets=True)
        for system in self.systems.world.systems.values():
            system.behaviour = UNFORGIVING
        self.simulator, self.journal = self.systems.simulator, self.systems.world.journal
        self.cloud = FullCloud(NEUTRON, folder / "state")
        self._running = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.systems)
            stack.enter_context(self.cloud)
            folder = self.cloud.state_dir
            points = {way: stack.enter_context(way(self.systems, folder)) for way in set(self.ways.values())}
            ways = {host: points[way] for host, way in self.ways.items()}
            self.control_points = tuple(points.values())
            self.neutron = NeutronApi(self.cloud.endpoint)
            stack.callback(self.neutron.close)
            self.computes = {host: way.compute(host) for host, way in ways.items()}
            for compute in self.computes.values():
                stack.callback(compute.close)
            self.population = Population(self.neutron, self.computes, self.systems)
            self.agents = Agents(self.cloud, {host: self._conf(host, way) for host, way in ways.items()})
            self.agents.start()
            for host in HOSTS:
                self.neutron.wait_for_agent(host, timeout=PATIENCE_S)
            self.population.rebuild(GUESTS)
            for guest in GUESTS:
                self._answer_for_own_nic_alone(guest)
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def traffic(self) -> Traffic:
        return Traffic([(self._end(nic(one)), self._end(nic(other))) for one, other in TALKS])

    @contextlib.contextmanager
    def undisturbed(self, but: Collection[NicRole] = ()) -> Iterator[None]:
        """Within the block those that talk lose nothing, and there are no disturbances."""
        mark = self.journal.mark()
        with self.traffic() as traffic:
            yield
        assert traffic.losses() == {}
        assert all(count.sent for count in traffic.counts.values())
        assert self.disturbances(mark, but) == []

    def disturbances(self, mark: int, but: Collection[NicRole] = ()) -> list[Entry]:
        """Changes since the mark about guests that talk, `but` about these NICs."""
        return [entry for entry in self.changes(mark) if _disturbs(entry.call, but)]

    def changes(self, mark: int) -> list[Entry]:
        """What has been changed on z/VM since the mark."""
        return [entry for entry in self.journal.entries(mark, mutating=True) if entry.call.dialect != "rest"]

    # What to wait for

    def await_synced(self) -> None:
        """Until both agents have, since they were started, found every port as it should be."""
        ports: dict[str, set[str]] = {host: set() for host in HOSTS}
        for role in self.population.nics:
            ports[role.host].add(self.population.ports[role.name].id)
        self.agents.await_up(ports)

    def await_coupled(self, *nics: NicRole) -> None:
        self._await_nics(nics, coupled=True)

    def await_uncoupled(self, *nics: NicRole) -> None:
        self._await_nics(nics, coupled=False)

    def await_all_active(self) -> None:
        ids = [port.id for port in self.population.ports.values()]
        self.neutron.wait_for_status(ids, "ACTIVE", timeout=PATIENCE_S)

    def _await_nics(self, nics: Collection[NicRole], coupled: bool) -> None:
        addresses = [self.population.address(nic) for nic in nics]
        wait_for(
            lambda: [address for address in addresses if self._is_coupled(address) is not coupled],
            lambda left: not left,
            what=f"NICs to be {'coupled' if coupled else 'uncoupled'}",
            timeout=PATIENCE_S,
        )

    def _is_coupled(self, address: NicAddress) -> bool:
        nic = self.systems.nic(address)
        return nic is not None and nic.coupled

    # What else happens

    def guests_come(self, guests: Sequence[GuestRole]) -> None:
        """Up to the point where the agents are to do their part."""
        self.population.make_ports(guests)
        self.population.define(guests)
        self.population.plug(guests)

    def guests_go(self, guests: Sequence[GuestRole]) -> None:
        """After their ports."""
        for guest in guests:
            self.computes[guest.host].destroy(guest.name)
            self.population.guests.remove(guest)

    def somebody_passes_by(self) -> None:
        """Guests come and go again: Neutron, agents and z/VM work."""
        self.guests_come(PASSERS_BY)
        self.await_all_active()
        self.population.power_on()
        for guest in PASSERS_BY:
            for nic in guest.nics():
                self.population.delete_port(nic.name)
        self.await_uncoupled(*(nic for guest in PASSERS_BY for nic in guest.nics()))
        self.guests_go(PASSERS_BY)

    def kill_agents_at_work(self, mark: int, number: int, *hosts: str) -> None:
        """Each of them when it has made so many changes since the mark."""
        left = set(hosts)

        def kill_who_has() -> set[str]:
            made = Counter(entry.call.system for entry in self.changes(mark))
            for host in [host for host in left if made[self.systems.hosts[host]] >= number]:
                self.agents.kill(host)
                left.remove(host)
            return left

        wait_for(kill_who_has, lambda left: not left, f"{number} changes of each agent", PATIENCE_S)

    @contextlib.contextmanager
    def slowly(self, **what: str) -> Iterator[None]:
        """Within the block z/VM takes its time with this; keys as in a fault rule."""
        rule = self.simulator.control.add_fault({**what, "delay": SLOW_S})
        try:
            yield
        finally:
            self.simulator.control.remove_fault(rule)

    def smcli(self, host: str, function: str, userid: str, *words: str) -> None:
        """What an administrator does by hand on z/VM."""
        access = self.simulator.commands[self.systems.hosts[host]]
        environment = access.environment(os.environ["PATH"])
        command = ["smcli", function, "-T", userid, *words]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)

    def _conf(self, host: str, way: ControlPoint) -> Path:
        options = {"host": host, "control_point": way.name, **way.agent_options(host), **AGENT_PACE}
        path = self.cloud.state_dir / f"agent-{host}.conf"
        return write_conf(path, {"DEFAULT": IMPATIENT, "zvm": options, **AGENT_NETWORKS})

    def _answer_for_own_nic_alone(self, guest: GuestRole) -> None:
        """As is good for guests with two NICs in one subnet; otherwise each answers ARP for the other, too.

        Source: Linux Documentation/networking/ip-sysctl.rst, arp_ignore.
        """
        order = "echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore"
        assert self._machine(guest.host, guest.name).run(["sh", "-c", order], PATIENCE_S).returncode == 0

    def _machine(self, host: str, guest: str) -> Machine:
        assert self.simulator.packets
        return self.simulator.packets.machine(self.systems.hosts[host], guest)

    def _end(self, nic: NicRole) -> End:
        port = self.population.ports[nic.name]
        (cidr,) = (role.cidr for role in EVERY_NETWORK if role.name == nic.network)
        machine = self._machine(nic.host, nic.guest)
        return End(machine, nic.vdev, port.mac_address, f"{port.addresses[0]}/{cidr.partition('/')[2]}")


def nic(name: str) -> NicRole:
    """The NIC of one of GUESTS by its name."""
    return next(nic for guest in GUESTS for nic in guest.nics() if nic.name == name)


def _disturbs(call: Call, but: Collection[NicRole]) -> bool:
    """Whether it is about a guest that talks, and not about one of these NICs alone."""
    words = set(call.objects)
    if any(nic.userid in words and {nic.vdev, "DATANET2"} & words for nic in but):
        return False
    return bool(words & {guest.name.upper() for guest in GUESTS})
