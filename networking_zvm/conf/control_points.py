"""Which control point the agent works through, and what is configured for nothing because of that."""

from collections.abc import Iterator

from networking_zvm.conf import options
from networking_zvm.conf.values import Values
from networking_zvm.settings import ControlPoint

_NEEDLESS = {
    (ControlPoint.XCAT, "user_prefix"): "the zHCP tells the agent",
    (ControlPoint.FEILONG, "persistent_authorization"): "Feilong makes every grant persistent",
}


def read_control_point(values: Values) -> ControlPoint | None:
    """The one that is named, or else the one whose server is; None after a problem."""
    if pinned := values.zvm("control_point"):
        return ControlPoint(pinned)
    named = [point for point in ControlPoint if values.zvm(f"{point}_server")]
    if len(named) > 1:
        places = " and ".join(values.where(f"{point}_server") for point in named)
        choices = " or ".join(named)
        problem = f"{places} are set: say which one is the way to z/VM with [zvm] control_point = {choices}"
        values.problems.errors.append(problem)
        return None
    begun = named or [point for point in ControlPoint if any(_set_options(values, point))]
    if len(begun) == 1:
        return begun[0]
    servers = " or ".join(f"{point}_server" for point in ControlPoint)
    values.problems.errors.append(f"no way to z/VM is configured: set {servers} in [{options.GROUP}]")
    return None


def note_needless(values: Values, chosen: ControlPoint) -> None:
    """Note every option that is set, but has no effect with this control point."""
    condition = f"has no effect while control_point = {chosen}"
    for other in ControlPoint:
        if other is not chosen:
            places = (values.where(name) for name in _set_options(values, other))
            values.problems.notes.extend(f"{place} {condition}" for place in places)
    for (point, name), why in _NEEDLESS.items():
        if point is chosen and values.is_set(name):
            values.problems.notes.append(f"{values.where(name)} {condition}: {why}")


def _set_options(values: Values, point: ControlPoint) -> Iterator[str]:
    return (option.dest for option in options.OF_CONTROL_POINT[point] if values.is_set(option.dest))
