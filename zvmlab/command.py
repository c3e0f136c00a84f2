"""What `zvmlab` and `zvmlab-full` have in common as commands: an end by a signal, and their options."""

import argparse
import signal
import time
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

FAILED: Final = 1
INTERRUPTED: Final = 130

_ENDING: Final = (signal.SIGINT, signal.SIGTERM)
_WAKE_S: Final = 1.0


def end_on_signals() -> None:
    """From now on SIGINT and SIGTERM raise KeyboardInterrupt, once: nothing interrupts an end that has begun.

    A shell's background job ignores SIGINT unless it is told otherwise, as it is here.
    """
    for number in _ENDING:
        signal.signal(number, _interrupt)


def wait_for_a_signal() -> NoReturn:
    """Until KeyboardInterrupt. Another thread may get the signal; it is heeded when this one wakes."""
    while True:
        time.sleep(_WAKE_S)


def parser(program: str, description: str | None) -> argparse.ArgumentParser:
    """With the options that both have."""
    made = argparse.ArgumentParser(prog=program, description=description)
    made.add_argument("--once", action="store_true", help="end after the story; exit code 0 if all held")
    made.add_argument(
        "--state-dir", type=_new_folder, help="a new directory for all files and logs, which then stays"
    )
    return made


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _new_folder(text: str) -> Path:
    """Absolute, for processes with folders of their own shall find it, too."""
    folder = Path(text).absolute()
    if folder.exists() and not folder.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a directory")
    if folder.exists() and any(folder.iterdir()):
        raise argparse.ArgumentTypeError(f"{text} is not empty: name one that is, or none yet")
    return folder
