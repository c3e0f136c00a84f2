"""The shell subset: what clients send comes out at the programs word by word, and nothing else ever runs."""

import shlex
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zvmsim.dialects.program import Result
from zvmsim.dialects.shell import Shell
from zvmsim.dialects.shell_syntax import ShellSyntaxError, parse


class Node:
    """A node with two programs: `p` records its words, `fail` leaves exit status 3."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.files: dict[str, str] = {}
        self._shell = Shell({"p": self._p, "fail": self._fail}, self.files)

    def run(self, script: str) -> Result:
        return self._shell.run(script, {"NODE": "zhcp"})

    def _p(self, words: Sequence[str], stdin: str) -> Result:
        self.calls.append(list(words))
        return Result(0, stdin or "ok\n")

    def _fail(self, _words: Sequence[str], _stdin: str) -> Result:
        return Result(3, "out\n", "err\n")


@pytest.fixture
def node() -> Node:
    return Node()


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1))
def test_quoted_words_reach_the_program_unchanged(words: list[str]) -> None:
    node = Node()
    node.run("p " + " ".join(map(shlex.quote, words)))
    assert node.calls == [words]


@given(st.text(alphabet="ap'\"\\$?;|&><(){}`# \n\t=-", max_size=40))
def test_any_text_either_parses_or_is_a_syntax_error(script: str) -> None:
    result = Node().run(script)
    try:
        parse(script)
    except ShellSyntaxError:
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("sh: ")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("p a  b", ["a", "b"]),
        ("p 'a b' \"c d\" e\\ f", ["a b", "c d", "e f"]),
        ("p a\"b\"'c'", ["abc"]),
        ("p \"$NODE\" '$NODE' \\$NODE ${NODE}x", ["zhcp", "$NODE", "$NODE", "zhcpx"]),
        ('p "a\\"b" "\\n" \'\\n\'', ['a"b', "\\n", "\\n"]),
        ("p '' \"\" $NOTHING", ["", ""]),
        ("p $(echo a b)c \"$(echo 'd  )e')\"", ["a", "bc", "d  )e"]),
        ("p a\\\nb # not this", ["ab"]),
        ("p a#b", ["a#b"]),
        ("X=5; p \"$X\"", ["5"]),
        ("export X=5 && p $X", ["5"]),
        ("/opt/zhcp/bin/p x", ["x"]),
        ("sh -c 'p x'", ["x"]),
        ("p *", ["*"]),
    ],
)
def test_words(node: Node, script: str, words: list[str]) -> None:
    node.run(script)
    assert node.calls == [words]


@pytest.mark.parametrize(
    ("script", "exit_code", "stdout"),
    [
        ("fail", 3, "out\n"),
        ("fail; echo $?", 0, "out\n3\n"),
        ("fail && echo no; echo $?", 0, "out\n3\n"),
        ("fail || echo yes", 0, "out\nyes\n"),
        ("true && false || echo yes\necho end", 0, "yes\nend\n"),
        ("p && fail", 3, "ok\nout\n"),
        ("fail; exit 4; echo no", 4, "out\n"),
        ("false; exit", 1, ""),
        ("echo -n a; echo b", 0, "ab\n"),
        ("echo -e 'a\\nb'", 0, "a\nb\n"),
        ("echo 'a\\nb'", 0, "a\\nb\n"),
        ("fail 2>&1", 3, "out\nerr\n"),
        ("fail > /dev/null; echo $?", 0, "3\n"),
        ("echo 'eth0\n  inet 10.1.0.1  netmask x'|grep 'inet '", 0, "  inet 10.1.0.1  netmask x\n"),
        ("echo x | grep y", 1, ""),
        ("echo x | fail", 3, "out\n"),
        ("rm x", 1, ""),
        ("rm -f x", 0, ""),
        ("cat x", 1, ""),
        ("sh x", 127, ""),
    ],
)
def test_lists_and_exit_status(node: Node, script: str, exit_code: int, stdout: str) -> None:
    result = node.run(script)
    assert (result.exit_code, result.stdout) == (exit_code, stdout)


def test_an_unknown_command_is_not_found_and_the_list_goes_on(node: Node) -> None:
    result = node.run("frobnicate -x; echo $?")
    assert result == Result(0, "127\n", "sh: frobnicate: command not found\n")


@pytest.mark.parametrize(
    "script", ["(p)", "p 'a", 'p "a', "p `p`", "p &", "p &&", "| p", "p >", "p $(p", "p;;p"]
)
def test_what_is_not_understood_runs_nothing(node: Node, script: str) -> None:
    result = node.run(script)
    assert (result.exit_code, result.stdout, node.calls) == (2, "", [])
    assert result.stderr.startswith("sh: ")


def test_a_script_is_written_run_and_removed(node: Node) -> None:
    """The retired agent's batch of grants."""
    node.run('echo -e "#!/bin/sh\np -T A -k x=1\np -T B -k \'x=2 3\'\n" > grant.sh')
    assert node.calls == []
    node.run("sh grant.sh;rm -f grant.sh")
    assert node.calls == [["-T", "A", "-k", "x=1"], ["-T", "B", "-k", "x=2 3"]]
    assert node.files == {}


def test_redirections_write_and_append(node: Node) -> None:
    node.run("echo a > /tmp/f; echo b >> /tmp/f; fail 2>/tmp/e")
    assert node.files == {"/tmp/f": "a\nb\n", "/tmp/e": "err\n"}


def test_a_script_that_calls_itself_ends(node: Node) -> None:
    node.run("echo 'sh loop.sh' > loop.sh")
    assert "Resource temporarily unavailable" in node.run("sh loop.sh").stderr
