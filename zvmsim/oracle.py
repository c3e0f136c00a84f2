"""Who can reach whom: may a frame that one guest's NIC sends arrive at another's, and if not, why not.

Pure: it judges a snapshot, so nothing changes while it thinks. It follows a frame over one vswitch, or out
of an uplink, over a physical LAN and in through another uplink; it does not route.

Rules: an access port sends and receives untagged frames of its one VLAN; a trunk port tagged frames of its
VLANs, and untagged ones only if it is authorized for the native VLAN (Altmark, IBMVM list, 2008-06-24). On
the wire the native VLAN is untagged. A VLAN-unaware switch does not look at tags. Isolation (APAR VM64463)
stops traffic between guests of a switch, and between systems that share an OSA port.
Guess: VEPA needs a working uplink even between guests of one switch, and does not undo isolation; a tag may
name the native VLAN, too; layer 2 and layer 3 switches exchange no frames (OSA hardware turns IP packets of
the one into frames of the other, with its own MAC: Linux on IBM Z, "Setting the layer2 attribute").
Real frames follow a second, independent reading of the rules: `zvmsim.dataplane.switching`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zvmsim.world.answers import RealDeviceInfo
from zvmsim.world.guest import Nic
from zvmsim.world.system import System
from zvmsim.world.uplinks import ACTIVE
from zvmsim.world.views import devices_by_vswitch
from zvmsim.world.vswitch import Block, Vswitch
from zvmsim.world.world import World


@dataclass(frozen=True, slots=True, order=True)
class NicAddress:
    """Where a NIC is: system, userid, device number."""

    system: str
    userid: str
    vdev: str

    def __str__(self) -> str:
        return f"{self.system}:{self.userid} {self.vdev}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the frame arrives, with a sentence for people."""

    ok: bool
    because: str


@dataclass(frozen=True, slots=True)
class Uplink:
    """The way out of a vswitch: lan and port of the OSA in use, or in `down` why there is none."""

    lan: str = ""
    port: str = ""
    down: str = ""


@dataclass(frozen=True, slots=True)
class Switch:
    """One vswitch of a snapshot."""

    system: str
    vswitch: Vswitch
    uplink: Uplink

    def __str__(self) -> str:
        return f"{self.vswitch.name} on {self.system}"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What decides reachability, frozen at one moment."""

    nics: Mapping[NicAddress, Nic]
    switches: Mapping[tuple[str, str], Switch]


class _LostError(Exception):
    """The frame goes nowhere; the text says why."""


def snapshot(world: World) -> Snapshot:
    """The world as it is now."""
    with world.lock.reading():
        systems = list(world.systems.values())
        return Snapshot(
            nics={NicAddress(s.name, n.userid, n.vdev): n for s in systems for n in s.nics()},
            switches={(s.name, switch.vswitch.name): switch for s in systems for switch in _switches(s)},
        )


def reach(
    world: Snapshot, source: NicAddress, destination: NicAddress, vlan: int | None = None
) -> Verdict:
    """May a frame from `source`, untagged or tagged with `vlan`, reach `destination`?"""
    try:
        return Verdict(True, _follow(world, source, destination, vlan))
    except _LostError as lost:
        return Verdict(False, str(lost))


def matrix(
    world: Snapshot, nics: Iterable[NicAddress] | None = None, vlan: int | None = None
) -> dict[tuple[NicAddress, NicAddress], Verdict]:
    """Verdicts for every ordered pair of different NICs, of all NICs or of those given."""
    chosen = sorted(world.nics if nics is None else nics)
    return {(a, b): reach(world, a, b, vlan) for a in chosen for b in chosen if a != b}


def _follow(world: Snapshot, source: NicAddress, destination: NicAddress, tag: int | None) -> str:
    if source == destination:
        raise _LostError("a NIC does not send to itself")
    sender, receiver = _coupled(world, source), _coupled(world, destination)
    here, there = _switch_of(world, source, sender), _switch_of(world, destination, receiver)
    if here is None or there is None:
        return _over_guest_lan(source, sender, destination, receiver)
    if here.vswitch.transport != there.vswitch.transport:
        raise _LostError(f"{here} is {here.vswitch.transport}, {there} is {there.vswitch.transport}")
    frame = _enter(here, source, sender, tag)
    if (here.system, here.vswitch.name) == (there.system, there.vswitch.name):
        _require_open(here)
        _leave(here, destination, receiver, frame)
        return f"both are on {here}{_in_vlan(here, frame)}"
    wire = _cross(here, there, frame)
    arriving = _arrive(there, wire)
    _leave(there, destination, receiver, arriving)
    return f"from {here} over LAN {here.uplink.lan} {_tagged(wire)} to {there}{_in_vlan(there, arriving)}"


def _coupled(world: Snapshot, address: NicAddress) -> Nic:
    nic = world.nics.get(address)
    if nic is None:
        raise _LostError(f"{address} does not exist (is the guest logged on?)")
    if not nic.coupled:
        raise _LostError(f"{address} is not coupled")
    return nic


def _switch_of(world: Snapshot, address: NicAddress, nic: Nic) -> Switch | None:
    """The vswitch a NIC is on; None for a guest LAN."""
    return world.switches.get((address.system, nic.lan_name)) if nic.lan_owner == "SYSTEM" else None


def _over_guest_lan(source: NicAddress, sender: Nic, destination: NicAddress, receiver: Nic) -> str:
    ends = [(source.system, sender.lan_owner, sender.lan_name)]
    ends.append((destination.system, receiver.lan_owner, receiver.lan_name))
    if ends[0] != ends[1]:
        raise _LostError(f"guest LANs {sender.lan_name} and {receiver.lan_name} are not joined")
    return f"both are on guest LAN {sender.lan_owner} {sender.lan_name} on {source.system}"


def _enter(switch: Switch, address: NicAddress, nic: Nic, tag: int | None) -> int | None:
    """The VLAN the switch takes the frame into; a VLAN-unaware switch keeps the tag as it is."""
    vswitch, block = switch.vswitch, nic.block or Block(nic.userid)
    if not vswitch.vlan_aware:
        return tag
    vlans = vswitch.vlans_of(block)
    if not vlans:
        raise _LostError(f"{address} is in no VLAN of {switch}")
    if vswitch.port_type_of(block) == "ACCESS":
        if tag is not None:
            raise _LostError(f"{address} is an access port of {switch} and may not send tagged frames")
        return min(vlans)
    if tag is None and vswitch.native_vlan not in vlans:
        native = vswitch.native_vlan or "NONE"
        raise _LostError(f"{address} is a trunk port of {switch} without its native VLAN, {native}")
    vlan = vswitch.native_vlan if tag is None else tag
    if vlan not in vlans:
        raise _LostError(f"{address} is not authorized for VLAN {vlan} on {switch}")
    return vlan


def _leave(switch: Switch, address: NicAddress, nic: Nic, frame: int | None) -> None:
    vswitch = switch.vswitch
    if not vswitch.vlan_aware:
        return
    vlans = vswitch.vlans_of(nic.block or Block(nic.userid))
    if not vlans:
        raise _LostError(f"{address} is in no VLAN of {switch}")
    if frame not in vlans:
        theirs = ", ".join(map(str, sorted(vlans)))
        raise _LostError(f"the frame is in VLAN {frame} of {switch}, {address} in VLAN {theirs}")


def _require_open(switch: Switch) -> None:
    if switch.vswitch.isolation:
        raise _LostError(f"{switch} isolates its guests from each other")
    if switch.vswitch.vepa and switch.uplink.down:
        raise _LostError(f"{switch} sends guest traffic through its uplink (VEPA): {switch.uplink.down}")


def _cross(here: Switch, there: Switch, frame: int | None) -> int | None:
    """The tag on the LAN between two switches."""
    for switch in (here, there):
        if switch.uplink.down:
            raise _LostError(f"{here} and {there} are different switches, and {switch.uplink.down}")
    if here.uplink.lan != there.uplink.lan:
        raise _LostError(
            f"the uplink of {here} is on LAN {here.uplink.lan}, that of {there} on {there.uplink.lan}"
        )
    if here.uplink.port == there.uplink.port:
        for switch in (here, there):
            if switch.vswitch.isolation:
                raise _LostError(f"{switch} is isolated from others on OSA port {switch.uplink.port}")
    return None if here.vswitch.vlan_aware and frame == here.vswitch.native_vlan else frame


def _arrive(switch: Switch, wire: int | None) -> int | None:
    """The VLAN in which a frame from the LAN is inside the switch."""
    if not switch.vswitch.vlan_aware or wire is not None:
        return wire
    if switch.vswitch.native_vlan is None:
        raise _LostError(f"{switch} has no native VLAN for untagged frames from its uplink")
    return switch.vswitch.native_vlan


def _switches(system: System) -> Iterable[Switch]:
    devices = devices_by_vswitch(system)
    for name, vswitch in system.vswitches.items():
        yield Switch(system.name, vswitch.copy(), _uplink(system, vswitch, devices[name]))


def _uplink(system: System, vswitch: Vswitch, devices: list[RealDeviceInfo]) -> Uplink:
    where = f"{vswitch.name} on {system.name}"
    if not vswitch.connected:
        return Uplink(down=f"the uplink of {where} is disconnected")
    if not vswitch.rdevs:
        return Uplink(down=f"{where} has no uplink")
    active = [device.rdev[:4] for device in devices if device.status == ACTIVE]
    if not active:
        return Uplink(down=f"no uplink device of {where} works")
    osa = system.osas[active[0]]
    if not osa.lan:
        return Uplink(down=f"the uplink {osa.rdev} of {where} is not cabled")
    return Uplink(osa.lan, osa.port or f"{system.name}:{osa.rdev}")


def _in_vlan(switch: Switch, frame: int | None) -> str:
    return f" in VLAN {frame}" if switch.vswitch.vlan_aware else ""


def _tagged(wire: int | None) -> str:
    return "untagged" if wire is None else f"tagged {wire}"
