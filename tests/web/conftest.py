"""One browser for all tests of a file, a simulator for each."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from tests.web.browser import chromium, missing
from tests.web.page import Page
from tests.web.worlds import furnish, two_systems
from zvmsim.server import Simulator


@pytest.fixture(scope="module")
def browser() -> Iterator[Chrome]:
    if missing():
        pytest.skip(f"needs the Debian packages {' and '.join(missing())}")
    with chromium() as running:
        yield running


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator.from_inventory(two_systems()) as running:
        furnish(running)
        yield running


@pytest.fixture
def page(browser: Chrome, simulator: Simulator) -> Iterator[Page]:
    """The page of that simulator; what went wrong in it fails the test."""
    shown = Page(browser, simulator.control_url)
    yield shown
    shown.is_clean()
