"""Where a process of a cloud can run, if not beside the cloud's others."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class Place(Protocol):
    """It sees this machine's files, but has a network of its own, in which the cloud is unknown."""

    def command(self, argv: Sequence[str]) -> list[str]:
        """What starts that command there when it is started here, and hands signals on to it."""

    def connect(self, port: int) -> None:
        """Have connections to 127.0.0.1:port there be carried to 127.0.0.1:port here."""


def environment() -> Mapping[str, str]:
    """What agents need in theirs, wherever they run: they start privsep-helper, which is beside Python."""
    folders = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    return {"PATH": os.pathsep.join(folders)}
