"""The xCAT tables: keys, inserts against updates, and how a dump is quoted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zvmsim.dialects.xcat.tables import COLUMNS, DuplicateKeyError, Tables

NOVA = "switch.node=os000001 switch.port=p1 switch.interface=1000 switch.comments=zhcp"


def tabch(tables: Tables, line: str) -> list[Any]:
    return list(tables.tabch(line.split(" ")))


def test_the_row_of_a_port_from_nova_to_the_agent() -> None:
    tables = Tables()
    assert tabch(tables, NOVA) == []
    header = "#node,switch,port,vlan,interface,comments,disable"
    row = '"os000001","","p1",,"1000","zhcp",'
    assert tables.tabdump("switch") == [{"data": [header, row]}]
    assert tabch(tables, "port=p1 switch.switch=xcatvsw3 switch.vlan=100") == []
    row = '"os000001","xcatvsw3","p1","100","1000","zhcp",'
    assert tables.tabdump("switch") == [{"data": [header, row]}]


def test_an_insert_meets_its_primary_key() -> None:
    tables = Tables()
    tabch(tables, NOVA)
    (answer,) = tabch(tables, NOVA)
    assert answer["errorcode"] == ["4"]
    assert answer["error"][0].startswith("DB error ")
    assert tabch(tables, NOVA.replace("p1", "p2")) == []
    assert len(tables.rows("switch")) == 2


def test_one_port_may_have_several_rows_and_an_update_takes_all() -> None:
    tables = Tables()
    tabch(tables, NOVA)
    tabch(tables, NOVA.replace("os000001", "os000002"))
    tabch(tables, "port=p1 switch.vlan=5")
    assert [row["vlan"] for row in tables.rows("switch")] == ["5", "5"]


def test_an_update_that_would_double_a_key_changes_nothing() -> None:
    tables = Tables()
    tabch(tables, NOVA)
    tabch(tables, f"{NOVA} switch.switch=old")
    (answer,) = tabch(tables, "port=p1 switch.switch=new")
    assert answer["errorcode"] == ["4"]
    assert [row["switch"] for row in tables.rows("switch")] == ["", "old"]


def test_rows_stay_in_their_place_and_are_found_by_their_new_key() -> None:
    tables = Tables()
    tabch(tables, NOVA)
    tabch(tables, NOVA.replace("os000001", "os000002"))
    tabch(tables, "node=os000001 switch.node=os000003")
    assert [row["node"] for row in tables.rows("switch")] == ["os000003", "os000002"]
    assert tables.rows("switch", node="os000001") == []
    assert len(tables.rows("switch", node="os000003")) == 1
    tabch(tables, "-d node=os000003 switch")
    assert tabch(tables, NOVA.replace("os000001", "os000003")) == []


def test_a_key_without_row_inserts_one() -> None:
    tables = Tables()
    tabch(tables, "node=os000001 hosts.ip=10.1.0.5 hosts.hostnames=os000001")
    assert tables.rows("hosts", node="os000001")[0]["ip"] == "10.1.0.5"
    tabch(tables, "node=os000001,port=p1 switch.switch=v1")
    assert tables.value("switch", "switch", node="os000001", port="p1") == "v1"


def test_null_clears_and_plus_appends() -> None:
    tables = Tables()
    tabch(tables, NOVA)
    tabch(tables, "port=p1 switch.interface=NULL switch.comments+=more")
    row = tables.rows("switch")[0]
    assert (row["interface"], row["comments"]) == (None, "zhcp,more")


def test_delete_needs_no_match() -> None:
    tables = Tables()
    tabch(tables, NOVA)
    assert tabch(tables, "-d node=os000001 switch") == []
    assert tabch(tables, "-d node=os000001 switch") == []
    assert tables.rows("switch") == []


def test_gettab_is_terse_for_one_attribute_and_takes_the_first_row() -> None:
    tables = Tables()
    tabch(tables, NOVA)
    tabch(tables, NOVA.replace("os000001", "os000002"))
    assert tables.gettab("switch", {"port": "p1"}, ["node"]) == [{"data": ["os000001"]}]
    assert tables.gettab("switch", {"port": "p1"}, ["node", "interface"]) == [
        {"data": ["switch.node: os000001"]},
        {"data": ["switch.interface: 1000"]},
    ]
    assert tables.gettab("switch", {"port": "p1"}, ["vlan"]) == [{"data": [None]}]
    assert tables.gettab("switch", {"port": "nope"}, ["node"]) == []


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("port=p1 switch.nope=1", 'No column "nope" in table "switch"'),
        ("nope=p1 switch.vlan=1", 'No column "nope" in table "switch"'),
        ("port=p1 nope.vlan=1", "No such table: nope"),
        ("-d node=x nope", "No such table: nope"),
    ],
)
def test_bad_words_change_nothing(line: str, text: str) -> None:
    tables = Tables()
    assert tabch(tables, line) == [{"error": [text], "errorcode": ["1"]}]
    assert tables.rows("switch") == []


@pytest.mark.parametrize("line", ["", "x", "port=p1", "-d", "port=p1 switch.vlan=1 x"])
def test_nonsense_is_told_the_usage(line: str) -> None:
    (answer,) = tabch(Tables(), line)
    assert answer["error"][0].startswith("Usage:")


def test_unknown_names_in_queries() -> None:
    tables = Tables()
    assert tables.tabdump("nope") == [{"error": ["No such table: nope"], "errorcode": ["1"]}]
    assert tables.gettab("switch", {"foo": "x"}, ["node"]) == [
        {"error": ["Unknown key foo to switch"], "errorcode": ["1"]}
    ]
    assert tables.tabdump("")[0]["data"] == sorted(COLUMNS)


def test_first_rows_are_checked() -> None:
    with pytest.raises(DuplicateKeyError, match=r"site\.key"):
        Tables({"site": [{"key": "master"}, {"key": "master"}]})
    with pytest.raises(KeyError, match="nope"):
        Tables({"site": [{"nope": "x"}]})


@given(st.lists(st.one_of(st.none(), st.text(alphabet='a",\'= ', max_size=5)), min_size=5, max_size=5))
def test_a_dumped_row_reads_back(values: list[str | None]) -> None:
    columns = COLUMNS["hosts"][1:]
    tables = Tables()
    given_cells = {c: v for c, v in zip(columns, values, strict=True) if v is not None}
    tables.insert("hosts", {"node": "n", **given_cells})
    assert _cells(str(tables.tabdump("hosts")[0]["data"][1])) == ["n", *values]


def _cells(line: str) -> list[str | None]:
    """Quoted or empty cells between commas, quotes doubled inside."""
    cells: list[str | None] = []
    at = 0
    while at <= len(line):
        if not line.startswith('"', at):
            cells.append(None)
            at += 1
            continue
        end = at + 1
        while line[end] != '"' or line.startswith('""', end):
            end += 2 if line[end] == '"' else 1
        cells.append(line[at + 1 : end].replace('""', '"'))
        at = end + 2
    return cells
