"""Decides how a guest gets its NICs and learns of its networks; or refuses, before anything is created.

A NIC is made by Feilong's interface call, which writes files too, or bare; then the guest hears of it from
the config drive, or finds its address itself. What nobody would tell the guest is a refusal.
"""

import dataclasses
from collections.abc import Iterator, Sequence

from networking_zvm.compute.guestnet import feilong
from networking_zvm.compute.guestnet.distributions import Distribution, Files, distribution
from networking_zvm.compute.guestnet.feilong import FeilongNetwork
from networking_zvm.compute.guestnet.networks import Address, GuestNetwork, Ipv6Mode, Route, Subnet
from networking_zvm.compute.guestnet.refusals import CannotConfigure


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What to do for the NICs of a guest.

    items: the NICs that Feilong's interface call makes, and what it says of them; `feilong.requests` splits
    them. bare: NICs to define without files. before_deploy: whether the call has to come before the guest's
    deployment. notes: what an operator should know, a sentence each.
    """

    items: tuple[FeilongNetwork, ...] = ()
    bare: tuple[GuestNetwork, ...] = ()
    before_deploy: bool = False
    notes: tuple[str, ...] = ()


def boot(nets: Sequence[GuestNetwork], os_distro: str, config_drive: bool) -> Plan:
    """For a guest that is about to be created with these NICs.

    config_drive: whether it gets one, with `network_data` of the same NICs. Raises CannotConfigure.
    """
    linux = distribution(os_distro)
    items = feilong.feilong_networks(nets, os_distro)
    notes = [_offline(os_distro)] if nets and not items else []
    if not (config_drive and linux.reads_config_drive):
        notes += _left_to_guest(nets, items, _boot_remedy(linux))
    return Plan(
        items=tuple(items),
        bare=_bare(nets, items),
        before_deploy=linux.files is Files.KERNEL_PARAMETERS,
        notes=tuple(notes),
    )


def attach(net: GuestNetwork, present: Sequence[GuestNetwork], os_distro: str) -> Plan:
    """For one more NIC of a guest that has been deployed, on or off. Raises CannotConfigure.

    present: the NICs it has.
    """
    linux = distribution(os_distro)
    if linux.attach_refused:
        raise CannotConfigure(
            f"{net} cannot be added: {linux.attach_refused}",
            "give the server its ports when it is created or rebuilt",
        )
    items = feilong.feilong_networks([net], os_distro, present)
    if not items:
        raise CannotConfigure(
            f"{net} has no IPv4 address, and Feilong's files hold no other",
            "give the port an IPv4 address, or the server its ports when it is created or rebuilt",
        )
    notes = _left_to_guest([net], items, _PLAIN_PORT)
    return Plan(items=tuple(items), notes=(*notes, *_at_next_boot(net, items[0])))


_QETH_MTU = 1500
"""Guess: what Linux gives a NIC on a layer 2 vswitch by itself."""

_PLAIN_PORT = "use a port with one IPv4 address on a subnet without host routes"


def _boot_remedy(linux: Distribution) -> str:
    if linux.reads_config_drive:
        return "create the server with a config drive (force_config_drive of nova-compute does it for all)"
    return _PLAIN_PORT


def _bare(nets: Sequence[GuestNetwork], items: Sequence[FeilongNetwork]) -> tuple[GuestNetwork, ...]:
    told = {item["nic_id"] for item in items}
    return tuple(net for net in nets if net.port_id not in told)


def _left_to_guest(nets: Sequence[GuestNetwork], items: Sequence[FeilongNetwork], remedy: str) -> list[str]:
    """Notes on what the guest finds itself; raises CannotConfigure for what it cannot find."""
    by_port = {item["nic_id"]: item for item in items}
    notes = []
    for net in nets:
        item = by_port.get(net.port_id)
        for subnet, what in feilong.missing(net, item):
            if not _finds_itself(subnet, what, alone=item is None):
                raise CannotConfigure(f"{net}: nobody would tell the guest of {_words(what)}", remedy)
            notes.append(f"{net}: {_words(what)} is left to the guest's own {_protocol(subnet)}")
    return notes


def _finds_itself(subnet: Subnet, what: Address | Route, alone: bool) -> bool:
    """Guess: an image asks for addresses on NICs it has no files for, and for IPv6 on all.

    DHCP gives one address in a subnet, and the host routes. Feilong issue 939 tells of such images.
    """
    if subnet.version == 6:
        return subnet.ipv6_mode is not Ipv6Mode.STATIC and not isinstance(what, Route)
    return alone and subnet.dhcp and len(subnet.addresses) == 1


def _at_next_boot(net: GuestNetwork, item: FeilongNetwork) -> Iterator[str]:
    """What a running guest reads from its file later: Feilong's commands set address and link (dist.py)."""
    later = ["default route"] if "gateway_addr" in item else []
    if item.get("mtu", _QETH_MTU) != _QETH_MTU:
        later.append(f"MTU {item['mtu']}")
    if later:
        yield f"{net}: a running guest takes its {' and '.join(later)} at its next boot"


def _words(what: Address | Route) -> str:
    return f"the route to {what.destination}" if isinstance(what, Route) else f"address {what}"


def _protocol(subnet: Subnet) -> str:
    return "router discovery" if subnet.ipv6_mode is Ipv6Mode.SLAAC else "DHCP client"


def _offline(os_distro: str) -> str:
    return f"no NIC gets files from Feilong: the image ({os_distro}) has to bring its NICs online itself"
