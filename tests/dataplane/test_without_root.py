"""User namespaces do where root is not to be had, if everybody may have TAP devices."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zvmsim import dataplane

AS_NOBODY = """
set -e
mount -t tmpfs none /mnt
mkdir /mnt/python
mount --bind "$PYTHON" /mnt/python
if [ -n "$CLOSED" ]; then
    mount -t tmpfs -o mode=755 none "$CLOSED"
    mkdir -p "$PYTHON"
    mount --bind /mnt/python "$PYTHON"
fi
mknod /mnt/tun c 10 200
chmod 666 /mnt/tun
mount --bind /mnt/tun /dev/net/tun
exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
"""
"""In mounts of its own: TAP devices for everybody, and Python where it is in a folder closed to others."""

TWO_GUESTS = """
import os, subprocess
from tests.dataplane.site import Site, reaches
with Site() as site:
    web1 = site.join("WEB1", "10", "10.0.0.1/24")
    web2 = site.join("WEB2", "10", "10.0.0.2/24")
    names = subprocess.check_output(web1.command(["ls", "/sys/class/net"], own_run=True), text=True).split()
    print(os.geteuid(), reaches(web1, "10.0.0.2"), web2.run(["id", "-u"], 30).stdout.strip(), *names)
"""


def test_packets_flow_without_root() -> None:
    if lacks := dataplane.missing():
        pytest.skip(f"real packets need {'; '.join(lacks)}")
    if os.geteuid() != 0:
        pytest.skip("only root can become nobody; as it is, the other tests show it")
    done = as_nobody([sys.executable, "-c", "from zvmsim import dataplane; print(dataplane.missing())"])
    if done.stdout != "[]\n":
        pytest.skip(f"nobody cannot have packets here: {done.stdout or done.stderr}")
    done = as_nobody([sys.executable, "-c", TWO_GUESTS])
    assert (done.stdout, done.stderr) == ("65534 True 0 enc1000 lo\n", "")


def as_nobody(command: list[str]) -> "subprocess.CompletedProcess[str]":
    top = Path("/", Path(sys.base_prefix).parts[1])
    variables = {
        "PYTHON": sys.base_prefix,
        "CLOSED": "" if top.stat().st_mode & 0o005 == 0o005 else str(top),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": "/tmp",
    }
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", AS_NOBODY, "sh", *command],
        env={**os.environ, **variables},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
