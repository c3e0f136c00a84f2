"""How much is measured."""

from collections.abc import Collection
from dataclasses import dataclass

from networking_zvm.settings import ControlPoint
from zvmlab.cloud.errors import CloudError
from zvmlab.feilong import environment


@dataclass(frozen=True, slots=True)
class Scope:
    """quick: fewer cases. parallelism: guests changed side by side; None for the option's default."""

    control_points: tuple[ControlPoint, ...]
    quick: bool = False
    parallelism: int | None = None


def why_not(control_point: ControlPoint) -> str | None:
    """Why a control point cannot be measured on this machine, None if it can."""
    if control_point is ControlPoint.FEILONG:
        try:
            environment.python()
        except CloudError as error:
            return str(error)
    return None


def measurable(control_points: Collection[ControlPoint]) -> tuple[ControlPoint, ...]:
    return tuple(point for point in control_points if why_not(point) is None)
