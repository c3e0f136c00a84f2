"""What the live page shows of a world: systems, the LANs that join them, vswitches and the NICs on them.

Two steps. `glance` holds the world's lock and copies little; equal glances look the same, which is how the
page's data is made only when something has changed. `view` is pure and makes of a glance what
`zvmsim/web/network.js` draws. Texts are for people; nothing in them is markup.
"""

import functools
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from zvmsim import oracle
from zvmsim.world import uplinks
from zvmsim.world.answers import RealDeviceInfo
from zvmsim.world.guest import Nic
from zvmsim.world.lan import Lan
from zvmsim.world.system import System
from zvmsim.world.uplinks import Osa
from zvmsim.world.views import devices_by_vswitch
from zvmsim.world.vlans import format_vlans
from zvmsim.world.vswitch import Vswitch
from zvmsim.world.world import World


@dataclass(frozen=True, slots=True)
class SystemGlance:
    """What matters of one system beyond the oracle's snapshot; devices: those of each vswitch's uplink."""

    name: str
    level: int
    ipl_time: datetime
    guests: tuple[str, ...]
    lans: tuple[Lan, ...]
    osas: Mapping[str, Osa]
    devices: Mapping[str, list[RealDeviceInfo]]


@dataclass(frozen=True, slots=True)
class Glance:
    """A world at one moment."""

    systems: tuple[SystemGlance, ...]
    lans: tuple[str, ...]
    snapshot: oracle.Snapshot


@dataclass(frozen=True, slots=True)
class NicView:
    """One NIC.

    vlans: "100", "1 900-901"; "" on a VLAN-unaware switch, a guest LAN, or when it is in no VLAN.
    port: "access", "trunk", with "promiscuous" behind; "" where the LAN knows no VLANs.
    by: what let it onto the vswitch: "grant", "directory", "port 5", or "revoked" if that is gone.
    """

    userid: str
    vdev: str
    mac: str
    vlans: str = ""
    port: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One real device of an uplink; state: "active", "backup", or what is wrong with it."""

    rdev: str
    state: str


@dataclass(frozen=True, slots=True)
class UplinkView:
    """lan: the physical LAN it is cabled to, "" for none. down: why no frame passes, "" when they do."""

    lan: str
    devices: tuple[DeviceView, ...]
    down: str


@dataclass(frozen=True, slots=True)
class VswitchView:
    """One vswitch, or a guest LAN with its owner; traits: what is special, in words."""

    name: str
    traits: tuple[str, ...]
    vlan_aware: bool
    uplink: UplinkView
    nics: tuple[NicView, ...]


@dataclass(frozen=True, slots=True)
class SystemView:
    """One system. uncoupled: NICs on no vswitch or LAN. without_nic: userids."""

    name: str
    release: str
    ipl_time: str
    guests: int
    vswitches: tuple[VswitchView, ...]
    guest_lans: tuple[VswitchView, ...]
    uncoupled: tuple[NicView, ...]
    without_nic: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """The world on one page; lans: physical ones, joined or not."""

    systems: tuple[SystemView, ...]
    lans: tuple[str, ...]


def glance(world: World) -> Glance:
    """The world as it is now."""
    with world.lock.reading():
        return Glance(
            systems=tuple(_glance(system) for system in world.systems.values()),
            lans=tuple(world.physical_lans),
            snapshot=oracle.snapshot(world),
        )


def view(seen: Glance) -> View:
    """What the page shows of it."""
    nics: dict[str, list[Nic]] = defaultdict(list)
    for address, nic in seen.snapshot.nics.items():
        nics[address.system].append(nic)
    return View(tuple(_system(system, nics[system.name], seen) for system in seen.systems), seen.lans)


def as_json(what: object) -> str:
    """A view as JSON; dataclasses become objects."""
    return json.dumps(what, default=_fields, separators=(",", ":"), allow_nan=False)


def _fields(value: object) -> dict[str, object]:
    names: tuple[str, ...] = value.__slots__  # type: ignore[attr-defined]
    return {name: getattr(value, name) for name in names}


def _glance(system: System) -> SystemGlance:
    return SystemGlance(
        name=system.name,
        level=system.level,
        ipl_time=system.ipl_time,
        guests=tuple(system.guests),
        lans=tuple(system.lans.values()),
        osas=dict(system.osas),
        devices=devices_by_vswitch(system),
    )


def _system(system: SystemGlance, nics: Iterable[Nic], seen: Glance) -> SystemView:
    on: dict[tuple[str, str], list[Nic]] = defaultdict(list)
    for nic in nics:
        on[nic.lan_owner, nic.lan_name].append(nic)
    with_nic = {nic.userid for each in on.values() for nic in each}
    switches = [switch for (name, _), switch in seen.snapshot.switches.items() if name == system.name]
    return SystemView(
        name=system.name,
        release=f"{system.level // 100}.{system.level // 10 % 10}",
        ipl_time=system.ipl_time.isoformat(timespec="seconds"),
        guests=len(system.guests),
        vswitches=tuple(_vswitch(switch, system, on["SYSTEM", switch.vswitch.name]) for switch in switches),
        guest_lans=tuple(_guest_lan(lan, on[lan.owner, lan.name]) for lan in system.lans),
        uncoupled=_in_order(NicView(nic.userid, nic.vdev, nic.mac) for nic in on["", ""]),
        without_nic=tuple(sorted(userid for userid in system.guests if userid not in with_nic)),
    )


def _vswitch(switch: oracle.Switch, system: SystemGlance, nics: Iterable[Nic]) -> VswitchView:
    vswitch = switch.vswitch
    return VswitchView(
        name=vswitch.name,
        traits=tuple(_traits(vswitch)),
        vlan_aware=vswitch.vlan_aware,
        uplink=_uplink(switch.uplink, system.devices[vswitch.name], system.osas),
        nics=_in_order(_nic(nic, vswitch) for nic in nics),
    )


def _traits(vswitch: Vswitch) -> list[str]:
    traits = ["layer 2" if vswitch.transport == "ETHERNET" else "layer 3"]
    if vswitch.vlan_aware:
        traits.append(f"native VLAN {vswitch.native_vlan or 'none'}")
        traits.append(f"default VLAN {vswitch.default_vlan or 'none'}")
    else:
        traits.append("VLAN unaware")
    special = {"port based": vswitch.port_based, "isolated": vswitch.isolation, "VEPA": vswitch.vepa}
    return traits + [name for name, holds in special.items() if holds]


_WRONG = {
    uplinks.NO_SUCH_DEVICE: "no such device",
    uplinks.ATTACHED_ELSEWHERE: "attached elsewhere",
    uplinks.OFFLINE: "offline",
}
_STATES = {uplinks.ACTIVE: "active", uplinks.BACKUP: "backup", uplinks.INACTIVE: "not active"}


def _uplink(uplink: oracle.Uplink, devices: list[RealDeviceInfo], osas: Mapping[str, Osa]) -> UplinkView:
    cabled = [osas[device.rdev[:4]].lan for device in devices if device.rdev[:4] in osas]
    return UplinkView(
        lan=uplink.lan or next(filter(None, cabled), ""),
        devices=tuple(
            DeviceView(device.rdev, _WRONG.get(device.error) or _STATES[device.status]) for device in devices
        ),
        down=uplink.down,
    )


def _nic(nic: Nic, vswitch: Vswitch) -> NicView:
    block = nic.block
    if block is None:
        return NicView(nic.userid, nic.vdev, nic.mac)
    by = "directory" if block.temporary_for else "grant"
    if block.port:
        by = f"port {block.port}"
    if block not in vswitch.blocks.get(nic.userid, ()):
        by = "revoked"
    if not vswitch.vlan_aware:
        return NicView(nic.userid, nic.vdev, nic.mac, by=by)
    port = vswitch.port_type_of(block).lower() + (" promiscuous" if block.promiscuous else "")
    return NicView(nic.userid, nic.vdev, nic.mac, _vlans(vswitch.vlans_of(block)), port, by)


_vlans = functools.lru_cache(maxsize=5000)(format_vlans)


def _guest_lan(lan: Lan, nics: Iterable[Nic]) -> VswitchView:
    traits = (f"of {lan.owner}", lan.type.capitalize() if lan.type == "HIPERSOCKETS" else lan.type)
    shown = _in_order(NicView(nic.userid, nic.vdev, nic.mac) for nic in nics)
    return VswitchView(lan.name, traits, False, UplinkView("", (), ""), shown)


def _in_order(nics: Iterable[NicView]) -> tuple[NicView, ...]:
    """Trunk ports first, then by VLAN, so that those who meet stand together."""

    def rank(nic: NicView) -> tuple[bool, int, str, str]:
        first = nic.vlans.replace("-", " ").split(" ")[0]
        return not nic.port.startswith("trunk"), int(first or 0), nic.userid, nic.vdev

    return tuple(sorted(nics, key=rank))
