"""xCAT's answers: literal ones from its clients' tests, and any other."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from networking_zvm import errors
from networking_zvm.hypervisor.xcat_answer import Answer, read_answer, read_script, read_table

SWITCH = ("node", "port", "comments")
HEADER = "#node,switch,port,vlan,interface,comments,disable"


@pytest.mark.parametrize(
    ("messages", "text", "complaints", "failed"),
    [
        ([], "", (), False),
        ([{"data": ["zhcp: Done"]}, {"errorcode": ["0"]}], "zhcp: Done", (), False),
        ([{"errorcode": ["0"]}], "", (), False),
        ([{"data": ["a", None]}, {"data": ["b"]}, {"errorcode": ["1"]}], "a\nb", (), True),
        (
            [
                {"data": ["ok"]},
                {"errorcode": ["0"], "NoErrorPrefix": ["1"], "error": ["Warning: Permanently added x"]},
                {"errorcode": ["0"]},
            ],
            "ok",
            ("Warning: Permanently added x",),
            False,
        ),
        (
            [{"error": ["noise"], "errorcode": ["0"]}, {"errorcode": ["1"]}],
            "",
            ("noise",),
            True,
        ),
        ([{"error": ["No such table: foo"], "errorcode": ["1"]}], "", ("No such table: foo",), True),
        ([{"error": ["no code at all"]}], "", ("no code at all",), True),
        (
            [{"node": [{"name": ["X"], "error": ["Unable to identify plugin"], "errorcode": ["1"]}]}],
            "",
            ("Unable to identify plugin",),
            True,
        ),
        ([{"info": [None], "xcatdsource": ["mn"]}], "", (), False),
    ],
)
def test_the_last_errorcode_decides(
    messages: list[object], text: str, complaints: tuple[str, ...], failed: bool
) -> None:
    assert read_answer({"data": messages}) == Answer(text, complaints, failed)


@pytest.mark.parametrize(
    "document",
    [None, [], {}, {"data": "x"}, {"data": ["x"]}, {"data": [{"data": "x"}]}, {"data": [{"data": [1]}]}],
)
def test_anything_else_is_no_answer(document: object) -> None:
    with pytest.raises(errors.Unknown):
        read_answer(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["data", "error", "errorcode", "node", "x"]), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_no_document_breaks_the_reader(document: object) -> None:
    with contextlib.suppress(errors.Unknown):
        read_answer(document)


def script(*lines: str) -> Answer:
    return Answer("\n".join(f"zhcp: {line}".rstrip() for line in lines), (), False)


def test_output_is_cut_at_the_markers() -> None:
    answer = script("Welcome", "zvm:0", "one", "", "zvm:1 3", "zvm:2 0", "zvm:end 0", "Bye")
    output = read_script(answer, "zhcp")
    assert [(s.text, s.status) for s in output.sections] == [("one\n", 3), ("", 0), ("", None)]
    assert output.status == 0


def test_a_userid_that_looks_like_the_node_is_kept() -> None:
    output = read_script(script("zvm:0", "ZHCP: NICDEF 0600", "zhcp: NICDEF 0700"), "zhcp")
    assert output.sections[0].text == "ZHCP: NICDEF 0600\nzhcp: NICDEF 0700"


@pytest.mark.parametrize(
    "lines",
    [
        ["zvm:0", "Done", "zvm:1"],
        ["zvm:0", "Done", "zvm:2", "Done", "zvm:end 0"],
        ["zvm:0", "Done", "zvm:0", "Done", "zvm:end 0"],
    ],
)
def test_a_gap_in_the_markers_ends_what_is_believed(lines: list[str]) -> None:
    assert read_script(script(*lines), "zhcp").status is None


MARKS = st.sampled_from(["zvm:0", "zvm:1 0", "zvm:2 1", "zvm:end 0", "zvm:end", "Done", "zvm:99999999999 1"])


@given(st.lists(MARKS | st.text(max_size=10), max_size=12), st.sampled_from(["zhcp", "z", ""]))
def test_no_output_breaks_the_reader(lines: list[str], node: str) -> None:
    output = read_script(Answer("\n".join(lines), (), False), node)
    assert len(output.sections) <= sum("zvm:" in line for line in lines)


def test_a_table_is_read_by_the_names_of_its_columns() -> None:
    text = f'{HEADER},later\n"os1","","p1",,"1000","zhcp",,\n"os2","V","p2","-1","1003","say ""hi""",,"x"'
    rows = read_table(Answer(text, (), False), SWITCH)
    assert rows[0] == {
        "node": "os1", "switch": "", "port": "p1", "vlan": "", "interface": "1000", "comments": "zhcp",
        "disable": "", "later": "",
    }  # fmt: skip
    assert rows[1]["comments"] == 'say "hi"'


def test_rows_of_the_retired_agents_tests() -> None:
    text = f'{HEADER}\n"os000001",,"p1",,"1000","zhcp",\n"os000001","xcatvsw3","p2","100","1003","zhcp",'
    assert [row["vlan"] for row in read_table(Answer(text, (), False), SWITCH)] == ["", "100"]


def test_a_disabled_row_is_left_out() -> None:
    assert read_table(Answer(f'{HEADER}\n"os1","","p1",,"1000","zhcp","1"', (), False), SWITCH) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        '"os1","","p1",,"1000","zhcp",',
        "#node,switch",
        f'{HEADER}\n"os1","","p1"',
        f'{HEADER}\n"os1","","p1',
        f'{HEADER}\n"os1"x,"","p1",,"1000","zhcp",',
    ],
)
def test_a_damaged_table_is_not_a_short_one(text: str) -> None:
    with pytest.raises(errors.Untrusted):
        read_table(Answer(text, (), False), SWITCH)


def test_a_table_that_does_not_exist() -> None:
    with pytest.raises(errors.Untrusted, match="No such table"):
        read_table(Answer("", ("No such table: foo",), True), SWITCH)


CELLS = st.sampled_from([HEADER, '"a"', ",", '""', '"', "\n", "zhcp", "\0"])


@given(st.lists(CELLS, max_size=30).map("".join))
def test_no_table_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(errors.Untrusted):
        read_table(Answer(text, (), False), SWITCH)


VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=10)


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=5))
def test_what_xcat_dumps_is_read_back(rows: list[tuple[str, str, str]]) -> None:
    """Source of the quoting: xcat-core tabutils.pm, output_table."""
    lines = [",".join('"' + value.replace('"', '""') + '"' for value in row) for row in rows]
    answer = Answer("\n".join(["#node,port,comments", *lines]), (), False)
    assert [tuple(row.values()) for row in read_table(answer, SWITCH)] == rows
