"""Every captured request is understood, and answered as z/VM 7.1 answered it.

Byte for byte where zvmsim has the state; `UNLIKE` lists what it does not have, and what is compared instead.
"""

import re
import struct
from collections.abc import Callable

import pytest

from tests.unit.zvmsim.smapi.captured_system import CAPTURES, Capture, world_for
from zvmsim.dialects.smapi.config import Account, SmapiConfig
from zvmsim.dialects.smapi.exchange import answer, read_header, read_request
from zvmsim.dialects.smapi.layouts import REPLIES, REQUESTS, payload
from zvmsim.dialects.smapi.wire import Input
from zvmsim.world.answers import AuthorizedUserInfo, ConnectedNicInfo, RealDeviceInfo, VswitchInfo
from zvmsim.world.functions import FUNCTIONS
from zvmsim.world.smapi import Reply, Request

CONFIG = SmapiConfig({"MAINT": Account("MAINT", "maint")})
EACH = pytest.mark.parametrize("capture", CAPTURES.values(), ids=lambda capture: capture.name)
RENAMED = {"channel_path_type_id": "channel_path_id", "query_keyword_parameter_list": "format"}


@EACH
def test_a_request_is_read_as_what_it_was_made_from(capture: Capture) -> None:
    assert struct.unpack(">I", capture.request[:4])[0] == len(capture.request) - 4
    source = Input(capture.request[4:])
    header = read_header(source)
    request = read_request(source, header)
    assert (header.function, header.userid, header.password) == (capture.function, "maint", "maint")
    assert header.target == capture.arguments["target"]
    assert given(request) == wanted(capture)


def given(request: Request) -> dict[str, str]:
    return {key.lower(): value for key, value in request.arguments.items() if value}


def wanted(capture: Capture) -> dict[str, str]:
    """The arguments under the manual's names, without those left out; a list is one of keywords."""
    found: dict[str, str] = {}
    for key, value in capture.arguments.items():
        if isinstance(value, list):
            pairs = [text.split("=", 1) for text in value if "=" in text and "Query" not in capture.function]
            found |= {key.lower(): text for key, text in pairs}
        elif key != "target" and value not in ("", None):
            found[RENAMED.get(key, key).lower()] = str(value)
    return found


def answered(capture: Capture) -> bytes:
    """All that the server sends: the id (0, as in the captures) and, unless success is silent, the rest."""
    outcome = answer(world_for(capture), "VM1", CONFIG, capture.request[4:])
    if outcome is None:
        return capture.response[:4]
    return bytes(4) + struct.pack(">I", 4 + len(outcome)) + bytes(4) + outcome


@EACH
def test_the_answer_is_that_of_z_vm(capture: Capture) -> None:
    ours, theirs = answered(capture), capture.response
    assert ours[8:20] == theirs[8:20], "request id and codes"
    alike, _ = UNLIKE.get(capture.name, (bytes, ""))
    assert alike(ours) == alike(theirs)


def switches(response: bytes) -> object:
    """Vswitch_Query, field by field; status 3 and 4 are one."""
    found, at = [], 24
    while at < len(response):
        (length,) = struct.unpack_from(">I", response, at)
        end = at + 4 + length
        name_end = at + 8 + struct.unpack_from(">I", response, at + 4)[0]
        fixed = list(struct.unpack_from(">BBIBIIQBBB", response, name_end))
        fixed[-1] = min(fixed[-1], 3) if fixed[-1] in (3, 4) else fixed[-1]
        found.append((response[at + 8 : name_end], fixed, response[name_end + 29 : end]))
        at = end
    return found


def switches_extended(response: bytes) -> object:
    """Vswitch_Query_Extended, field by field, without link aggregation; status 3 and 4 are one."""
    (count,) = struct.unpack_from(">I", response, 20)
    found, at = [], 24
    for _ in range(count):
        end = at + 4 + struct.unpack_from(">I", response, at)[0]
        at += 4
        fields = []
        while at < end:
            (length,) = struct.unpack_from(">I", response, at)
            fields.append(response[at + 4 : at + 4 + length])
            at += 4 + length
        assert at == end
        tokens = fields[0].split(b" ")
        tokens[11:15] = [tokens[11].replace(b"4", b"3")]
        found.append((tokens, fields[1:]))
    assert at == len(response)
    return found


def byte_stats(response: bytes) -> object:
    """The texts with every counter zero."""
    texts = response[20:].split(b"\0")
    found, at = texts[:1], 1
    for _ in range(int(texts[0])):
        uplinks = int(texts[at + 1])
        found += texts[at : at + 2] + [texts[at + 2 + 9 * number] for number in range(uplinks)]
        at += 2 + 9 * uplinks + 8
        nics = int(texts[at])
        found += [texts[at]] + [texts[at + 1 + 9 * number] for number in range(nics)]
        at += 1 + 9 * nics + 1
        found.append(texts[at - 1])
    return found, texts[at:]


def counters(response: bytes) -> object:
    """Lengths aside, with every decimal number zero."""
    assert struct.unpack_from(">II", response, 20) == (len(response) - 24, len(response) - 28)
    head, _, tail = response[28:].partition(b"\0")
    assert struct.unpack_from(">I", tail)[0] == len(tail) - 4
    return re.sub(rb" \d+$", b" 0", head), re.sub(rb"\d+", b"0", tail[4:])


def definitions(response: bytes) -> object:
    """A counted list of texts that all have a keyword."""
    assert struct.unpack_from(">I", response, 20)[0] == len(response) - 24
    *lines, end = response[24:].split(b"\0")
    return end, all(re.match(rb"[A-Z_]+=|@", line) for line in lines), lines[0].split(b"=")[0]


def osas(response: bytes) -> object:
    """Lines of devices, the very last aside."""
    lines = response[20:].split(b"\0")
    return [line for line in lines if not line.startswith(b"0680")]


def users(response: bytes) -> object:
    """Padded names, with or without leave to see everything, in any order."""
    return sorted(line[:9] for line in response[20:].split(b"\0"))


UNLIKE: dict[str, tuple[Callable[[bytes], object], str]] = {
    "Virtual_Network_Vswitch_Query-1": (
        switches,
        "a vswitch with DISCONNECT and an RDEV has status 4; 3 in the capture, where it never was connected",
    ),
    "Virtual_Network_Vswitch_Query_Extended-1": (switches_extended, "the same, and no link aggregation"),
    "Virtual_Network_Vswitch_Query_Byte_Stats-1": (byte_stats, "no frame is counted"),
    "Virtual_Network_VLAN_Query_Stats-1": (counters, "no frame is counted, NICs have no port number"),
    "Virtual_Network_OSA_Query-1": (osas, "devices come in threes, the captured system has 128 of one card"),
    "Virtual_Network_LAN_Access_Query-1": (users, "who may see everything is not kept for guest LANs"),
    "Image_Definition_Query_DM-2": (definitions, "operands of statements other than NICDEF have no names"),
    "Image_Definition_Query_DM-3": (definitions, "the same, and keywords without a statement are left out"),
}


def test_what_is_not_alike_is_not_alike() -> None:
    """The table names nothing that has become equal."""
    assert [name for name in UNLIKE if answered(CAPTURES[name]) == CAPTURES[name].response] == []


GOLDEN = (
    "0000102d000001560000102d0000000000000000000000010000014200000097565357312045544845524e4554205452554e4b2038204e412041574152452030"
    "303130302030303030312030322d30302d30312d30302d30302d3241204e4f47565250204e4f475652502031204c41473a203020284e4f475250292035205144"
    "494f204e4f49534f4c4154494f4e20554e53504543494649454420555345524241534544204e4f434f554e5445525320284e4f4e4529000000001d3035303020"
    "30363030204454435653573120284e4f4e452920312030000000005230303030204c494e55583031204e4f50524f4d204e4f4f534453494d2031203030313020"
    "0030303030204c494e555830322050524f4d204e4f4f534453494d2032203030323020303033302d303034302000000000244c494e5558303120313030302030"
    "322d30302d30302d41422d43442d4546205144494f000000000000000000"
)
"""What zthin's smcli prints without a complaint."""


def test_the_answer_that_smcli_reads() -> None:
    def user(userid: str, promiscuous: bool, *tokens: str) -> AuthorizedUserInfo:
        return AuthorizedUserInfo(0, userid, promiscuous, False, (), tokens, "ACCESS", False)

    switch = VswitchInfo(
        name="VSW1",
        transport="ETHERNET",
        port_type="TRUNK",
        queue_memory_limit=8,
        routing="NA",
        vlan_aware=True,
        default_vlan=100,
        native_vlan=1,
        mac="02-00-01-00-00-2A",
        gvrp_requested=False,
        gvrp_enabled=False,
        status=1,
        ip_timeout=5,
        type="QDIO",
        isolation=False,
        mac_protect="UNSPECIFIED",
        port_based=False,
        vlan_counters=False,
        vepa=False,
        persistent=True,
        connected=True,
        devices=(RealDeviceInfo("0500", "0600", "DTCVSW1", "", 1, 0),),
        users=(user("LINUX01", False, "0010"), user("LINUX02", True, "0020", "0030-0040")),
        adapters=(ConnectedNicInfo("LINUX01", "1000", "02-00-00-AB-CD-EF", "QDIO"),),
    )
    request = Request("Virtual_Network_Vswitch_Query_Extended", "X", {"switch_name": "*"})
    assert payload(request, Reply(data=(switch,))).hex() == GOLDEN[40:]
    with_vepa = Request(request.function, "X", {"SWITCH_NAME": "*", "VEPA_STATUS": "yes"})
    assert b"NOCOUNTERS OFF (NONE)\0" in payload(with_vepa, Reply(data=(switch,)))


def test_every_layout_is_of_a_function() -> None:
    assert set(REQUESTS) <= set(FUNCTIONS)
    assert set(REPLIES) <= set(REQUESTS)


@pytest.mark.parametrize("name", [name for name in REQUESTS if FUNCTIONS[name].positional])
def test_a_layout_has_the_functions_parameters(name: str) -> None:
    fields = [field.name for field in REQUESTS[name] if hasattr(field, "name")]
    assert set(fields) == set(FUNCTIONS[name].parameters)
