"""Who plays in the story of servers: networks of `zvmlab.cast`, and servers on them."""

from dataclasses import dataclass
from typing import Final

from zvmlab.cast import DB, MGMT, WEB, NetworkRole

NETWORKS: Final[tuple[NetworkRole, ...]] = (MGMT, WEB, DB)


@dataclass(frozen=True, slots=True)
class ServerRole:
    """One server: the host it is to be on, and a network for each of its NICs."""

    name: str
    host: str
    networks: tuple[str, ...]


FIRST: Final = ServerRole("web1", "zvma", ("web", "db"))
SECOND: Final = ServerRole("web2", "zvmb", ("web", "db"))
ADDED: Final = MGMT
"""The network that the first server gets later."""

FLAVOR: Final = {"name": "small", "ram": 1024, "vcpus": 1, "disk": 5}
IMAGE: Final = "rhel9"
OS_DISTRO: Final = "rhel9"
CYLINDERS: Final = 7282
IMAGE_FILE: Final = f"xCAT CKD Disk Image:{CYLINDERS:>12} CYL HLen: 0055 GZIP: 6".encode()
"""The smallest that Feilong takes: a header, and no disk behind it. Source: zthin unpackdiskimage."""
