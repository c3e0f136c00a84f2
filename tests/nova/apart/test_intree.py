"""Another Nova is told as such when nova-compute starts."""

import importlib.metadata

import pytest
from nova.virt.zvm import driver

from networking_zvm import errors
from networking_zvm.compute import intree


def test_the_tested_nova_has_all_that_is_needed() -> None:
    assert intree.check() is None


def test_a_newer_nova_with_all_of_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "35.1.0")
    assert intree.check() == "35.1.0"


def test_every_missing_name_and_other_parameter_is_told_with_the_series_to_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "36.0.0")
    monkeypatch.delattr(driver.ZVMDriver, "_setup_network")
    monkeypatch.setattr(driver.ZVMDriver, "_neutron_failed_callback", lambda self, event: None)
    with pytest.raises(errors.ConfigurationError) as caught:
        intree.check()
    what, *faults, advice = caught.value.errors
    assert "Nova 36.0.0" in what
    assert faults == [
        "nova.virt.zvm.driver:ZVMDriver._setup_network is missing",
        "nova.virt.zvm.driver:ZVMDriver._neutron_failed_callback takes (event), not (event_name, instance)",
    ]
    assert "for Nova 34" in advice
