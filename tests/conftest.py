"""What every test needs: Neutron without eventlet, as in production; and time for those that take long."""

import pytest
from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Unless they are asked for (-m long), tests that would make a run too long are skipped."""
    if "long" in config.option.markexpr:
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="it takes long: make test-full runs it"))
