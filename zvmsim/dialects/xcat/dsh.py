"""xdsh: run a script on nodes and pack what they print into messages.

Source: xcat-core DSHCLI.pm, DSHCore.pm, xdsh.pm; answers seen by networking-zvm's tests.
"""

import posixpath
from collections.abc import Iterator, Mapping, Sequence

from zvmsim.dialects import shell_syntax
from zvmsim.dialects.shell import HOME
from zvmsim.dialects.shell_syntax import Command, Redirection, ShellSyntaxError, Substitution, Text, Word
from zvmsim.dialects.xcat.management_node import ManagementNode
from zvmsim.dialects.xcat.messages import Message, Messages, data, failed_nodes
from zvmsim.world.functions import is_mutating


def xdsh(mn: ManagementNode, nodes: Sequence[str], script: str) -> Messages:
    """Output, then what went to stderr (errorcode "0"), last the number of nodes that failed."""
    outputs: list[str | None] = []
    complaints: list[str] = []
    failed = 0
    for node in nodes:
        linux = mn.linux(node)
        if linux is None:
            complaints.append(f"{node}: ssh: connect to host {node} port 22: No route to host")
            failed += 1
            continue
        result = linux.run(script)
        outputs += _chunks(node, result.stdout, mn.quirks.chunk)
        complaints += [_prefixed(node, line) for line in result.stderr.splitlines()]
        failed += result.exit_code != 0
    if mn.quirks.trailing_null and outputs:
        outputs.append(None)
    if mn.quirks.stderr:
        complaints.insert(0, mn.quirks.stderr)
    return [*_messages(outputs, complaints), failed_nodes(failed)]


def _messages(outputs: Sequence[str | None], complaints: Sequence[str]) -> Iterator[Message]:
    if outputs:
        yield data(*outputs)
    if complaints:
        yield {"error": list(complaints), "errorcode": ["0"], "NoErrorPrefix": ["1"]}


def _chunks(node: str, text: str, limit: int) -> Iterator[str]:
    """Whole lines, as many as fit into one read, one string each; every line with the node's name."""
    chunk: list[str] = []
    size = 0
    for line in text.splitlines():
        length = len(line.encode()) + 1
        if chunk and size + length > limit:
            yield "\n".join(chunk)
            chunk, size = [], 0
        chunk.append(_prefixed(node, line))
        size += length
    if chunk:
        yield "\n".join(chunk)


def _prefixed(node: str, line: str) -> str:
    return f"{node}: {line}"


def changes(script: str, files: Mapping[str, str], depth: int = 0) -> bool:
    """Whether a script would change z/VM or Linux; one that cannot be parsed does nothing."""
    try:
        steps = shell_syntax.parse(script)
    except ShellSyntaxError:
        return False
    commands = (command for step in steps for command in step.pipeline)
    return any(_command_changes(command, files, depth) for command in commands)


def _command_changes(command: Command, files: Mapping[str, str], depth: int) -> bool:
    if any(_writes(redirection) for redirection in command.redirections):
        return True
    inner = (part.script for word in command.words for part in word if isinstance(part, Substitution))
    if any(changes(script, files, depth + 1) for script in inner):
        return True
    words = [_literal(word) for word in command.words]
    name, arguments = posixpath.basename(words[0]), words[1:]
    if name == "smcli":
        return bool(arguments) and is_mutating(arguments[0])
    if name == "vmcp":
        return not " ".join(arguments).lower().startswith("q")
    if name in ("sh", "bash") and arguments:
        text = files.get(posixpath.join(HOME, arguments[0]), "") if arguments[0] != "-c" else arguments[-1]
        return depth < 8 and changes(text, files, depth + 1)
    return name in ("perl", "rm")


def _writes(redirection: Redirection) -> bool:
    return redirection.mode != ">&" and _literal(redirection.target) != "/dev/null"


def _literal(word: Word) -> str:
    return "".join(part.value for part in word if isinstance(part, Text))
