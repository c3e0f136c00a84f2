"""Two z/VM systems, each test with its own; over REST or in process."""

from collections.abc import Iterator

import pytest

from tests.unit.zvmsim.dialects.rest import Rest
from zvmsim.dialects.cp import speak_cp
from zvmsim.server import Simulator, inventory_text, load
from zvmsim.world.world import World


@pytest.fixture
def world() -> World:
    loaded = load(inventory_text("two-systems"))
    speak_cp(loaded.world)
    return loaded.world


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator.from_inventory("two-systems") as running:
        yield running


@pytest.fixture
def rest(simulator: Simulator) -> Iterator[Rest]:
    client = Rest(simulator)
    yield client
    client.close()


@pytest.fixture
def os000001(rest: Rest) -> str:
    """A node as nova makes it, before its NICs."""
    rest.post("/nodes/os000001", "userid=os000001", "hcp=zhcp.example.com", "mgt=zvm", "groups=all")
    rest.post("/vms/os000001", "profile=osdflt", "cpu=1", "memory=1024m", "privilege=G", "password=dfltpass")
    return "os000001"
