"""A small interpreter of the shell lines that clients send inside dsh. No real shell is ever run.

A `Shell` belongs to one Linux node: its programs (smcli, vmcp, ...) are given by name, its files live in
memory. A word that is neither a builtin nor a program answers as a shell does: `sh: X: command not found`,
exit status 127. A script is parsed as a whole: after a syntax error nothing of it has run.
Source: POSIX.1-2017, Shell Command Language; the lines sent by networking-zvm 34adeab~1 and nova-zvm.
"""

import dataclasses
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping

from zvmsim.dialects import shell_syntax
from zvmsim.dialects.program import Program, Result
from zvmsim.dialects.shell_syntax import Command, Parameter, ShellSyntaxError, Step, Text, Word

HOME = "/root"
_MAX_DEPTH = 16
_SYNTAX_ERROR, _NOT_FOUND = 2, 127
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


class Shell:
    """Runs scripts on one node. Variables and the exit status last for one `run`; files stay."""

    def __init__(self, programs: Mapping[str, Program], files: MutableMapping[str, str]) -> None:
        self._programs = programs
        self._files = files

    def run(self, script: str, variables: Mapping[str, str] | None = None) -> Result:
        return _Run(self._programs, self._files, dict(variables or {}), depth=0).script(script)


class _ExitCalled(Exception):
    """`exit` was called; not an error."""


@dataclasses.dataclass(slots=True)
class _Run:
    """One script being interpreted; a called script or a substitution is another one, a level deeper."""

    programs: Mapping[str, Program]
    files: MutableMapping[str, str]
    variables: dict[str, str]
    depth: int
    status: int = 0

    def script(self, text: str) -> Result:
        try:
            steps = shell_syntax.parse(text)
        except ShellSyntaxError as error:
            return Result(_SYNTAX_ERROR, stderr=f"sh: {error}\n")
        outputs: list[Result] = []
        try:
            for step in steps:
                if self._wanted(step):
                    outputs.append(self._pipeline(step.pipeline))
                    self.status = outputs[-1].exit_code
        except _ExitCalled:
            pass
        return Result(self.status, "".join(o.stdout for o in outputs), "".join(o.stderr for o in outputs))

    def _wanted(self, step: Step) -> bool:
        return step.joiner == ";" or (step.joiner == "&&") == (self.status == 0)

    def _pipeline(self, commands: tuple[Command, ...]) -> Result:
        result, errors = Result(), ""
        for command in commands:
            result = self._command(command, stdin=result.stdout)
            errors += result.stderr
        return dataclasses.replace(result, stderr=errors)

    def _command(self, command: Command, stdin: str) -> Result:
        words = [field for word in command.words for field in self._fields(word)]
        result = self._call(words, stdin) if words else Result()
        return self._redirected(command, result)

    def _redirected(self, command: Command, result: Result) -> Result:
        """Send the outputs where the redirections say, from left to right as a shell does."""
        texts = {1: result.stdout, 2: result.stderr}
        goes: dict[int, int | str] = {1: 1, 2: 2}
        for redirection in command.redirections:
            target = "".join(self._fields(redirection.target))
            if redirection.mode == ">&":
                goes[redirection.descriptor] = goes.get(int(target), 1) if target.isdecimal() else 1
                continue
            path = _absolute(target)
            goes[redirection.descriptor] = path
            if redirection.mode == ">":
                self.files.pop(path, None)
        for descriptor, sink in goes.items():
            if isinstance(sink, str) and sink != "/dev/null" and descriptor in texts:
                self.files[sink] = self.files.get(sink, "") + texts[descriptor]
        out, err = ("".join(texts[d] for d in (1, 2) if goes[d] == end) for end in (1, 2))
        return Result(result.exit_code, out, err)

    def _call(self, words: list[str], stdin: str) -> Result:
        name, *arguments = words
        if builtin := _BUILTINS.get(posixpath.basename(name)):
            return builtin(self, arguments, stdin)
        if program := self.programs.get(posixpath.basename(name)):
            return program(arguments, stdin)
        if len(words) == 1 and (assignment := _ASSIGNMENT.fullmatch(name)):
            self.variables[assignment[1]] = assignment[2]
            return Result()
        return Result(_NOT_FOUND, stderr=f"sh: {name}: command not found\n")

    def deeper(self, script: str) -> Result:
        """Run a script as a child process would: it sees the variables but cannot change them."""
        if self.depth >= _MAX_DEPTH:
            return Result(_SYNTAX_ERROR, stderr="sh: fork: retry: Resource temporarily unavailable\n")
        return _Run(self.programs, self.files, dict(self.variables), self.depth + 1).script(script)

    def _fields(self, word: Word) -> Iterator[str]:
        """Expand one word; unquoted expansions are split at blanks, an empty unquoted result is no field."""
        field: str | None = None
        for part in word:
            if _is_kept(part):
                field = (field or "") + self._value(part)
                continue
            pieces = re.split(r"[ \t\n]+", self._value(part))
            for piece in pieces[:-1]:
                if field or piece:
                    yield (field or "") + piece
                field = None
            field = (field or "") + pieces[-1] if field is not None or pieces[-1] else None
        if field is not None:
            yield field

    def _value(self, part: shell_syntax.Part) -> str:
        if isinstance(part, Text):
            return part.value
        if isinstance(part, Parameter):
            return str(self.status) if part.name == "?" else self.variables.get(part.name, "")
        return self.deeper(part.script).stdout.rstrip("\n")


def _is_kept(part: shell_syntax.Part) -> bool:
    """True for what is never split into fields: literal text and everything quoted."""
    return isinstance(part, Text) or part.quoted


def _absolute(path: str) -> str:
    return posixpath.normpath(posixpath.join(HOME, path))


Builtin = Callable[[_Run, list[str], str], Result]


def _echo(_run: _Run, arguments: list[str], _stdin: str) -> Result:
    newline, escapes = "\n", False
    while arguments and re.fullmatch("-[neE]+", arguments[0]):
        for letter in arguments.pop(0)[1:]:
            newline = "" if letter == "n" else newline
            escapes = letter == "e" if letter in "eE" else escapes
    text = " ".join(arguments)
    return Result(stdout=(_unescaped(text) if escapes else text) + newline)


_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "r": "\r"}


def _unescaped(text: str) -> str:
    return re.sub(r"\\([nt\\r])", lambda match: _ESCAPES[match[1]], text)


def _export(run: _Run, arguments: list[str], _stdin: str) -> Result:
    for argument in arguments:
        if assignment := _ASSIGNMENT.fullmatch(argument):
            run.variables[assignment[1]] = assignment[2]
    return Result()


def _exit(run: _Run, arguments: list[str], _stdin: str) -> Result:
    if arguments:
        run.status = int(arguments[0]) % 256 if arguments[0].isdecimal() else _SYNTAX_ERROR
    raise _ExitCalled


def _sh(run: _Run, arguments: list[str], stdin: str) -> Result:
    if not arguments:
        return run.deeper(stdin)
    if arguments[0] == "-c":
        return run.deeper(arguments[1]) if len(arguments) > 1 else Result(_SYNTAX_ERROR)
    script = run.files.get(_absolute(arguments[0]))
    if script is None:
        return Result(_NOT_FOUND, stderr=f"sh: {arguments[0]}: No such file or directory\n")
    return run.deeper(script)


def _rm(run: _Run, arguments: list[str], _stdin: str) -> Result:
    force = any(a.startswith("-") and "f" in a for a in arguments)
    missing = [a for a in arguments if not a.startswith("-") and run.files.pop(_absolute(a), None) is None]
    if force or not missing:
        return Result()
    return Result(1, stderr="".join(f"rm: cannot remove '{m}': No such file or directory\n" for m in missing))


def _cat(run: _Run, arguments: list[str], stdin: str) -> Result:
    if not arguments:
        return Result(stdout=stdin)
    missing = [a for a in arguments if _absolute(a) not in run.files]
    return Result(
        1 if missing else 0,
        "".join(run.files.get(_absolute(a), "") for a in arguments),
        "".join(f"cat: {m}: No such file or directory\n" for m in missing),
    )


def _grep(_run: _Run, arguments: list[str], stdin: str) -> Result:
    """The form clients use: one pattern of plain characters, read from the pipe."""
    if len(arguments) != 1:
        return Result(_SYNTAX_ERROR, stderr="Usage: grep [OPTION]... PATTERN [FILE]...\n")
    lines = [line for line in stdin.splitlines(keepends=True) if arguments[0] in line]
    return Result(0 if lines else 1, "".join(lines))


_BUILTINS: dict[str, Builtin] = {
    "true": lambda _run, _arguments, _stdin: Result(),
    ":": lambda _run, _arguments, _stdin: Result(),
    "false": lambda _run, _arguments, _stdin: Result(1),
    "echo": _echo,
    "export": _export,
    "exit": _exit,
    "sh": _sh,
    "bash": _sh,
    "rm": _rm,
    "cat": _cat,
    "grep": _grep,
}
