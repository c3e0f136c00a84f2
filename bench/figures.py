"""One measurement's result, and how it is printed."""

import dataclasses
import json
from collections.abc import Mapping

Value = int | float | str


@dataclasses.dataclass(frozen=True)
class Figures:
    """name: of the measurement. case: what was varied. values: what was found.

    retired: what is known of the retired agent in the same case. aim: what this agent aims at, at most.
    """

    name: str
    case: Mapping[str, Value]
    values: Mapping[str, Value]
    retired: str = ""
    aim: str = ""

    def line(self) -> str:
        words = [f"{self.name:8}{_words(self.case)} |", _words(self.values)]
        words += [f"| aim: {self.aim}"] if self.aim else []
        words += [f"| retired agent: {self.retired}"] if self.retired else []
        return " ".join(words)

    def json(self) -> str:
        return json.dumps(dataclasses.asdict(self))


def _words(values: Mapping[str, Value]) -> str:
    return " ".join(f"{key}={_text(value)}" for key, value in values.items())


def _text(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return str(value)
