"""What a check says, and how the whole is summed up: exit code 0 all well, 1 warnings, 2 failures."""

import collections
import dataclasses
import enum
import json
from collections.abc import Collection


class Level(enum.IntEnum):
    """How bad it is. SKIP: could not be looked at because something else failed."""

    OK = 0
    SKIP = 1
    WARN = 2
    FAIL = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One line of a check. remedy: what to do about it, None where there is nothing to do."""

    level: Level
    topic: str
    text: str
    remedy: str | None = None


def exit_code(findings: Collection[Finding]) -> int:
    """0 if all is well, 1 if there are warnings, 2 if anything failed."""
    worst = max((finding.level for finding in findings), default=Level.OK)
    return {Level.FAIL: 2, Level.WARN: 1}.get(worst, 0)


def as_text(finding: Finding, width: int) -> str:
    """For people: one line, and the remedy on the next. width: of the longest topic."""
    line = f"{finding.level.name:<4}  {finding.topic:<{width}}  {finding.text}"
    return f"{line}\n{'':<{width + 6}}  -> {finding.remedy}" if finding.remedy else line


def summary(findings: Collection[Finding]) -> str:
    """For people: how many of which."""
    counts = collections.Counter(finding.level for finding in findings)
    words = {Level.FAIL: "failed", Level.SKIP: "skipped", Level.WARN: "to look at", Level.OK: "ok"}
    return ", ".join(f"{counts[level]} {word}" for level, word in words.items() if counts[level])


def as_json(findings: Collection[Finding]) -> str:
    """For programs: all of it, with levels by name."""
    listed = [{**dataclasses.asdict(finding), "level": finding.level.name} for finding in findings]
    return json.dumps({"exit_code": exit_code(findings), "findings": listed}, indent=2)
