"""What can be seen of the story's guests, and of everybody else, whatever agents and Neutron say."""

from collections import Counter

from zvmlab import promise
from zvmlab.cast import DHCP_NODE, NETWORKS, NEW_VSWITCH, NEW_VSWITCH_RDEV, USERIDS, NicRole
from zvmlab.lab import Lab
from zvmlab.population import Population
from zvmlab.systems import Fact


class Evidence:
    """It remembers how everything was before the first guest came."""

    def __init__(self, lab: Lab, population: Population) -> None:
        self._lab = lab
        self._systems = lab.systems
        self._population = population
        self._facts_before = lab.facts()
        self._strangers_before = self._strangers()

    def losses(self) -> list[Fact]:
        """What was so before and is so no more."""
        return sorted(self._facts_before - self._lab.facts())

    def strange_news(self) -> list[str]:
        """What is new and of none of our guests."""
        news = self._lab.facts() - self._facts_before
        return sorted(fact.text for fact in news if fact.userid not in USERIDS)

    def new_vswitches(self) -> list[str]:
        """The news that are right: the vswitch that agents make, lasting or not."""
        what = f"{NEW_VSWITCH} ETHERNET VLAN aware uplink {NEW_VSWITCH_RDEV}"
        places = ("", "SYSTEM CONFIG ") if self._lab.control_point.manner.vswitches_last else ("",)
        return sorted(f"{zvm}: {place}{what}" for zvm in self._systems.hosts.values() for place in places)

    def estranged(self) -> list[str]:
        """Pairs of NICs that are not OpenStack's, and that reach one another otherwise than before."""
        now = self._strangers()
        pairs = sorted({*now, *self._strangers_before})
        return [f"{a} to {b}" for a, b in pairs if now.get((a, b)) != self._strangers_before.get((a, b))]

    def belongings(self) -> list[Fact]:
        """What z/VM and the control point hold of our guests."""
        return sorted(fact for fact in self._lab.facts() if fact.userid in USERIDS)

    def uncoupled(self) -> list[str]:
        """Our NICs that are not on a vswitch, or not live at all."""
        snapshot = self._systems.snapshot()
        live = {nic.name: snapshot.nics.get(self._population.address(nic)) for nic in self._population.nics}
        return [name for name, nic in live.items() if nic is None or not nic.coupled]

    def ways(self) -> dict[str, int]:
        """How many of our NICs are let onto their vswitches in each way."""
        vswitch_of = {role.name: role.vswitch for role in NETWORKS}
        places = [(self._population.address(nic), vswitch_of[nic.network]) for nic in self._population.nics]
        return dict(Counter(self._systems.way_of(address, vswitch) for address, vswitch in places))

    def records(self, nic: NicRole) -> list[str]:
        """The NIC's statements in the directory."""
        return [text for text in self._texts_of(nic) if f"NICDEF {nic.vdev}" in text]

    def couplings(self, nic: NicRole) -> list[str]:
        """Where the NIC is on a vswitch, by its record or live."""
        live = [text for text in self._texts_of(nic) if f"live NIC {nic.vdev}" in text]
        coupled = [text for text in live if not text.endswith("on nothing")]
        return [*coupled, *(text for text in self.records(nic) if " LAN " in text)]

    def _strangers(self) -> promise.Reach:
        """The DHCP node is not one of them: its reach is that of the networks."""
        snapshot = promise.apart_from(self._systems.snapshot(), DHCP_NODE.userid)
        return promise.among_strangers(snapshot, [a for a in snapshot.nics if a.userid in USERIDS])

    def _texts_of(self, nic: NicRole) -> list[str]:
        return [fact.text for fact in self.belongings() if fact.userid == nic.userid]
