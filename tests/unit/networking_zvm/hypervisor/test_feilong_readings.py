"""What Feilong's answers to reads say, literal ones of zVMCloudConnector 1.6.3 and any others."""

import copy
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor import feilong_readings
from tests.unit.networking_zvm.hypervisor.test_feilong_answer import JSON

USER, VSW1 = model.Userid("LINUX01"), model.VSwitchName("VSW1")
NIC = model.NicAddress(USER, model.Vdev("1000"))

VSWITCH: dict[str, object] = {
    "switch_name": "VSW1",
    "transport_type": "ETHERNET",
    "port_type": "ACCESS",
    "queue_memory_limit": "8",
    "routing_value": "NA",
    "vlan_awareness": "AWARE",
    "vlan_id": "NONE",
    "native_vlan_id": "1",
    "mac_address": "02-00-0C-00-01-2B",
    "gvrp_request_attribute": "GVRP",
    "gvrp_enabled_attribute": "NOGVRP",
    "switch_status": "OSA device ready.",
    "link_ag": "NOLAG",
    "lag_interval": "0",
    "lag_group": "NOGROUP",
    "IP_timeout": "5",
    "switch_type": "QDIO",
    "isolation_status": "NOISOLATION",
    "MAC_protect": "NOMACPROTECT",
    "user_port_based": "USERBASED",
    "VLAN_counters": "OFF",
    "real_devices": {
        "8070": {
            "vdev": "0600",
            "controller": "DTCVSW2",
            "port_name": "NONE",
            "dev_status": "Device is active.",
            "dev_err": "No error.",
        }
    },
    "authorized_users": {
        "LINUX01": {
            "port_num": "0",
            "prom_mode": "OFF",
            "osd_sim": "OFF",
            "vlan_count": "2",
            "vlan_ids": ["10", "20"],
        },
        "TCPIP": {
            "port_num": "0",
            "prom_mode": "OFF",
            "osd_sim": "OFF",
            "vlan_count": "0",
            "vlan_ids": [],
        },
    },
    "adapters": {"LINUX01_1000": {"mac": "02-00-0C-00-01-2D", "type": "QDIO"}},
}
HOST: dict[str, object] = {
    "zcc_userid": "OPNCLOUD",
    "zvm_host": "ZVMA",
    "hypervisor_version": 710,
    "hypervisor_hostname": "ZVMA",
    "ipl_time": "IPL at 11/22/26 08:00:00 UTC",
}
ENTRY = [
    "USER LINUX01 ****** 2G 4G G",
    "INCLUDE OSDFLT",
    "NICDEF 1000 TYPE QDIO MACID ABCDEF",
    "NICDEF 1000 LAN SYSTEM VSW1 VLAN 100 PORTTYPE ACCESS",
    "",
]


def row(**changes: object) -> dict[str, object]:
    values = {"userid": "LINUX01", "interface": "1000", "switch": None, "port": "p1", "comments": None}
    return {**values, **changes}


def test_a_row_tells_which_nic_is_which_port() -> None:
    rows = feilong_readings.read_rows([row(), row(interface="a03", switch="vsw1", port=None)])
    first, second = rows.of.values()
    assert first == feilong_readings.Row(NIC, "1000", "p1", None, False)
    assert second.address.vdev == "0A03"
    assert (second.spelling, second.port, second.vswitch, second.coupled) == ("a03", None, VSW1, True)
    assert not rows.complaints


@pytest.mark.parametrize(
    "odd", [row(userid="TOOLONGNAME"), row(interface="xyz"), row(interface=None), row(port=5)]
)
def test_an_odd_row_is_passed_over_and_told(odd: dict[str, object]) -> None:
    rows = feilong_readings.read_rows([odd, row()])
    assert rows.of.keys() == {NIC}
    assert len(rows.complaints) == 1


def test_of_two_rows_for_one_nic_the_first_counts() -> None:
    rows = feilong_readings.read_rows([row(interface="0800"), row(interface="800")])
    assert [each.spelling for each in rows.of.values()] == ["0800"]
    assert len(rows.complaints) == 1


def test_a_dedicated_osa_is_no_nic() -> None:
    rows = feilong_readings.read_rows([row(comments="OSA=A100")])
    assert not rows.of
    assert not rows.complaints


def test_a_vswitch_is_read_with_its_users_and_nics() -> None:
    vswitch, live = feilong_readings.read_vswitch(VSW1, VSWITCH)
    assert vswitch == model.VSwitch(
        VSW1,
        vlan_aware=True,
        uplink=model.Uplink.READY,
        rdevs=("8070",),
        grants={USER: frozenset({model.VlanId(10), model.VlanId(20)}), model.Userid("TCPIP"): frozenset()},
        one_each=True,
        port_type=model.PortType.ACCESS,
        native_vlan=model.VlanId(1),
    )
    assert live == {NIC: model.LiveNic(NIC, model.Mac("02:00:0c:00:01:2d"), VSW1)}


def test_an_unaware_vswitch_has_no_vlans() -> None:
    users = {"A_B": {"vlan_count": 0, "vlan_ids": []}}
    changes = {"vlan_awareness": "UNAWARE", "vlan_id": "1", "switch_status": "Disconnected.", "adapters": {}}
    nics = {"adapters": {"A_B_0600": {"mac": "02-00-0C-00-01-2D"}}}
    unaware = VSWITCH | changes | nics | {"authorized_users": users}
    vswitch, live = feilong_readings.read_vswitch(VSW1, unaware)
    assert not vswitch.vlan_aware
    assert vswitch.default_vlan is None
    assert vswitch.uplink is model.Uplink.DOWN
    assert vswitch.grants == {"A_B": frozenset()}
    assert live.keys() == {model.NicAddress(model.Userid("A_B"), model.Vdev("0600"))}


@pytest.mark.parametrize(
    "change",
    [
        {"switch_name": "VSW10"},
        {"vlan_awareness": "MAYBE"},
        {"vlan_id": "12x"},
        {"authorized_users": {"LINUX01": {"vlan_count": "2", "vlan_ids": ["10"]}}},
        {"authorized_users": {"LINUX01": {"vlan_count": "1", "vlan_ids": ["5000"]}}},
        {"authorized_users": None},
        {"adapters": {"LINUX01": {"mac": "02-00-0C-00-01-2D"}}},
        {"adapters": {"LINUX01_1000": {"mac": "02-00-0C"}}},
        {"adapters": {"LINUX01_1000": {}}},
        {"real_devices": []},
    ],
)
def test_a_vswitch_that_makes_no_sense_is_not_trusted(change: dict[str, object]) -> None:
    with pytest.raises(errors.Untrusted):
        feilong_readings.read_vswitch(VSW1, VSWITCH | change)


@pytest.mark.parametrize("key", ["switch_name", "transport_type", "adapters", "authorized_users", "vlan_id"])
def test_a_vswitch_that_lacks_something_is_not_trusted(key: str) -> None:
    with pytest.raises(errors.Untrusted):
        feilong_readings.read_vswitch(VSW1, {name: value for name, value in VSWITCH.items() if name != key})


def test_a_directory_entry_tells_the_vlan_of_a_nic() -> None:
    nics = feilong_readings.read_directory(USER, {"user_direct": ENTRY})
    assert nics == {NIC: model.DirectoryNic(NIC, "ABCDEF", VSW1, frozenset({model.VlanId(100)}))}


@pytest.mark.parametrize(
    "output", [{}, {"user_direct": []}, {"user_direct": ENTRY[1:]}, {"user_direct": [*ENTRY, 1]}, "text"]
)
def test_an_entry_that_is_not_whole_is_not_trusted(output: object) -> None:
    with pytest.raises(errors.Untrusted):
        feilong_readings.read_directory(USER, output)
    with pytest.raises(errors.Untrusted):
        feilong_readings.read_directory(model.Userid("LINUX02"), {"user_direct": ENTRY})


def test_the_host_tells_its_level() -> None:
    host = feilong_readings.read_host(HOST)
    assert (host.name, host.version, host.directory_authorizes) == ("ZVMA", "7.1.0", True)
    assert not feilong_readings.read_host(HOST | {"hypervisor_version": 640}).directory_authorizes


@pytest.mark.parametrize(
    "change",
    [{"hypervisor_version": "710"}, {"zvm_host": "no info"}, {"ipl_time": ""}, {"zcc_userid": "no info"}],
)
def test_a_host_that_tells_no_facts_is_not_trusted(change: dict[str, object]) -> None:
    with pytest.raises(errors.Untrusted):
        feilong_readings.read_host(HOST | change)


def test_running_nics_tell_their_vswitch() -> None:
    coupled = {"adapter_address": "1000", "lan_owner": "SYSTEM", "lan_name": "VSW1"}
    free = {"adapter_address": "1003", "adapter_status": "00", "lan_owner": "", "lan_name": ""}
    nics = feilong_readings.read_running_nics({"adapters": [coupled, free]})
    assert nics == {"1000": model.RunningNic(None, VSW1), "1003": model.RunningNic()}


READERS: list[Callable[[object], object]] = [
    feilong_readings.read_version,
    feilong_readings.read_rows,
    feilong_readings.read_vswitch_names,
    lambda output: feilong_readings.read_vswitch(VSW1, output),
    lambda output: feilong_readings.read_directory(USER, output),
    lambda output: feilong_readings.read_directory(USER, {"user_direct": output}),
    lambda output: feilong_readings.read_power(USER, output),
    feilong_readings.read_running_nics,
    lambda output: feilong_readings.read_running_nics({"adapters": output}),
    feilong_readings.read_host,
]


@given(reader=st.sampled_from(READERS), output=JSON)
def test_no_answer_breaks_a_reader(reader: Callable[[object], object], output: object) -> None:
    try:
        reader(output)
    except errors.Untrusted:
        return


@given(rows=st.lists(st.fixed_dictionaries({key: JSON for key in row()}), max_size=3))
def test_no_row_breaks_the_table(rows: list[dict[str, object]]) -> None:
    assert len(feilong_readings.read_rows(rows).of) <= len(rows)


def _paths(value: object, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    below = value.items() if isinstance(value, dict) else ()
    return [path, *(p for key, inner in below for p in _paths(inner, (*path, key)))]


@given(data=st.data())
def test_a_vswitch_with_one_part_replaced_is_read_or_not_trusted(data: st.DataObject) -> None:
    *path, last = data.draw(st.sampled_from(_paths(VSWITCH)[1:]))
    vswitch = copy.deepcopy(VSWITCH)
    place: dict[str, object] = vswitch
    for key in path:
        place = place[key]  # type: ignore[assignment]
    place[last] = data.draw(JSON)
    try:
        read, live = feilong_readings.read_vswitch(VSW1, vswitch)
    except errors.Untrusted:
        return
    assert read.name == VSW1
    assert all(nic.vswitch == VSW1 and nic.address == address for address, nic in live.items())


LINE = st.text(max_size=30) | st.sampled_from(ENTRY) | st.just("NICDEF 1000 LAN SYSTEM")


@given(st.lists(LINE, max_size=6))
def test_no_statement_breaks_the_directory_reader(lines: list[str]) -> None:
    try:
        nics = feilong_readings.read_directory(USER, {"user_direct": lines})
    except errors.Untrusted:
        return
    assert all(address.userid == USER for address in nics)
