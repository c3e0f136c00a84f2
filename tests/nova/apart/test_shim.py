"""The distribution by which Nova finds the driver belongs to this one and brings one file."""

import tomllib
from pathlib import Path

from networking_zvm.compute import installation

ROOT = Path(__file__).parents[3]


def project(folder: str) -> dict[str, object]:
    return tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]


def test_both_have_one_version() -> None:
    ours, shim = project("."), project("nova_shim")
    assert shim["name"] == installation.SHIM
    assert shim["version"] == ours["version"]
    assert shim["dependencies"] == [f"networking-zvm[compute]=={ours['version']}"]


def test_there_is_no_package_of_novas_own() -> None:
    files = [file.relative_to(ROOT / "nova_shim") for file in (ROOT / "nova_shim" / "nova").rglob("*.py")]
    assert files == [Path("nova/virt/zvm_network/__init__.py")]


def test_nova_finds_the_driver_here() -> None:
    assert list(installation.problems()) == []
