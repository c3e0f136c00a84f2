"""The `zvmsim` command: serve an inventory, or check one.

Exit status: 0, 1 for a wrong inventory, 2 for wrong usage, an address that is taken, packets that cannot be.
"""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from zvmsim.control import ControlError
from zvmsim.dataplane.errors import PacketsError
from zvmsim.dataplane.tree import is_root
from zvmsim.dialects.xcat.management_node import Quirks
from zvmsim.inventory import InventoryError
from zvmsim.server import Simulator, inventory_text, load
from zvmsim.world.world import World


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        action = _check if arguments.action == "check" else _serve
        return action(arguments)
    except InventoryError as error:
        _complain(f"{arguments.inventory} is wrong:", *error.errors)
        return 1
    except (OSError, ControlError, PacketsError) as error:
        _complain(str(error))
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="zvmsim", description="A z/VM system on a laptop.")
    actions = parser.add_subparsers(dest="action", required=True)
    serve = actions.add_parser("serve", help="run the systems of an inventory until interrupted")
    check = actions.add_parser("check", help="say what is wrong with an inventory")
    for action in (serve, check):
        action.add_argument("inventory", help="a YAML file, or the name of one that ships with zvmsim")
    port_help = "0 = any free one (default %(default)s)"
    serve.add_argument("--xcat-port", type=int, default=8443, help=port_help)
    serve.add_argument("--control-port", type=int, default=8080, help=port_help)
    serve.add_argument("--ca-file", type=Path, help="where to write the server's certificate")
    serve.add_argument("--delay", help="instant, typical, 'bad day', or seconds for every z/VM command")
    serve.add_argument("--seed", type=int, default=0, help="of random fault rules (default %(default)s)")
    serve.add_argument(
        "--credentials-in",
        choices=("headers", "query", "both"),
        default="both",
        help="where the management node looks for user and password (default %(default)s)",
    )
    serve.add_argument("--xcatdsource", action="store_true", help="answer like a later xCAT server")
    serve.add_argument("--packets", action="store_true", help="let the guests exchange real packets")
    return parser


def _check(arguments: argparse.Namespace) -> int:
    loaded = load(inventory_text(arguments.inventory))
    _say(f"{arguments.inventory} is right", *_described(loaded.world))
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    places = arguments.credentials_in
    simulator = Simulator.from_inventory(
        arguments.inventory,
        seed=arguments.seed,
        quirks=Quirks(
            headers=places != "query", query=places != "headers", source=arguments.xcatdsource
        ),
        xcat_port=arguments.xcat_port,
        control_port=arguments.control_port,
        ca_file=arguments.ca_file,
        packets=arguments.packets,
    )
    if arguments.delay:
        simulator.control.set_delay(_delay(arguments.delay))
    if simulator.packets_missing:
        _complain("no packets will flow; this machine lacks:", *simulator.packets_missing)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    with simulator:
        _say(*_described(simulator.world), *_usage(simulator))
        stop.wait()
    return 0


def _delay(text: str) -> object:
    """A profile's name, or the same number of seconds for every kind of command."""
    try:
        return dict.fromkeys(("read", "write", "directory"), float(text))
    except ValueError:
        return text


def _described(world: World) -> list[str]:
    return [
        f"  {name}: z/VM {system.level // 100}.{system.level // 10 % 10}, "
        f"{len(system.vswitches)} vswitches, {len(system.guests)} guests logged on"
        for name, system in world.systems.items()
    ]


def _usage(simulator: Simulator) -> list[str]:
    lines = [
        f"control API  {simulator.control_url}  (try: curl {simulator.control_url}/systems)",
        f"live page    {simulator.control_url}/  (in a browser)",
    ]
    if simulator.xcat_url:
        credentials = "-H userName:... -H password:..."
        lines = [
            f"xCAT         {simulator.xcat_url}/xcatws",
            f"certificate  {simulator.ca_file}",
            f"             (try: curl --cacert {simulator.ca_file} {credentials}",
            f"             '{simulator.xcat_url}/xcatws/version?format=json')",
            *lines,
        ]
    elif simulator.ca_file:
        lines.insert(0, f"certificate  {simulator.ca_file}")
    smapi = simulator.smapi_addresses.items()
    lines += [f"SMAPI        {host}:{port}  ({system})" for system, (host, port) in smapi]
    commands = [
        f"commands     . {access.script}  (a shell becomes {access.userid} of {access.system})"
        for access in simulator.commands.values()
    ]
    return [*lines, *commands, *_packets(simulator), "stop with Ctrl-C"]


def _packets(simulator: Simulator) -> list[str]:
    if simulator.packets is None:
        return []
    user = "" if is_root() else "--user --preserve-credentials "
    tree = f"nsenter --target {simulator.packets.process} {user}--pid --mount"
    return [f"packets      {tree} ip netns  (lists the machines)"]


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _complain(*lines: str) -> None:
    sys.stderr.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
