"""A guest's networks in the words of Feilong 1.6.3's interface call, POST /guests/{userid}/interface.

The call makes the NICs that it names, and punches files that configure them into the guest's reader. An
item has room for one IPv4 address and a gateway, none for routes. What is not there is left out: its schema
refuses nulls.
"""

import json
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address
from typing import TypedDict

from networking_zvm.compute.guestnet import networks
from networking_zvm.compute.guestnet.distributions import Distribution, Files, distribution
from networking_zvm.compute.guestnet.networks import Address, DefaultRoute, GuestNetwork, Route, Subnet
from networking_zvm.compute.guestnet.refusals import CannotConfigure

REQUEST_BYTES = 3500
"""Feilong's sdkserver reads 4,096 bytes of a request, once (zvmsdk/sdkserver.py); some are to spare."""

_RHCOS_DNS_SERVERS = 2


class FeilongNetwork(TypedDict, total=False):
    """An item of guest_networks; the keys are Feilong's (its schema lets mtu pass, its files use it)."""

    nic_id: str
    mac_addr: str
    nic_vdev: str
    mtu: int
    hostname: str
    ip_addr: str
    cidr: str
    gateway_addr: str
    dns_addr: list[str]


def feilong_networks(
    nets: Sequence[GuestNetwork], os_distro: str, present: Sequence[GuestNetwork] = ()
) -> list[FeilongNetwork]:
    """What the interface call shall say of these NICs; those that files cannot hold are left to others.

    present: NICs the guest has already. All items name all DNS servers of the guest, for each call writes
    resolv.conf anew. Raises CannotConfigure where the distribution's files would be wrong.
    """
    linux = distribution(os_distro)
    route = DefaultRoute.of([*present, *nets], 4)
    return [_item(net, linux, route, [*present, *nets]) for net in _with_files(nets, linux, route)]


def _with_files(
    nets: Sequence[GuestNetwork], linux: Distribution, route: DefaultRoute | None
) -> list[GuestNetwork]:
    match linux.files:
        case Files.NONE:
            return []
        case Files.KERNEL_PARAMETERS:
            return [_only(nets, route)]
        case Files.DEFAULT_NIC:
            return [net for net in nets if route and net.port_id == route.port_id]
        case Files.EVERY_NIC:
            return [net for net in nets if any(net.of_version(4))]


def _only(nets: Sequence[GuestNetwork], route: DefaultRoute | None) -> GuestNetwork:
    """The NIC of a guest that cannot have more than one, nor less than it needs."""
    if len(nets) != 1 or route is None or nets[0].mtu is None:
        raise CannotConfigure(
            "RHCOS gets kernel parameters for exactly one NIC, with IPv4 address, gateway and MTU",
            "give the server one port on a subnet with a gateway",
        )
    return nets[0]


def _item(
    net: GuestNetwork, linux: Distribution, route: DefaultRoute | None, guest: Sequence[GuestNetwork]
) -> FeilongNetwork:
    _check_name(net, linux)
    subnet = _subnet(net, route)
    address, cidr = str(subnet.addresses[0]), str(subnet.cidr)
    item = FeilongNetwork(nic_id=net.port_id, mac_addr=net.mac, ip_addr=address, cidr=cidr)
    if net.vdev is not None:
        item["nic_vdev"] = net.vdev.lower()
    if net.mtu is not None:
        item["mtu"] = net.mtu
    if route and route.leads_through(net, subnet):
        item["gateway_addr"] = str(subnet.gateway)
    if servers := _dns(guest, linux):
        item["dns_addr"] = servers
    if net.hostname and linux.files is Files.KERNEL_PARAMETERS:
        item["hostname"] = net.hostname
    return item


def _check_name(net: GuestNetwork, linux: Distribution) -> None:
    """Feilong says enc0800 where Linux says enc800 (systemd, names_ccw in udev-builtin-net_id.c)."""
    if linux.short_names and net.vdev is not None and net.vdev.startswith("0"):
        raise CannotConfigure(
            f"{net}: Feilong's files call it enc{net.vdev.lower()}, and Linux leaves out the leading zeros",
            "set default_nic_vdev to 1000 or higher",
        )


def _subnet(net: GuestNetwork, route: DefaultRoute | None) -> Subnet:
    """The one whose address the item gets: that of the default route, else the first."""
    subnets = list(net.of_version(4))
    return next((subnet for subnet in subnets if route and route.leads_through(net, subnet)), subnets[0])


def _dns(guest: Sequence[GuestNetwork], linux: Distribution) -> list[str]:
    servers = [str(server) for server in networks.dns_servers(guest, 4)]
    return servers[:_RHCOS_DNS_SERVERS] if linux.files is Files.KERNEL_PARAMETERS else servers


def missing(net: GuestNetwork, item: FeilongNetwork | None) -> Iterator[tuple[Subnet, Address | Route]]:
    """What an item (None: no item) does not tell of the NIC, with the subnet it belongs to."""
    told = IPv4Address(item["ip_addr"]) if item else None
    for subnet in net.subnets:
        yield from ((subnet, address) for address in subnet.addresses if address != told)
        yield from ((subnet, route) for route in subnet.routes if subnet.addresses)


def requests(
    userid: str, os_distro: str, items: Sequence[FeilongNetwork], active: bool = False
) -> list[list[FeilongNetwork]]:
    """The items in as few calls as the size of a request allows, in order.

    Raises CannotConfigure if a single item is too large.
    """
    calls: list[list[FeilongNetwork]] = []
    for item in items:
        if calls and _bytes(userid, os_distro, [*calls[-1], item], active) <= REQUEST_BYTES:
            calls[-1].append(item)
        else:
            calls.append([item])
    for call in calls:
        if _bytes(userid, os_distro, call, active) > REQUEST_BYTES:
            raise CannotConfigure(
                f"port {call[0]['nic_id']} makes a request of more than {REQUEST_BYTES} bytes",
                "give its subnets fewer DNS servers",
            )
    return calls


def _bytes(userid: str, os_distro: str, items: Sequence[FeilongNetwork], active: bool) -> int:
    """Size of the request in the form in which Feilong's web server passes it on to its sdkserver."""
    call = {"os_version": os_distro, "guest_networks": items, "active": active}
    return len(json.dumps(["guest_create_network_interface", [userid], call]))
