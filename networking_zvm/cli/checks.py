"""What `neutron-zvm check` thinks of what it has seen. Pure: everything known is passed in.

Each function judges one look and gives findings in the order an operator should read them.
"""

import collections
import re
from collections.abc import Collection, Iterator

from networking_zvm import authorization, claims, errors, model, service_guests
from networking_zvm.cli import connection
from networking_zvm.cli.findings import Finding, Level
from networking_zvm.conf import Reading
from networking_zvm.hypervisor import base
from networking_zvm.settings import ControlPoint, ServerPlugin, Settings

CONFIGURATION = "configuration"
CONTROL_POINT = "control point"
ZVM = "z/VM"
MAC_PREFIX = "MAC prefix"
CLOCK = "clock"
NETWORKS = "networks"
SERVICE_GUESTS = "service guests"
PORT_RECORDS = "port records"
TOPICS = (CONFIGURATION, connection.CONNECTION, CONTROL_POINT, ZVM, MAC_PREFIX, CLOCK, NETWORKS, PORT_RECORDS)

_OLDEST = {ControlPoint.XCAT: (2, 8, 3, 16), ControlPoint.FEILONG: (1, 6)}
"""Sources: XCAT_MINIMUM_VERSION of networking-zvm; the Feilong that the driver was made for."""

_NEUTRONS_BASE_MAC = "fa:16:3e:00:00:00"
"""Source: neutron/conf/common.py."""

_MAX_SKEW = 5.0  # seconds; beyond it the logs of both sides cannot be laid side by side
_MEANINGS = {
    model.Way.GRANT: "by grant: all NICs of a guest there share their VLAN",
    model.Way.DIRECTORY: "by directory record: each NIC has a VLAN of its own",
    model.Way.PORT: "by numbered port: each NIC has a VLAN of its own",
}


def of_configuration(reading: Reading, readable_by_all: Collection[str]) -> Iterator[Finding]:
    """readable_by_all: files that everybody on this machine may read."""
    for error in reading.errors:
        yield Finding(Level.FAIL, CONFIGURATION, error)
    for note in (*reading.notes, *reading.old_names):
        yield Finding(Level.WARN, CONFIGURATION, note)
    for path in readable_by_all:
        problem = f"{path} holds a secret and everybody may read it"
        yield Finding(Level.WARN, CONFIGURATION, problem, f"chmod o-r {path}")
    if settings := reading.settings:
        count = len(settings.vswitch_of)
        text = f"host {settings.host}, {count} physical network{'s' if count > 1 else ''}"
        if settings.server_plugin is ServerPlugin.OPENVSWITCH:
            text += ", ports bound by Neutron's own driver openvswitch"
        yield Finding(Level.OK, CONFIGURATION, text)


def of_description(settings: Settings, info: model.SystemInfo) -> Iterator[Finding]:
    """Who answered."""
    yield _version(settings, info)
    yield Finding(Level.OK, ZVM, f"{info.name} runs {info.version}, IPL {info.ipl_time}")
    yield _mac_prefix(settings.base_mac, info.mac_prefix)
    yield _clock(settings.control_point, info.clock_skew)


def _version(settings: Settings, info: model.SystemInfo) -> Finding:
    text = f"{info.control_point_version} answers"
    if settings.xcat:
        text += f", and its zHCP {settings.xcat.zhcp_node}"
    oldest = _OLDEST.get(settings.control_point)
    found = re.search(r"\d+(?:\.\d+)+", info.control_point_version)
    if oldest and (not found or tuple(map(int, found[0].split("."))) < oldest):
        name, version = info.control_point_version.split()[0], ".".join(map(str, oldest))
        text += f"; this agent wants {version} or later"
        return Finding(Level.WARN, CONTROL_POINT, text, f"update {name}")
    return Finding(Level.OK, CONTROL_POINT, text)


def _mac_prefix(base_mac: str | None, prefix: model.MacPrefix) -> Finding:
    remedy = f"set base_mac = {prefix}:00:00:00 in neutron.conf of the Neutron servers"
    if base_mac is None:
        text = f"z/VM uses {prefix}; base_mac is in none of the files, and Neutron's default does not fit"
        return Finding(Level.WARN, MAC_PREFIX, text, f"{remedy}, and give that file to this command")
    try:
        mac = model.Mac(base_mac)
    except errors.InvalidValue as error:
        return Finding(Level.FAIL, MAC_PREFIX, f"base_mac: {error}", remedy)
    if mac.prefix != prefix:
        text = f"z/VM uses {prefix}, but base_mac is {base_mac}: no port could get its NIC"
        return Finding(Level.FAIL, MAC_PREFIX, text, remedy)
    return Finding(Level.OK, MAC_PREFIX, f"{prefix}, as base_mac says")


def _clock(point: ControlPoint, skew: float | None) -> Finding:
    remedy = "set both by the same source (STP, NTP)"
    if skew is None and point is ControlPoint.FEILONG:
        return Finding(Level.SKIP, CLOCK, "not looked at, because Feilong does not tell z/VM's time")
    if skew is None:
        return Finding(Level.WARN, CLOCK, "z/VM's clock cannot be compared with ours", remedy)
    text = f"z/VM's is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    if abs(skew) > _MAX_SKEW:
        return Finding(Level.WARN, CLOCK, text, remedy)
    return Finding(Level.OK, CLOCK, text if abs(skew) >= 1 else "z/VM's and ours agree")


def of_user_prefix(told: model.MacPrefix | None, system: model.System) -> Iterator[Finding]:
    """Whether the operator's user prefix is that of live NICs whose MACID stands in the directory."""
    seen = collections.Counter(
        live.mac.prefix
        for address, live in system.live.items()
        if (nic := system.directory.get(address)) and nic.macid == live.mac.macid
    )
    shown = seen.most_common(1)[0][0] if seen else told
    if told and told != shown:
        text = f"user_prefix is {told}, but the live NICs of this z/VM have {shown}"
        yield Finding(Level.FAIL, MAC_PREFIX, text, f"set user_prefix = {shown} in [zvm], or remove it")


def of_system(settings: Settings, system: model.System, able: base.Capabilities) -> Iterator[Finding]:
    """Whether each physical network has a vswitch that can carry it. able: what the driver can do."""
    policy = claims.Policy.of(settings, able)
    for network, name in settings.vswitch_of.items():
        vswitch = system.vswitches.get(name)
        if vswitch is None:
            yield _missing(network, name, settings.specs.get(name))
            continue
        way = authorization.way_for(vswitch, system, policy)
        found = [*_faults(network, vswitch, settings), *_of_way(network, vswitch, way, system)]
        yield from found
        if not found:
            yield Finding(Level.OK, NETWORKS, f"{network} -> {_looks(vswitch, way)}")


def _missing(network: str, name: model.VSwitchName, spec: model.VSwitchSpec | None) -> Finding:
    text = f"{network} -> {name} does not exist"
    if spec is None:
        remedy = "create it, or name the network in flat_networks or network_vlan_ranges"
        return Finding(Level.FAIL, NETWORKS, f"{text}, and the agent cannot tell how to create it", remedy)
    kind = "VLAN aware" if spec.vlan_aware else "VLAN unaware"
    if not spec.rdevs:
        remedy = f"set rdev_list in a section [{name}]"
        text += f" yet: the agent will create it {kind}, without uplink"
        return Finding(Level.WARN, NETWORKS, text, remedy)
    uplink = " ".join(spec.rdevs)
    return Finding(Level.OK, NETWORKS, f"{text} yet: the agent will create it {kind}, uplink {uplink}")


def _faults(network: str, vswitch: model.VSwitch, settings: Settings) -> Iterator[Finding]:
    place = f"{network} -> {vswitch.name}"
    reasons = [claims.unfitness(vswitch, kind) for kind in _kinds(network, settings)]
    for reason in dict.fromkeys(filter(None, reasons)):
        remedy = f"map {network} to another vswitch, or have the z/VM administrator define one for it"
        yield Finding(Level.FAIL, NETWORKS, f"{place}: {reason}", remedy)
    if vswitch.uplink is not model.Uplink.READY:
        state = "is down" if vswitch.uplink is model.Uplink.DOWN else "does not exist"
        problem = f"{place}: the uplink {state}, so guests reach only one another"
        yield Finding(Level.WARN, NETWORKS, problem, f"see CP QUERY VSWITCH {vswitch.name} DETAILS")
    spec = settings.specs.get(vswitch.name)
    if spec and spec.rdevs and not set(spec.rdevs) & set(vswitch.rdevs):
        has = " ".join(vswitch.rdevs) or "none"
        problem = f"{place}: its real devices are {has}, not {' '.join(spec.rdevs)} as rdev_list says"
        remedy = "correct rdev_list or the vswitch: the agent never changes one that exists"
        yield Finding(Level.WARN, NETWORKS, problem, remedy)


def _of_way(
    network: str, vswitch: model.VSwitch, way: model.Way, system: model.System
) -> Iterator[Finding]:
    if way is not model.Way.GRANT and not system.directory_authorizes:
        problem = (
            f"{network} -> {vswitch.name}: authorization by {way} needs Directory Network Authorization, "
            "which z/VM has from 7.1 on, and 6.4 by APAR VM65925"
        )
        yield Finding(Level.WARN, NETWORKS, problem, "without that, set it to grant or auto")


def _kinds(network: str, settings: Settings) -> list[model.NetworkType]:
    """The types of Neutron network it must carry; a network that is only mapped may be flat at least."""
    kinds = [model.NetworkType.VLAN] if network in settings.vlan_networks else []
    if network in settings.flat_networks or not kinds:
        kinds.append(model.NetworkType.FLAT)
    return kinds


def _looks(vswitch: model.VSwitch, way: model.Way) -> str:
    kind = "VLAN aware" if vswitch.vlan_aware else "VLAN unaware"
    kind += ", PORTBASED" if vswitch.port_based else ""
    uplink = " ".join((vswitch.uplink, *vswitch.rdevs))
    meaning = _MEANINGS[way] if vswitch.vlan_aware else _MEANINGS[way].partition(":")[0]
    return f"{vswitch.name}: layer {int(vswitch.layer)}, {kind}, uplink {uplink}; authorization {meaning}"


def of_service_guests(
    settings: Settings, system: model.System, able: base.Capabilities
) -> Iterator[Finding]:
    """Whether each service guest can be served. able: what the driver can do."""
    policy = claims.Policy.of(settings, able)
    for guest in settings.service_guests:
        sight = service_guests.sight(guest, system, policy)
        vswitch = system.vswitches.get(sight.vswitch)
        if sight.problem:
            yield Finding(Level.FAIL, SERVICE_GUESTS, f"{guest}: {sight}")
        elif not sight.logged_on:
            yield Finding(Level.WARN, SERVICE_GUESTS, f"{guest}: {sight}", f"log {guest.address.userid} on")
        elif vswitch and vswitch.default_vlan and vswitch.default_vlan != vswitch.native_vlan:
            default = vswitch.default_vlan
            text = f"{guest}: {sight}; default VLAN {default} of {vswitch.name} is not its native VLAN"
            remedy = f"for flat networks append :{default} to the entry in the node's trunk_interfaces"
            yield Finding(Level.WARN, SERVICE_GUESTS, text, remedy)
        else:
            yield Finding(Level.OK, SERVICE_GUESTS, f"{guest}: {sight}; authorization by {sight.way}")


def of_records(
    records: Collection[model.PortRecord], system: model.System, able: base.Capabilities
) -> Iterator[Finding]:
    """What the control point has noted of Neutron's ports. able: what the driver can do."""
    if not able.records:
        count = len(system.directory)
        text = f"none: the agent finds the NICs of ports by their MACs ({count} NICs are in the directory)"
        yield Finding(Level.OK, PORT_RECORDS, text)
        return
    defined = sum(1 for record in records if record.address in system.directory)
    text = f"{len(records)} Neutron ports are recorded, {defined} of their NICs are in the directory"
    yield Finding(Level.OK, PORT_RECORDS, text)
