"""The protocol's bytes: requests as captured ones, and no bytes at all that break a reader."""

import contextlib
import json
import pathlib
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor import base, smapi_changes, smapi_queries, smapi_wire
from networking_zvm.hypervisor.smapi_wire import Call, Reader

CAPTURES = pathlib.Path(__file__).parents[3] / "data" / "smapi_captures.json"
PONG, PING = model.Userid("gt@pong"), model.Userid("gt@ping")
VSW1, VSW2 = model.VSwitchName("gt@vsw1"), model.VSwitchName("gt@vsw2")


def nic(vdev: str) -> model.NicAddress:
    return model.NicAddress(PONG, model.Vdev(vdev))


def couple(vdev: str) -> base.Couple:
    return base.Couple(nic(vdev), model.Mac("020000000001"), VSW1, directory=False, live=True)


def requests_of_captures() -> Mapping[tuple[str, int], bytes]:
    captures = json.loads(CAPTURES.read_text())["captures"]
    return {(c["function"], c["number"]): bytes.fromhex(c["request"]) for c in captures}


def defined(**values: str) -> bytes:
    return smapi_wire.counted(smapi_wire.keywords(values))


DISK = "OPERATION=ADD VDEV=999 COUNT=1000 DEVTYPE=XXXX DISKTYPE=AUTOG NAME=LINUX"
VSWITCH = {
    "switch_name": "gt@vswi",
    "real_device_address": "620 630",
    "connection_value": "DISCON",
    "transport_type": "ETHERNET",
    "vlan_id": "1024",
    "persist": "NO",
    "native_vlanid": "2049",
    "vswitch_type": "IVL",
    "vswitch_domain": "B",
    "vswitch_global": "DOMAIN",
}
PORT = {"switch_name": "gt@vsw2", "persist": "NO", "uplink": "NO", "portnum": "200 gt@ping"}
ALL = {"switch_name": "*", "vepa_status": "YES"}

SAME = {
    ("System_Information_Query", 1): smapi_queries.system_information("maint"),
    ("Image_Status_Query", 1): Call("Image_Status_Query", PONG),
    ("Image_Query_DM", 1): smapi_queries.directory_entry(PONG),
    ("Image_Lock_DM", 1): Call("Image_Lock_DM", PONG, smapi_wire.text("888")),
    ("Image_Unlock_DM", 1): Call("Image_Unlock_DM", PONG, smapi_wire.text("888")),
    ("Image_Lock_Query_DM", 1): smapi_queries.directory_lock(PONG),
    ("Image_Definition_Update_DM", 2): Call("Image_Definition_Update_DM", PING, defined(IPL="VDEV=CMS")),
    ("Image_Definition_Update_DM", 3): Call("Image_Definition_Update_DM", PING, defined(MDISK=DISK)),
    ("Query_Asynchronous_Operation_DM", 1): Call(
        "Query_Asynchronous_Operation_DM", "maint", smapi_wire.number(1234)
    ),
    ("Directory_Manager_Search_DM", 1): Call(
        "Directory_Manager_Search_DM", "maint", smapi_wire.text("user sys*")
    ),
    ("Virtual_Network_Adapter_Connect_Vswitch", 1): smapi_changes.couple_live(couple("9100")).call,
    ("Virtual_Network_Adapter_Connect_Vswitch_Extended", 1): Call(
        "Virtual_Network_Adapter_Connect_Vswitch_Extended",
        PONG,
        smapi_wire.keywords({"image_device_number": "9200", "switch_name": "gt@vsw1"}),
    ),
    ("Virtual_Network_Adapter_Disconnect", 1): smapi_changes.uncouple_live(nic("9000")).call,
    ("Virtual_Network_Adapter_Delete", 1): smapi_changes.remove(base.RemoveNic(nic("9000"), True))[1].call,
    ("Virtual_Network_Adapter_Delete_DM", 1): smapi_changes.remove(base.RemoveNic(nic("9000"), True))[0].call,
    ("Virtual_Network_Adapter_Query", 1): Call(
        "Virtual_Network_Adapter_Query", PONG, smapi_wire.text("*")
    ),
    ("Virtual_Network_Vswitch_Create_Extended", 3): Call(
        "Virtual_Network_Vswitch_Create_Extended", "maint", smapi_wire.keywords(VSWITCH)
    ),
    ("Virtual_Network_Vswitch_Set_Extended", 6): smapi_changes.deauthorize(
        base.Deauthorize(PING, VSW2), "maint", persistent=False
    ).call,
    ("Virtual_Network_Vswitch_Set_Extended", 8): Call(
        "Virtual_Network_Vswitch_Set_Extended", "maint", smapi_wire.keywords(PORT)
    ),
    ("Virtual_Network_Vswitch_Query_Extended", 1): Call(
        "Virtual_Network_Vswitch_Query_Extended", "maint", smapi_wire.keywords(ALL)
    ),
}


@pytest.mark.parametrize("capture", SAME, ids=lambda capture: f"{capture[0]}-{capture[1]}")
def test_a_request_is_the_captured_one(capture: tuple[str, int]) -> None:
    """But for the case of names: ours are in upper case."""
    request = smapi_wire.request(SAME[capture], b"maint", b"maint")
    assert request.lower() == requests_of_captures()[capture].lower()


def test_keywords_end_each_and_records_are_counted() -> None:
    """Bytes of feilong zthin's smcli, seen on a socket."""
    values = {"switch_name": "VSW1", "grant_userid": "LINUX01", "user_vlan_id": "100", "persist": "YES"}
    call = Call("Virtual_Network_Vswitch_Set_Extended", "OPNCLOUD", smapi_wire.keywords(values))
    assert smapi_wire.request(call, b"", b"")[:8] == bytes.fromhex("0000007f 00000024")
    records = [b"USER LINUX01 XXX 1G 2G G", b"NICDEF 1000 TYPE QDIO DEVICES 3", b"X" * 52]
    packed = smapi_wire.array(records)
    assert packed[:8] == bytes.fromhex("00000077 00000018")
    assert len(packed) == 4 + 0x77


def test_what_cannot_be_sent_is_not_told() -> None:
    for secret in ("пароль", "pass\0word"):
        with pytest.raises(errors.InvalidValue) as caught:
            smapi_wire.text(secret)
        assert secret not in str(caught.value)
    assert "secret" not in repr(smapi_wire.Answer(0, 0, b"secret"))
    assert "secret" not in repr(Call("Image_Replace_DM", "X", b"secret"))


TEXT = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=30)


@given(st.lists(TEXT), st.dictionaries(TEXT, TEXT), st.integers(0, 2**32 - 1))
def test_what_is_written_is_read(texts: list[str], values: dict[str, str], number: int) -> None:
    data = smapi_wire.array(map(smapi_wire.encode, texts))
    data += smapi_wire.counted(smapi_wire.keywords(values)) + smapi_wire.number(number)
    reader = Reader(data)
    elements = reader.part()
    assert [elements.text() for _ in texts] == texts
    elements.end()
    assert reader.part().strings() == [f"{key}={value}" for key, value in values.items()]
    assert reader.number() == number
    reader.end()
    assert not reader


READS: list[Callable[[Reader], object]] = [
    Reader.byte,
    Reader.number,
    Reader.part,
    Reader.data,
    Reader.text,
    Reader.strings,
    Reader.end,
]


@given(st.binary(max_size=60), st.lists(st.sampled_from(READS)))
def test_no_bytes_break_a_reader(data: bytes, reads: list[Callable[[Reader], object]]) -> None:
    reader = Reader(data)
    with contextlib.suppress(errors.InvalidValue):
        for read in reads:
            read(reader)


@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**32 - 1))
def test_no_header_announces_more_than_is_borne(header: bytes, request_id: int) -> None:
    with contextlib.suppress(errors.InvalidValue):
        length, _ = smapi_wire.split_header(header, request_id)
        assert 0 <= length <= smapi_wire.LONGEST_ANSWER


@pytest.mark.parametrize("header", ["0000000b 00000007", "04000001 00000007", "0000000c 00000008"])
def test_a_header_that_cannot_be(header: str) -> None:
    with pytest.raises(errors.InvalidValue):
        smapi_wire.split_header(bytes.fromhex(header) + bytes(8), 7)
