"""What Neutron wants on this host, kept current: filled in bulk, then followed by pushed changes.

Neutron's versioned port objects become `model.PortBinding` here, and nowhere else. A port counts as wanted
on a host while it has an active binding there that is ours (`presence`). Source:
neutron/agent/rpc.py CacheBackedPluginApi.get_device_details (29.0.0).
"""

import dataclasses
import threading
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from oslo_log import log as logging

from networking_zvm import constants, model
from networking_zvm.agent import presence

LOG = logging.getLogger(__name__)

_ACTIVE = "ACTIVE"
_BINDING_FAILED = "binding_failed"
_REMEMBERED_DELETIONS = 10_000  # against updates that arrive after the deletion, from another server process


@dataclasses.dataclass(frozen=True, slots=True)
class _Entry:
    revision: int
    binding: model.PortBinding


class WantedPorts:
    """The bindings of one host. Safe to use from the threads that deliver pushes and the one that plans."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._unbound: set[str] = set()
        self._deleted: dict[str, None] = {}
        self._news: set[str] | None = None

    def bindings(self) -> dict[str, model.PortBinding]:
        """A copy of what is wanted now, by port id."""
        with self._lock:
            return {port_id: entry.binding for port_id, entry in self._entries.items()}

    def unbound(self) -> frozenset[str]:
        """Ports of this host that Neutron tried to bind, and could not."""
        with self._lock:
            return frozenset(self._unbound)

    def begin_fill(self) -> None:
        """A bulk read begins; what is pushed from now on is newer than what it brings."""
        with self._lock:
            self._news = set()

    def outdated(self, revisions: Mapping[str, int | None]) -> frozenset[str]:
        """Which of these ports are not known in this revision."""
        with self._lock:
            known = {port_id: entry.revision for port_id, entry in self._entries.items()}
        return frozenset(i for i, number in revisions.items() if number is None or number != known.get(i))

    def fill(self, ports: Iterable[Any], unchanged: Collection[str] = ()) -> None:
        """Replace everything by a complete bulk read, but for what was pushed meanwhile.

        ports: those read anew. unchanged: ids of those that are known as they are.
        """
        ports = list(ports)
        fresh = {entry.binding.port_id: entry for port in ports if (entry := self._entry(port))}
        with self._lock:
            self._unbound = {port.id for port in ports if self._is_unbound(port)} - self._deleted.keys()
            fresh |= {i: self._entries[i] for i in unchanged if i in self._entries}
            for port_id in self._news or ():
                fresh.pop(port_id, None)
                if port_id in self._entries:
                    fresh[port_id] = self._entries[port_id]
            self._entries = fresh
            self._news = None

    def update(self, port: Any) -> bool:
        """Take in one pushed port; whether the agent has something to do because of it."""
        entry = self._entry(port)
        with self._lock:
            known = self._entries.get(port.id)
            if port.id in self._deleted or (known and known.revision > port.revision_number):
                return False
            self._note(port.id)
            self._unbound.discard(port.id)
            if self._is_unbound(port):
                self._unbound.add(port.id)
            if entry is None:
                return self._entries.pop(port.id, None) is not None
            self._entries[port.id] = entry
        return known is None or _matters(known.binding, entry.binding)

    def delete(self, port_id: str) -> bool:
        """Take in a pushed deletion; whether it concerns this host. Deletions are final."""
        with self._lock:
            self._note(port_id)
            self._unbound.discard(port_id)
            self._deleted[port_id] = None
            if len(self._deleted) > _REMEMBERED_DELETIONS:
                del self._deleted[next(iter(self._deleted))]
            return self._entries.pop(port_id, None) is not None

    def _note(self, port_id: str) -> None:
        if self._news is not None:
            self._news.add(port_id)

    def _entry(self, port: Any) -> _Entry | None:
        if not self._is_here(port) or not port.binding_levels:
            return None
        try:
            return _Entry(port.revision_number, _binding(port))
        except ValueError as error:
            LOG.warning("port %s is left alone: %s", port.id, error)
            return None

    def _is_here(self, port: Any) -> bool:
        return any(
            b.host == self._host
            and b.status == _ACTIVE
            and b.vnic_type == constants.VNIC_TYPE
            and presence.is_ours(b.vif_type, b.vif_details)
            for b in port.bindings or ()
        )

    def _is_unbound(self, port: Any) -> bool:
        return any(b.host == self._host and b.vif_type == _BINDING_FAILED for b in port.bindings or ())


def _matters(before: model.PortBinding, after: model.PortBinding) -> bool:
    """Whether a change asks for a look; our own report coming back as an active port does not."""
    lost = before.active and not after.active
    return lost or dataclasses.replace(before, active=after.active) != after


def _binding(port: Any) -> model.PortBinding:
    segment = port.binding_levels[-1].segment
    vlan = segment.segmentation_id
    return model.PortBinding(
        port_id=port.id,
        mac=model.Mac(str(port.mac_address)),
        segment=model.Segment(
            model.NetworkType(segment.network_type),
            segment.physical_network,
            model.VlanId(vlan) if vlan else None,
        ),
        admin_up=port.admin_state_up,
        active=port.status == _ACTIVE,
        owner=port.device_owner,
    )
