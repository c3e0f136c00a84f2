"""How guests shall be let onto vswitches, and the MAC prefix that z/VM has for them."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from networking_zvm import errors, model
from networking_zvm.conf.values import Values
from networking_zvm.settings import Settings

AUTO = "auto"


def read_way(values: Values) -> model.Way | None:
    """The way for all vswitches, None to pick what fits."""
    way = values.zvm("authorization")
    return None if way == AUTO else model.Way(way)


def read_ways(
    values: Values, vswitches: Collection[model.VSwitchName]
) -> Mapping[model.VSwitchName, model.Way]:
    """The ways of single vswitches. vswitches: those that carry a physical network."""
    where, ways = values.where("vswitch_authorizations"), dict[model.VSwitchName, model.Way]()
    for entry in values.zvm("vswitch_authorizations"):
        try:
            name, way = _parse(entry, vswitches)
            if ways.setdefault(name, way) is not way:
                raise errors.InvalidValue(f"{name} is to be authorized by {ways[name]} already")
        except errors.InvalidValue as error:
            values.problems.errors.append(f"{where}: {entry!r}: {error}")
    return MappingProxyType(ways)


def _parse(entry: str, vswitches: Collection[model.VSwitchName]) -> tuple[model.VSwitchName, model.Way]:
    vswitch, _, text = (part.strip() for part in entry.rpartition(":"))
    name = model.VSwitchName(vswitch)
    if name not in vswitches:
        known = ", ".join(sorted(vswitches)) or "none"
        raise errors.InvalidValue(f"no physical network is carried by vswitch {name} (known: {known})")
    try:
        return name, model.Way(text.lower())
    except ValueError:
        ways = ", ".join(model.Way)
        raise errors.InvalidValue(f"write vswitch:way, the way one of {ways}") from None


def refuse_impossible(values: Values, settings: Settings, able: Collection[model.Way]) -> None:
    """Note as errors the ways that the control point has no means for. able: those it has."""
    asked = [("authorization", settings.authorization)]
    asked += [("vswitch_authorizations", way) for way in dict.fromkeys(settings.authorization_of.values())]
    for name, way in asked:
        if way and way not in able:
            values.problems.errors.append(
                f"{values.where(name)}: with control_point = {settings.control_point} guests cannot be "
                f"authorized by {way}, only by {' or '.join(sorted(able))}"
            )


def read_user_prefix(values: Values) -> model.MacPrefix | None:
    """The prefix that the operator names."""
    text = values.zvm("user_prefix")
    try:
        return model.MacPrefix(text) if text else None
    except errors.InvalidValue:
        values.problems.errors.append(
            f"{values.where('user_prefix')}: {text!r} is no MAC prefix: write the six hex digits that CP's "
            "QUERY VMLAN shows as USER Prefix"
        )
        return None
