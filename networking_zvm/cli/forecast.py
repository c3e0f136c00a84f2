"""What `neutron-zvm plan` prints: the steps the agent would take now, and every port's state. Pure."""

import dataclasses
import json
from collections.abc import Iterator

from networking_zvm import plan
from networking_zvm.claims import State
from networking_zvm.cli.tables import table


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
        """For people."""
        return "\n\n".join([self._steps(), self._ports()])

    def _steps(self) -> str:
        if not self.steps:
            return "Nothing to change: everything is as Neutron wants it, or waits for something else."
        rows = ((s.guest, s.change, s.because, "\n".join(s.ports)) for s in self.steps)
        return table("The agent would now", ("guest", "change", "because", "for port"), rows)

    def _ports(self) -> str:
        attention = [p for p in self.ports if p.state in (State.WAITING, State.REFUSED)]
        well = sum(1 for p in self.ports if p.state in (State.UP, State.DOWN))
        rows = ((p.port_id, p.state, p.reason) for p in attention)
        title = f"{len(self.ports)} ports, {well} as they should be; in need of somebody else"
        return table(title, ("port", "state", "reason"), rows)


def forecast(todo: plan.Plan) -> Forecast:
    """The plan in words."""
    ports = (PortState(i, str(v.state), v.reason) for i, v in sorted(todo.verdicts.items()))
    return Forecast(tuple(_steps(todo)), tuple(ports))


def _steps(todo: plan.Plan) -> Iterator[PlannedStep]:
    for step in todo.vswitches:
        yield PlannedStep(None, str(step.change), step.because, ())
    for userid, steps in todo.guests.items():
        for each in steps:
            yield PlannedStep(userid, str(each.change), each.because, tuple(sorted(each.ports)))
