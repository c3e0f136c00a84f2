"""Where the programs of OpenStack's services are, and what is missing for them here.

Neutron and Nova are in this Python's own environment, with the packages of the product. Keystone, Glance and
Placement have one beside it, so that they and the product need not agree on every library.
"""

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from zvmlab.cloud.programs import find_program
from zvmlab.cloud.programs import missing_packages as missing_servers
from zvmlab.feilong import environment as feilong

OPENSTACK: Final = Path(sys.prefix) / "openstack"
MAKE: Final = "tools/make-openstack-venv"
PACKAGES: Final = {"genisoimage": "genisoimage", "hexdump": "bsdextrautils"}
"""Nova makes config drives with the one, Feilong looks into images with the other."""
COMPUTE: Final = ("nova", "networking-zvm-nova")
"""Nova, and what lets it find the driver."""


def missing() -> list[str]:
    """What must be installed first, each thing with the way to get it; empty if a lab can start."""
    found = [f"the Debian package {package}" for package in missing_packages()]
    if not (OPENSTACK / ".complete").exists():
        found.append(f"the environment {OPENSTACK} ({MAKE} makes it)")
    if not (feilong.ENVIRONMENT / ".complete").exists():
        found.append(f"the environment {feilong.ENVIRONMENT} ({feilong.MAKE} makes it)")
    found += [f"the Python package {name} (tools/make-venv)" for name in COMPUTE if not _installed(name)]
    return found


def _installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def missing_packages() -> list[str]:
    """Debian packages to be installed."""
    tools = {package for program, package in PACKAGES.items() if find_program(program) is None}
    return sorted({*missing_servers(), *tools})


def beside() -> Path:
    """The environment of Keystone, Glance and Placement."""
    return OPENSTACK


def own() -> Path:
    """The environment of Neutron and Nova: this Python's."""
    return Path(sys.prefix)
