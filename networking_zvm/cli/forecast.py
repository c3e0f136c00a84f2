"""What `neutron-zvm plan` prints: the steps the agent would take now, and every port's state. Pure."""

import dataclasses
import itertools
import json
from collections.abc import Iterator

from networking_zvm import plan
from networking_zvm.claims import State


@dataclasses.dataclass(frozen=True, slots=True)
class PlannedStep:
    """One change. guest: None for a vswitch. ports: ids of the Neutron ports that need it."""

    guest: str | None
    change: str
    because: str
    ports: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class PortState:
    """One Neutron port of this system; state as in `claims.State`."""

    port_id: str
    state: str
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Forecast:
    """Steps of one guest are in order."""

    steps: tuple[PlannedStep, ...]
    ports: tuple[PortState, ...]

    def as_json(self) -> str:
        """For programs."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    def as_text(self) -> str:
        """For people: what would be done guest by guest, then the ports that somebody else must help."""
        return "\n".join([*self._told_steps(), "", *self._told_ports()])

    def _told_steps(self) -> Iterator[str]:
        if not self.steps:
            yield "Nothing to change: everything is as Neutron wants it, or waits for something else."
        for guest, steps in itertools.groupby(self.steps, lambda step: step.guest):
            yield guest or "vswitches"
            for step in steps:
                yield f"  {step.change}"
                yield f"      because {step.because}{_for(step.ports)}"

    def _told_ports(self) -> Iterator[str]:
        well = sum(1 for p in self.ports if p.state in (State.UP, State.DOWN))
        yield f"{len(self.ports)} ports, of which {well} are as they should be."
        for port in self.ports:
            if port.state in (State.WAITING, State.REFUSED, State.UNCLEAR):
                yield f"{port.port_id} {port.state}: {port.reason}"


def forecast(todo: plan.Plan) -> Forecast:
    """The plan in words."""
    ports = (PortState(i, str(v.state), v.reason) for i, v in sorted(todo.told().items()))
    return Forecast(tuple(_steps(todo)), tuple(ports))


def _steps(todo: plan.Plan) -> Iterator[PlannedStep]:
    for step in todo.vswitches:
        yield PlannedStep(None, str(step.change), step.because, ())
    for userid, steps in todo.guests.items():
        for each in steps:
            yield PlannedStep(userid, str(each.change), each.because, tuple(sorted(each.ports)))


def _for(ports: tuple[str, ...]) -> str:
    return f" (port {', '.join(ports)})" if ports else ""
