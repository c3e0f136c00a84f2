"""Whatever bytes come, the server answers or hangs up, and goes on."""

import json
import socket
import struct
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.zvmsim.smapi.captured_system import CAPTURES, INVENTORY
from tests.unit.zvmsim.smapi.wire_client import Conversation, ask, body, frame, nul, number, text
from zvmsim.dialects.smapi.config import Account, SmapiConfig
from zvmsim.dialects.smapi.exchange import Header, answer, read_header, read_request
from zvmsim.dialects.smapi.layouts import REQUESTS
from zvmsim.dialects.smapi.request_fields import Keywords, Records, Value
from zvmsim.dialects.smapi.wire import Input, WireError
from zvmsim.server import Simulator, load
from zvmsim.world.world import World

CONFIG = SmapiConfig({"MAINT": Account("MAINT", "maint")})
FUNCTIONS = st.sampled_from(sorted(REQUESTS))
LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\0"), max_size=30)


@cache
def world() -> World:
    """One for all examples: what they do to it is part of the test."""
    return load(json.dumps(INVENTORY)).world


def is_an_answer(data: bytes) -> None:
    """Codes and payload, or silence where success is silent."""
    outcome = answer(world(), "VM1", CONFIG, data)
    if outcome is not None:
        rc, rs = struct.unpack_from(">II", outcome)
        assert rc < 1000
        assert rs < 10_000


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    is_an_answer(data)


@given(FUNCTIONS, LATIN, st.binary(max_size=200))
@settings(max_examples=400)
def test_any_parameters_of_a_caller_who_is_known(function: str, target: str, parameters: bytes) -> None:
    is_an_answer(body(function, target, parameters, "MAINT", "maint"))


@given(st.sampled_from(sorted(CAPTURES)), st.data())
@settings(max_examples=400)
def test_a_real_request_with_a_few_bytes_changed(name: str, data: st.DataObject) -> None:
    request = bytearray(CAPTURES[name].request[4:])
    for _ in range(data.draw(st.integers(1, 4))):
        request[data.draw(st.integers(0, len(request) - 1))] = data.draw(st.integers(0, 255))
    is_an_answer(bytes(request))


@pytest.mark.parametrize("name", sorted(CAPTURES))
def test_a_real_request_cut_short_anywhere(name: str) -> None:
    request = CAPTURES[name].request[4:]
    for length in range(len(request)):
        is_an_answer(request[:length])


VALUES = st.text(st.characters(max_codepoint=255, exclude_characters="\0="), max_size=20)
KEYS = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz_"), min_size=1, max_size=12)


@given(FUNCTIONS, st.data())
@settings(max_examples=300)
def test_what_is_written_is_what_is_read(function: str, data: st.DataObject) -> None:
    parameters = b""
    records: tuple[str, ...] = ()
    arguments: dict[str, str] = {}
    for field in REQUESTS[function]:
        if isinstance(field, Keywords):
            given = data.draw(st.dictionaries(KEYS, VALUES, max_size=6))
            listed = nul(*([f"{key}={value}" for key, value in given.items()] if not field.bare else given))
            parameters += frame(listed) if field.counted else listed
            arguments |= dict.fromkeys(given, "") if field.bare else given
        elif isinstance(field, Records):
            records = tuple(data.draw(st.lists(VALUES.map(str.rstrip), max_size=5)))
            parameters += frame(b"".join(map(text, records)))
        else:
            assert isinstance(field, Value)
            given_bytes, value = data.draw(st.sampled_from(_EXAMPLES[_kind(field)]))
            parameters += given_bytes
            arguments[field.name] = value
    source = Input(body(function, "LNX1", parameters))
    header = read_header(source)
    request = read_request(source, header)
    assert header == Header(function, "NEUTRON", "neutron1", "LNX1")
    assert (dict(request.arguments), request.records) == (arguments, records)


_EXAMPLES = {
    "counted": [(text(value), value) for value in ("", "1000", "VSW 1", "é\xff")],
    "terminated": [(nul(value), value) for value in ("", "SYSTEM", "é\xff")],
    "byte": [(bytes([value]), str(value)) for value in (0, 1, 200)],
    "word": [(number(value), str(value)) for value in (-1, 0, 3, 0x7FFFFFFF)],
}


def _kind(field: Value) -> str:
    """How a field is read, found out by giving it something to read."""
    kinds = (kind for kind, found in _EXAMPLES.items() if all(_reads(field, *example) for example in found))
    return next(kinds)


def _reads(field: Value, data: bytes, value: str) -> bool:
    source = Input(data)
    try:
        return field.take(source) == value and not source.left
    except WireError:
        return False


def test_over_a_connection() -> None:
    """Noise of many kinds, then a real call."""
    noise = [
        b"",
        b"\0",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        b"\xff" * 64,
        frame(b"\xff" * 64),
        frame(bytes(64)),
        frame(b"")[:3],
        frame(bytes(1 << 20)),
        frame(bytes(100)) * 3,
        struct.pack(">I", 100) + b"short",
    ]
    with Simulator.from_inventory(json.loads(json.dumps(INVENTORY))) as simulator:
        address = simulator.smapi_addresses["VM1"]
        for data in noise:
            with Conversation(address) as conversation, suppress(OSError):
                conversation.send(data)
                conversation.socket.shutdown(socket.SHUT_WR)
                while conversation.socket.recv(4096):
                    pass
        level = body("Query_API_Functional_Level", "X", user="maint", password="maint")
        assert ask(address, level).codes == (0, 710)


@pytest.mark.parametrize(
    ("function", "parameters", "codes"),
    [
        ("Virtual_Network_LAN_Create", text("LAN1") + text("SYSTEM") + b"\0\x01", (24, 310)),
        (
            "Virtual_Network_Adapter_Create_DM",
            text("9000") + b"\x02" + number(3) + text("3\x7f") + text(""),
            (24, 411),
        ),
    ],
)
def test_what_must_be_said_and_what_would_spoil_a_record_is_refused(
    function: str, parameters: bytes, codes: tuple[int, int]
) -> None:
    outcome = answer(world(), "VM1", CONFIG, body(function, "GT@PONG", parameters, "MAINT", "maint"))
    assert outcome is not None
    assert struct.unpack_from(">II", outcome) == codes
