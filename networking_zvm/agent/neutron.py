"""What planning needs of Neutron; the real server is in `networking_zvm.agent.server`."""

from collections.abc import Collection, Mapping
from typing import Protocol

from networking_zvm import model


class Neutron(Protocol):
    """Neutron's wishes for one host, and the ear it lends us."""

    def bindings(self) -> dict[str, model.PortBinding]:
        """Every port wanted on this host, complete. Raises NeutronUnavailable before that is known."""

    def still_here(self, port_ids: Collection[str]) -> frozenset[str]:
        """Which of these ports Neutron binds to this host, asked now. Raises NeutronUnavailable."""

    def report(self, statuses: Mapping[str, bool]) -> None:
        """Tell Neutron which ports are up; what it knows already is not repeated. Returns at once."""


def wishes(
    neutron: Neutron, records: Collection[model.PortRecord]
) -> tuple[dict[str, model.PortBinding], list[model.PortRecord]]:
    """What is wanted here, and the records of ports that Neutron says, asked just now, are not here any more.

    The records must have been read before, so that a port bound meanwhile is never taken for one that left.
    Raises NeutronUnavailable.
    """
    wanted = neutron.bindings()
    missing = {record.port_id for record in records} - wanted.keys()
    if not missing:
        return wanted, []
    missing -= neutron.still_here(missing)
    return neutron.bindings(), [record for record in records if record.port_id in missing]
