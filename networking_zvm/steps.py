"""Steps of a plan: one change each, whom it serves, and why."""

import dataclasses
from typing import Generic, TypeVar

from networking_zvm.hypervisor import base

Change = TypeVar("Change", base.GuestChange, base.CreateVSwitch, covariant=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Step(Generic[Change]):
    """One change, the ports that need it, and why.

    ports: ids of Neutron ports; for a vswitch, which serves many, its own name stands in, for a service guest
    its NIC, with the VLAN if the change is about that one alone.
    """

    change: Change
    ports: frozenset[str]
    because: str

    def __str__(self) -> str:
        return f"{self.change}: {self.because}"


GuestStep = Step[base.GuestChange]
VSwitchStep = Step[base.CreateVSwitch]
