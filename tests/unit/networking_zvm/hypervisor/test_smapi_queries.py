"""Payloads: captured ones, damaged ones, and arbitrary bytes."""

import contextlib
import datetime
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor import smapi_queries, smapi_vswitches, smapi_wire
from networking_zvm.hypervisor.smapi_wire import Answer
from tests.unit.networking_zvm.hypervisor.test_smapi_wire import CAPTURES, PONG, VSW1


def answer(function: str) -> Answer:
    """The captured answer to a function."""
    captures = json.loads(CAPTURES.read_text())["captures"]
    capture = next(c for c in captures if c["function"] == function)
    response = bytes.fromhex(capture["response"])
    _length, _request_id, rc, rs = smapi_wire.HEADER.unpack(response[4:20])
    return Answer(rc, rs, response[20:])


def packed(*texts: str) -> bytes:
    return smapi_wire.array(map(smapi_wire.encode, texts))


SYSTEM = answer("System_Information_Query")
VSWITCHES = answer("Virtual_Network_Vswitch_Query_Extended")
ADAPTERS = answer("Virtual_Network_Adapter_Query")
ENTRY = answer("Image_Query_DM")
LOCK = answer("Image_Lock_Query_DM")
NAMES = answer("Image_Status_Query")
STATEMENTS = answer("Directory_Manager_Search_DM")


def test_which_z_vm_this_is() -> None:
    identity = smapi_queries.read_identity(SYSTEM)
    assert identity.version == (7, 1, 0)
    assert identity.directory_authorizes
    assert identity.times.version == "z/VM 7.1.0"
    assert identity.times.ipl_time == "2019-04-28 13:39:31 EDT"
    assert identity.times.now == datetime.datetime(2019, 4, 28, 13, 42, 29)
    assert identity.times.timezone == "EDT"


@pytest.mark.parametrize(("version", "authorizes"), [(b"6.4.0", False), (b"7.0.9", False), (b"7.3.0", True)])
def test_the_directory_authorizes_from_7_1_on(version: bytes, authorizes: bool) -> None:
    told = Answer(0, 0, SYSTEM.payload.replace(b"VERSION=7.1.0", b"VERSION=" + version))
    assert smapi_queries.read_identity(told).directory_authorizes is authorizes


@pytest.mark.parametrize("lost", [b"VERSION=7.1.0", b"IPL_TIME=13:39:31", b"IPL_DATE=2019-04-28"])
def test_a_system_without_its_facts(lost: bytes) -> None:
    with pytest.raises(errors.Untrusted):
        smapi_queries.read_identity(Answer(0, 0, SYSTEM.payload.replace(lost, b"X" * len(lost))))


def test_an_unreadable_clock_is_no_clock() -> None:
    told = Answer(0, 0, SYSTEM.payload.replace(b"TIME=13:42:29", b"TIME=noontime"))
    assert smapi_queries.read_identity(told).times.now is None


def test_captured_vswitches() -> None:
    told = smapi_vswitches.read_vswitches(VSWITCHES)
    extern, dtcsmapi = model.VSwitchName("EXTERN"), model.VSwitchName("DTCSMAPI")
    ivl, ip, lag = (model.VSwitchName(name) for name in ("GT@VSWI", "GT@VSW1", "GT@VSW2"))
    nobody: frozenset[model.VlanId] = frozenset()
    vlan = model.VlanId(1024)
    assert told.vswitches == {
        dtcsmapi: model.VSwitch(
            dtcsmapi, grants={model.Userid("DTCSMAPI"): nobody, model.Userid("LOHCOST"): nobody}
        ),
        extern: model.VSwitch(
            extern,
            uplink=model.Uplink.READY,
            rdevs=("0500",),
            grants={model.Userid("TCPIP"): nobody, model.Userid("M1"): nobody},
        ),
        ivl: model.VSwitch(
            ivl,
            vlan_aware=True,
            default_vlan=vlan,
            port_based=True,
            uplink=model.Uplink.DOWN,
            rdevs=("0620",),
            port_type=model.PortType.ACCESS,
            native_vlan=model.VlanId(2049),
        ),
        ip: model.VSwitch(
            ip, model.Layer.IP, grants={model.Userid("MAINT"): nobody, model.Userid("GT@PONG"): nobody}
        ),
        lag: model.VSwitch(
            lag,
            vlan_aware=True,
            default_vlan=vlan,
            port_based=True,
            uplink=model.Uplink.DOWN,
            rdevs=("0640",),
            port_type=model.PortType.TRUNK,
            native_vlan=model.VlanId(2049),
        ),
    }
    macs = {str(address): nic.mac for address, nic in told.live.items()}
    assert macs == {
        "DTCSMAPI 0100": "02:00:01:00:00:06",
        "LOHCOST F000": "02:00:01:00:00:07",
        "M1 F000": "02:00:01:00:00:04",
        "TCPIP F000": "02:00:01:00:00:03",
    }


ATTRIBUTES = (
    "VSW1 ETHERNET TRUNK 8 NA AWARE 00100 00001 02-00-01-00-00-2A NOGVRP NOGVRP 1 LAG: 0 (NOGRP) 5 QDIO "
    "NOISOLATION UNSPECIFIED USERBASED NOCOUNTERS (NONE)"
)


def one_vswitch(
    attributes: str = ATTRIBUTES, users: tuple[str, ...] = (), nics: tuple[str, ...] = ()
) -> Answer:
    parts = [[attributes], [], list(users), list(nics), [], []]
    structure = b"".join(
        smapi_wire.counted(b"".join(smapi_wire.encode(line) + b"\0" for line in lines)) for lines in parts
    )
    return Answer(0, 0, smapi_wire.number(1) + smapi_wire.counted(structure))


def users(*lines: str) -> model.VSwitch:
    return smapi_vswitches.read_vswitches(one_vswitch(users=lines)).vswitches[model.VSwitchName("VSW1")]


def test_grants_are_told_from_ports() -> None:
    vswitch = users(
        "0000 LINUX01 NOPROM NOOSDSIM 1 00010 ",
        "0000 LINUX02 PROM NOOSDSIM 3 00020 00030-00031 ",
        "0000 LINUX03 NOPROM NOOSDSIM 1 32768 ",
        "0000 LINUX01 NOPROM NOOSDSIM 1 00011 ",
        "0000 LINUX02 NOPROM NOOSDSIM 0 ",
        "0200 LINUX01 NOPROM NOOSDSIM 1 00040 ",
        "1024 LINUX01 NOPROM NOOSDSIM 0 ",
    )
    assert {userid: sorted(vlans) for userid, vlans in vswitch.grants.items()} == {
        "LINUX01": [10, 11],
        "LINUX02": [20, 30, 31],
        "LINUX03": [],
    }
    assert vswitch.defaulted == {"LINUX02"}
    linux01 = model.Userid("LINUX01")
    forty = frozenset({model.VlanId(40)})
    assert vswitch.ports == {200: model.SwitchPort(linux01, forty), 1024: model.SwitchPort(linux01)}


@pytest.mark.parametrize(
    "line",
    [
        "0000 LINUX01 NOPROM NOOSDSIM",
        "0000 LINUX01 NOPROM NOOSDSIM 2 00010",
        "0000 LINUX01 NOPROM NOOSDSIM 1 VLAN10",
        "0000 LINUX0123 NOPROM NOOSDSIM 0",
        "PORT LINUX01 NOPROM NOOSDSIM 0",
        "-001 LINUX01 NOPROM NOOSDSIM 0",
    ],
)
def test_a_user_that_cannot_be_read_is_not_left_out(line: str) -> None:
    with pytest.raises(errors.Untrusted):
        users(line)


@pytest.mark.parametrize(
    "attributes",
    [
        ATTRIBUTES.replace("ETHERNET", "TOKENRING"),
        ATTRIBUTES.replace(" AWARE", " MAYBE"),
        ATTRIBUTES.replace("USERBASED", ""),
        ATTRIBUTES.replace("00100", "05000"),
        "VSW1 ETHERNET",
        "",
    ],
)
def test_a_vswitch_that_cannot_be_read_is_not_left_out(attributes: str) -> None:
    with pytest.raises(errors.Untrusted):
        smapi_vswitches.read_vswitches(one_vswitch(attributes))


def test_nothing_may_be_listed_twice() -> None:
    nic = "LINUX01 1000 02-00-00-AB-CD-EF QDIO"
    assert smapi_vswitches.read_vswitches(one_vswitch(nics=(nic,))).live
    twice = smapi_wire.number(2) + 2 * one_vswitch().payload[4:]
    for told in (one_vswitch(nics=(nic, nic)), Answer(0, 0, twice)):
        with pytest.raises(errors.Untrusted, match="twice"):
            smapi_vswitches.read_vswitches(told)


def test_a_port_is_one_guests() -> None:
    first, second = (f"0200 LINUX0{n} NOPROM NOOSDSIM 1 0003{n} " for n in (1, 2))
    again = first.replace("00031", "00032")
    port = model.SwitchPort(model.Userid("LINUX01"), frozenset(map(model.VlanId, (31, 32))))
    assert users(first, again).ports == {200: port}
    with pytest.raises(errors.Untrusted, match="two guests"):
        users(first, second)


def test_a_later_level_may_say_more_about_a_vswitch() -> None:
    told = one_vswitch(ATTRIBUTES.replace("USERBASED", "SOMETHING NEW USERBASED"))
    assert smapi_vswitches.read_vswitches(told).vswitches


def test_statements_of_the_directory() -> None:
    assert smapi_queries.read_nic_statements(STATEMENTS) == {}
    assert smapi_queries.read_nic_statements(Answer(0, 28)) == {}
    first, second = "NICDEF 1000 TYPE QDIO MACID 000001", "NICDEF 1000 LAN SYSTEM VSW1 VLAN 100 PORTT ACCESS"
    nics = smapi_queries.read_nic_statements(Answer(0, 0, packed("LINUX01", first, "LINUX01", second)))
    address = model.NicAddress(model.Userid("LINUX01"), model.Vdev("1000"))
    vlans = frozenset({model.VlanId(100)})
    assert nics == {address: model.DirectoryNic(address, "000001", model.VSwitchName("VSW1"), vlans)}


def test_who_is_logged_on() -> None:
    assert smapi_queries.read_logged_on(NAMES) == {"GT@PONG"}
    assert smapi_queries.read_logged_on(Answer(0, 12)) == frozenset()
    with pytest.raises(errors.Untrusted):
        smapi_queries.read_logged_on(Answer(0, 0, packed("LINUX01", "no name at all")))


def test_what_a_live_nic_is_coupled_to() -> None:
    assert smapi_queries.is_coupled_to(ADAPTERS, VSW1)
    assert not smapi_queries.is_coupled_to(ADAPTERS, model.VSwitchName("VSW2"))
    coupled, uncoupled = bytes.fromhex("0000000301"), bytes.fromhex("0000000300")
    free = Answer(0, 0, ADAPTERS.payload.replace(coupled, uncoupled))
    assert not smapi_queries.is_coupled_to(free, VSW1)


def test_records_of_an_entry_come_as_they_are() -> None:
    records = smapi_queries.read_directory_entry(ENTRY)
    assert len(records) == 17
    assert {len(record) for record in records} == {72}
    assert records[0].startswith(f"USER {PONG} ".encode())
    assert smapi_wire.array(records) == ENTRY.payload
    with pytest.raises(errors.Untrusted):
        smapi_queries.read_directory_entry(Answer(0, 0, packed()))


def test_who_holds_a_lock() -> None:
    assert smapi_queries.read_lock_owner(LOCK) == "MAINT"
    assert smapi_queries.read_lock_owner(Answer(0, 24)) is None


READERS: list[Callable[[Answer], object]] = [
    smapi_queries.read_identity,
    smapi_queries.read_nic_statements,
    smapi_queries.read_logged_on,
    smapi_queries.read_directory_entry,
    smapi_queries.read_lock_owner,
    lambda answer: smapi_queries.is_coupled_to(answer, VSW1),
    smapi_vswitches.read_vswitches,
]
PAYLOADS = [SYSTEM, VSWITCHES, ADAPTERS, ENTRY, LOCK, NAMES, STATEMENTS]


@pytest.mark.parametrize("number", range(len(READERS)))
@given(st.binary(max_size=200), st.sampled_from([0, 12, 28]))
def test_no_bytes_break_a_reader(number: int, payload: bytes, rs: int) -> None:
    with contextlib.suppress(errors.Untrusted):
        READERS[number](Answer(0, rs, payload))


@given(st.sampled_from(PAYLOADS), st.data())
def test_no_damage_breaks_a_reader(told: Answer, data: st.DataObject) -> None:
    """Bytes altered, cut off, or put between; counts altered above all."""
    payload = bytearray(told.payload)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(payload)))
        payload[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    for read in READERS:
        with contextlib.suppress(errors.Untrusted):
            read(Answer(0, told.rs, bytes(payload)))


@pytest.mark.parametrize(
    ("told", "read"), [(VSWITCHES, READERS[6]), (ENTRY, READERS[3]), (NAMES, READERS[2])]
)
def test_nothing_is_concluded_from_a_part(told: Answer, read: Callable[[Answer], object]) -> None:
    for end in range(len(told.payload)):
        with pytest.raises(errors.Untrusted):
            read(Answer(0, 0, told.payload[:end]))
    with pytest.raises(errors.Untrusted):
        read(Answer(0, 0, told.payload + b"\0"))
