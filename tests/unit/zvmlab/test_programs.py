"""Where the servers are, and what to install when they are not."""

from pathlib import Path

import pytest

from zvmlab.cloud import programs
from zvmlab.cloud.errors import CloudError


@pytest.fixture
def empty_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(programs, "SYSTEM_DIRECTORIES", (str(tmp_path / "system"),))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return tmp_path


def install(directory: Path, name: str) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / name
    path.touch(mode=0o755)
    return path


def test_a_bare_machine_is_told_every_package_once(empty_machine: Path) -> None:
    assert programs.missing_packages() == ["mariadb-server", "rabbitmq-server"]


def test_half_a_package_counts_as_missing(empty_machine: Path) -> None:
    install(empty_machine / "path", "mariadbd")
    assert "mariadb-server" in programs.missing_packages()
    install(empty_machine / "path", "mariadb-install-db")
    assert programs.missing_packages() == ["rabbitmq-server"]


def test_the_systems_directories_come_before_the_path(empty_machine: Path) -> None:
    install(empty_machine / "path", "rabbitmq-server")
    inner = install(empty_machine / "system", "rabbitmq-server")
    assert programs.program("rabbitmq-server") == str(inner)


def test_a_missing_program_is_named_with_its_package(empty_machine: Path) -> None:
    with pytest.raises(CloudError, match=r"epmd is not installed.*rabbitmq-server"):
        programs.program("epmd")
