"""How to go on by hand: what to type while the lab stays up, and where to look."""

import sys
from pathlib import Path
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from zvmlab.lab import Lab
from zvmlab.systems import Systems

OPENSTACK: Final = (
    ("network agent list", "z/VM's two, and the DHCP agent, if there is one"),
    ("network list", ""),
    ("port list --long", ""),
    ("port set --disable web1-web", "its NIC is uncoupled; --enable couples it again"),
    ("port show app1-db", "binding, status, vif_details"),
    ("port delete lb1-web-2", "its NIC leaves the VLAN"),
)


def how_to_go_on(lab: Lab) -> RenderableType:
    """Exports and commands that work as they stand, in another terminal."""
    folder = lab.cloud.state_dir
    lines = [_title("In another terminal, with the openstack client:")]
    lines.append(_command(f"cd {folder} && export PATH={Path(sys.executable).parent}:$PATH"))
    lines.append(_command(f"export OS_AUTH_TYPE=none OS_ENDPOINT={lab.cloud.endpoint}"))
    lines += [_command(f"openstack {words}", note) for words, note in OPENSTACK]
    lines.append(_title("The systems as the product sees them:"))
    agent_conf = lab.agent_conf(lab.control_point.first_host)
    files = f"--config-file neutron.conf --config-file {agent_conf.name}"
    lines += [_command(f"neutron-zvm {word} {files}") for word in ("show", "check")]
    lines.append(_title(f"{lab.control_point.manner.title}, the way to z/VM here:"))
    lines += [_command(words, note) for words, note in lab.control_point.by_hand()]
    lines.append(_title("In a browser, the two systems live:"))
    lines.append(_command(f"{lab.systems.control_url}/"))
    lines.append(_title("To the simulated z/VM systems (control API):"))
    lines += [_command(words, note) for words, note in _control_calls(lab.systems)]
    lines.append(_title(f"Logs in {folder}:"))
    names = sorted({path.relative_to(folder).parent for path in lab.logs().values()})
    lines += [Text(f"  {name}: {_logs_in(lab, folder / name)}", "dim") for name in names]
    return Group(*lines)


def _logs_in(lab: Lab, folder: Path) -> str:
    return ", ".join(path.name for path in lab.logs().values() if path.parent == folder)


def _control_calls(systems: Systems) -> list[tuple[str, str]]:
    url, zvm = systems.control_url, list(systems.hosts.values())[-1]
    return [
        (f"curl -s {url}/systems", "everything that is so"),
        (f"curl -s '{url}/journal?mutating=true'", "every call that changed something"),
        (f"curl -s -X POST {url}/systems/{zvm}/ipl", "re-IPL; the agent heals it"),
        (f"curl -s -X POST {url}/systems/{zvm}/guests/WEB2/logon", "a guest comes back after that"),
    ]


def _title(text: str) -> Text:
    return Text(f"\n{text}", "bold")


def _command(words: str, note: str = "") -> Text:
    """Never broken into two lines by the console, so that it can be copied."""
    comment = f"   # {note}" if note else ""
    return Text.assemble("  ", (words, "cyan"), (comment, "dim"), no_wrap=True, overflow="ignore")
