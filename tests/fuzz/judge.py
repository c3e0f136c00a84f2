"""Whether what a parser accepted is consistent in itself, and the same as a plain reading says."""

import re
from collections.abc import Iterable, Mapping

from networking_zvm import model
from networking_zvm.hypervisor.vswitch_listing import Listing
from tests.fuzz import plain
from tests.fuzz.target import demand


def listing(found: Listing) -> None:
    """Every value is what its type promises, and every NIC on a vswitch that is listed."""
    for name, vswitch in found.vswitches.items():
        demand(vswitch.name == name, f"{vswitch.name} under {name}")
        whole_vswitch(vswitch)
    for address, nic in found.live.items():
        demand(nic.address == address, f"{nic.address} under {address}")
        demand(nic.vswitch in found.vswitches, f"{address} on {nic.vswitch}")
        whole_nic(nic)
    demand(found.incomplete <= found.vswitches.keys(), f"incomplete: {found.incomplete}")


def whole_vswitch(vswitch: model.VSwitch) -> None:
    name(vswitch.name)
    for userid, vlans in vswitch.grants.items():
        name(userid)
        demand(isinstance(vlans, frozenset) and all(1 <= vlan <= 4094 for vlan in vlans), f"VLANs {vlans}")
    demand(vswitch.unclear <= vswitch.grants.keys(), "unclear users without grant")
    demand(vswitch.defaulted <= vswitch.grants.keys(), "defaulted users without grant")
    demand(vswitch.vlan_aware or vswitch.default_vlan is None, "an unaware vswitch has a VLAN")
    demand(vswitch.default_vlan is None or 1 <= vswitch.default_vlan <= 4094, "default VLAN")
    demand(all(re.fullmatch("[0-9A-F]{4}", rdev, re.ASCII) for rdev in vswitch.rdevs), f"{vswitch.rdevs}")
    demand(len(set(vswitch.rdevs)) == len(vswitch.rdevs), "real devices twice")
    for number, port in vswitch.ports.items():
        demand(0 < number < 100_000, f"port {number}")
        name(port.userid)


def whole_nic(nic: model.LiveNic) -> None:
    name(nic.address.userid)
    demand(re.fullmatch("[0-9A-F]{4}", nic.address.vdev, re.ASCII), nic.address.vdev)
    demand(re.fullmatch("([0-9a-f]{2}:){5}[0-9a-f]{2}", nic.mac, re.ASCII), nic.mac)


def name(text: str) -> None:
    demand(plain.name(text) == text, text)


def attributes(vswitch: model.VSwitch, said: Mapping[str, str]) -> None:
    """said: as smcli's keys, or Feilong's."""
    aware = said.get("vlan_awareness", "").upper()
    demand(vswitch.vlan_aware == (aware == "AWARE") and aware in ("AWARE", "UNAWARE"), f"awareness {aware!r}")
    transport = said.get("transport_type", "").upper()
    demand((vswitch.layer == 2) == (transport == "ETHERNET"), f"transport {transport!r}")
    based = said.get("user_port_based", "").upper()
    demand(vswitch.port_based == (based == "PORTBASED"), f"based {based!r}")
    vlan = said.get("vlan_id", "").upper()
    has_default = aware == "AWARE" and vlan not in ("NONE", "0", "0000", "00000", "32768", "")
    default = int(vlan) if has_default else None
    demand(vswitch.default_vlan == default, f"default VLAN {vlan!r} read as {vswitch.default_vlan}")


def grants(
    found: Mapping[model.Userid, frozenset[model.VlanId]], read: Mapping[str, frozenset[int]]
) -> None:
    demand({str(u): {int(v) for v in vlans} for u, vlans in found.items()} == read, f"{read} read as {found}")


def nics(
    found: Mapping[model.NicAddress, model.LiveNic], read: Mapping[tuple[str, str], tuple[str, str]]
) -> None:
    """read: MAC and vswitch by owner and device."""
    same = {(str(a.userid), str(a.vdev)): (str(nic.mac), str(nic.vswitch)) for a, nic in found.items()}
    demand(same == read, f"{read} read as {same}")


def directory(
    found: Mapping[model.NicAddress, model.DirectoryNic], statements: Iterable[tuple[str, str]]
) -> None:
    """Nobody may find less, or something else, than NICDEF in its plain forms says."""
    for address, nic in found.items():
        demand(nic.address == address, f"{nic.address} under {address}")
        name(address.userid)
        demand(nic.macid is None or re.fullmatch("[0-9A-F]{6}", nic.macid, re.ASCII), f"MACID {nic.macid}")
        demand(nic.port is None or 0 < nic.port < 100_000, f"port {nic.port}")
    try:
        read = plain.nicdefs(statements)
    except plain.Unsure:
        return
    same = {(str(a.userid), str(a.vdev)): _plain(nic) for a, nic in found.items()}
    demand(same == read, f"{read} read as {same}")


def _plain(nic: model.DirectoryNic) -> plain.Nic:
    vlans = frozenset(int(vlan) for vlan in nic.vlans)
    return plain.Nic(str(nic.vswitch) if nic.vswitch else None, nic.macid, vlans, nic.port)
