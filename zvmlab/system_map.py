"""The map: two systems side by side, each NIC under its vswitch and VLAN, joined by the physical LANs."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Group
from rich.text import Text

from zvmlab.cast import EVERY_NETWORK
from zvmlab.picture import Picture
from zvmsim.oracle import NicAddress, Snapshot, Switch

_NAMES: Final = [role.name for role in EVERY_NETWORK]
COLOURS: Final = dict(zip(_NAMES, ("yellow", "green", "magenta", "cyan"), strict=True))
FOREIGN: Final = "bright_black"
WALL: Final = Text("│", "blue")
INSIDE: Final = 37
BETWEEN: Final = 20


def draw(picture: Picture) -> Group:
    """The first two systems of the picture; 99 columns wide."""
    left, right = list(picture.hosts)[:2]
    switches = picture.snapshot.switches
    names = dict.fromkeys(name for system in (left, right) for owner, name in switches if owner == system)
    lines = [_line(_lid(picture, left), Text(), _lid(picture, right))]
    for name in names:
        lines += _joined(picture, switches.get((left, name)), switches.get((right, name)))
    loose = itertools.zip_longest(_loose(picture, left), _loose(picture, right), fillvalue=Text())
    lines += [_line(_cell(a), Text(), _cell(b)) for a, b in loose]
    bottom = Text(f"╰{'─' * INSIDE}╯", "blue")
    return Group(*lines, _line(bottom, Text(), bottom))


def vlans(snapshot: Snapshot, address: NicAddress) -> str:
    """The VLANs that a NIC is in; empty if it is on a vswitch without VLANs, or on none."""
    nic = snapshot.nics.get(address)
    switch = snapshot.switches.get((address.system, nic.lan_name)) if nic else None
    if not (nic and nic.block and switch and switch.vswitch.vlan_aware):
        return ""
    return ",".join(map(str, sorted(switch.vswitch.vlans_of(nic.block)))) or "none"


def _joined(picture: Picture, one: Switch | None, other: Switch | None) -> Iterator[Text]:
    """The vswitches of one name on both systems, and the wire between their uplinks."""
    a, b = _head(one), _head(other)
    a.append(_rdev(one).rjust(INSIDE - 2 - a.cell_len), "cyan")
    b = Text.assemble((_rdev(other).ljust(6), "cyan"), b)
    yield _line(_cell(a, right=_plug(one)), _wire(one, other), _cell(b, left=_plug(other)))
    rows = itertools.zip_longest(_members(picture, one), _members(picture, other), fillvalue=Text())
    yield from (_line(_cell(a), Text(), _cell(b)) for a, b in rows)
    yield _line(_cell(Text()), Text(), _cell(Text()))


def _head(switch: Switch | None) -> Text:
    if switch is None:
        return Text()
    kind = "VLAN aware" if switch.vswitch.vlan_aware else "VLAN unaware"
    return Text.assemble((switch.vswitch.name, "bold"), (f"  {kind}", "dim"))


def _rdev(switch: Switch | None) -> str:
    return " ".join(switch.vswitch.rdevs[:1]) if switch else ""


def _members(picture: Picture, switch: Switch | None) -> Iterator[Text]:
    """Every VLAN of the vswitch with the NICs in it."""
    if switch is None:
        return
    for title, addresses in _groups(picture, switch):
        networks = sorted({picture.network_of(address) for address in addresses} - {""})
        yield Text(f"  {' · '.join([title, *networks])}", COLOURS[networks[0]] if networks else FOREIGN)
        yield from (_nic(picture, address) for address in addresses)


def _groups(picture: Picture, switch: Switch) -> list[tuple[str, list[NicAddress]]]:
    """The vswitch's NICs by VLAN; what OpenStack owns comes first."""
    nics = picture.snapshot.nics
    place = (switch.system, "SYSTEM", switch.vswitch.name)
    here = [a for a, nic in nics.items() if (a.system, nic.lan_owner, nic.lan_name) == place]
    titles = {address: vlans(picture.snapshot, address) for address in here}
    here.sort(key=lambda address: (address not in picture.ports, titles[address], address))
    return [
        (f"VLAN {title}" if title else "no VLANs", [address for address in here if titles[address] == title])
        for title in dict.fromkeys(titles.values())
    ]


def _nic(picture: Picture, address: NicAddress) -> Text:
    if picture.is_node(address):
        return Text(f"    ◆ {address.userid:<8} {address.vdev}  DHCP node", "bold")
    if address not in picture.ports:
        return Text(f"    □ {address.userid:<8} {address.vdev}", FOREIGN)
    role, port = picture.ports[address]
    where = f"{address.userid:<8} {address.vdev}  {', '.join(port.addresses)}"
    return Text(f"    ■ {where}", COLOURS[role.network])


def _loose(picture: Picture, system: str) -> Sequence[Text]:
    """NICs that are coupled to nothing."""
    nics = [a for a, nic in picture.snapshot.nics.items() if a.system == system and not nic.coupled]
    return [
        Text(f"not coupled  {a.userid:<8} {a.vdev}", "red" if a in picture.ports else FOREIGN)
        for a in sorted(nics)
    ]


def _plug(switch: Switch | None) -> Text:
    """Where an uplink leaves the box: full if it works."""
    if switch is None or not switch.vswitch.rdevs:
        return WALL
    return Text("○", "bold red") if switch.uplink.down else Text("●", "bold green")


def _wire(one: Switch | None, other: Switch | None) -> Text:
    """The LAN between two vswitches, drawn as far as each of them is on one."""
    left, right = (switch.uplink.lan if switch else "" for switch in (one, other))
    if left and left == right:
        return Text(f" {left} ".center(BETWEEN, "═"), "cyan")
    end = f"{right} ═" if right else ""
    start = f"═ {left}" if left else ""
    return Text(start + end.rjust(BETWEEN - len(start)), "cyan")


def _lid(picture: Picture, system: str) -> Text:
    title = Text.assemble(("╭─ ", "blue"), (system, "bold"), (f"  host {picture.hosts[system]} ", "dim"))
    return title.append("─" * (INSIDE + 1 - title.cell_len) + "╮", "blue")


def _cell(line: Text, left: Text = WALL, right: Text = WALL) -> Text:
    inside = Text.assemble(" ", line)
    inside.truncate(INSIDE, pad=True)
    return Text.assemble(left, inside, right)


def _line(left: Text, middle: Text, right: Text) -> Text:
    middle = middle.copy()
    middle.truncate(BETWEEN, pad=True)
    return Text.assemble(left, middle, right)
