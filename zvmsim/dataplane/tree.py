"""The private tree: own process ids, mounts and network; nothing of it outlives its first process.

The kernel kills every process of a PID namespace when its first one ends, and drops mounts and devices with
their last user (pid_namespaces(7), mount_namespaces(7)).
"""

import os
from pathlib import Path
from typing import Final

from zvmsim.dataplane import linux

NAMES: Final = Path("/run/netns")
"""Where iproute2 looks for named network namespaces (ip-netns(8))."""


def command() -> list[str]:
    """What starts a program as the first process of a new tree; without root it plays root in it."""
    user = [] if is_root() else ["--user", "--map-root-user"]
    return ["unshare", *user, "--pid", "--fork", "--kill-child", "--mount", "--net", "--"]


def is_root() -> bool:
    """Whether it goes without a user namespace."""
    return os.geteuid() == 0


def furnish() -> int:
    """Called by the first process: its own /proc and /run/netns. Returns its process id outside the tree.

    Raises OSError.
    """
    outside = int(os.readlink("/proc/self"))
    linux.mount("proc", "/proc", "proc")
    if not NAMES.is_dir():
        _make_room(NAMES.parent)
        NAMES.mkdir()
    linux.mount("zvmsim", NAMES, "tmpfs")
    return outside


def _make_room(folder: Path) -> None:
    """Put a copy of a folder in its place, with what was in it, that may be written to without a trace."""
    before = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    linux.mount("zvmsim", folder, "tmpfs")
    for name in os.listdir(f"/proc/self/fd/{before}"):
        source, target = Path(f"/proc/self/fd/{before}/{name}"), folder / name
        if source.is_symlink():
            target.symlink_to(source.readlink())
            continue
        if source.is_dir():
            target.mkdir()
        else:
            target.touch()
        linux.mount(str(source), target, flags=linux.MS_BIND | linux.MS_REC)
    os.close(before)
