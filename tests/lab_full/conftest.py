"""What these tests need that not every machine has."""

import pytest

from zvmlab.openstack import environment


@pytest.fixture
def whole_openstack() -> None:
    if missing := environment.missing():
        pytest.skip(f"missing: {', '.join(missing)}")
