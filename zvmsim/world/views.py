"""What queries see: typed answers made from a system's state."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

from zvmsim.world.answers import (
    AdapterInfo,
    AuthorizedUserInfo,
    ConnectedNicInfo,
    LanInfo,
    OsaInfo,
    RealDeviceInfo,
    SystemInfo,
    VmlanInfo,
    VswitchInfo,
)
from zvmsim.world.guest import Nic
from zvmsim.world.smapi import SmapiError
from zvmsim.world.system import System
from zvmsim.world.uplinks import DEVICES_PER_UPLINK, attachments, status_of
from zvmsim.world.vlans import VlanSet, ranges
from zvmsim.world.vswitch import Block, Vswitch

_GENERATED = datetime(2019, 2, 22, 6, 44, 15, tzinfo=UTC)


def vswitch_infos(system: System, name: str = "*") -> tuple[VswitchInfo, ...]:
    """One vswitch, or all of them in order of definition; SmapiError 212/40 for a name that does not exist.
    """
    wanted = list(system.vswitches.values()) if name == "*" else [system.vswitch(name)]
    devices = devices_by_vswitch(system)
    nics: dict[str, list[Nic]] = defaultdict(list)
    for nic in system.nics():
        if nic.lan_owner == "SYSTEM":
            nics[nic.lan_name].append(nic)
    return tuple(_vswitch_info(system, v, devices[v.name], nics[v.name]) for v in wanted)


def devices_by_vswitch(system: System) -> dict[str, list[RealDeviceInfo]]:
    """The uplink devices of every vswitch, an empty list for one without."""
    found: dict[str, list[RealDeviceInfo]] = {name: [] for name in system.vswitches}
    for attachment in attachments(system.vswitches.values(), system.osas, system.controllers):
        found[attachment.vswitch].append(attachment.device)
    return found


def adapter_infos(system: System, userid: str, vdev: str = "*") -> tuple[AdapterInfo, ...]:
    """NICs of a logged-on guest, by device number.

    SmapiError 200/4, 200/12; 204/8 no such NIC, 212/8 no NIC at all (Virtual_Network_Adapter_Query).
    """
    guest = system.guest(userid)
    if not guest.nics:
        raise SmapiError(212, 8, f"{userid} has no adapter")
    nics = list(guest.nics.values()) if vdev == "*" else [system.nic(userid, vdev)]
    return tuple(_adapter_info(system, nic) for nic in sorted(nics, key=lambda nic: nic.vdev))


def lan_infos(system: System, name: str = "*", owner: str = "*") -> tuple[LanInfo, ...]:
    """Guest LANs and vswitches of these names; 212/12 if a single one does not exist, 212/16 if it is
    another's.
    """
    known = list(_all_lans(system))
    found = tuple(lan for lan in known if name in ("*", lan.name) and owner in ("*", lan.owner))
    if not found and name != "*":
        rs = 16 if any(lan.name == name for lan in known) else 12
        raise SmapiError(212, rs, f"{owner} {name} does not exist")
    return found


def osa_infos(system: System) -> tuple[OsaInfo, ...]:
    """Every OSA device, three per base address."""
    held = {
        attachment.device.rdev[:4]: attachment.device
        for attachment in attachments(system.vswitches.values(), system.osas, system.controllers)
        if attachment.device.controller
    }
    return tuple(info for rdev in sorted(system.osas) for info in _osa_infos(system, rdev, held.get(rdev)))


def system_info(system: System) -> SystemInfo:
    """Version, times and size of the system."""
    return SystemInfo(
        name=system.name,
        level=system.level,
        version=system.level // 100,
        release=system.level // 10 % 10,
        service_level=system.service_level,
        now=system.clock.now().astimezone(system.zone),
        ipl_time=system.ipl_time.astimezone(system.zone),
        generation_time=_GENERATED.astimezone(system.zone),
        zone=system.zone.tzname(None),
        storage=system.storage,
    )


def vmlan_info(system: System) -> VmlanInfo:
    """MAC assignment and numbers of LANs, as QUERY VMLAN shows them."""
    persistent = sum(name in system.config for name in system.vswitches)
    persistent += sum(key in system.lan_config for key in system.lans)
    return VmlanInfo(
        system_prefix=system.macs.system_prefix,
        user_prefix=system.macs.user_prefix,
        mac_protect=system.mac_protect,
        dna=system.dna,
        persistent_lans=persistent,
        transient_lans=len(system.vswitches) + len(system.lans) - persistent,
    )


def _vswitch_info(
    system: System, vswitch: Vswitch, devices: list[RealDeviceInfo], nics: list[Nic]
) -> VswitchInfo:
    status = status_of(vswitch, devices)
    ethernet = vswitch.transport == "ETHERNET"
    return VswitchInfo(
        name=vswitch.name,
        transport=vswitch.transport,
        port_type=vswitch.port_type if vswitch.vlan_aware else "NONE",
        queue_memory_limit=vswitch.queue_memory_limit,
        routing="NA" if ethernet else vswitch.routing,
        vlan_aware=vswitch.vlan_aware,
        default_vlan=vswitch.default_vlan if vswitch.vlan_aware else None,
        native_vlan=vswitch.native_vlan if vswitch.vlan_aware else None,
        mac=vswitch.mac,
        gvrp_requested=vswitch.vlan_aware and vswitch.gvrp,
        gvrp_enabled=vswitch.vlan_aware and vswitch.gvrp and status == 8,
        status=status,
        ip_timeout=vswitch.ip_timeout,
        type=vswitch.type,
        isolation=vswitch.isolation,
        mac_protect=vswitch.mac_protect,
        port_based=vswitch.port_based,
        vlan_counters=vswitch.vlan_counters,
        vepa=vswitch.vepa,
        persistent=vswitch.name in system.config,
        connected=vswitch.connected,
        devices=tuple(devices),
        users=tuple(_user_info(system, vswitch, block) for block in vswitch.all_blocks()),
        adapters=tuple(
            ConnectedNicInfo(nic.userid, nic.vdev, nic.mac, nic.type)
            for nic in sorted(nics, key=lambda nic: -nic.order)
        ),
    )


def _user_info(system: System, vswitch: Vswitch, block: Block) -> AuthorizedUserInfo:
    vlans = block.vlans
    if system.behaviour.vlanid_listed:
        vlans |= vswitch.vlans_by_port(block)
    return AuthorizedUserInfo(
        port=block.port,
        userid=block.userid,
        promiscuous=block.promiscuous,
        osd_sim=block.osd_sim,
        vlans=tuple(sorted(vlans)),
        vlan_tokens=_tokens(vlans, system.behaviour.range_listing == "ranges")
        or _no_vlan_tokens(system, vswitch),
        port_type=vswitch.port_type_of(block) if vswitch.vlan_aware else None,
        temporary=bool(block.temporary_for),
    )


def _tokens(vlans: VlanSet, as_ranges: bool) -> tuple[str, ...]:
    if not as_ranges:
        return tuple(f"{vlan:04}" for vlan in sorted(vlans))
    return tuple(f"{a:04}" if a == b else f"{a:04}-{b:04}" for a, b in ranges(vlans))


def _no_vlan_tokens(system: System, vswitch: Vswitch) -> tuple[str, ...]:
    if system.behaviour.no_vlan_count == "0":
        return ()
    return (f"{vswitch.default_vlan or 0:04}" if vswitch.vlan_aware else "0000",)


def _adapter_info(system: System, nic: Nic) -> AdapterInfo:
    return AdapterInfo(
        userid=nic.userid,
        vdev=nic.vdev,
        type=nic.type,
        devices=nic.devices,
        status=0 if not nic.coupled else 2 if nic.driver else 1,
        mac=nic.mac,
        port_name=nic.port_name,
        lan_owner=nic.lan_owner,
        lan_name=nic.lan_name,
        is_vswitch=nic.lan_owner == "SYSTEM" and nic.lan_name in system.vswitches,
    )


def _all_lans(system: System) -> Iterator[LanInfo]:
    for lan in system.lans.values():
        nics = tuple((nic.userid, nic.vdev) for nic in system.nics_on(lan.name, lan.owner))
        persistent = (lan.owner, lan.name) in system.lan_config
        yield LanInfo(lan.name, lan.owner, lan.type, lan.transport, lan.restricted, persistent, False, nics)
    for vswitch in vswitch_infos(system):
        nics = tuple((nic.userid, nic.vdev) for nic in vswitch.adapters)
        yield LanInfo(vswitch.name, "SYSTEM", "QDIO", vswitch.transport, True, vswitch.persistent, True, nics)


def _osa_infos(system: System, rdev: str, held: RealDeviceInfo | None) -> Iterator[OsaInfo]:
    osa = system.osas[rdev]
    holder = held.controller if held else osa.holder
    for offset in range(DEVICES_PER_UPLINK):
        vdev = f"{int(held.vdev, 16) + offset:04X}" if held else ""
        state = "ATTACHED" if held else osa.state
        yield OsaInfo(f"{int(rdev, 16) + offset:04X}", state, holder, vdev, "OSA", osa.chpid)
