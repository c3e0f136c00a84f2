"""xCAT's REST answers, the output of its scripts, its tables, and what the agent makes of their rows."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

from networking_zvm import errors, settings
from networking_zvm.hypervisor import xcat_answer, xcat_management
from networking_zvm.hypervisor.xcat_answer import Answer, Section
from networking_zvm.hypervisor.xcat_ports import PortTable
from networking_zvm.model import VSwitchName
from tests.fuzz import mutations, plain
from tests.fuzz.target import Target, demand
from tests.unit.networking_zvm.hypervisor import texts

_ANSWERS: list[Any] = [
    {"data": [{"data": ["zhcp: zvm:0\nzhcp: Done", None]}, {"errorcode": ["0"]}]},
    {"data": [{"data": [None, "one\ntwo"]}, {"error": ["zhcp: some warning"], "errorcode": ["0"]}]},
    {"data": [{"node": [{"data": ["text"], "name": ["zhcp"]}]}, {"error": ["no"], "errorcode": ["1"]}]},
]
_SCRIPTS = [
    f"zhcp: zvm:0\nzhcp: 3f2c5e1a\n{texts.VSWITCHES}zhcp: zvm:1 0\n{texts.LOGGED_ON}"
    "zhcp: zvm:2 0\nzhcp: zvm:end 0",
    "zhcp: zvm:0\nzhcp: Done\nzhcp: zvm:1\nzhcp: Failed\nzhcp:   Return Code: 400\nzhcp: zvm:end 1",
]
_SWITCH = """\
#node,switch,port,vlan,interface,comments,disable
"linux01","VSW1","p1","10","1000","zhcp",
"linux02",,"p2",,"800","zhcp",
"linux03","VSW2","p3","-1","0900","zhcp2",
"linux04",,"p4",,"1000","zhcp","1"
"""
_ZVM = """\
#node,hcp,userid,nodetype,parent,comments,disable
"linux01","zhcp.example.com","LINUX01",,,,
"linux02","zhcp.example.com","linux02",,,,
"linux03","zhcp.example.com","TOOLONGNAME",,,,
"""
_NIC = (
    "Adapter 0800.P00 Type: QDIO      Name: UNASSIGNED  Devices: 3\n  MAC: 02-00-01-00-00-0A"
    "         VSWITCH: SYSTEM XCATVSW2\n"
)
_INTERFACE = "enccw0.0.0800: flags=4163<UP>  mtu 1500\n   inet 10.1.0.9  netmask 255.255.0.0\n"


def targets() -> Iterator[Target]:
    yield Target("xCAT answer", _ANSWERS, mutations.document, answer)
    yield Target("xCAT answer's JSON", [json.dumps(a) for a in _ANSWERS], mutations.text, answer_text)
    yield Target("xCAT script output", _SCRIPTS, mutations.text, script)
    yield Target("xCAT table", [_SWITCH, _ZVM], mutations.text, table)
    yield Target("xCAT rows of ports", [(_SWITCH, _ZVM)], _either, ports)
    yield Target("CP QUERY NIC of the MN", [(_NIC, _INTERFACE)], _either, management)


def _either(chance: random.Random, seed: tuple[str, str]) -> tuple[str, str]:
    if chance.random() < 0.5:
        return mutations.text(chance, seed[0]), seed[1]
    return seed[0], mutations.text(chance, seed[1])


def answer_text(text: str) -> bool:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return answer(document)


def answer(document: Any) -> bool:
    try:
        found = xcat_answer.read_answer(document)
    except errors.Unknown:
        return False
    messages = [m for message in document["data"] for m in (message, *_nodes(message))]
    data = [leaf for message in messages for leaf in message.get("data", []) if leaf]
    demand(found.text == "\n".join(data), "text")
    codes = [leaf for message in messages for leaf in message.get("errorcode", []) if leaf]
    complaints = [leaf for message in messages for leaf in message.get("error", []) if leaf]
    demand(list(found.complaints) == complaints, "complaints")
    demand(found.failed == (codes[-1] != "0" if codes else bool(complaints)), f"{codes}")
    return True


def _nodes(message: Any) -> list[Any]:
    nodes = message.get("node")
    return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []


def script(text: str) -> bool:
    """A section is what stands between two markers that follow each other; nothing beyond a gap counts."""
    found = xcat_answer.read_script(Answer(text, (), False), "zhcp")
    lines = [re.sub(r"^(zhcp:)? ?", "", line, count=1) for line in text.split("\n")]
    marks = [m for line in lines if (m := re.fullmatch(r"zvm:([0-9]+|end)( [0-9]+)?\s*", line))]
    marks = [mark for mark in marks if len(mark[0]) < 20]
    expected = 0
    for mark in marks:
        if mark[1] != str(expected):
            break
        expected += 1
    demand(len(found.sections) == expected, f"{len(found.sections)} sections of {expected}")
    complete = found.status is not None
    ends = expected < len(marks) and marks[expected][1] == "end" and marks[expected][2]
    demand(not complete or ends, "an end that does not come behind the last section")
    for number, section in enumerate(found.sections):
        demand(all(part in lines for part in section.text.split("\n") if part), f"section {number}")
    return complete


def table(text: str) -> bool:
    try:
        rows = xcat_answer.read_table(Answer(text, (), False), ("node", "userid"))
    except errors.Untrusted:
        return False
    for row in rows:
        demand(all(isinstance(value, str) for value in row.values()), f"{row}")
        demand(row["node"] in text.replace('""', '"') and row["userid"] in text.replace('""', '"'), f"{row}")
    return True


class _Tables:
    """A management node that has only tables."""

    def __init__(self, switch: str, zvm: str) -> None:
        self._texts = {"switch": switch, "zvm": zvm}

    def table(self, name: str, columns: Sequence[str]) -> list[dict[str, str]]:
        return xcat_answer.read_table(Answer(self._texts[name], (), False), columns)


def ports(both: tuple[str, str]) -> bool:
    try:
        records = PortTable(_Tables(*both), "zhcp").read()  # type: ignore[arg-type]
    except errors.Untrusted:
        return False
    for record in records:
        demand(record.port_id in both[0].replace('"', ",").split(","), f"port {record.port_id!r}")
        demand(plain.name(record.address.userid) in both[1].upper(), f"userid {record.address.userid}")
        demand(record.vlan is None or str(int(record.vlan)) in both[0], f"VLAN {record.vlan}")
    return True


class _Node:
    """A management node of which the NIC and its interface are seen; what is run there changes nothing."""

    def __init__(self, nic: str, interface: str) -> None:
        self._sections = [Section(nic, 0), Section(interface, 0)]
        self.ran: list[Any] = []

    def table(self, name: str, _columns: Sequence[str]) -> list[dict[str, str]]:
        return [{"key": "master", "value": "10.1.0.1", "node": "xcat", "ip": "10.1.0.1"}]

    def query(self, _node: str, _commands: Any) -> list[Section]:
        return self._sections

    def run(self, _node: str, commands: Any) -> xcat_answer.ScriptOutput:
        self.ran.append(commands)
        return xcat_answer.ScriptOutput((), 0, ())


def management(both: tuple[str, str]) -> bool:
    node = _Node(*both)
    wanted = settings.ManagementNic("10.1.0.9", "255.255.0.0")
    keeper = xcat_management.ManagementNicKeeper(node, wanted, VSwitchName("XCATVSW2"))  # type: ignore[arg-type]
    try:
        keeper.ensure()
    except (errors.ConfigurationError, errors.Refused, errors.Untrusted):
        return False
    demand("inet 10.1.0.9" in both[1] or "inet addr:10.1.0.9" in both[1], "another address is taken for ours")
    demand(not node.ran, "something was run although all was well")
    return True


