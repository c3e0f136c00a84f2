"""`neutron-zvm check`, run on an agent of the lab."""

from collections.abc import Iterable

from networking_zvm.cli.check import check
from networking_zvm.cli.findings import Finding, Level
from networking_zvm.hypervisor.connect import connect
from zvmlab.lab import Lab


def check_agent(lab: Lab, host: str) -> list[Finding]:
    """What an operator reads who gives it Neutron's file and the agent's."""
    files = (lab.cloud.state_dir / "neutron.conf", lab.agent_conf(host))
    return list(check([word for file in files for word in ("--config-file", str(file))], connect))


def complaints(findings: Iterable[Finding]) -> list[str]:
    """Whatever is not as it should be."""
    return [finding.text for finding in findings if finding.level in (Level.WARN, Level.FAIL)]


def said_of(findings: Iterable[Finding], network: str) -> str:
    """What it says of a physical network; empty if nothing."""
    return next((finding.text for finding in findings if finding.text.startswith(f"{network} ->")), "")
