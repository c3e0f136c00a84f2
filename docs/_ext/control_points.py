"""Tables of what each control point can do, worked out by the agent's own code.

    .. capabilities:: module:NAME        what the drivers declare
    .. ways-of-auto:: module:NAME        how new NICs are let onto a vswitch by the agent's own choice
"""

from collections.abc import Callable, Iterator

from from_code import Row, Table
from sphinx.application import Sphinx

from networking_zvm import model
from networking_zvm.authorization import way_for
from networking_zvm.claims import Policy
from networking_zvm.hypervisor import vlan_list
from networking_zvm.hypervisor.base import Capabilities as Able
from networking_zvm.settings import ControlPoint

_YES_NO = {True: "yes", False: "no"}


class ByControlPoint(Table):
    def able(self) -> dict[ControlPoint, Able]:
        return self.named()

    def points(self) -> list[str]:
        return [f"``{point}``" for point in self.able()]

    def row(self, what: str, tell: Callable[[Able], str]) -> Row:
        return what, *map(tell, self.able().values())


class Capabilities(ByControlPoint):
    def head(self) -> Row:
        return "What the driver can do", *self.points()

    def rows(self) -> Iterator[Row]:
        for way in model.Way:
            yield self.row(f"authorize by {way}", lambda able, way=way: _YES_NO[way in able.ways])
        yield self.row(
            "who writes a NIC into the directory",
            lambda able: "the agent" if able.defines_nics else "the compute side",
        )
        yield self.row(
            "how it knows which NIC is which port",
            lambda able: "by a record" if able.records else "by its MAC",
        )
        yield self.row("notes for the compute side what it has done", lambda able: _YES_NO[able.notes])
        yield self.row("VLANs of a service guest on one VLAN aware vswitch", _vlans_of_service_guest)


def _vlans_of_service_guest(able: Able) -> str:
    if not able.trunks:
        return "one, where the vswitch makes trunk ports by itself"
    return f"any, one by one; by grant {vlan_list.LIMIT}" if model.Way.PORT in able.ways else vlan_list.LIMIT


class WaysOfAuto(ByControlPoint):
    def head(self) -> Row:
        return "z/VM", "Vswitch", *self.points()

    def rows(self) -> Iterator[Row]:
        for authorizes, release in ((True, "7.1 and later"), (False, "before 7.1")):
            system = model.System("", model.MacPrefix("020000"), {}, {}, {}, frozenset(), authorizes)
            for port_based, kind in ((False, "USERBASED"), (True, "PORTBASED")):
                vswitch = model.VSwitch(model.VSwitchName("ANY"), port_based=port_based)
                ways = (way_for(vswitch, system, Policy({}, {}, able)) for able in self.able().values())
                yield release, kind, *map(str, ways)


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_directive("capabilities", Capabilities)
    app.add_directive("ways-of-auto", WaysOfAuto)
    return {"parallel_read_safe": True}
