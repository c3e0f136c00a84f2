"""Follows frames through switches and physical LANs, by a wiring and by what was learned on the way."""

from collections import defaultdict
from collections.abc import Mapping

from zvmsim.dataplane import frames
from zvmsim.dataplane.lans import Deliveries, Line, PhysicalLan
from zvmsim.dataplane.switching import GuestPort, SwitchAtWork, address
from zvmsim.dataplane.wiring import NicPort, Wiring

Plugged = tuple[str, NicPort]
"""The boot id of a guest and one of its NICs."""

NOTHING: Plugged = ("", NicPort("", ""))


class Fabric:
    """All switches and physical LANs. Not for several threads at once."""

    def __init__(self, wiring: Wiring) -> None:
        self._lans: dict[tuple[str, bool], PhysicalLan] = {}
        self._switches: dict[str, SwitchAtWork] = {}
        self._plugged: dict[str, Plugged] = {}
        self._doors: dict[str, GuestPort | Line] = {}
        self.rewire(wiring)

    def receive(self, port_name: str, frame: bytes) -> Deliveries:
        """Where a frame goes that came in by a port: (name of the port, frame as it leaves there).

        Never back to the sender. Nowhere if it is a runt or comes from a group address, or if the port is
        not there or not coupled.
        """
        out: Deliveries = []
        door = self._doors.get(port_name)
        if door is not None and frames.is_frame(frame):
            door.receive(frame, out)
        return out

    def rewire(self, wiring: Wiring) -> None:
        """Go by another wiring from now on; what was learned stays where it still holds."""
        lans, switches, plugged = self._lans, self._switches, self._plugged
        self._build(wiring)
        moved = _moved(plugged, self._plugged)
        for switch in switches.values():
            moved |= self._remember_heard(switch, plugged, moved)
        for key, lan in lans.items():
            if key in self._lans:
                _remember_stations(lan, self._lans[key], moved)

    def _build(self, wiring: Wiring) -> None:
        """Switches and LANs that know nothing yet. Guess: layer 2 and layer 3 do not meet on a LAN, and
        what hangs on an outside line is layer 2.
        """
        lans: dict[tuple[str, bool], PhysicalLan] = defaultdict(PhysicalLan)
        ports: dict[str, list[NicPort]] = defaultdict(list)
        for nic in wiring.nics:
            ports[nic.switch].append(nic)
        self._plugged = {nic.name: (guest.boot_id, nic) for guest in wiring.guests for nic in guest.nics}
        self._switches, self._doors = {}, {}
        for wired in wiring.switches:
            lan = lans[wired.lan, wired.layer3] if wired.lan else None
            switch = self._switches[wired.name] = SwitchAtWork(wired, ports[wired.name], lan)
            self._doors |= {nic.name: GuestPort(nic, switch) for nic in ports[wired.name]}
            if lan is not None:
                lan.ends[switch.name] = switch
        for wired_line in wiring.lines:
            lan = lans[wired_line.lan, False]
            line = self._doors[wired_line.name] = Line(wired_line.name, lan)
            lan.ends[line.name] = line
        self._lans = dict(lans)

    def _remember_heard(
        self, before: SwitchAtWork, plugged: Mapping[str, Plugged], moved: set[bytes]
    ) -> set[bytes]:
        """Tell a switch what it heard of guests that are still there; returns the MACs that are lost."""
        lost = set()
        switch = self._switches.get(before.name)
        for (vlan, mac), name in before.heard.items():
            boot_id, nic = self._plugged.get(name, NOTHING)
            if switch and boot_id == plugged[name][0] and mac not in moved and switch.may_hear(nic, vlan):
                switch.heard[vlan, mac] = name
            else:
                lost.add(mac)
        return lost


def _moved(before: Mapping[str, Plugged], now: Mapping[str, Plugged]) -> set[bytes]:
    """MACs of the NICs that came, went or changed in any way."""
    changed = [name for name in before.keys() | now.keys() if before.get(name) != now.get(name)]
    return {address(plugged[name][1]) for plugged in (before, now) for name in changed if name in plugged}


def _remember_stations(before: PhysicalLan, now: PhysicalLan, moved: set[bytes]) -> None:
    for (vlan, mac), end in before.heard.items():
        if end in now.ends and mac not in moved:
            now.heard[vlan, mac] = end
