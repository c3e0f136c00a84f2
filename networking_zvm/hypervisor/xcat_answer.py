"""What an answer of xCAT's REST API version 1 says. Pure.

The HTTP status speaks of the transport only. An answer is a list of messages, each with groups: `data`
(output, in one or more pieces of whole lines, nulls between them), `error`, `errorcode`, others. The last
errorcode counts: dsh reports stderr in an `error` group with errorcode "0", whether or not anything failed.
Source: xcat-core zvmxcatws.cgi, MsgUtils.pm, DSHCLI.pm; answers in networking-zvm's tests.
"""

import csv
import dataclasses
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from networking_zvm import errors

_MARKER = re.compile(r"zvm:([0-9]{1,9}|end)(?: ([0-9]{1,9}))?")


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """text: all output. complaints: all error texts. failed: whether the command as a whole failed."""

    text: str
    complaints: tuple[str, ...]
    failed: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """What one command of a dsh script printed. status: its exit status, None where it was not asked for."""

    text: str
    status: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class ScriptOutput:
    """What a dsh script printed, command by command, as far as they were begun.

    status: the script's exit status; None if its end is missing, and with it any certainty about what the
    last section says and what came after. complaints: stderr.
    """

    sections: tuple[Section, ...]
    status: int | None
    complaints: tuple[str, ...]


def read_answer(document: object) -> Answer:
    """Raises Unknown for a document that is no answer."""
    texts: list[str] = []
    complaints: list[str] = []
    codes: list[str] = []
    for message in _messages(document):
        texts += _leaves(message, "data")
        complaints += _leaves(message, "error")
        codes += _leaves(message, "errorcode")
    failed = codes[-1] != "0" if codes else bool(complaints)
    return Answer("\n".join(texts), tuple(complaints), failed)


def _messages(document: object) -> Iterator[Mapping[str, object]]:
    """The messages, those about single nodes among them."""
    messages = document.get("data") if isinstance(document, dict) else None
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise errors.Unknown("unreadable answer: it is not xCAT's REST version 1")
    for message in messages:
        yield message
        nodes = message.get("node")
        yield from (n for n in nodes if isinstance(n, dict)) if isinstance(nodes, list) else ()


def _leaves(message: Mapping[str, object], group: str) -> list[str]:
    leaves = message.get(group, [])
    if not isinstance(leaves, list) or not all(isinstance(leaf, str | None) for leaf in leaves):
        raise errors.Unknown(f"unreadable answer: its {group} is not a list of texts")
    return [leaf for leaf in leaves if leaf]


def read_script(answer: Answer, node: str) -> ScriptOutput:
    """Cut a script's output at the lines "zvm:0", "zvm:1 <status>", ..., "zvm:end <status>".

    Every line begins with the node's name. What follows a gap in the numbers is left out.
    """
    sections: list[list[str]] = []
    statuses: dict[str, int | None] = {}
    for line in answer.text.split("\n"):
        line = line.removeprefix(f"{node}:").removeprefix(" ")
        marker = _MARKER.fullmatch(line.rstrip())
        if marker:
            statuses[marker[1]] = int(marker[2]) if marker[2] else None
            if marker[1] != str(len(sections)):
                break
            sections.append([])
        elif sections:
            sections[-1].append(line)
    texts = ("\n".join(lines) for lines in sections)
    read = tuple(Section(text, statuses.get(str(i + 1))) for i, text in enumerate(texts))
    return ScriptOutput(read, statuses.get("end"), answer.complaints)


def read_table(answer: Answer, columns: Sequence[str]) -> list[dict[str, str]]:
    """The rows of a tabdump by column name; undefined values are "", rows that are disabled are left out.

    columns: those that must be there. Later levels add columns. Raises Untrusted.
    """
    if answer.failed:
        raise errors.Untrusted(f"xCAT cannot show the table: {' '.join(answer.complaints)[:160]}")
    try:
        lines = list(csv.reader(io.StringIO(answer.text, newline=""), strict=True))
    except csv.Error as error:
        raise errors.Untrusted(f"xCAT's table is not readable: {error}") from None
    if not lines or not lines[0] or not lines[0][0].startswith("#"):
        raise errors.Untrusted("xCAT's table has no header")
    header = [lines[0][0][1:], *lines[0][1:]]
    if missing := set(columns) - set(header):
        raise errors.Untrusted(f"xCAT's table has no column {', '.join(sorted(missing))}")
    try:
        rows = [dict(zip(header, line, strict=True)) for line in lines[1:] if line]
    except ValueError:
        raise errors.Untrusted("xCAT's table has a row of another length than its header") from None
    return [row for row in rows if row.get("disable", "").lower() not in ("1", "yes")]
