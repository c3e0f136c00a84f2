"""The bytes of SMAPI: answers that come to the agent, requests that come to zvmsim."""

import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any

from networking_zvm import errors, model
from networking_zvm.hypervisor import smapi_queries, smapi_vswitches, smapi_wire
from networking_zvm.hypervisor.smapi_client import SmapiClient
from networking_zvm.hypervisor.smapi_wire import Answer
from networking_zvm.settings import SmapiSettings
from tests.fuzz import judge, mutations, plain, seeds
from tests.fuzz.target import Target, demand
from zvmsim.dialects.smapi.exchange import answer as server_answer
from zvmsim.world.gate import DroppedError, HttpFaultError

Payload = list[Any]
"""A list of parts; a part is a list of texts, counted or with NULs behind them, or of parts."""

_REQUESTS_PER_WORLD = 2000


def targets() -> Iterator[Target]:
    vswitches = seeds.payloads("Virtual_Network_Vswitch_Query_Extended", b"switch_name=*\0")
    statements = seeds.payloads("Directory_Manager_Search_DM", _text("NICDEF"))
    names = seeds.payloads("Image_Status_Query", target="*")
    system = seeds.payloads("System_Information_Query")
    entry = seeds.payloads("Image_Query_DM", target="LINUX02")
    nic = seeds.payloads("Virtual_Network_Adapter_Query", _text("1000"), target="LINUX01")
    for name, found, check in (
        ("SMAPI vswitches", vswitches, vswitch_payload),
        ("SMAPI NICDEFs", statements, statement_payload),
        ("SMAPI logged on", names, logged_on),
        ("SMAPI system information", system, identity),
        ("SMAPI directory entry", entry, entry_payload),
        ("SMAPI NIC query", nic, coupling),
    ):
        yield Target(name, found, mutations.data, check)
    trees = [tree for payload in vswitches if (tree := _tree(payload))]
    yield Target("SMAPI vswitches' words", trees, _tree_mutated, vswitch_tree)
    pairs = [[text.decode("latin-1") for text in plain.counted(payload[4:])] for payload in statements]
    yield Target("SMAPI NICDEFs' words", pairs, _texts_mutated, statement_texts)
    yield Target("SMAPI answer's header", list(seeds.capture_answers()), mutations.data, header)
    yield Target("SMAPI connection", list(seeds.capture_answers()), mutations.data, _Connections().check)
    yield Target("zvmsim's SMAPI server", seeds.requests(), mutations.data, _Server().check)


def _text(value: str) -> bytes:
    return len(value).to_bytes(4) + value.encode("latin-1", "replace")


def _tree(payload: bytes) -> list[list[list[str]]]:
    """The vswitches, each with its six lists of texts."""
    vswitches = list(plain.counted(payload[4:]))
    return [[plain.terminated(part) for part in plain.counted(vswitch)] for vswitch in vswitches]


def _tree_mutated(chance: random.Random, tree: list[list[list[str]]]) -> Any:
    changed = [[list(part) for part in vswitch] for vswitch in tree]
    for _ in range(chance.choice((1, 1, 2, 3))):
        part = chance.choice(chance.choice(changed))
        match chance.randrange(6):
            case 0 if part:
                part.append(chance.choice(part))
            case 1 if part:
                part.remove(chance.choice(part))
            case 2:
                changed.append([list(part) for part in chance.choice(changed)])
            case _ if part:
                at = chance.randrange(len(part))
                part[at] = mutations.text(chance, part[at]).replace("\0", "")
    return changed


def vswitch_tree(tree: list[list[list[str]]]) -> bool:
    structures = [b"".join(map(_terminated, vswitch)) for vswitch in tree]
    payload = len(tree).to_bytes(4) + b"".join(len(s).to_bytes(4) + s for s in structures)
    return vswitch_payload(payload)


def _terminated(texts: list[str]) -> bytes:
    part = b"".join(text.encode("latin-1", "replace") + b"\0" for text in texts)
    return len(part).to_bytes(4) + part


def _texts_mutated(chance: random.Random, texts: list[str]) -> list[str]:
    at = chance.randrange(len(texts))
    return [*texts[:at], mutations.text(chance, texts[at]), *texts[at + 1 :]]


def statement_texts(texts: list[str]) -> bool:
    part = b"".join(map(_text, texts))
    return statement_payload(len(part).to_bytes(4) + part)


def _refused(read: Callable[[], object]) -> tuple[bool, Any]:
    try:
        return False, read()
    except errors.Untrusted:
        return True, None


def vswitch_payload(payload: bytes) -> bool:
    refused, found = _refused(lambda: smapi_vswitches.read_vswitches(Answer(0, 0, payload)))
    if refused:
        return False
    judge.listing(found)
    tree = _tree(payload)
    demand(len(tree) == int.from_bytes(payload[:4]), "more vswitches or fewer than counted")
    words = [vswitch[0][0].split() for vswitch in tree]
    demand([plain.name(w[0]) for w in words] == list(found.vswitches), "names")
    nics: dict[tuple[str, str], tuple[str, str]] = {}
    for (_, _, users, coupled, *_), attributes in zip(tree, words, strict=True):
        name = plain.name(attributes[0])
        _judge_vswitch(found.vswitches[model.VSwitchName(name)], attributes, users)
        lines = [line.split() for line in coupled]
        nics |= {(plain.name(w[0]), plain.vdev(w[1])): (plain.mac(w[2]), name) for w in lines}
    judge.nics(found.live, nics)
    return True


def _judge_vswitch(vswitch: model.VSwitch, words: list[str], users: list[str]) -> None:
    based = [word for word in words[12:] if word.upper() in ("USERBASED", "PORTBASED")]
    said = {"transport_type": words[1], "vlan_awareness": words[5], "vlan_id": words[6]}
    judge.attributes(vswitch, {**said, "user_port_based": " ".join(based)})
    lines = [line.split() for line in users]
    granted = [(plain.name(w[1]), w[5:]) for w in lines if int(w[0]) == 0]
    judge.grants(vswitch.grants, plain.grants(granted))
    numbers = {int(w[0]) for w in lines} - {0}
    demand(vswitch.ports.keys() == numbers, f"ports {sorted(numbers)} read as {sorted(vswitch.ports)}")
    for number in numbers:
        kept = plain.grants((plain.name(w[1]), w[5:]) for w in lines if int(w[0]) == number)
        port = vswitch.ports[number]
        demand(kept == {str(port.userid): frozenset(map(int, port.vlans))}, f"port {number}: {kept}")


def _only(payload: bytes) -> bytes:
    (part,) = plain.counted(payload)
    return part


def statement_payload(payload: bytes) -> bool:
    refused, found = _refused(lambda: smapi_queries.read_nic_statements(Answer(0, 0, payload)))
    if refused:
        return False
    texts = [text.decode("latin-1") for text in plain.counted(_only(payload))]
    demand(len(texts) % 2 == 0, "a userid without statement")
    judge.directory(found, list(zip(texts[::2], texts[1::2], strict=True)))
    return True


def logged_on(payload: bytes) -> bool:
    refused, found = _refused(lambda: smapi_queries.read_logged_on(Answer(0, 0, payload)))
    if refused:
        return False
    names = {plain.name(text.decode("latin-1")) for text in plain.counted(_only(payload))}
    demand(found == names, f"{sorted(names)} read as {sorted(found)}")
    return True


def identity(payload: bytes) -> bool:
    refused, found = _refused(lambda: smapi_queries.read_identity(Answer(0, 0, payload)))
    if refused:
        return False
    lines = plain.terminated(_only(payload))
    levels = [line for line in lines if line.startswith("CP_LEVEL=")]
    words = levels[0].removeprefix("CP_LEVEL=").split()
    demand(len(levels) == 1, "two levels of CP")
    said = [word.partition("=")[2] for word in words if word.startswith("VERSION=")]
    demand(said == [".".join(map(str, found.version))], f"version {said} read as {found.version}")
    for word in found.times.ipl_time.split(" "):
        demand(any(w.partition("=")[2] == word for w in words), f"IPL at {found.times.ipl_time!r}")
    return True


def entry_payload(payload: bytes) -> bool:
    refused, found = _refused(lambda: smapi_queries.read_directory_entry(Answer(0, 0, payload)))
    if refused:
        return False
    demand(found == list(plain.counted(_only(payload))), "records")
    return True


def coupling(payload: bytes) -> bool:
    refused, found = _refused(
        lambda: smapi_queries.is_coupled_to(Answer(0, 0, payload), model.VSwitchName("VSW1"))
    )
    demand(refused or not found or b"VSW1" in payload.upper(), "coupled to a vswitch that is not named")
    return not refused


def header(data: bytes) -> bool:
    if len(data) < 20:
        return False
    (request_id,) = struct.unpack_from(">I", data)
    try:
        length, found = smapi_wire.split_header(data[4:20], request_id)
    except errors.InvalidValue:
        return False
    numbers = struct.unpack_from(">IIII", data, 4)
    demand((length + 12, request_id, found.rc, found.rs) == numbers, f"{numbers}")
    return True


class _Connections:
    """A server that sends what it is given and hangs up, and the agent's client."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._data = b""
        host, port = self._listener.getsockname()
        self._client = SmapiClient(SmapiSettings(host, port, "MAINT", "maint", timeout=5.0))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection:
                (length,) = struct.unpack(">I", connection.recv(4))
                while length > 0:
                    length -= len(connection.recv(length))
                connection.sendall(self._data)

    def check(self, data: bytes) -> bool:
        self._data = data if struct.unpack_from(">I", data.ljust(16, b"\0"), 8)[0] != 592 else b""
        try:
            self._client.change(smapi_wire.Call("Image_Lock_DM", "LINUX01"))
        except errors.HypervisorError:
            return False
        demand(struct.unpack_from(">I", data, 12) == (0,), "a failure is taken for success")
        demand(data[:4] == data[8:12], "the answer to another request")
        return True


class _Server:
    """zvmsim's, with a world that is made anew when it has seen much."""

    def __init__(self) -> None:
        self._seen = 0
        self._world = seeds.captured_world()

    def check(self, body: bytes) -> bool:
        self._seen += 1
        if self._seen % _REQUESTS_PER_WORLD == 0:
            self._world = seeds.captured_world()
        try:
            found = server_answer(self._world, "VM1", seeds.CONFIG, body)
        except (DroppedError, HttpFaultError):
            return False
        if found is None:
            return True
        rc, rs = struct.unpack_from(">II", found)
        demand(rc < 1000 and rs < 10_000, f"codes {rc}/{rs}")
        directory = self._world.systems["VM1"].directory
        demand(all(map(plain.name, directory.source)), "an entry with an impossible name")
        demand(directory.source == directory.active, "the object directory lags behind")
        return int(rc) == 0
