"""What real packets need of the machine that the simulator runs on."""

import subprocess
import sys
from typing import Final

from zvmsim.dataplane import linux, tree

_TIMEOUT_S: Final = 10.0


def missing() -> list[str]:
    """What this machine lacks for real packets, in words; empty if nothing."""
    if not sys.platform.startswith("linux"):
        return ["Linux"]
    return [*_missing_namespaces(), *_missing_tun()]


def _missing_namespaces() -> list[str]:
    try:
        done = subprocess.run(  # noqa: S603
            [*tree.command(), "true"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError:
        return ["the program unshare (package util-linux)"]
    if done.returncode == 0:
        return []
    who = "more than this container's root" if tree.is_root() else "root, or user namespaces for everybody"
    return [f"{who}: {done.stderr.strip()}"]


def _missing_tun() -> list[str]:
    try:
        linux.check_tun()
    except OSError as error:
        return [f"{linux.TUN} to read and write: {error.strerror}"]
    return []
