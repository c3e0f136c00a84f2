"""The `feilong:` section of an inventory: in which guest of which system a Feilong server runs.

::

    feilong:
      ZVMA: OPNCLOUD
      ZVMB: OPNCLOUD

One per system. The guest need not be in the directory; its userid is who asks for everything.
"""

from collections.abc import Collection, Mapping

from zvmsim.world import names

Guests = Mapping[str, str]
"""Userid by system."""


class FeilongSectionError(ValueError):
    """The section makes no sense; the text names every offending place."""


def guests_from(data: object, systems: Collection[str]) -> Guests:
    """Check the section against the names of the systems. Raises FeilongSectionError."""
    if not isinstance(data, Mapping):
        raise FeilongSectionError("feilong: not a mapping of systems to userids")
    guests: dict[str, str] = {}
    wrong: list[str] = []
    for system, userid in data.items():
        name = str(system).upper()
        if name not in systems:
            wrong.append(f"feilong.{system}: no such system in the inventory")
        try:
            guests[name] = names.name(str(userid))
        except ValueError as error:
            wrong.append(f"feilong.{system}: {error}")
    if wrong:
        raise FeilongSectionError("; ".join(wrong))
    return guests
