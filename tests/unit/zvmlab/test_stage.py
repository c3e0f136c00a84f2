"""What the stage records and says."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from zvmlab import show
from zvmlab.stage import Stage, StoryBroken


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def console(said: io.StringIO) -> Console:
    return Console(file=said, width=show.WIDTH)


@pytest.fixture
def stage(console: Console) -> Stage:
    return Stage(console, patience=0.2)


def test_what_holds_is_ticked_and_what_does_not_is_shown(stage: Stage, said: io.StringIO) -> None:
    with stage.chapter("One"):
        stage.expect("it is so", 1, 1)
        stage.expect("it is [not] so", {"ACTIVE": 1}, {"ACTIVE": 2})
    assert [check.claim for check in stage.failed()] == ["it is [not] so"]
    assert stage.count() == 2
    assert "✓ it is so" in said.getvalue()
    assert "✗ it is [not] so" in said.getvalue()
    assert "expected  {'ACTIVE': 2}" in said.getvalue()


def test_eventually_waits_until_it_is_so(stage: Stage) -> None:
    sights = iter([1, 2, 3])
    with stage.chapter("One"):
        stage.eventually("three", lambda: next(sights), 3)
    assert stage.failed() == []


def test_a_story_breaks_where_patience_ends(stage: Stage) -> None:
    with stage.chapter("One"), pytest.raises(StoryBroken, match="never so"):
        stage.eventually("never so", lambda: [f"nic {number}" for number in range(20)], [])
    (check,) = stage.failed()
    assert check.expected == "nothing"
    assert check.seen.endswith("nic 7; and 12 more")


def test_the_outcome_names_the_log_and_shows_its_end_if_it_will_not_stay(
    stage: Stage, console: Console, said: io.StringIO, tmp_path: Path
) -> None:
    log = tmp_path / "agent-zvma.log"
    log.write_text("\n".join(f"line {number}" for number in range(40)))
    with stage.chapter("One"):
        stage.expect("it is so", "no", "yes", log="agent")
    show.outcome(console, stage, {"agent-zvma": log, "neutron": tmp_path / "neutron.log"}, logs_stay=False)
    assert "1 of 1 expectations did not hold" in said.getvalue()
    assert "read      agent-zvma" in said.getvalue()
    assert "line 39" in said.getvalue()
    assert "line 1\n" not in said.getvalue()
