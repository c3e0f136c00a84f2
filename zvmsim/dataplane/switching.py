"""Vswitches and guest LANs at work: which ports a frame leaves by, and with which tag.

Sources: an access port sends and receives untagged frames of its one VLAN; a trunk port tagged frames of its
VLANs, and untagged ones if it is authorized for the native VLAN (Altmark, IBMVM list, 2008-06-24). A
VLAN-unaware switch does not interpret tags (CP DEFINE VSWITCH 7.4). Guests of an isolated switch, and
systems that share an OSA port with it, are kept from each other; the way to others outside stays open (APAR
VM64463). The switch forwards by the MACs that its guests have, and sends what it does not know out of the
uplink; nothing that comes in for a stranger goes on (z/VM Connectivity 7.3, "Virtual Switch"; for IP
switches vm.ibm.com devpages MUSSEL vswitch). MACPROTECT lets a NIC use its own MAC only (CP SET NIC 7.2).
Guess: VEPA sends what guests say to each other over the uplink, where the LAN reflects it; isolation
prevails over VEPA. A promiscuous port sees all frames of its VLANs that get past isolation and VEPA. A MAC
that a guest sends with counts as registered unless it is another's. A native VLAN's id may also be spoken
as a tag. A VLAN-aware switch refuses frames with two tags, which could change VLAN on their way.
"""

from collections import defaultdict
from collections.abc import Container, Iterable

from zvmsim.dataplane import frames
from zvmsim.dataplane.lans import Deliveries, End, MacTable, PhysicalLan
from zvmsim.dataplane.wiring import NicPort, Switch

Exits = tuple[tuple[str, ...], tuple[str, ...]]
"""Names of ports where a frame leaves untagged, and of those where it leaves with the tag of its VLAN."""

ANY_VLAN = range(1, frames.RESERVED_VLAN)


class Carried:
    """A frame inside a switch, in a VLAN (0 in a switch that knows none, where it stays as it came)."""

    __slots__ = ("_priority", "_tagged", "plain", "vlan")

    def __init__(self, plain: bytes, vlan: int, priority: int = 0, tagged: bytes = b"") -> None:
        self.plain = plain
        self.vlan = vlan
        self._priority = priority
        self._tagged = tagged

    @property
    def tagged(self) -> bytes:
        """The frame with the tag of its VLAN."""
        if not self._tagged:
            self._tagged = frames.pushed(self.plain, self.vlan, self._priority)
        return self._tagged


def classify(frame: bytes, untagged: int, tags: Container[int]) -> Carried | None:
    """Take a frame into the VLAN it belongs to, or refuse it.

    untagged: VLAN of frames without a tag, 0 to refuse them. tags: VLANs that a tag may name.
    """
    if not frames.is_tagged(frame):
        return Carried(frame, untagged) if untagged else None
    vlan, plain = frames.vlan(frame), frames.popped(frame)
    if frames.is_tagged(plain):
        return None
    if vlan == frames.NO_VLAN:
        return Carried(plain, untagged, frames.priority(frame)) if untagged else None
    return Carried(plain, vlan, tagged=frame) if vlan in tags else None


class Segment:
    """One VLAN of a switch: its ports by what they receive.

    everybody: of broadcasts. stations: of frames for a registered MAC. listeners: of all others.
    """

    __slots__ = ("everybody", "listeners", "stations", "tagged")

    def __init__(self, ports: Iterable[NicPort], vlan: int, native: int) -> None:
        ports = list(ports)
        self.tagged = {port.name for port in ports if port.trunk and vlan != native}
        listeners = [port.name for port in ports if port.promiscuous]
        owners: dict[bytes, list[str]] = defaultdict(list)
        for port in ports:
            owners[address(port)].append(port.name)
        self.everybody = self._exits(port.name for port in ports)
        self.listeners = self._exits(listeners)
        self.stations = {mac: self._exits(dict.fromkeys(own + listeners)) for mac, own in owners.items()}

    def station(self, port: str) -> Exits:
        """Where frames for a MAC go that was heard at this port."""
        return self._exits(dict.fromkeys((port, *self.listeners[0], *self.listeners[1])))

    def _exits(self, names: Iterable[str]) -> Exits:
        names = tuple(names)
        if not self.tagged:
            return names, ()
        return tuple(n for n in names if n not in self.tagged), tuple(n for n in names if n in self.tagged)


class SwitchAtWork:
    """One switch; on a physical LAN, the end that its uplink makes.

    ports: NICs that are coupled to it. lan: what its uplink is on. heard: further MACs its guests use.
    """

    def __init__(self, switch: Switch, ports: Iterable[NicPort], lan: PhysicalLan | None) -> None:
        self.wired = switch
        self.name, self.osa_port = switch.name, switch.osa_port
        self.isolated, self.reflected = switch.isolated, switch.vepa
        self.heard = MacTable()
        self._lan = lan
        self._guests_meet = not switch.isolated and not switch.vepa
        self._segments: dict[int, Segment] = {}
        self._trunks: list[NicPort] = []
        self._others: dict[int, list[NicPort]] = defaultdict(list)
        for port in ports:
            if port.trunk:
                self._trunks.append(port)
            else:
                self._others[access_vlan(switch, port)].append(port)

    def may_hear(self, port: NicPort, vlan: int) -> bool:
        """Whether this NIC may send with other MACs than its own in a VLAN."""
        here = port.switch == self.name and not self.wired.mac_protect
        return here and (vlan in port.vlans if self.wired.aware else vlan == frames.NO_VLAN)

    def from_guest(self, port: "GuestPort", frame: bytes, out: Deliveries) -> None:
        """Forward what a guest sent."""
        carried = classify(frame, port.untagged, port.tags) if self.wired.aware else Carried(frame, 0)
        if carried is None:
            return
        segment = self._segment(carried.vlan)
        source, destination = frame[6:12], frame[:6]
        if source != port.mac:
            if self.wired.mac_protect:
                return
            if source not in segment.stations:
                self.heard.learn(carried.vlan, source, port.name)
        exits = segment.everybody if destination[0] & 1 else self._station(segment, carried, destination)
        if self._guests_meet:
            _deliver(carried, exits or segment.listeners, port.name, out)
        stays = exits is not None and not destination[0] & 1 and not self.wired.vepa
        if self._lan and not stays:
            self._lan.carry(self._on_the_wire(carried), self, port.name, out)

    def from_lan(self, frame: bytes, origin: End, sender: str, out: Deliveries) -> None:
        """Forward what comes in by the uplink."""
        if (self.isolated or origin.isolated) and self.osa_port == origin.osa_port != "":
            return
        carried = classify(frame, self.wired.native, ANY_VLAN) if self.wired.aware else Carried(frame, 0)
        if carried is None:
            return
        if self.heard and origin is not self:
            self.heard.pop((carried.vlan, frame[6:12]), None)
        segment = self._segment(carried.vlan)
        exits = segment.everybody if frame[0] & 1 else self._station(segment, carried, frame[:6])
        _deliver(carried, exits or segment.listeners, sender, out)

    def _station(self, segment: Segment, carried: Carried, mac: bytes) -> Exits | None:
        exits = segment.stations.get(mac)
        if exits is None and (port := self.heard.get((carried.vlan, mac))):
            return segment.station(port)
        return exits

    def _segment(self, vlan: int) -> Segment:
        """Made when it is first needed: a trunk of thousands of VLANs rarely uses them all."""
        found = self._segments.get(vlan)
        if found is None:
            trunks = [port for port in self._trunks if vlan in port.vlans]
            found = Segment(self._others.get(vlan, []) + trunks, vlan, self.wired.native)
            self._segments[vlan] = found
        return found

    def _on_the_wire(self, carried: Carried) -> bytes:
        native = carried.vlan == self.wired.native
        return carried.plain if native or not self.wired.aware else carried.tagged


class GuestPort:
    """A coupled NIC as its switch sees it.

    untagged: VLAN of its untagged frames, 0 if it may not send any. tags: VLANs it may send tagged frames in.
    """

    __slots__ = ("_switch", "mac", "name", "tags", "untagged")

    def __init__(self, nic: NicPort, switch: SwitchAtWork) -> None:
        self._switch = switch
        self.name = nic.name
        self.mac = address(nic)
        self.tags: Container[int] = nic.vlans if nic.trunk else ()
        native = switch.wired.native
        self.untagged = access_vlan(switch.wired, nic) if not nic.trunk else native * (native in nic.vlans)

    def receive(self, frame: bytes, out: Deliveries) -> None:
        """A frame that the guest sent."""
        self._switch.from_guest(self, frame, out)


def address(nic: NicPort) -> bytes:
    """A NIC's MAC as frames have it."""
    return bytes.fromhex(nic.mac.replace(":", ""))


def access_vlan(switch: Switch, nic: NicPort) -> int:
    """VLAN of a port that is no trunk; 0 if it is in none, or if the switch knows none."""
    return min(nic.vlans, default=0) if switch.aware else 0


def _deliver(carried: Carried, exits: Exits, sender: str, out: Deliveries) -> None:
    plain, tagged = exits
    for name in plain:
        if name != sender:
            out.append((name, carried.plain))
    for name in tagged:
        if name != sender:
            out.append((name, carried.tagged))
