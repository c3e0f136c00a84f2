"""Requests as zthin's smcli sends them, with neither userid nor password, read parameter by parameter."""

import pytest

from tests.unit.zvmsim.smapi.wire_client import frame, nul, number, text
from zvmsim.dialects.smapi.exchange import Header, read_header, read_request
from zvmsim.dialects.smapi.wire import Input
from zvmsim.world.smapi import Request


def parsed(data: bytes) -> tuple[Header, Request]:
    source = Input(data)
    header = read_header(source)
    return header, read_request(source, header)


def request(function: str, target: str, parameters: bytes = b"") -> Request:
    return parsed(text(function) + text("") + text("") + text(target) + parameters)[1]


def test_the_functional_level() -> None:
    data = bytes.fromhex(
        "0000001a51756572795f4150495f46756e6374696f6e616c5f4c6576656c0000000000000000000000084f504e434c4f5544"
    )
    header, found = parsed(data)
    assert header == Header("Query_API_Functional_Level", "", "", "OPNCLOUD")
    assert found == Request("Query_API_Functional_Level", "OPNCLOUD")


def test_a_grant() -> None:
    data = bytes.fromhex(
        "000000245669727475616c5f4e6574776f726b5f567377697463685f5365745f457874656e646564"
        "0000000000000000000000084f504e434c4f5544"
        "7377697463685f6e616d653d56535731006772616e745f7573657269643d4c494e5558303100"
        "757365725f766c616e5f69643d3130300070657273697374"
        "3d59455300"
    )
    found = parsed(data)[1]
    assert found.arguments == {
        "switch_name": "VSW1",
        "grant_userid": "LINUX01",
        "user_vlan_id": "100",
        "persist": "YES",
    }


def test_a_couple() -> None:
    found = request("Virtual_Network_Adapter_Connect_Vswitch", "LINUX01", text("1000") + text("VSW1"))
    assert (found.target, found.arguments) == (
        "LINUX01",
        {"image_device_number": "1000", "switch_name": "VSW1"},
    )


def test_a_nic_of_the_directory_by_keyword() -> None:
    keywords = nul("image_device_number=1000", "adapter_type=QDIO", "mac_id=ABCDEF")
    assert len(keywords) == 0x39
    found = request("Virtual_Network_Adapter_Create_Extended_DM", "LINUX01", frame(keywords))
    assert found.arguments == {"image_device_number": "1000", "adapter_type": "QDIO", "mac_id": "ABCDEF"}


def test_a_nic_of_the_directory_by_position() -> None:
    values = text("1000") + b"\x02" + number(3) + text("") + text("ABCDEF")
    found = request("Virtual_Network_Adapter_Create_DM", "LINUX01", values)
    assert found.arguments == {
        "image_device_number": "1000",
        "adapter_type": "2",
        "network_adapter_devices": "3",
        "channel_path_id": "",
        "mac_id": "ABCDEF",
    }


def test_records() -> None:
    records = (
        "USER LINUX01 XXX 1G 2G G",
        "NICDEF 1000 TYPE QDIO DEVICES 3",
        "NICDEF 1000 LAN SYSTEM VSW1 VLAN 100 PORTTYPE ACCESS",
    )
    padded = b"".join(text(f"{record:72}") for record in records)
    assert request("Image_Replace_DM", "LINUX01", frame(padded)).records == records


def test_a_vswitch_by_position() -> None:
    values = (
        *(text("VSW1"), text("LINUX01"), text("10 20"), text(""), text(""), text(""), text("")),
        *(b"\0", number(-1), b"\0", b"\0", b"\x02"),
        *([text("")] * 10),
        *(b"\0", text("")),
    )
    found = request("Virtual_Network_Vswitch_Set", "SYSTEM", b"".join(values))
    given = {key: value for key, value in found.arguments.items() if value not in ("", "0", "-1")}
    assert given == {
        "switch_name": "VSW1",
        "grant_userid": "LINUX01",
        "user_vlan_id": "10 20",
        "update_system_config_indicator": "2",
    }


@pytest.mark.parametrize(
    ("function", "parameters", "arguments"),
    [
        (
            "Virtual_Network_LAN_Create",
            text("L1") + text("SYSTEM") + b"\x02\x02",
            {"lan_name": "L1", "lan_owner": "SYSTEM", "lan_type": "2", "transport_type": "2"},
        ),
        (
            "Virtual_Network_LAN_Access",
            nul("L1", "SYSTEM", "GRANT", "LINUX01", "NONPROMISCUOUS"),
            {
                "lan_name": "L1",
                "lan_owner": "SYSTEM",
                "access_op": "GRANT",
                "access_user": "LINUX01",
                "promiscuity": "NONPROMISCUOUS",
            },
        ),
        ("Image_Deactivate", text(" IMMED"), {"force_time": " IMMED"}),
    ],
)
def test_others(function: str, parameters: bytes, arguments: dict[str, str]) -> None:
    assert request(function, "X", parameters).arguments == arguments


def test_several_statements_of_one_keyword() -> None:
    values = nul("NICDEF=VDEV=1000 TYPE=QDIO", "nicdef=VDEV=2000 TYPE=QDIO")
    found = request("Image_Definition_Update_DM", "LNX1", frame(values))
    assert found.arguments == {"NICDEF": "VDEV=1000 TYPE=QDIO\nVDEV=2000 TYPE=QDIO"}
