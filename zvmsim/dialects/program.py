"""What a command-line program leaves behind, and the shape of a program in a simulated Linux node."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """Exit status 0-255 and the two output texts."""

    exit_code: int = 0
    stdout: str = ""
    stderr: str = ""


Program = Callable[[Sequence[str], str], Result]
"""Runs with (arguments after the command's name, standard input)."""
