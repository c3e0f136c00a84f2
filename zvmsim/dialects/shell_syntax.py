"""Syntax of the shell subset that clients send inside xCAT's dsh: text in, a tuple of `Step`s out.

Understood: lists (newline, `;`, `&&`, `||`), pipelines, quoting by `'`, `"` and backslash, comments, `$?`,
`$NAME`, `${NAME}`, `$(command)` and the redirections `>`, `>>`, `2>`, `2>>`, `N>&M`. Anything else a real
shell knows (back quotes, subshells, background jobs, here documents) is refused by `ShellSyntaxError`; file
name patterns are taken literally, as a shell does where no file matches.
Source: POSIX.1-2017, Shell Command Language, 2.2-2.10.
"""

import dataclasses
import re
from collections.abc import Iterator
from typing import Literal

Joiner = Literal[";", "&&", "||"]


class ShellSyntaxError(Exception):
    """The text is not in the subset; the message is what a shell prints after its name."""


@dataclasses.dataclass(frozen=True, slots=True)
class Text:
    """Literal characters; quoted ones are never split into fields."""

    value: str
    quoted: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Parameter:
    """`$name`; `?` is the last exit status."""

    name: str
    quoted: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Substitution:
    """`$(script)`: replaced by what the script prints."""

    script: str
    quoted: bool


Part = Text | Parameter | Substitution
Word = tuple[Part, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Redirection:
    """Output of `descriptor` goes to a file, or with mode `>&` where another descriptor goes."""

    descriptor: int
    mode: Literal[">", ">>", ">&"]
    target: Word


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One pipeline of a list and how it follows the one before."""

    joiner: Joiner
    pipeline: tuple[Command, ...]


def parse(script: str) -> tuple[Step, ...]:
    """Raises ShellSyntaxError."""
    return tuple(_Parser(tuple(_Lexer(script).tokens())).steps())


_PLAIN = re.compile(r"""[^\s'"\\$;&|<>()`]+""")
_BLANK = re.compile(r"(?:[ \t\r]|\\\n)+")
_REDIRECT = re.compile(r"([0-9]?)(>>|>&|>)")
_OPERATOR = re.compile(r"&&|\|\||[;|\n]")
_PARAMETER = re.compile(r"\$(?:(\?)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*|\?)\})")
_DOUBLE_PLAIN = re.compile(r'[^"\\$`]+')

Token = str | Redirection | Word


class _Lexer:
    """Cuts a script into operators (str), redirections (with an empty target) and words."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._at = 0

    def tokens(self) -> Iterator[Token]:
        while self._skip_blanks():
            if operator := self._take(_OPERATOR):
                yield operator[0]
            elif redirect := self._take(_REDIRECT):
                yield Redirection(int(redirect[1] or 1), redirect[2], ())  # type: ignore[arg-type]
            elif word := tuple(self._word()):
                yield word
            else:
                raise ShellSyntaxError(f"syntax error near unexpected token `{self._script[self._at]}'")

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._script, self._at)
        if match:
            self._at = match.end()
        return match

    def _skip_blanks(self) -> bool:
        """Skip blanks and a comment; false at the end of the script."""
        self._take(_BLANK)
        if self._script.startswith("#", self._at):
            end = self._script.find("\n", self._at)
            self._at = len(self._script) if end < 0 else end
        return self._at < len(self._script)

    def _word(self) -> Iterator[Part]:
        while self._at < len(self._script):
            char = self._script[self._at]
            if plain := self._take(_PLAIN):
                yield Text(plain[0], quoted=False)
            elif char == "'":
                yield Text(self._until("'"), quoted=True)
            elif char == '"':
                self._at += 1
                yield from self._double_quoted()
            elif char == "\\":
                yield self._escape()
            elif char == "$":
                yield self._expansion(quoted=False)
            else:
                return

    def _until(self, quote: str) -> str:
        """The text between the quote here and the next one."""
        start, end = self._at + 1, self._script.find(quote, self._at + 1)
        if end < 0:
            raise ShellSyntaxError(f"unexpected EOF while looking for matching `{quote}'")
        self._at = end + 1
        return self._script[start:end]

    def _escape(self) -> Text:
        """The character after a backslash stands for itself; a newline there joins two lines."""
        escaped = self._script[self._at + 1 : self._at + 2]
        self._at += 2
        return Text("", quoted=False) if escaped == "\n" else Text(escaped or "\\", quoted=True)

    def _double_quoted(self) -> Iterator[Part]:
        yield Text("", quoted=True)
        while self._at < len(self._script):
            char = self._script[self._at]
            if plain := self._take(_DOUBLE_PLAIN):
                yield Text(plain[0], quoted=True)
            elif char == '"':
                self._at += 1
                return
            elif char == "$":
                yield self._expansion(quoted=True)
            elif char == "\\":
                yield self._escape_in_double_quotes()
            else:
                raise ShellSyntaxError("syntax error near unexpected token ``'")
        raise ShellSyntaxError("unexpected EOF while looking for matching `\"'")

    def _escape_in_double_quotes(self) -> Text:
        """Within double quotes a backslash escapes only `$`, a back quote, `"`, itself and a newline."""
        escaped = self._script[self._at + 1 : self._at + 2]
        self._at += 2
        if escaped == "\n":
            return Text("", quoted=True)
        return Text(escaped if escaped in '$`"\\' else "\\" + escaped, quoted=True)

    def _expansion(self, quoted: bool) -> Part:
        if match := self._take(_PARAMETER):
            return Parameter(match[1] or match[2] or match[3], quoted)
        if self._script.startswith("$(", self._at):
            return Substitution(self._parenthesised(), quoted)
        self._at += 1
        return Text("$", quoted)

    def _parenthesised(self) -> str:
        """The script inside `$(...)`, whose own quotes and parentheses may hold a `)`."""
        start = self._at = self._at + 2
        inner = _Lexer(self._script)
        inner._at = start
        while inner._skip_blanks():
            if inner._script[inner._at] == ")":
                self._at = inner._at + 1
                return self._script[start : inner._at]
            if not (inner._take(_OPERATOR) or inner._take(_REDIRECT) or tuple(inner._word())):
                break
        raise ShellSyntaxError("unexpected EOF while looking for matching `)'")


class _Parser:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._at = 0

    def steps(self) -> Iterator[Step]:
        joiner: Joiner = ";"
        while self._skip_newlines():
            yield Step(joiner, tuple(self._pipeline()))
            joiner = self._joiner()

    def _next(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _skip_newlines(self) -> bool:
        while self._next() == "\n":
            self._at += 1
        return self._next() is not None

    def _joiner(self) -> Joiner:
        """The operator after a pipeline; `&&` and `||` need another pipeline after them."""
        operator = self._next()
        self._at += 1
        if operator not in ("&&", "||"):
            return ";"
        if not self._skip_newlines():
            raise ShellSyntaxError("syntax error: unexpected end of file")
        return "&&" if operator == "&&" else "||"

    def _pipeline(self) -> Iterator[Command]:
        yield self._command()
        while self._next() == "|":
            self._at += 1
            self._skip_newlines()
            yield self._command()

    def _command(self) -> Command:
        words: list[Word] = []
        redirections: list[Redirection] = []
        while (token := self._next()) is not None and not isinstance(token, str):
            self._at += 1
            if isinstance(token, Redirection):
                redirections.append(dataclasses.replace(token, target=self._target()))
            else:
                words.append(token)
        if not words and not redirections:
            raise ShellSyntaxError(f"syntax error near unexpected token `{_shown(token)}'")
        return Command(tuple(words), tuple(redirections))

    def _target(self) -> Word:
        token = self._next()
        if not isinstance(token, tuple):
            raise ShellSyntaxError(f"syntax error near unexpected token `{_shown(token)}'")
        self._at += 1
        return token


def _shown(token: Token | None) -> str:
    return "newline" if token in (None, "\n") or not isinstance(token, str) else token
