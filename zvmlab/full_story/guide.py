"""How to go on by hand: what to type while the lab stays up, and where to look."""

from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from zvmlab.cast import MGMT
from zvmlab.full_story.cast import FIRST, FLAVOR, IMAGE
from zvmlab.full_story.lab import FullLab

OPENSTACK: Final = (
    ("server list --long", "the servers, and their systems"),
    ("port list --long", ""),
    (f"server add network {FIRST.name} {MGMT.name}", "a NIC for a running guest"),
    (f"server remove network {FIRST.name} {MGMT.name}", "and away it goes"),
    (f"server create --image {IMAGE} --flavor {FLAVOR['name']} --network web --network db --wait web3", ""),
    ("server show web3", "OS-EXT-SRV-ATTR: which system, which guest"),
    ("server delete --wait web3", ""),
    ("network agent list", "and: openstack compute service list"),
)


def how_to_go_on(lab: FullLab) -> RenderableType:
    """Commands that work as they stand, in another terminal."""
    folder, (host, system) = lab.cloud.state_dir, next(iter(lab.systems.hosts.items()))
    lines = [_title("In another terminal, with the openstack client:")]
    lines.append(_command(f"cd {folder} && . ./{lab.cloud.openrc.name}"))
    lines += [_command(f"openstack {words}", note) for words, note in OPENSTACK]
    lines.append(_title("The systems as the product sees them:"))
    lines.append(_command(f"neutron-zvm show --config-file agent-{host}.conf", system))
    lines.append(_title("To the simulated z/VM systems (control API):"))
    url = lab.systems.control_url
    lines.append(_command(f"curl -s {url}/systems", "everything that is so"))
    lines.append(_command(f"curl -s '{url}/journal?mutating=true'", "every call that changed something"))
    lines.append(_title(f"Logs in {folder}:"))
    names = sorted({path.relative_to(folder).parent for path in lab.logs().values()})
    lines += [Text(f"  {name}", "dim") for name in names]
    return Group(*lines)


def _title(text: str) -> Text:
    return Text(f"\n{text}", "bold")


def _command(words: str, note: str = "") -> Text:
    """Never broken into two lines by the console, so that it can be copied."""
    comment = f"   # {note}" if note else ""
    return Text.assemble("  ", (words, "cyan"), (comment, "dim"), no_wrap=True, overflow="ignore")
