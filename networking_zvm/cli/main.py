"""`neutron-zvm`: what an operator asks of a z/VM system, through the agent's own configuration and driver.

Exit codes: 0 all well, 1 warnings (check only), 2 something failed, 141 nobody reads the answer any more.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from networking_zvm import conf, errors
from networking_zvm.cli import checks, findings, plan
from networking_zvm.cli.check import check
from networking_zvm.cli.forecast import Forecast
from networking_zvm.cli.overview import Overview
from networking_zvm.cli.show import show
from networking_zvm.hypervisor.connect import connect

_FAILED = 2
_BROKEN_PIPE = 141
"""As a shell shows a program that ended with SIGPIPE: 128 + 13."""

_COMMANDS = {
    "check": "can an agent with this configuration do its work? (exit code 0 yes, 1 with warnings, 2 no)",
    "show": "the system, its vswitches and NICs, and grants that nobody uses",
    "plan": "what the agent would change now, and why; asks Neutron over RPC",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    # What libraries log would stand in the middle of the answer.
    logging.basicConfig(level=logging.DEBUG if arguments.debug else logging.CRITICAL)
    try:
        code = _run(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _end_unread()
    except errors.ConfigurationError as error:
        faults = list(error.errors)
    except errors.ZvmError as error:
        faults = [str(error)]
    except KeyboardInterrupt:
        faults = ["interrupted"]
    for fault in faults:
        print(f"neutron-zvm: {fault}", file=sys.stderr)
    return _FAILED


def _run(arguments: argparse.Namespace) -> int:
    files = _configuration(arguments)
    as_json = arguments.format == "json"
    if arguments.command == "check":
        return _check(files, as_json)
    settings = conf.load(files)
    answer: Overview | Forecast
    if arguments.command == "show":
        answer = show(settings, connect(settings))
    else:
        neutron = plan.connect_to_neutron(settings, files)
        answer = plan.plan(settings, connect(settings), neutron)
    print(answer.as_json() if as_json else answer.as_text())
    return 0


def _end_unread() -> int:
    """What is left to print goes nowhere, or Python would complain of it on its way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _BROKEN_PIPE


def _check(files: Sequence[str], as_json: bool) -> int:
    """Lines appear as they are found: a control point may take its time."""
    width = max(map(len, checks.TOPICS))
    found = []
    for finding in check(files, connect):
        found.append(finding)
        if not as_json:
            print(findings.as_text(finding, width), flush=True)
    print(findings.as_json(found) if as_json else f"\n{findings.summary(found)}")
    return findings.exit_code(found)


def _configuration(arguments: argparse.Namespace) -> list[str]:
    """The options of oslo.config, which may stand before or after the command."""
    words = []
    for where in ("before", "after"):
        for path in getattr(arguments, f"files_{where}") or []:
            words += ["--config-file", path]
        for path in getattr(arguments, f"folders_{where}") or []:
            words += ["--config-dir", path]
    return words


def _parser() -> argparse.ArgumentParser:
    description = "Look at a z/VM system as its Neutron agent does; nothing is changed."
    parser = argparse.ArgumentParser(prog="neutron-zvm", description=description)
    _add_configuration(parser, "before")
    commands = parser.add_subparsers(dest="command", required=True, metavar="|".join(_COMMANDS))
    for name, text in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        _add_configuration(command, "after")
        command.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
        command.add_argument("--debug", action="store_true", help="say on stderr what is done, call by call")
    return parser


def _add_configuration(parser: argparse.ArgumentParser, where: str) -> None:
    usual = f"; default: {', '.join(conf.USUAL_FILES)}"
    parser.add_argument(
        "--config-file", dest=f"files_{where}", action="append", metavar="PATH",
        help=f"a file of Neutron's or the agent's, as often as needed{usual}",
    )  # fmt: skip
    parser.add_argument(
        "--config-dir", dest=f"folders_{where}", action="append", metavar="FOLDER",
        help="a folder of *.conf files",
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
