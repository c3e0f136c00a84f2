"""The story of `make lab`: told on servers as sites run them, and on systems that are at fault.

On the embedded cloud it is told to the end by the tests of the command.
"""

import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from zvmlab import show
from zvmlab.cloud.embedded import EmbeddedCloud
from zvmlab.cloud.full import FullCloud
from zvmlab.cloud.programs import missing_packages
from zvmlab.lab import Lab, open_lab
from zvmlab.stage import Stage
from zvmlab.story import TROUBLE, Story

MISSING = ", ".join(missing_packages())

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def silent() -> Console:
    return Console(file=io.StringIO(), width=show.WIDTH)


@dataclasses.dataclass
class Told:
    """A lab whose story has been told until its first guests are there."""

    lab: Lab
    stage: Stage
    story: Story


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    stage = Stage(silent(), patience=120)
    with open_lab(EmbeddedCloud, state_dir=tmp_path_factory.mktemp("told") / "state") as lab:
        story = Story(lab, stage)
        with stage.chapter("all goes well"):
            story.agents_report()
            story.networks_are_made()
            story.guests_come()
        assert stage.failed() == []
        yield Told(lab, stage, story)


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {MISSING}")
def test_every_promise_holds_with_rabbitmq_and_mariadb(tmp_path: Path) -> None:
    stage = Stage(silent())
    with open_lab(FullCloud, state_dir=tmp_path / "state") as lab:
        story = Story(lab, stage)
        story.tell(before_the_end=lambda: None)
        assert stage.failed() == []
        assert len(stage.chapters) == len(story.chapters())
        assert ("Addresses by DHCP" in [chapter.title for chapter in stage.chapters]) == (
            lab.node is not None
        )


def test_a_lease_of_a_wrong_address_is_found_out(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guest has got an address that is not its port's, as far as the story knows."""
    if told.lab.node is None:
        pytest.skip(f"for DHCP there would have to be {'; '.join(told.lab.dhcp_missing)}")
    ports = told.story.population.ports
    port = ports["web1-web"]
    monkeypatch.setitem(ports, "web1-web", dataclasses.replace(port, addresses=("10.2.0.250",)))
    with told.stage.chapter("one is wrong"):
        told.story.addresses_come()
    (broken,) = told.stage.failed()
    assert broken.seen == f"web1-web got {port.addresses[0]}/24, not 10.2.0.250"


def test_a_network_that_is_cut_is_found_out(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """An uplink is pulled when all ports are up: they stay ACTIVE, but their traffic does not arrive."""
    assert told.story.population.broken_promises() == []
    monkeypatch.setattr(told.lab.systems.system("zvma").vswitches["DATANET1"], "connected", False)
    complaints = told.story.population.broken_promises()
    assert any(line.startswith("ZVMA:WEB1 1003 should reach ZVMB:WEB2 1003") for line in complaints)
    assert not [line for line in complaints if "ZVMA:WEB1 1003 should reach ZVMA" in line]


def test_grants_that_are_not_made_are_found_out(tmp_path: Path) -> None:
    """z/VM says that it has granted, and has not: those for guests, when a DHCP node, if any, has its own."""
    stage = Stage(silent(), patience=20)
    with open_lab(EmbeddedCloud, state_dir=tmp_path / "state") as lab:
        story = Story(lab, stage)
        with stage.chapter("all goes well"):
            story.agents_report()
            story.networks_are_made()
        assert stage.failed() == []
        function = "Virtual_Network_Vswitch_Set_Extended"
        lab.systems.world.faults.add({"function": function, "system": "ZVMA", "reply": {"rc": 0, "rs": 0}})
        stage.tell([("no grants", story.guests_come), ("never", story.traffic_flows)], TROUBLE, lambda: None)
    (broken,) = stage.failed()
    assert "every port becomes ACTIVE" in broken.claim
    assert "DOWN" in broken.seen
