"""What the story asks of Nova, whatever way to z/VM it has."""

import abc
from collections.abc import Sequence
from dataclasses import dataclass


class ComputeError(Exception):
    """The control point did not do what was asked; the text holds its words and no secret."""


@dataclass(frozen=True, slots=True)
class PluggedNic:
    """What Nova knows of one NIC: the Neutron port it is, its device number, MAC and first IP address.

    cidr: the address's subnet, whose first address is the gateway.
    """

    port_id: str
    vdev: str
    mac: str
    address: str
    cidr: str


class Compute(abc.ABC):
    """Nova's hands on one z/VM system.

    A guest goes by its name in OpenStack, of which the userid is the upper case. reads, changes: how many
    calls to the control point have been made. Methods raise ComputeError, requests.RequestException.
    """

    def __init__(self) -> None:
        self.reads = self.changes = 0

    @abc.abstractmethod
    def define(self, guest: str) -> None:
        """Make a guest without NICs; it is off."""

    @abc.abstractmethod
    def plug(self, guest: str, nics: Sequence[PluggedNic]) -> None:
        """Let it be known that the guest has these NICs, and which ports they are; it had none before."""

    @abc.abstractmethod
    def is_plugged(self, guest: str) -> bool:
        """Whether the guest has NICs in the user directory, each of them on a vswitch."""

    @abc.abstractmethod
    def unplug(self, guest: str, nic: PluggedNic) -> None:
        """Take one NIC away again, whose port is gone."""

    @abc.abstractmethod
    def power_on(self, guest: str) -> None: ...

    @abc.abstractmethod
    def is_on(self, guest: str) -> bool: ...

    @abc.abstractmethod
    def destroy(self, guest: str) -> None:
        """Delete the guest, on or off, with its NICs."""

    @abc.abstractmethod
    def close(self) -> None:
        """Give connections back."""
