"""Statuses are told once, and again only where Neutron goes on showing something else."""

import queue
from collections.abc import Iterator, Mapping

import pytest

from networking_zvm.agent.statuses import StatusSender

PATIENCE = 20.0


class Listener:
    """Neutron's ear, with a clock that only the test moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.heard: queue.SimpleQueue[dict[str, bool]] = queue.SimpleQueue()
        self.sender = StatusSender(self._hear, lambda: None, lambda: self.now)

    def _hear(self, statuses: Mapping[str, bool]) -> list[str]:
        self.heard.put(dict(statuses))
        return []

    def hears_nothing_but(self, last: dict[str, bool]) -> None:
        """Before this one, which comes for sure, no other has come."""
        assert self.heard.get(timeout=PATIENCE) == last


@pytest.fixture
def neutron() -> Iterator[Listener]:
    listener = Listener()
    listener.sender.start()
    yield listener
    listener.sender.stop()


def test_what_neutron_was_told_a_moment_ago_is_not_repeated(neutron: Listener) -> None:
    neutron.sender.put({"a": True}, {"a": False})
    neutron.hears_nothing_but({"a": True})
    neutron.now = 9.0
    neutron.sender.put({"a": True}, {"a": False})
    neutron.sender.put({"b": True}, {"b": False})
    neutron.hears_nothing_but({"b": True})


def test_a_status_that_neutron_does_not_come_to_show_is_told_again(neutron: Listener) -> None:
    """Neutron loses it when its DHCP agent is done with the port at the same moment."""
    neutron.sender.put({"a": True}, {"a": False})
    neutron.hears_nothing_but({"a": True})
    neutron.now = 11.0
    neutron.sender.put({"a": True}, {"a": False})
    neutron.hears_nothing_but({"a": True})


def test_what_neutron_shows_is_never_told(neutron: Listener) -> None:
    neutron.sender.put({"a": True}, {"a": False})
    neutron.hears_nothing_but({"a": True})
    neutron.now = 11.0
    neutron.sender.put({"a": True}, {"a": True})
    neutron.sender.put({"b": False}, {"b": True})
    neutron.hears_nothing_but({"b": False})
