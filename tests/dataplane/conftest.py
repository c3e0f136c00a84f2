"""Real packets need a machine that allows them."""

from collections.abc import Iterator

import pytest

from tests.dataplane.site import Site
from zvmsim import dataplane


@pytest.fixture(scope="session")
def packets_possible() -> None:
    """Skips where they are not."""
    if lacks := dataplane.missing():
        pytest.skip(f"real packets need {'; '.join(lacks)}")


@pytest.fixture
def site(packets_possible: None) -> Iterator[Site]:
    with Site() as site:
        yield site
