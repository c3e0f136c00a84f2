"""The story of servers on systems that are at fault."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from zvmlab.full_story.lab import FullLab, open_lab
from zvmlab.full_story.story import Story
from zvmlab.stage import Stage

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("whole_openstack"), pytest.mark.timeout(1200)]


@pytest.fixture
def lab(whole_openstack: None, tmp_path: Path) -> Iterator[FullLab]:
    with open_lab(lambda _what, _seconds: None, tmp_path / "state") as lab:
        yield lab


def test_nics_that_are_never_coupled_are_found_out_and_taken_back(lab: FullLab) -> None:
    """The directory entry stays locked, Neutron never hears of the ports, and Nova gives the server up."""
    fault = {"function": "Image_Replace_DM", "system": "ZVMA", "reply": {"rc": 400, "rs": 12}}
    lab.systems.world.faults.add(fault)
    stage = Stage(Console(file=io.StringIO()), patience=180)
    story = Story(lab, stage)
    story.tell(before_the_end=lambda: None)
    (broken,) = stage.failed()
    assert "web1 with web and db becomes ACTIVE" in broken.claim
    assert broken.seen.startswith("ERROR")
    assert lab.files() == []
    assert [fact for fact in lab.facts() if fact.userid.startswith("ZVM0")] == []
