"""What these tests need that not every machine has, and the time that only `make test-full` gives them."""

import os

import pytest

from zvmlab.openstack import environment


@pytest.fixture
def whole_openstack() -> None:
    if not os.environ.get("LAB_FULL"):
        pytest.skip("a whole OpenStack takes minutes to start: make test-full runs it")
    if missing := environment.missing():
        pytest.skip(f"missing: {', '.join(missing)}")
