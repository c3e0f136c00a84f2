"""Nova's part through each control point, seen on the simulated systems."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from zvmlab.cloud.errors import CloudError
from zvmlab.compute.base import Compute, ComputeError, PluggedNic
from zvmlab.control_points.base import ControlPoint
from zvmlab.feilong import environment
from zvmlab.lab import CONTROL_POINTS
from zvmlab.ledger import Ledger
from zvmlab.systems import Fact, Systems

NICS = [
    PluggedNic("3f2c0000-0000-0000-0000-01", "1000", "02:00:00:00:00:01", "10.1.0.5", "10.1.0.0/24"),
    PluggedNic("3f2c0000-0000-0000-0000-02", "1003", "02:00:00:00:00:02", "10.2.0.5", "10.2.0.0/24"),
]

MISSING = [name for name in ("curl", "openssl") if not shutil.which(name)]


@dataclass(frozen=True)
class Place:
    """A control point with Nova's hands on the first system."""

    systems: Systems
    control_point: ControlPoint
    compute: Compute
    folder: Path

    def facts(self) -> frozenset[Fact]:
        return self.systems.facts() | frozenset(self.control_point.facts())

    def nicdefs(self) -> list[str]:
        nicdefs = self.systems.system("zvma").directory.nicdefs("WEB1")
        return [f"{vdev} {nicdef.mac_id}" for vdev, nicdef in nicdefs.items()]

    def act_as_agent(self, userid: str, *vdevs: str) -> None:
        """Put NICs onto a vswitch, as far as Nova can see it."""
        directory = self.systems.system("zvma").directory
        defined = directory.nicdefs(userid)
        kinds = {vdev: "" if vdev in defined else "TYPE QDIO " for vdev in vdevs}
        records = [f"NICDEF {vdev} {kind}LAN SYSTEM XCATVSW2" for vdev, kind in kinds.items()]
        entry = (*directory.source[userid], *records)
        directory.source[userid] = directory.active[userid] = entry
        node = self.systems.simulator.management_node
        for nic in NICS:
            if node and nic.vdev in vdevs:
                node.tables.tabch([f"port={nic.port_id}", "switch.switch=XCATVSW2"])


@pytest.fixture(scope="module", params=CONTROL_POINTS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if request.param == "feilong":
        try:
            environment.python()
        except CloudError as error:
            pytest.skip(str(error))
    kind = CONTROL_POINTS[request.param]
    folder = tmp_path_factory.mktemp("lab")
    with Systems() as systems, kind(systems, folder) as control_point:
        compute = control_point.compute("zvma")
        yield Place(systems, control_point, compute, folder)
        compute.close()


@pytest.fixture
def web1(place: Place) -> Iterator[str]:
    place.compute.define("web1")
    yield "web1"
    place.compute.destroy("web1")


def test_a_defined_guest_is_in_the_directory_and_off_until_it_is_started(place: Place, web1: str) -> None:
    assert "WEB1" in place.systems.system("zvma").directory.source
    assert not place.compute.is_on(web1)
    place.compute.power_on(web1)
    assert place.compute.is_on(web1)
    assert "WEB1" in place.systems.system("zvma").guests


def test_a_guest_is_plugged_when_all_its_nics_are_on_a_vswitch(place: Place, web1: str) -> None:
    assert not place.compute.is_plugged(web1)
    place.compute.plug(web1, NICS)
    assert not place.compute.is_plugged(web1)
    place.act_as_agent("WEB1", "1000")
    assert not place.compute.is_plugged(web1)
    place.act_as_agent("WEB1", "1003")
    assert place.compute.is_plugged(web1)


def test_where_nova_makes_the_nics_they_have_the_macs_of_their_ports(place: Place, web1: str) -> None:
    place.compute.plug(web1, NICS)
    by_nova = not place.control_point.manner.agent_removes_nics
    assert place.nicdefs() == (["1000 000001", "1003 000002"] if by_nova else [])


def test_a_nic_of_a_running_guest_is_taken_away(place: Place, web1: str) -> None:
    place.compute.plug(web1, NICS)
    place.compute.power_on(web1)
    place.compute.unplug(web1, NICS[0])
    texts = [fact.text for fact in place.facts() if fact.userid == "WEB1"]
    assert not [t for t in texts if "NICDEF 1000" in t or "live NIC 1000" in t or NICS[0].port_id in t]


def test_nothing_of_a_destroyed_guest_is_left_whether_it_was_on_or_not(place: Place) -> None:
    before = place.facts()
    for on in (False, True):
        place.compute.define("web9")
        place.compute.plug("web9", NICS)
        place.act_as_agent("WEB9", "1000")
        if on:
            place.compute.power_on("web9")
        assert place.facts() != before
        place.compute.destroy("web9")
        assert place.facts() == before


def test_an_error_is_one(place: Place) -> None:
    with pytest.raises(ComputeError):
        place.compute.power_on("nobody")


def test_what_nova_asks_is_not_taken_for_what_agents_ask(place: Place, web1: str) -> None:
    ledger = Ledger(place.systems, place.control_point, [place.compute])
    mark = ledger.mark()
    place.compute.plug(web1, NICS)
    place.compute.is_on(web1)
    calls = ledger.calls(mark)
    assert (calls.reads, calls.changes) == (0, 0)
    assert ledger.changes(mark)
    assert ledger.changes(mark, "zvmb") == []


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
def test_what_a_person_is_told_to_type_works(place: Place, web1: str) -> None:
    place.compute.plug(web1, NICS)
    commands = [command for command, _ in place.control_point.by_hand()]
    script = "set -e\n" + "\n".join(commands)
    told = subprocess.check_output(["bash", "-c", script], cwd=place.folder, text=True)
    assert "WEB1" in told.upper()
