"""Guest LANs, as far as clients of the network functions see them."""

from dataclasses import dataclass
from typing import Literal

from zvmsim.world.answers import Transport


@dataclass(frozen=True, slots=True)
class Lan:
    """A guest LAN; allowed: userids that may couple if it is restricted; persistent: defined in SYSTEM
    CONFIG.
    """

    name: str
    owner: str = "SYSTEM"
    type: Literal["QDIO", "HIPERSOCKETS"] = "QDIO"
    transport: Transport = "IP"
    restricted: bool = False
    allowed: frozenset[str] = frozenset()
    persistent: bool = False

    def admits(self, userid: str) -> bool:
        """Whether this user may couple."""
        return not self.restricted or userid in self.allowed or userid == self.owner
