"""What a person looks at when the story is told: table, map, who reaches whom, figures, and the outcome."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from rich import box
from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from zvmlab import system_map
from zvmlab.cast import EVERY_NETWORK, NICS
from zvmlab.ledger import Calls
from zvmlab.picture import Picture
from zvmlab.stage import Chapter, Stage
from zvmlab.system_map import COLOURS, FOREIGN
from zvmsim import oracle
from zvmsim.oracle import NicAddress

WIDTH: Final = 100
LABEL: Final = 36
TAIL_LINES: Final = 12
LEGEND: Final = "■ OpenStack's   □ not OpenStack's   ● uplink works   ○ uplink down"
STATUS_STYLES: Final = {"ACTIVE": "green", "DOWN": "red"}


def everything(console: Console, picture: Picture) -> None:
    """One moment: ports, map, matrix."""
    _title(console, f"Ports through {picture.through}")
    console.print(ports(picture))
    _title(console, "Map")
    console.print(system_map.draw(picture))
    console.print(f"  {LEGEND}{'   ◆ DHCP node' if picture.leases else ''}", style="dim")
    _title(console, "Who reaches whom")
    console.print(matrix(picture))
    console.print("  ● a frame of the row's NIC arrives at the column's   · it does not", style="dim")
    if picture.heard:
        console.print("  first as the rules say, then as a real frame has shown", style="dim")


def ports(picture: Picture) -> Table:
    """What Neutron says of every port, where its NIC really is, and its lease, if any NIC has one."""
    narrow = bool(picture.leases)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", collapse_padding=narrow)
    titles = ("Port", "Network", "VLAN", "Guest", "NIC", "Vswitch", "System", "Address", "Status")
    for title in (*titles, *(["Lease, from"] if picture.leases else [])):
        table.add_column(title, no_wrap=True)
    for address, (role, port) in picture.ports.items():
        table.add_row(
            role.name,
            Text(role.network, COLOURS[role.network]),
            system_map.vlans(picture.snapshot, address),
            address.userid,
            address.vdev,
            _whereabouts(picture, address),
            address.system,
            ", ".join(port.addresses),
            Text(port.status, STATUS_STYLES.get(port.status, "bold red")),
            *([_lease(picture, address)] if picture.leases else []),
        )
    return table


def matrix(picture: Picture) -> Group:
    """A full dot where a frame of the row's NIC arrives at the column's; ours by network, then the others."""
    nics = sorted(_partakers(picture), key=lambda address: _rank(picture, address))
    verdicts = oracle.matrix(picture.snapshot, nics)
    numbers = [f"{number:>2}" for number, _ in enumerate(nics, 1)]
    lines = [Text(" " * LABEL + " ".join(digits), "dim") for digits in zip(*numbers, strict=True)]
    for number, row in enumerate(nics, 1):
        style = COLOURS.get(picture.network_of(row), FOREIGN)
        name = picture.network_of(row) or ("DHCP node" if picture.is_node(row) else "foreign")
        line = Text(f"{number:>3}  {row.system:<4} {row.userid:<8} {row.vdev}  {name}".ljust(LABEL), style)
        for column in nics:
            line.append(_cell(verdicts.get((row, column)), picture.heard.get((row, column)), style))
        lines.append(line)
    return Group(*lines)


def _cell(verdict: oracle.Verdict | None, heard: bool | None, style: str) -> Text:
    """The oracle's word and, if a frame was sent, what became of it; they had better be the same."""
    if verdict is None:
        return Text("  ")
    dots = "●" if verdict.ok else "·"
    dots += " " if heard is None else "●" if heard else "·"
    wrong = heard is not None and heard != verdict.ok
    return Text(dots, "bold red" if wrong else style if verdict.ok else FOREIGN)


def figures(
    console: Console,
    calls: Calls | None,
    chapters: Sequence[Chapter],
    asked: str,
    node_calls: Calls | None = None,
) -> None:
    """Calls per new port, and where the time went.

    asked: the control point, as people call it. node_calls: for the DHCP node, before the first port.
    """
    _title(console, "Figures")
    if calls:
        ports = len(NICS)
        each = f"{calls.reads / ports:.1f} and {calls.changes / ports:.1f} per port"
        console.print(
            f"  For {ports} new ports the agents made {calls.reads} reading and {calls.changes} mutating "
            f"calls\n  to {asked}, [bold]{each}[/]. z/VM carried out {calls.zvm_reads} reading and "
            f"{calls.zvm_changes} mutating\n  commands, those for Nova's part among them.\n"
        )
    if node_calls:
        console.print(
            f"  Before that, {node_calls.changes} mutating calls let the DHCP node into the first networks.\n"
        )
    for number, chapter in enumerate(chapters, 1):
        console.print(f"  {chapter.seconds:5.1f} s  {number:2}  {escape(chapter.title)}")


def outcome(console: Console, stage: Stage, logs: Mapping[str, Path], logs_stay: bool) -> None:
    """The verdict; for what failed, what was seen and the log to read, or its end if it will not stay."""
    failed = stage.failed()
    console.print()
    if not failed:
        seconds = sum(chapter.seconds for chapter in stage.chapters)
        console.print(f"[bold green]All {stage.count()} expectations held,[/] in {seconds:.0f} s.")
        return
    console.print(f"[bold red]{len(failed)} of {stage.count()} expectations did not hold:[/]")
    for check in failed:
        console.print(f"  [red]✗[/] {escape(check.claim)}")
        console.print(Padding(Text(f"expected  {check.expected}\nseen      {check.seen}"), (0, 4)))
        console.print(f"    read      {', '.join(_named(logs, check.log))}")
    if logs_stay:
        console.print(f"Logs: {next(iter(logs.values())).parent}")
        return
    console.print("Their last lines follow; --state-dir DIR keeps all logs.")
    for name in dict.fromkeys(name for check in failed for name in _named(logs, check.log)):
        console.rule(name, style="dim")
        tail = logs[name].read_text(errors="replace").splitlines()[-TAIL_LINES:]
        console.print("\n".join(tail), markup=False, style="dim", soft_wrap=True)


def _named(logs: Mapping[str, Path], name: str) -> list[str]:
    """Neutron is several processes on a full cloud."""
    return [known for known in logs if known.startswith(name)]


def _title(console: Console, title: str) -> None:
    console.print()
    console.rule(f"[bold]{title}[/]", style="dim", align="left")


def _lease(picture: Picture, address: NicAddress) -> str:
    if address not in picture.leases:
        return "none"
    lease, left = picture.leases[address]
    return f"{left:.0f} s, {lease.server}"


def _whereabouts(picture: Picture, address: NicAddress) -> Text:
    nic = picture.snapshot.nics.get(address)
    if nic is None:
        return Text("guest is off", "yellow")
    return Text(nic.lan_name) if nic.coupled else Text("not coupled", "red")


def _partakers(picture: Picture) -> Iterator[NicAddress]:
    """Ours, and whatever could meet ours: coupled to a vswitch with an uplink."""
    for address, nic in picture.snapshot.nics.items():
        switch = picture.snapshot.switches.get((address.system, nic.lan_name))
        if address in picture.ports or (switch and switch.uplink.lan):
            yield address


def _rank(picture: Picture, address: NicAddress) -> tuple[int, NicAddress]:
    order = [role.name for role in EVERY_NETWORK]
    network = picture.network_of(address)
    return (order.index(network) if network else len(order), address)
