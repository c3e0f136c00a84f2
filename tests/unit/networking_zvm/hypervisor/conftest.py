"""Servers and settings for the driver's tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from networking_zvm import settings
from tests.unit.networking_zvm.hypervisor import faulty_server

PASSWORD = "t0p s3cret/&?"


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[faulty_server.FaultyServer, Path]]:
    with faulty_server.running(tmp_path_factory.mktemp("tls")) as running:
        yield running


@pytest.fixture
def server(_server: tuple[faulty_server.FaultyServer, Path]) -> faulty_server.FaultyServer:
    """Misbehaves as told; forgets what other tests told it."""
    faulty = _server[0]
    faulty.script, faulty.requests = [faulty_server.messages()], []
    return faulty


@pytest.fixture
def ca_file(_server: tuple[faulty_server.FaultyServer, Path]) -> str:
    return str(_server[1])


@pytest.fixture
def xcat_settings(
    server: faulty_server.FaultyServer, ca_file: str
) -> Callable[..., settings.XcatSettings]:
    """Settings for the server, with anything changed that a test wants."""

    def build(**changes: object) -> settings.XcatSettings:
        values: dict[str, object] = {
            "url": server.url,
            "username": "admin",
            "password": PASSWORD,
            "tls": settings.Tls(ca_file),
            "timeout": 5.0,
        }
        return settings.XcatSettings(**(values | changes))  # type: ignore[arg-type]

    return build
