"""A site for scenarios: a simulated z/VM behind its control point, the agent's passes, and Neutron's wishes.

Neutron is played by a list of wishes, since no server is needed to decide what z/VM must look like; the real
one is met in the lab's tests. Everything from the reconciler down is the real thing, over real HTTPS.
"""

import contextlib
import dataclasses
import threading
from collections.abc import Collection, Iterator, Mapping

import requests
import yaml

from networking_zvm import model
from networking_zvm.agent.reconciler import Outcome, Reconciler
from networking_zvm.claims import Policy, State
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.xcat import XcatHypervisor
from networking_zvm.settings import ServiceGuest, Tls, XcatSettings
from zvmsim import oracle
from zvmsim.dialects.smcli import Style
from zvmsim.journal import Entry
from zvmsim.server import Simulator, inventory_text
from zvmsim.world.behaviour import Behaviour
from zvmsim.world.system import System

PASSES_TO_SETTLE = 6


class Wishes:
    """What Neutron wants and what it has been told; fulfils agent.server.Neutron."""

    def __init__(self) -> None:
        self.wanted: dict[str, model.PortBinding] = {}

    def bindings(self) -> dict[str, model.PortBinding]:
        return dict(self.wanted)

    def still_here(self, port_ids: Collection[str]) -> frozenset[str]:
        return frozenset(port_ids) & self.wanted.keys()

    def report(self, statuses: Mapping[str, bool]) -> None:
        for port_id, up in statuses.items():
            if port_id in self.wanted:
                self.wanted[port_id] = dataclasses.replace(self.wanted[port_id], active=up)


class Clock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Site:
    """System ZVMA of the shipped two-systems inventory, with an agent that passes when it is told to.

    A subclass knows one control point: how to reach it, and what Nova does through it.
    """

    networks = {"xcatvsw2": "XCATVSW2", "datanet1": "DATANET1"}

    def __init__(self, simulator: Simulator, way: model.Way | None = None) -> None:
        """way: the operator's choice of authorization, None for whatever fits."""
        self.simulator = simulator
        self.world = simulator.world
        self.clock = Clock()
        self.neutron = Wishes()
        self.way = way
        self.service_guests: tuple[ServiceGuest, ...] = ()
        self.hypervisor: base.Hypervisor = self.connect()
        self.reconciler = self.new_agent()

    @property
    def system(self) -> System:
        return self.world.systems["ZVMA"]

    def connect(self, timeout: float = 10.0) -> base.Hypervisor:
        raise NotImplementedError

    def create_guest(self, userid: str, *, on: bool = False) -> None:
        """As Nova does: a guest without NICs."""
        raise NotImplementedError

    def announce(self, port_id: str, userid: str, vdev: str) -> None:
        """As Nova does: this port shall be this NIC."""
        raise NotImplementedError

    def withdraw(self, port_id: str) -> None:
        """As Nova does when it takes the NIC away again."""
        raise NotImplementedError

    def delete_guest(self, userid: str) -> None:
        """As Nova does."""
        raise NotImplementedError

    def new_agent(self, specs: Collection[model.VSwitchSpec] = ()) -> Reconciler:
        """An agent just started: it remembers nothing."""
        mappings = {n: model.VSwitchName(v) for n, v in self.networks.items()}
        mappings |= {spec.name.lower(): spec.name for spec in specs}
        by_name = {spec.name: spec for spec in specs}
        policy = Policy(
            mappings, by_name, self.hypervisor.capabilities, self.way, service_guests=self.service_guests
        )
        return Reconciler(self.neutron, self.hypervisor, policy, 6, threading.Event(), self.clock)

    def want(
        self, number: int, physnet: str, vlan: int | None = None, *, up: bool = True, owner: str = ""
    ) -> str:
        """Neutron wants port pN here, with MACID N."""
        kind = model.NetworkType.VLAN if vlan else model.NetworkType.FLAT
        segment = model.Segment(kind, physnet, model.VlanId(vlan) if vlan else None)
        mac = model.Mac(f"02000000{number:04x}")
        port = model.PortBinding(f"p{number}", mac, segment, up, owner=owner)
        self.neutron.wanted[port.port_id] = port
        return port.port_id

    def unwant(self, port_id: str) -> None:
        del self.neutron.wanted[port_id]

    def logon(self, userid: str) -> None:
        self.simulator.control.logon("ZVMA", userid)

    def logoff(self, userid: str) -> None:
        self.simulator.control.logoff("ZVMA", userid)

    def settle(self) -> Outcome:
        """Pass until nothing is left to change."""
        for _ in range(PASSES_TO_SETTLE):
            outcome = self.reconciler.run_pass()
            if not outcome.changed:
                return outcome
        raise AssertionError(f"not settled after {PASSES_TO_SETTLE} passes: {outcome}")

    def states(self) -> dict[str, State]:
        return {port_id: verdict.state for port_id, verdict in self.settle().verdicts.items()}

    def is_active(self, port_id: str) -> bool:
        return self.neutron.wanted[port_id].active

    def mutations(self, since: int = 0) -> list[Entry]:
        """Commands that changed z/VM, and REST calls that changed xCAT, since a mark."""
        return self.world.journal.entries(since, mutating=True)

    def reaches(self, source: str, destination: str) -> bool:
        """Whether an untagged frame of "USERID vdev" reaches the other."""
        ends = [oracle.NicAddress("ZVMA", *name.split()) for name in (source, destination)]
        return oracle.reach(oracle.snapshot(self.world), ends[0], ends[1], None).ok


class XcatSite(Site):
    """Through xCAT, with Nova's part played as the retired driver played it."""

    def connect(self, timeout: float = 10.0) -> XcatHypervisor:
        tls = Tls(str(self.simulator.ca_file))
        settings = XcatSettings(self.simulator.xcat_url, "admin", "admin", tls=tls, timeout=timeout)
        return XcatHypervisor(settings, persistent=False)

    def create_guest(self, userid: str, *, on: bool = False) -> None:
        """As Nova did: the node in xCAT's tables, the guest in the directory."""
        node = userid.lower()
        hcp = "hcp=zhcp.example.com"
        self.rest("POST", f"nodes/{node}", [f"userid={node}", hcp, "mgt=zvm", "groups=all"])
        self.rest("POST", f"vms/{node}", ["profile=osdflt", "cpu=1", "memory=1024m", "password=LBYONLY"])
        if on:
            self.logon(userid)

    def announce(self, port_id: str, userid: str, vdev: str) -> None:
        """As Nova did: a row of the switch table says that this port is this NIC."""
        row = {"node": userid.lower(), "port": port_id, "interface": vdev, "comments": "zhcp"}
        words = " ".join(f"switch.{column}={value}" for column, value in row.items())
        self.rest("PUT", "tables/switch", [words])

    def withdraw(self, port_id: str) -> None:
        self.rest("PUT", "tables/switch", [f"-d port={port_id} switch"])

    def delete_guest(self, userid: str) -> None:
        self.rest("DELETE", f"vms/{userid.lower()}")

    def row(self, port_id: str) -> str:
        dump = self.rest("GET", "tables/switch").json()["data"][0]["data"]
        return next(line for line in dump if port_id in line)

    def rest(self, method: str, path: str, body: list[str] | None = None) -> requests.Response:
        answer = requests.request(
            method,
            f"{self.simulator.xcat_url}/xcatws/{path}",
            params={"userName": "admin", "password": "admin", "format": "json"},
            json=body,
            verify=str(self.simulator.ca_file),
            timeout=10,
        )
        answer.raise_for_status()
        assert "error" not in answer.text, answer.text
        return answer


def inventory(level: int | None = None, **xcat: object) -> dict[str, object]:
    """The shipped two systems, with changes to the management node's section. level: SMAPI's on ZVMA."""
    data = yaml.load(inventory_text("two-systems"), yaml.BaseLoader)
    if level:
        data["systems"]["ZVMA"]["level"] = str(level)
    return {**data, "xcat": data["xcat"] | xcat}


@contextlib.contextmanager
def site(behaviour: Behaviour | None = None, smcli: Style = "zhcp") -> Iterator[XcatSite]:
    """A running site; every system behaves as given where z/VM's behaviour is unsettled."""
    with Simulator.from_inventory(inventory(smcli=smcli)) as simulator:
        if behaviour:
            for system in simulator.world.systems.values():
                system.behaviour = behaviour
        yield XcatSite(simulator)
