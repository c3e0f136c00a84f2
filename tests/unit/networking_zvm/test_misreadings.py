"""Damaged input that once was read as something else than it says; `tests.fuzz` found each of these."""

import struct

import pytest

from networking_zvm import errors, model
from networking_zvm.hypervisor import (
    cp_texts,
    feilong_readings,
    guest_view,
    nicdef,
    smapi_queries,
    smapi_records,
    smapi_vswitches,
    smcli,
    smcli_queries,
    vswitch_listing,
    vswitch_users,
    xcat_answer,
)
from networking_zvm.hypervisor.smapi_wire import Answer
from networking_zvm.ml2.agent_report import AgentReport
from tests.fuzz import seeds
from tests.unit.networking_zvm.hypervisor import texts

LINUX02, VSW1 = model.Userid("LINUX02"), model.VSwitchName("VSW1")
MANY_DIGITS = "9" * 5000
"""More than int() takes: it raises ValueError then."""


@pytest.mark.parametrize("text", ["LINUX\xdf", "L\u0131NUX", "\u017fYS", "LINUX01\x85", "\xa0LINUX01"])
def test_letters_that_turn_into_others_in_upper_case_are_in_no_name(text: str) -> None:
    with pytest.raises(errors.InvalidValue):
        model.Userid(text)
    with pytest.raises(errors.InvalidValue):
        model.VSwitchName(text)


@pytest.mark.parametrize("text", ["\ufb00", "0800\x85"])
def test_nor_in_a_device_number(text: str) -> None:
    with pytest.raises(errors.InvalidValue):
        model.Vdev(text)


@pytest.mark.parametrize("text", ["1_0", "+10", "\uff11\uff10", "", "1e1", MANY_DIGITS])
def test_what_python_takes_for_a_number_need_not_be_a_vlan(text: str) -> None:
    with pytest.raises(errors.InvalidValue):
        model.VlanId(text)


@pytest.mark.parametrize("vlans", ["30-22", "10,", ",10", "10,,20", "10\x1c20", "MACID ABCD\ufb00"])
def test_vlans_that_cannot_be_meant_make_the_directory_untrusted(vlans: str) -> None:
    with pytest.raises(errors.Untrusted):
        nicdef.read_nics([(LINUX02, f"NICDEF 1000 LAN SYSTEM VSW1 VLAN {vlans}")])


@pytest.mark.parametrize("vid", ["", "30-20"])
def test_a_grant_whose_vlan_is_damaged_is_no_grant_without_vlan(vid: str) -> None:
    with pytest.raises(errors.Untrusted):
        vswitch_listing.read_listing(texts.VSWITCHES.replace("user_vlan_id: 10", f"user_vlan_id: {vid}"))


@pytest.mark.parametrize("line", ["Error", "Error 5", "Error vlan_info is NUL", "Error vlan_info is NULL!!x"])
def test_an_error_of_smcli_that_is_not_known_makes_the_listing_untrusted(line: str) -> None:
    with pytest.raises(errors.Untrusted):
        vswitch_listing.read_listing(texts.VSWITCHES + f"{line}\n")


@pytest.mark.parametrize(
    "damaged",
    [
        texts.VSWITCHES_AND_USERS + "    User: MORE\n",
        texts.VSWITCHES_AND_USERS.replace("    User: MAINT", "    MUser: MAINT"),
    ],
)
def test_a_user_beside_the_list_and_anything_else_in_it_make_it_untrusted(damaged: str) -> None:
    listing = vswitch_listing.read_listing(texts.VSWITCHES_WITHOUT_USERS)
    with pytest.raises(errors.Untrusted):
        vswitch_users.complete(listing, damaged)


@pytest.mark.parametrize("text", ["ZHCPA AT\n\nZVMA\n", "ZHCPA\nAT ZVMA"])
def test_who_asks_stands_on_one_line(text: str) -> None:
    with pytest.raises(errors.Untrusted):
        cp_texts.read_who(text)


@pytest.mark.parametrize("more", ["USER Prefix: 020009\n", "MACADDR Prefix:  USER Prefix: 020009\n"])
def test_two_user_prefixes_are_none(more: str) -> None:
    with pytest.raises(errors.Untrusted):
        cp_texts.read_user_prefix(texts.QUERY_VMLAN + more)


@pytest.mark.parametrize("before", ["", "The z/VM CP Gen time\n"])
def test_two_times_of_ipl_are_none(before: str) -> None:
    more = f"{before}The z/VM CP IPL time: 2014-07-01 00:00:00 EDT\n"
    with pytest.raises(errors.Untrusted):
        smcli_queries.read_system_info(texts.SYSTEM_INFO + more)


def test_two_levels_of_cp_are_none() -> None:
    line = b"CP_LEVEL=VERSION=7.1.0 IPL_TIME=13:39:31 IPL_DATE=2019-04-28 IPL_TIME_ZONE=EDT\0"
    assert smapi_queries.read_identity(Answer(0, 0, struct.pack(">I", len(line)) + line)).version == (7, 1, 0)
    with pytest.raises(errors.Untrusted):
        smapi_queries.read_identity(Answer(0, 0, struct.pack(">I", 2 * len(line)) + 2 * line))


def test_no_record_is_written_that_would_go_on_in_the_next() -> None:
    nic = model.NicAddress(LINUX02, model.Vdev("1000"))
    with pytest.raises(errors.Refused):
        smapi_records.uncoupled([b"NICDEF 1000 TYPE QDIO 10, LAN SYSTEM VSW1", b"MDISK 0100"], nic)


@pytest.mark.parametrize(
    "text",
    [
        "Failed\n  Return Code: 0 212\nDone\n",
        "  Return Code: 8\n  Reason Code: 4\n  Return Code: 0\nDone\n",
        "Failed\n  Return Code: 0\n  Return Code: \xdf\n",
        "Failed\n  Return Code: -00\n",
        f"Failed\n  Return Code: {MANY_DIGITS}\n",
    ],
)
def test_codes_that_cannot_be_read_or_contradict_each_other_are_no_success(text: str) -> None:
    assert isinstance(smcli.failure("couple", text), errors.Unknown)


@pytest.mark.parametrize("name", ["VSW1 LAN", "\nLAN name: VSW1", "VSW1\nLAN name: VSW2"])
def test_a_nic_is_coupled_to_what_is_named_once_and_nothing_more(name: str) -> None:
    assert not smcli.is_coupled_to(f"LAN owner: SYSTEM\nLAN name: {name}\n", VSW1)


def test_a_marker_with_an_endless_number_is_no_marker() -> None:
    output = xcat_answer.read_script(xcat_answer.Answer(f"zvm:0\nzvm:1 {MANY_DIGITS}", (), False), "zhcp")
    assert output.status is None
    assert [section.status for section in output.sections] == [None]


def test_a_broken_line_within_a_value_of_a_table_stays_in_it() -> None:
    answer = xcat_answer.Answer('#node,userid\n"l\nux01","LINUX01"\n', (), False)
    assert xcat_answer.read_table(answer, ("node",)) == [{"node": "l\nux01", "userid": "LINUX01"}]


def test_an_endless_number_of_devices_is_passed_over() -> None:
    record = f"NICDEF 1000 TYPE QDIO DEVICES {MANY_DIGITS}"
    entry = guest_view.read_entry(LINUX02, ["USER LINUX02 X", record])
    assert entry.devices == {0x1000, 0x1001, 0x1002}


def test_names_that_differ_in_case_alone_are_one() -> None:
    with pytest.raises(errors.Untrusted):
        feilong_readings.read_vswitch_names(["VSW1", "vsw1"])


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ("adapters", "linux01_1000", {"mac": "02-00-00-00-00-09"}),
        ("authorized_users", "linux01", {"vlan_count": "1", "vlan_ids": ["99"]}),
    ],
)
def test_feilongs_vswitch_lists_nobody_twice(key: str, name: str, value: object) -> None:
    twice = {**seeds.FEILONG_VSWITCH, key: {**seeds.FEILONG_VSWITCH[key], name: value}}
    with pytest.raises(errors.Untrusted):
        feilong_readings.read_vswitch(VSW1, twice)


def test_a_real_device_spelt_in_two_ways_is_one() -> None:
    devices = {"A100": {"dev_status": ""}, "a100": {"dev_status": ""}}
    vswitch, _ = feilong_readings.read_vswitch(VSW1, {**seeds.FEILONG_VSWITCH, "real_devices": devices})
    assert vswitch.rdevs == ("A100",)


def test_a_running_guest_has_each_nic_once() -> None:
    nic = {"adapter_address": "800", "lan_owner": "SYSTEM", "lan_name": "VSW1"}
    with pytest.raises(errors.Untrusted):
        feilong_readings.read_running_nics({"adapters": [nic, {**nic, "adapter_address": "0800"}]})


def test_a_host_with_a_foreign_letter_has_no_name() -> None:
    host = {"zvm_host": "\xdfVM", "zcc_userid": "OPNCLOUD", "hypervisor_version": 710, "ipl_time": "now"}
    with pytest.raises(errors.Untrusted):
        feilong_readings.read_host(host)


def vswitch_payload(user: str, rest: bytes = b"") -> Answer:
    words = "VSW1 ETHERNET ACCESS 8 NA AWARE 32768 1 02-00-01-00-00-01 GVRP GVRP 8 USERBASED"
    lists = [[words], [], [user], []]
    parts = [b"".join(text.encode("latin-1") + b"\0" for text in texts) for texts in lists]
    structure = b"".join(struct.pack(">I", len(part)) + part for part in parts) + rest
    return Answer(0, 0, struct.pack(">II", 1, len(structure)) + structure)


def test_a_user_of_smapis_with_a_foreign_letter_is_nobody_else() -> None:
    with pytest.raises(errors.Untrusted):
        smapi_vswitches.read_vswitches(vswitch_payload("0000 LINUX\xdf NOPROM NOOSDSIM 1 10"))


def test_the_last_parts_of_smapis_vswitch_are_counted_right_too() -> None:
    user = "0000 LINUX01 NOPROM NOOSDSIM 1 10"
    assert smapi_vswitches.read_vswitches(vswitch_payload(user, b"\0\0\0\0" * 2)).vswitches
    with pytest.raises(errors.Untrusted):
        smapi_vswitches.read_vswitches(vswitch_payload(user, b"\0\0\0\x09abc"))


@pytest.mark.parametrize("aware", ["false", [], 0, {}])
def test_whether_a_vswitch_is_vlan_aware_is_a_truth_value_or_unknown(aware: object) -> None:
    report = AgentReport.read({"vswitches": {"VSW1": {"vlan_aware": aware}}})
    assert report.vswitch(VSW1).vlan_aware is None
