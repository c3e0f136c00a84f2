"""One simulator with one Feilong for all scenarios of a worker; Feilong takes seconds to start."""

from collections.abc import Iterator

import pytest

from zvmlab.cloud.errors import CloudError
from zvmlab.feilong import Feilong, environment
from zvmsim.server import Simulator


@pytest.fixture(scope="session")
def feilong_on_zvm() -> Iterator[tuple[Simulator, Feilong]]:
    try:
        environment.python()
    except CloudError as error:
        pytest.skip(str(error))
    with Simulator.from_inventory("two-systems") as simulator, Feilong(simulator, "ZVMA") as feilong:
        yield simulator, feilong
