"""Texts of queries, literal ones and damaged ones."""

import contextlib
import datetime
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors, model
from networking_zvm.hypervisor import cp_texts, smcli_queries
from tests.unit.networking_zvm.hypervisor import texts


def test_system_info() -> None:
    info = smcli_queries.read_system_info(texts.SYSTEM_INFO)
    assert info.version == "z/VM Version 6 Release 3.0"
    assert info.ipl_time == "2014-06-11 01:38:37 EDT"


@pytest.mark.parametrize(
    ("zone", "utc", "skew"),
    [
        ("EDT", datetime.datetime(2014, 6, 11, 7, 0, 0), 0.0),
        ("EDT", datetime.datetime(2014, 6, 11, 7, 0, 5), -5.0),
        ("UTC", datetime.datetime(2014, 6, 11, 2, 0, 0), 3600.0),
    ],
)
def test_clock_skew_leaves_the_time_zone_out(zone: str, utc: datetime.datetime, skew: float) -> None:
    info = smcli_queries.read_system_info(texts.SYSTEM_INFO.replace("timezone: EDT", f"timezone: {zone}"))
    assert info.clock_skew(utc) == skew


def test_an_unreadable_clock_has_no_skew() -> None:
    text = texts.SYSTEM_INFO.replace("2014-06-11 03:00:00", "noon")
    assert smcli_queries.read_system_info(text).clock_skew(datetime.datetime(2014, 6, 11)) is None


@pytest.mark.parametrize("lost", ["The z/VM version: z/VM Version 6 Release 3.0\n", "01:38:37 EDT"])
def test_system_info_without_its_facts(lost: str) -> None:
    text = texts.SYSTEM_INFO.replace(lost, "").replace("IPL time: 2014-06-11 \n", "IPL time: \n")
    with pytest.raises(errors.Untrusted):
        smcli_queries.read_system_info(text)


def test_nic_statements() -> None:
    nics = smcli_queries.read_nic_statements(texts.NIC_STATEMENTS)
    linux02 = nics[model.NicAddress(model.Userid("LINUX02"), model.Vdev("0800"))]
    assert sorted(map(str, nics)) == ["LINUX01 1000", "LINUX02 0800", "LINUX03 0600"]
    assert sorted(linux02.vlans) == [10, 20, 21, 22]


@pytest.mark.parametrize("line", ["no userid here", "TOOLONGNAME: NICDEF 1000 TYPE QDIO", "Failed"])
def test_a_line_that_is_no_statement_is_not_passed_over(line: str) -> None:
    with pytest.raises(errors.Untrusted):
        smcli_queries.read_nic_statements(texts.NIC_STATEMENTS + line + "\n")


def test_logged_on() -> None:
    assert smcli_queries.read_logged_on("LINUX01\nZHCPA   \n\n") == {"LINUX01", "ZHCPA"}
    with pytest.raises(errors.Untrusted):
        smcli_queries.read_logged_on("LINUX01\nsome other text\n")


def test_nothing_found_is_no_failure() -> None:
    assert smcli_queries.result("search", 1, texts.failed(0, 28, "No matching entries found")) == ""


@pytest.mark.parametrize("text", [texts.failed(500, 8), "", "sh: smcli: not found", "Failed\n"])
def test_a_failed_query_is_not_an_empty_one(text: str) -> None:
    with pytest.raises(errors.Untrusted):
        smcli_queries.result("search", 1, text)


def test_only_xcats_smcli_goes_on_after_an_error_of_its_own() -> None:
    text = "Error controller_name is NULL!!\n"
    assert smcli_queries.result("query", 1, text) == text
    with pytest.raises(errors.Untrusted):
        smcli_queries.result("query", 252, text)


def test_the_user_prefix_counts_and_older_levels_have_only_one() -> None:
    assert cp_texts.read_user_prefix(texts.QUERY_VMLAN) == "02:00:00"
    assert cp_texts.read_user_prefix(texts.QUERY_VMLAN.replace(" USER Prefix: 020000", "")) == "02:00:01"


@pytest.mark.parametrize("text", ["", "USER Prefix: \n", "USER Prefix: 12345\n", "HCPCMD003E Invalid option"])
def test_no_prefix(text: str) -> None:
    with pytest.raises(errors.Untrusted):
        cp_texts.read_user_prefix(text)


def test_who_asks() -> None:
    assert cp_texts.read_who(texts.QUERY_USERID) == ("ZHCPA", "ZVMA")
    with pytest.raises(errors.Untrusted):
        cp_texts.read_who("HCPCQU045E X not logged on")


ALL = "".join(text for _, text in texts.LOOK.values()).splitlines(keepends=True)
READERS = [
    smcli_queries.read_system_info,
    smcli_queries.read_nic_statements,
    smcli_queries.read_logged_on,
    cp_texts.read_user_prefix,
    cp_texts.read_who,
]


TEXTS = st.lists(st.sampled_from(ALL) | st.text(max_size=20), max_size=15).map("".join)


@given(st.sampled_from(READERS), TEXTS)
def test_no_text_breaks_a_reader(reader: Callable[[str], object], text: str) -> None:
    with contextlib.suppress(errors.Untrusted):
        reader(text)
