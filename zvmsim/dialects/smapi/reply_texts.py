"""Replies that are texts: attribute lines of vswitches, adapters and the system.

Source: pysmapi captures of z/VM 7.1 unless a function says otherwise.
"""

from collections.abc import Iterator, Sequence

from zvmsim.world.answers import (
    AdapterInfo,
    AdapterType,
    AuthorizedUserInfo,
    ConnectedNicInfo,
    OsaInfo,
    RealDeviceInfo,
    SystemInfo,
    VswitchInfo,
)

NO_VLAN = 32768
"""SMAPI's number for NONE on a VLAN-aware vswitch."""

ADAPTER_TYPES: dict[AdapterType, int] = {"HIPERSOCKETS": 1, "QDIO": 2, "INMN": 4, "IEDN": 5}


def vlan_number(switch: VswitchInfo, vlan: int | None) -> int:
    """0 on a VLAN-unaware vswitch."""
    if vlan is not None:
        return vlan
    return NO_VLAN if switch.vlan_aware else 0


def vswitch_attributes(switch: VswitchInfo, vepa: bool) -> str:
    """vepa: its state is asked for. Link aggregation is not simulated: always "LAG: 0 (NOGRP)"."""
    tokens = (
        switch.name,
        switch.transport,
        switch.port_type,
        switch.queue_memory_limit,
        switch.routing,
        "AWARE" if switch.vlan_aware else "UNAWARE",
        f"{vlan_number(switch, switch.default_vlan):05}",
        f"{vlan_number(switch, switch.native_vlan):05}",
        switch.mac,
        "GVRP" if switch.gvrp_requested else "NOGVRP",
        "GVRP" if switch.gvrp_enabled else "NOGVRP",
        switch.status,
        *("LAG:", 0, "(NOGRP)"),
        switch.ip_timeout,
        switch.type,
        "ISOLATION" if switch.isolation else "NOISOLATION",
        switch.mac_protect,
        "PORTBASED" if switch.port_based else "USERBASED",
        "COUNTERS" if switch.vlan_counters else "NOCOUNTERS",
        *(["ON" if switch.vepa else "OFF"] if vepa else []),
        "(NONE)",
    )
    return " ".join(map(str, tokens))


def real_device(device: RealDeviceInfo) -> str:
    return (
        f"{device.rdev[:4]} {device.vdev} {device.controller or '(NONE)'} {device.port_name or '(NONE)'} "
        f"{device.status} {device.error}"
    )


def authorized_user(user: AuthorizedUserInfo) -> str:
    """A blank stands behind the last token."""
    promiscuous = "PROM" if user.promiscuous else "NOPROM"
    osd_sim = "OSDSIM" if user.osd_sim else "NOOSDSIM"
    vlans = "".join(f"{token} " for token in user.vlan_tokens)
    return f"{user.port:04} {user.userid} {promiscuous} {osd_sim} {len(user.vlan_tokens)} {vlans}"


def connected_nic(nic: ConnectedNicInfo) -> str:
    return f"{nic.userid} {nic.vdev} {nic.mac} {nic.type}"


def adapters(found: Sequence[AdapterInfo]) -> Iterator[str]:
    """Virtual_Network_Adapter_Query_Extended.

    The MAC of an active adapter: keywords from zthin smcliVirtual.c and Feilong smtclient.py, their order
    and that no IP address is known are guesses.
    """
    yield f"adapter_count={len(found)}"
    for adapter in found:
        yield f"adapter_address={adapter.vdev}"
        yield "port_type=0"
        yield "extended_port_status=00"
        yield f"adapter_type={ADAPTER_TYPES[adapter.type]}"
        yield f"network_device_count={adapter.devices}"
        yield f"adapter_status={adapter.status:02}"
        if adapter.status == 2:
            yield "mac_count=1"
            yield f"mac_address={adapter.mac.replace('-', '')}"
            yield "mac_info_end"
        yield f"lan_owner={adapter.lan_owner}"
        yield f"lan_name={adapter.lan_name}"
        yield "adapter_info_end"


def byte_stats(switches: Sequence[VswitchInfo]) -> Iterator[str]:
    """Virtual_Network_Vswitch_Query_Byte_Stats with every counter zero: uplinks, bridge port, NICs, VLANs.

    The uplinks of an IVL vswitch are not listed.
    """
    yield str(len(switches))
    for switch in switches:
        uplinks = [device.rdev[:4] for device in switch.devices if device.rdev != NO_DEVICE]
        yield from (switch.name, str(0 if switch.type == "IVL" else len(uplinks)))
        for uplink in uplinks if switch.type != "IVL" else ():
            yield from (uplink, *_ZEROS)
        yield from _ZEROS
        yield str(len(switch.adapters))
        for nic in switch.adapters:
            yield from (f"{nic.userid} {nic.vdev}", *_ZEROS)
        yield "0"


NO_DEVICE = "0000"
_ZEROS = ("0",) * 8


def osa(device: OsaInfo) -> str:
    """The virtual machine that has the device is glued to ATTACHED."""
    return f"{device.rdev} {device.state}{device.attached_to} {device.type} {device.chpid or '00'} NO"


def system_info(info: SystemInfo) -> Iterator[str]:
    """System_Info_Query: zone, time, level, generation, IPL, storage."""
    offset = info.now.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    yield f"{info.zone} {'West' if minutes < 0 else 'East'} {hours:02}.{rest:02}.00"
    yield f"{info.now:%H:%M:%S} {info.zone} {_DAYS[info.now.weekday()]} {info.now:%Y-%m-%d}"
    yield (
        f"z/VM Version {info.version} Release {info.release}.0, "
        f"service level {info.service_level:04} (64-bit)"
    )
    yield f"{info.generation_time:%Y-%m-%d %H:%M:%S} {info.zone}"
    yield f"{info.ipl_time:%Y-%m-%d %H:%M:%S} {info.zone}"
    yield f"{info.storage} CONFIGURED = {info.storage} INC = 1M STANDBY = 0  RESERVED = 0"


_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def system_information(info: SystemInfo) -> Iterator[str]:
    """System_Information_Query; CMS, processor and CONNECT time are those of the capture, always."""
    zone = info.zone
    yield "CMS_LEVEL=LEVEL=29 SERVICE_LEVEL=0000 LANGUAGE=AMENG"
    yield (
        "CPU_CAPABILITY=PRIMARY=1 SECONDARY=1 NOMINAL=1 ADJUSTMENT_INDICATION=0 CHANGE_REASON=0 "
        'CHANGE_EXPLANATION_LENGTH=0 CHANGE_EXPLANATION=""'
    )
    yield "CPUID=ID=FF01917729640000"
    yield (
        f"CP_LEVEL=VERSION={info.version}.{info.release}.0 SERVICE_LEVEL={info.service_level:04} "
        f"GENERATION_TIME={info.generation_time:%H:%M:%S} GENERATION_DATE={info.generation_time:%Y-%m-%d} "
        f"GENERATION_TIME_ZONE={zone} "
        f"IPL_TIME={info.ipl_time:%H:%M:%S} IPL_DATE={info.ipl_time:%Y-%m-%d} IPL_TIME_ZONE={zone} "
        "LANGUAGE=AMENG"
    )
    yield f"STORAGE=ONLINE={info.storage} CONFIGURED={info.storage} INCREMENT=1M STANDBY=0 RESERVED=0"
    yield (
        f"TIME=TIMEZONE={zone} TIME={info.now:%H:%M:%S} DATE={info.now:%Y-%m-%d} "
        "CONNECT=00:02:13 VIRTUAL_CPU=000:02.62 TOTAL_CPU=000:02.79"
    )
