"""What there is of a cloud on this machine: its processes work in its state directory."""

import os
from pathlib import Path


def processes_of(state_dir: Path) -> list[Path]:
    """Their directories in /proc; a dead process works nowhere."""
    return [process for process in Path("/proc").glob("[0-9]*") if _works_in(process, state_dir)]


def _works_in(process: Path, state_dir: Path) -> bool:
    try:
        return os.readlink(process / "cwd").removesuffix(" (deleted)").startswith(f"{state_dir}/")
    except OSError:
        return False
