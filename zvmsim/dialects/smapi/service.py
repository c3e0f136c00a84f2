"""The SMAPI servers of a whole inventory, one for each system that its `smapi:` section names."""

from collections.abc import Callable, Mapping
from pathlib import Path

from zvmsim.dialects.smapi.config import SmapiConfig
from zvmsim.dialects.smapi.exchange import answer
from zvmsim.dialects.smapi.server import SmapiServer
from zvmsim.world.gate import DroppedError
from zvmsim.world.world import World

Present = Callable[[], tuple[World, Mapping[str, SmapiConfig]]]
"""The world and the section as they are now; a new inventory may have put others in place."""


class SmapiService:
    """Start it and stop it; addresses: (host, port) by system while it runs."""

    def __init__(self, present: Present, host: str) -> None:
        self._present = present
        self._host = host
        self._servers: dict[str, SmapiServer] = {}

    @property
    def addresses(self) -> dict[str, tuple[str, int]]:
        return {system: server.address for system, server in self._servers.items()}

    @property
    def wants_tls(self) -> bool:
        """Whether any system asks for it."""
        return any(config.tls for config in self._present()[1].values())

    def start(self, certificate: tuple[Path, Path] | None) -> None:
        """certificate: (certificate, key) files, for the systems that want TLS. Raises OSError."""
        for system, config in self._present()[1].items():
            self._servers[system] = SmapiServer(
                self._answer_of(system),
                self._host,
                config.port,
                workers=config.workers,
                certificate=certificate if config.tls else None,
            )

    def stop(self) -> None:
        """Close everything; twice is fine."""
        for server in self._servers.values():
            server.stop()
        self._servers.clear()

    def _answer_of(self, system: str) -> Callable[[bytes], bytes | None]:
        def answer_now(body: bytes) -> bytes | None:
            world, configs = self._present()
            if system not in configs:
                raise DroppedError
            return answer(world, system, configs[system], body)

        return answer_now
