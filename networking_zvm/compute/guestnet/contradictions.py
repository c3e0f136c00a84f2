"""Holds what Feilong's files say against what the config drive says.

To say less is no contradiction: files have room for one IPv4 address of a NIC. To say something else of the
same MAC is one, and so is whatever Neutron does not know.
"""

import dataclasses
import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any

from networking_zvm.compute.guestnet.feilong import FeilongNetwork
from networking_zvm.compute.guestnet.network_data import NetworkData
from networking_zvm.compute.guestnet.networks import EVERYWHERE, GuestNetwork


@dataclasses.dataclass(frozen=True, slots=True)
class _Told:
    """What one of the two says of one NIC. gateway: of IPv4."""

    mtu: int | None
    addresses: frozenset[str]
    gateway: str | None


def contradictions(
    nets: Sequence[GuestNetwork], feilong: Sequence[FeilongNetwork], data: NetworkData
) -> list[str]:
    """All of them, a sentence each; empty when Neutron, Feilong's files and the config drive agree."""
    drive = {link["ethernet_mac_address"]: _by_drive(link, data) for link in data["links"]}
    return [
        *_against_neutron(nets, drive),
        *(found for item in feilong for found in _against_drive(item, drive)),
        *_about_dns(feilong, data),
        *_about_default_routes(feilong, data),
    ]


def _by_drive(link: dict[str, Any], data: NetworkData) -> _Told:
    entries = [entry for entry in data["networks"] if entry["link"] == link["id"]]
    return _Told(
        mtu=link["mtu"],
        addresses=frozenset(_with_prefix(entry["ip_address"], entry["netmask"]) for entry in entries),
        gateway=", ".join(_default_gateways(entries, 4)) or None,
    )


def _default_gateways(entries: list[dict[str, Any]], version: int) -> list[str]:
    mask = str(EVERYWHERE[version].netmask)
    return [route["gateway"] for entry in entries for route in entry["routes"] if route["netmask"] == mask]


def _by_feilong(item: FeilongNetwork) -> _Told:
    prefix = ipaddress.ip_network(item["cidr"]).prefixlen
    return _Told(item.get("mtu"), frozenset({f"{item['ip_addr']}/{prefix}"}), item.get("gateway_addr"))


def _with_prefix(address: str, netmask: str) -> str:
    return f"{address}/{int(ipaddress.ip_address(netmask)).bit_count()}"


def _against_neutron(nets: Sequence[GuestNetwork], drive: dict[str, _Told]) -> Iterator[str]:
    neutron = {
        str(net.mac): (
            net.mtu,
            {f"{address}/{subnet.cidr.prefixlen}" for subnet in net.subnets for address in subnet.addresses},
        )
        for net in nets
    }
    if neutron.keys() != drive.keys():
        yield f"Neutron has MACs {sorted(neutron)}, the config drive {sorted(drive)}"
    for mac in neutron.keys() & drive.keys():
        told = (drive[mac].mtu, set(drive[mac].addresses))
        if neutron[mac] != told:
            yield f"{mac}: Neutron has {neutron[mac]}, the config drive {told}"


def _against_drive(item: FeilongNetwork, drive: dict[str, _Told]) -> Iterator[str]:
    mac, files = item["mac_addr"], _by_feilong(item)
    told = drive.get(mac)
    if told is None:
        yield f"{mac}: Feilong's files know it, the config drive does not"
    elif files.mtu != told.mtu or files.gateway != told.gateway or not files.addresses <= told.addresses:
        yield f"{mac}: Feilong's files say {files}, the config drive {told}"


def _about_dns(feilong: Sequence[FeilongNetwork], data: NetworkData) -> Iterator[str]:
    """The first servers count, for a resolver asks three at most (resolv.conf(5))."""
    servers = [service["address"] for service in data["services"] if service["type"] == "dns"]
    ipv4 = [server for server in servers if ipaddress.ip_address(server).version == 4]
    for item in feilong:
        files = item.get("dns_addr", [])
        if files != ipv4[: len(files)] or (ipv4 and not files):
            yield f"{item['mac_addr']}: Feilong's files name DNS servers {files}, the config drive {ipv4}"


def _about_default_routes(feilong: Sequence[FeilongNetwork], data: NetworkData) -> Iterator[str]:
    told = {
        "Feilong's files set": [item["gateway_addr"] for item in feilong if "gateway_addr" in item],
        "the config drive sets, for IPv4,": _default_gateways(data["networks"], 4),
        "the config drive sets, for IPv6,": _default_gateways(data["networks"], 6),
    }
    for who, gateways in told.items():
        if len(gateways) > 1:
            yield f"{who} several default routes: {', '.join(gateways)}"
