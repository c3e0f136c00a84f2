"""One simulator with one Feilong for all tests of a worker."""

from collections.abc import Iterator

import pytest

from tests.feilong.site import SYSTEM, Site
from zvmlab.cloud.errors import CloudError
from zvmlab.feilong import Feilong, environment
from zvmsim.server import Simulator


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    try:
        environment.python()
    except CloudError as error:
        pytest.skip(str(error))
    with Simulator.from_inventory("two-systems") as running:
        yield running


@pytest.fixture(scope="session")
def feilong(simulator: Simulator) -> Iterator[Feilong]:
    with Feilong(simulator, SYSTEM) as running:
        yield running


@pytest.fixture
def site(simulator: Simulator, feilong: Feilong) -> Iterator[Site]:
    site = Site(simulator, feilong)
    yield site
    site.world.faults.clear()
    site.rest.close()
