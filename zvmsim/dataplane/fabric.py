"""Follows frames through switches and physical LANs, by a wiring."""

from zvmsim.dataplane.wiring import Wiring


class Fabric:
    """All switches and physical LANs, and what they have learned."""

    def __init__(self, wiring: Wiring) -> None:
        self.rewire(wiring)

    def rewire(self, wiring: Wiring) -> None:
        """Go by another wiring from now on; what was learned stays where it still holds."""
        self._wiring = wiring

    def receive(self, port_name: str, frame: bytes) -> list[tuple[str, bytes]]:
        """Where a frame that came in by a port goes: (name of the port, frame as it leaves there)."""
        raise NotImplementedError(port_name, frame)
