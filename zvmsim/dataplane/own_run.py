"""The first process of a machine that has a run of its own: `python -S -P -m zvmsim.dataplane.own_run`.

Started in a new PID namespace, it gives that its own /proc, /sys and an empty /run/netns, says so, and waits;
when it is killed, the kernel kills everything in there.
"""

import signal
import sys
from typing import Final

from zvmsim.dataplane import linux

READY: Final = "ready\n"


def main() -> None:
    """Raises OSError."""
    linux.unshare(linux.CLONE_NEWNS)
    linux.mount("proc", "/proc", "proc")
    linux.mount("sysfs", "/sys", "sysfs")
    linux.mount("zvmsim", "/run/netns", "tmpfs")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.stdout.write(READY)
    sys.stdout.flush()
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
