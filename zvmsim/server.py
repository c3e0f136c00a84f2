"""A running simulator: a world, the xCAT management node over HTTPS, SMAPI over TCP, commands for Feilong
servers and the control API, all on loopback; if wanted, real packets between its guests.

    with Simulator.from_inventory("two-systems") as simulator:
        ... simulator.xcat_url, simulator.ca_file, simulator.control_url, simulator.world
        ... simulator.smapi_addresses["ZVMA"], simulator.commands["ZVMA"].environment()

Several run in one process side by side.
"""

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from zvmsim import inventory
from zvmsim.clock import Clock
from zvmsim.control import Control
from zvmsim.control_http import control_app
from zvmsim.dataplane.needs import missing
from zvmsim.dataplane.packets import Packets
from zvmsim.dialects.commands.guests import Guests, guests_from
from zvmsim.dialects.commands.service import CommandAccess, CommandService
from zvmsim.dialects.cp import speak_cp
from zvmsim.dialects.smapi import config as smapi_config
from zvmsim.dialects.smapi.service import SmapiService
from zvmsim.dialects.xcat.config import XcatConfig, config_from
from zvmsim.dialects.xcat.management_node import ManagementNode, Quirks
from zvmsim.dialects.xcat.rest import xcat_app
from zvmsim.endpoint import Endpoint, WsgiApp
from zvmsim.tls import write_certificate
from zvmsim.world.world import World

XCAT_THREADS = 64
"""xCAT's site.xcatmaxconnections default: as many requests run at once, others wait."""

_LOOPBACK = "127.0.0.1"
_STOP_SECONDS = 0.9
_SECTIONS = {"xcat": config_from, "feilong": guests_from, "smapi": smapi_config.config_from}
_SHIPPED = Path(__file__).parent / "inventories"


class Simulator:
    """Use `from_inventory`. Entering starts the endpoints, leaving stops them; the world stays readable."""

    def __init__(
        self,
        loaded: inventory.Inventory,
        *,
        quirks: Quirks | None = None,
        xcat_port: int = 0,
        control_port: int = 0,
        ca_file: Path | None = None,
        packets: bool = False,
    ) -> None:
        self._quirks = quirks or Quirks()
        self._ports = (xcat_port, control_port)
        self._wanted_ca_file = ca_file
        self._folder: Path | None = None
        self._endpoints: list[Endpoint] = []
        self._services: list[CommandService] = []
        self._xcat_app: WsgiApp | None = None
        self._smapi = SmapiService(lambda: (self.world, self._smapi_configs), _LOOPBACK)
        self.ca_file: Path | None = None
        self.xcat_url = ""
        self.control_url = ""
        self.commands: Mapping[str, CommandAccess] = {}
        self.packets: Packets | None = None
        self.packets_missing: list[str] = missing() if packets else []
        self._take(loaded)
        if packets and not self.packets_missing:
            self.packets = Packets(self.world)
        self.control = Control(self)

    @classmethod
    def from_inventory(
        cls,
        source: str | Path | Mapping[str, object],
        *,
        clock: Clock | None = None,
        seed: int = 0,
        quirks: Quirks | None = None,
        xcat_port: int = 0,
        control_port: int = 0,
        ca_file: Path | None = None,
        packets: bool = False,
    ) -> "Simulator":
        """Load an inventory: a file, the name of one that ships with zvmsim, or data.

        clock: the machine's unless given. seed: of random fault rules. port 0: any free one.
        ca_file: where the server's certificate goes; a temporary folder unless given.
        packets: real packets between guests (`zvmsim.dataplane`); what this machine lacks for them stands in
        `packets_missing`, and then `packets` is None.
        Raises InventoryError, OSError.
        """
        loaded = load(inventory_text(source), clock=clock, seed=seed)
        return cls(
            loaded,
            quirks=quirks,
            xcat_port=xcat_port,
            control_port=control_port,
            ca_file=ca_file,
            packets=packets,
        )

    @property
    def smapi_addresses(self) -> Mapping[str, tuple[str, int]]:
        """Host and port by system, of those that the `smapi:` section names; empty when stopped."""
        return self._smapi.addresses

    def start(self) -> None:
        """Open the endpoints, then let packets flow, if they shall.

        Raises OSError if an address is taken or the certificate cannot be written; PacketsError.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="zvmsim-"))
        try:
            self._open()
            if self.packets:
                self.packets.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Close the endpoints and remove the certificate's temporary folder; twice is fine.

        A request that still sleeps is left behind in its thread.
        """
        if self.packets:
            self.packets.stop()
        self._smapi.stop()
        stopping = [service.stop() for service in self._services]
        stopping += [endpoint.stop() for endpoint in self._endpoints]
        self._services.clear()
        self._endpoints.clear()
        for thread in stopping:
            thread.join(_STOP_SECONDS / len(stopping))
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> "Simulator":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def replace_inventory(self, text: str) -> None:
        """Put another world in place, with its own journal and fault rules; nothing changes on error.

        Raises InventoryError.
        """
        self._take(load(text, clock=self.world.clock))

    def dump_inventory(self) -> str:
        """The world as it is now, as YAML that loads again; the sections of dialects as they were loaded."""
        return inventory.dump(self.world, self._sections)

    def _take(self, loaded: inventory.Inventory) -> None:
        self.world: World = loaded.world
        self._sections = loaded.raw
        self._feilong_guests: Guests = loaded.sections.get("feilong", {})
        self._smapi_configs: Mapping[str, smapi_config.SmapiConfig] = loaded.sections.get("smapi", {})
        speak_cp(self.world)
        config: XcatConfig | None = loaded.sections.get("xcat")
        self.management_node = ManagementNode(self.world, config, self._quirks) if config else None
        self._xcat_app = xcat_app(self.management_node) if self.management_node else None
        if self.packets:
            self.packets.follow(self.world)

    def _open(self) -> None:
        xcat_port, control_port = self._ports
        certificate = None
        if self.management_node or self._smapi.wants_tls:
            certificate = self._certificate()
            self.ca_file = certificate[0]
        if self.management_node:
            self.xcat_url = self._listen(self._serve_xcat, xcat_port, XCAT_THREADS, certificate).url
        self._smapi.start(certificate)
        self.control_url = self._listen(control_app(self.control), control_port, 8).url
        self._open_commands()

    def _open_commands(self) -> None:
        """One service for each guest that runs Feilong."""
        folder = (self._folder or Path(tempfile.gettempdir())) / "commands"
        for system, userid in self._feilong_guests.items():
            self._services.append(CommandService(lambda: self.world, system, userid, folder / system))
        self.commands = {service.access.system: service.access for service in self._services}

    def _listen(
        self, app: WsgiApp, port: int, threads: int, certificate: tuple[Path, Path] | None = None
    ) -> Endpoint:
        endpoint = Endpoint(app, _LOOPBACK, port, threads=threads, certificate=certificate)
        self._endpoints.append(endpoint)
        return endpoint

    def _certificate(self) -> tuple[Path, Path]:
        folder = self._folder or Path(tempfile.gettempdir())
        certificate = self._wanted_ca_file or folder / "ca.pem"
        key = folder / "key.pem"
        write_certificate(certificate, key)
        return certificate, key

    def _serve_xcat(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The present world's management node; a new inventory may have put another in place."""
        if self._xcat_app is None:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain")])
            return [b"no management node\n"]
        return self._xcat_app(environ, start_response)


def inventory_text(source: str | Path | Mapping[str, object]) -> str:
    """The YAML text of a file, of a shipped inventory by its name, or of data.

    Raises OSError, InventoryError.
    """
    if isinstance(source, Mapping):
        return yaml.safe_dump(dict(source), sort_keys=False)
    path = Path(source)
    shipped = _SHIPPED / f"{source}.yaml"
    try:
        return (shipped if not path.exists() and shipped.exists() else path).read_text(encoding="utf-8")
    except FileNotFoundError as error:
        names = ", ".join(sorted(file.stem for file in _SHIPPED.glob("*.yaml")))
        raise FileNotFoundError(f"there is no file '{source}'; with zvmsim come {names}") from error
    except OSError as error:
        raise OSError(f"{source}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise inventory.InventoryError([f"not UTF-8 from byte {error.start} on"]) from error


def load(text: str, *, clock: Clock | None = None, seed: int = 0) -> inventory.Inventory:
    """Load an inventory with every section that the simulator knows. Raises InventoryError."""
    return inventory.load(text, clock=clock, seed=seed, sections=_SECTIONS)
