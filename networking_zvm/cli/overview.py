"""What `neutron-zvm show` shows: a system, its vswitches and NICs, and grants that nobody uses. Pure."""

import dataclasses
import json
from collections.abc import Iterable, Mapping

from networking_zvm import model
from networking_zvm.cli.tables import table
from networking_zvm.service_guests import Sight


@dataclasses.dataclass(frozen=True, slots=True)
class NicView:
    """One NIC as both sides know it.

    mac: None where CP picks it at logon. directory_vlans, directory_port: what its record itself authorizes,
    and the numbered port it names. port_id: None if not Neutron's.
    """

    userid: str
    vdev: str
    mac: str | None
    directory_vswitch: str | None
    directory_vlans: tuple[int, ...]
    directory_port: int | None
    live_vswitch: str | None
    logged_on: bool
    port_id: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class VSwitchView:
    """One vswitch.

    networks: the physical networks it carries. grants: how many guests may use it. ports: how many numbered
    ports are kept for guests.
    """

    name: str
    networks: tuple[str, ...]
    layer: int
    vlan_aware: bool
    default_vlan: int | None
    port_based: bool
    uplink: str
    rdevs: tuple[str, ...]
    grants: int
    ports: int


@dataclasses.dataclass(frozen=True, slots=True)
class UnusedGrant:
    """Leave for a guest that has no NIC on the vswitch. vlans: none means the default VLAN."""

    vswitch: str
    userid: str
    vlans: tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class ServiceGuestView:
    """A guest that serves a physical network.

    way, vlans: of its authorization. problem: why it cannot serve.
    """

    userid: str
    vdev: str
    network: str
    vswitch: str
    way: str | None
    vlans: tuple[int, ...]
    logged_on: bool
    coupled: bool
    problem: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Overview:
    """Everything there is to see of one system."""

    system: model.SystemInfo
    vswitches: tuple[VSwitchView, ...]
    nics: tuple[NicView, ...]
    grants_without_nic: tuple[UnusedGrant, ...]
    service_guests: tuple[ServiceGuestView, ...] = ()

    def as_json(self) -> str:
        """For programs."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    def as_text(self) -> str:
        """For people."""
        parts = [self._system(), self._vswitches(), self._nics(), self._grants()]
        return "\n\n".join([*parts, self._service_guests()] if self.service_guests else parts)

    def _system(self) -> str:
        columns = ("system", "z/VM", "IPL", "MAC prefix", "control point")
        info = self.system
        row = (info.name, info.version, info.ipl_time, info.mac_prefix, info.control_point_version)
        return table("System", columns, [row])

    def _vswitches(self) -> str:
        looks = ("vswitch", "physical network", "layer", "VLANs", "uplink", "real devices")
        rows = (
            (v.name, ", ".join(v.networks), v.layer, _vlans(v), v.uplink, " ".join(v.rdevs), *_lets_in(v))
            for v in self.vswitches
        )
        return table("Vswitches", (*looks, "grants", "numbered ports"), rows)

    def _nics(self) -> str:
        columns = ("guest", "NIC", "MAC", "in the directory on", "live on", "Neutron port")
        rows = (
            (n.userid, n.vdev, n.mac, _defined(n), _live(n), n.port_id)
            for n in self.nics
        )  # fmt: skip
        return table("NICs", columns, rows)

    def _grants(self) -> str:
        columns = ("vswitch", "guest", "VLANs")
        rows = (
            (g.vswitch, g.userid, ", ".join(map(str, g.vlans)) or "default")
            for g in self.grants_without_nic
        )  # fmt: skip
        return table("Grants without a NIC", columns, rows)

    def _service_guests(self) -> str:
        columns = ("guest", "NIC", "physical network", "vswitch", "by", "VLANs", "state")
        rows = (
            (g.userid, g.vdev, g.network, g.vswitch, g.way, ", ".join(map(str, g.vlans)), _state(g))
            for g in self.service_guests
        )  # fmt: skip
        return table("Service guests", columns, rows)


def overview(
    info: model.SystemInfo,
    system: model.System,
    records: Iterable[model.PortRecord],
    vswitch_of: Mapping[str, model.VSwitchName],
    sights: Iterable[Sight] = (),
) -> Overview:
    """Lay side by side what z/VM shows, what the control point noted, and what is mapped.

    sights: of the service guests.
    """
    return Overview(
        system=info,
        vswitches=tuple(_vswitch(v, vswitch_of) for _, v in sorted(system.vswitches.items())),
        nics=_nics(system, records),
        grants_without_nic=_unused_grants(system),
        service_guests=tuple(map(_service_guest, sights)),
    )


def _service_guest(sight: Sight) -> ServiceGuestView:
    userid, vdev, network = sight.guest.address.userid, sight.guest.address.vdev, sight.guest.physical_network
    way = str(sight.way) if sight.way else None
    state = (sight.logged_on, sight.coupled, sight.problem)
    return ServiceGuestView(userid, vdev, network, sight.vswitch, way, sight.vlans, *state)


def _state(guest: ServiceGuestView) -> str:
    state = "uncoupled" if guest.logged_on else "(logged off)"
    return guest.problem or ("coupled" if guest.coupled else state)


def _vswitch(vswitch: model.VSwitch, vswitch_of: Mapping[str, model.VSwitchName]) -> VSwitchView:
    return VSwitchView(
        name=vswitch.name,
        networks=tuple(network for network, name in vswitch_of.items() if name == vswitch.name),
        layer=int(vswitch.layer),
        vlan_aware=vswitch.vlan_aware,
        default_vlan=vswitch.default_vlan,
        port_based=vswitch.port_based,
        uplink=str(vswitch.uplink),
        rdevs=vswitch.rdevs,
        grants=len(vswitch.grants),
        ports=len(vswitch.ports),
    )


def _nics(system: model.System, records: Iterable[model.PortRecord]) -> tuple[NicView, ...]:
    """Every NIC that is in the directory, live, or noted for a port."""
    port_of = {record.address: record.port_id for record in records}
    addresses = sorted(system.directory.keys() | system.live.keys() | port_of.keys())
    return tuple(_nic(address, system, port_of.get(address)) for address in addresses)


def _nic(address: model.NicAddress, system: model.System, port_id: str | None) -> NicView:
    defined, live = system.directory.get(address), system.live.get(address)
    mac = live.mac if live else None
    if mac is None and defined and defined.macid:
        mac = model.Mac.assemble(system.mac_prefix, defined.macid)
    return NicView(
        userid=address.userid,
        vdev=address.vdev,
        mac=mac,
        directory_vswitch=defined.vswitch if defined else None,
        directory_vlans=tuple(sorted(defined.vlans)) if defined else (),
        directory_port=defined.port if defined else None,
        live_vswitch=live.vswitch if live else None,
        logged_on=address.userid in system.logged_on,
        port_id=port_id,
    )


def _unused_grants(system: model.System) -> tuple[UnusedGrant, ...]:
    nics: list[model.DirectoryNic | model.LiveNic] = [*system.directory.values(), *system.live.values()]
    used = {(nic.vswitch, nic.address.userid) for nic in nics}
    return tuple(
        UnusedGrant(name, userid, tuple(sorted(vlans)))
        for name, vswitch in sorted(system.vswitches.items())
        for userid, vlans in sorted(vswitch.grants.items())
        if (name, userid) not in used
    )


def _vlans(vswitch: VSwitchView) -> str:
    kind = "aware" if vswitch.vlan_aware else "unaware"
    default = f", default {vswitch.default_vlan}" if vswitch.default_vlan else ""
    return f"{kind}{default}{', PORTBASED' if vswitch.port_based else ''}"


def _lets_in(vswitch: VSwitchView) -> tuple[int, int]:
    return vswitch.grants, vswitch.ports


def _defined(nic: NicView) -> str | None:
    vlans = f" VLAN {', '.join(map(str, nic.directory_vlans))}" if nic.directory_vlans else ""
    port = f" port {nic.directory_port}" if nic.directory_port else ""
    return f"{nic.directory_vswitch}{vlans}{port}" if nic.directory_vswitch else None


def _live(nic: NicView) -> str:
    return nic.live_vswitch or ("" if nic.logged_on else "(logged off)")
