"""Where the servers of a full cloud are on this machine, and which Debian packages bring the missing ones."""

import os
import shutil
from typing import Final

from zvmlab.cloud.errors import CloudError

SYSTEM_DIRECTORIES: Final = ("/usr/sbin", "/usr/bin", "/usr/lib/rabbitmq/bin")
PACKAGES: Final = {
    "mariadbd": "mariadb-server",
    "mariadb-install-db": "mariadb-server",
    "epmd": "rabbitmq-server",
    "rabbitmq-server": "rabbitmq-server",
}


def find_program(name: str) -> str | None:
    """Full path of the program.

    RabbitMQ's own directory precedes the system's: Debian's /usr/sbin/rabbitmq-server is a wrapper that
    becomes the user rabbitmq and uses fixed directories.
    """
    directories = [*reversed(SYSTEM_DIRECTORIES), *os.environ.get("PATH", "").split(os.pathsep)]
    return shutil.which(name, path=os.pathsep.join(directories))


def program(name: str) -> str:
    """As find_program; raises CloudError if there is none."""
    path = find_program(name)
    if path is None:
        raise CloudError(f"{name} is not installed; on Debian it is in the package {PACKAGES[name]}")
    return path


def missing_packages() -> list[str]:
    """The Debian packages that must be installed before a full cloud can start."""
    return sorted({package for name, package in PACKAGES.items() if find_program(name) is None})
