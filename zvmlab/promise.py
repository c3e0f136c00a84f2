"""What networks promise, held against what frames can do: same network, always; different ones, never. Pure.

A flat network is the wire itself: whoever is on its vswitch is on it, whether OpenStack's guest or not.
"""

import dataclasses
from collections.abc import Collection, Mapping

from zvmsim import oracle

Address = oracle.NicAddress
Reach = Mapping[tuple[Address, Address], bool]
"""Whether a frame of the first arrives at the second."""


def broken(
    snapshot: oracle.Snapshot,
    network_of: Mapping[Address, str],
    down: Collection[Address],
    flat: Mapping[str, str],
) -> list[str]:
    """Every pair of NICs, at least one of them ours, that the networks promised otherwise.

    network_of: our NICs; down: those of them whose ports are administratively down. flat: vswitch to the flat
    network on it.
    """
    places = {a: _place(snapshot, a, network_of, flat) for a in {*snapshot.nics, *network_of}}
    verdicts = oracle.matrix(snapshot, places)
    return [
        f"{a} {'should' if promised else 'must not'} reach {b}: {verdict.because}"
        for (a, b), verdict in verdicts.items()
        if (a in network_of or b in network_of)
        and verdict.ok != (promised := _together(places, a, b) and not {a, b} & set(down))
    ]


def apart_from(snapshot: oracle.Snapshot, userid: str) -> oracle.Snapshot:
    """The snapshot without this guest's NICs: a DHCP node is a trunk port, on many networks at once."""
    others = {address: nic for address, nic in snapshot.nics.items() if address.userid != userid}
    return dataclasses.replace(snapshot, nics=others)


def among_strangers(snapshot: oracle.Snapshot, ours: Collection[Address]) -> Reach:
    """Who reaches whom among the NICs that are not OpenStack's."""
    strangers = [address for address in snapshot.nics if address not in ours]
    return {pair: verdict.ok for pair, verdict in oracle.matrix(snapshot, strangers).items()}


def _together(places: Mapping[Address, str | None], a: Address, b: Address) -> bool:
    return places[a] is not None and places[a] == places[b]


def _place(
    snapshot: oracle.Snapshot, address: Address, network_of: Mapping[Address, str], flat: Mapping[str, str]
) -> str | None:
    """The network a NIC is on; None for a stranger that is on none of OpenStack's."""
    if address in network_of:
        return network_of[address]
    nic = snapshot.nics[address]
    return flat.get(nic.lan_name) if nic.lan_owner == "SYSTEM" else None
