"""Which NIC is which Neutron port: the rows that Nova writes into xCAT's table `switch`.

A row names the port, the xCAT node and the virtual device; its comments name the zHCP whose agent owns it.
The table `zvm` tells the node's userid. Source: nova-zvm-virt-driver (switch.comments), networking-zvm.
"""

import dataclasses
import re
import threading
import time
from collections.abc import Iterator, Mapping

from oslo_log import log

from networking_zvm import errors, model
from networking_zvm.hypervisor import base
from networking_zvm.hypervisor.xcat_client import XcatClient

LOG = log.getLogger(__name__)

_SWITCH = ("node", "switch", "port", "vlan", "interface", "comments")
_ZVM = ("node", "userid")
_NO_VLAN = "-1"
_PORT_ID = re.compile(r"[0-9A-Za-z-]{1,36}")
_LOOK_AGAIN_AFTER = 60.0


@dataclasses.dataclass(frozen=True, slots=True)
class _Row:
    """A row of this zHCP; noted values that make no sense count as not noted, so that they are corrected."""

    port_id: str
    node: str
    vdev: model.Vdev
    vswitch: model.VSwitchName | None
    vlan: model.VlanId | None


class PortTable:
    """Reads and updates the rows of one zHCP. Safe to use from several threads."""

    def __init__(self, client: XcatClient, zhcp_node: str) -> None:
        self._client = client
        self._zhcp_node = zhcp_node
        self._lock = threading.Lock()
        self._userids: dict[str, model.Userid] = {}
        self._nodes: dict[tuple[str, model.NicAddress], str] = {}
        self._strangers: set[str] = set()
        self._strangers_since = 0.0
        self._complaints: frozenset[str] = frozenset()

    def read(self) -> tuple[model.PortRecord, ...]:
        """All ports of this zHCP; rows that make no sense are left out. Raises as XcatClient.table()."""
        lines = self._client.table("switch", _SWITCH)
        with self._lock:
            complaints: set[str] = set()
            rows = list(self._rows(lines, complaints))
            self._learn({row.node for row in rows})
            found = dict(self._records(rows, complaints))
            self._nodes = {(r.port_id, r.address): node for r, node in found.items()}
            self._complain(complaints)
        return tuple(found)

    def note(self, change: base.Record) -> None:
        """Write the vswitch and VLAN into the port's row.

        The key is the node and the port: xCAT would make a new row if there were none, so a port whose row
        has not been seen is Gone. Raises as XcatClient.update_row().
        """
        node = self._nodes.get((change.port_id, change.address))
        if node is None:
            raise errors.Gone(f"xCAT's table switch has no row for port {change.port_id} as {change.address}")
        vlan = str(change.vlan) if change.vlan else _NO_VLAN
        keys = {"node": node, "port": change.port_id}
        self._client.update_row("switch", keys, {"switch": change.vswitch, "vlan": vlan})

    def _rows(self, lines: list[dict[str, str]], complaints: set[str]) -> Iterator[_Row]:
        for line in lines:
            if line["comments"] != self._zhcp_node:
                continue
            try:
                yield _row(line)
            except errors.InvalidValue as error:
                complaints.add(f"port {line['port']!r} of node {line['node']!r}: {error}")

    def _learn(self, nodes: set[str]) -> None:
        """Find out the userids of new nodes, and forget those of nodes that have no port any more.

        A node that xCAT does not know is asked for again only now and then.
        """
        unknown = nodes - self._userids.keys()
        now = time.monotonic()
        if unknown - self._strangers or (unknown and now - self._strangers_since > _LOOK_AGAIN_AFTER):
            self._userids = {
                line["node"]: model.Userid(line["userid"])
                for line in self._client.table("zvm", _ZVM)
                if line["node"] in nodes and _is_userid(line["userid"])
            }
            self._strangers, self._strangers_since = nodes - self._userids.keys(), now
        self._userids = {node: userid for node, userid in self._userids.items() if node in nodes}

    def _records(self, rows: list[_Row], complaints: set[str]) -> Iterator[tuple[model.PortRecord, str]]:
        for row in rows:
            userid = self._userids.get(row.node)
            if userid is None:
                complaints.add(f"port {row.port_id}: xCAT's table zvm has no userid of node {row.node}")
                continue
            address = model.NicAddress(userid, row.vdev)
            yield model.PortRecord(row.port_id, address, row.vswitch, row.vlan), row.node

    def _complain(self, complaints: set[str]) -> None:
        for complaint in sorted(complaints - self._complaints):
            LOG.warning("A row of xCAT's table switch is left out: %s", complaint)
        self._complaints = frozenset(complaints)


def _row(line: Mapping[str, str]) -> _Row:
    if not _PORT_ID.fullmatch(line["port"]):
        raise errors.InvalidValue("its port is no id")
    if not line["node"]:
        raise errors.InvalidValue("it names no node")
    return _Row(
        line["port"],
        line["node"],
        model.Vdev(line["interface"]),
        _noted_vswitch(line["switch"]),
        _noted_vlan(line["vlan"]),
    )


def _noted_vswitch(text: str) -> model.VSwitchName | None:
    try:
        return model.VSwitchName(text)
    except errors.InvalidValue:
        return None


def _noted_vlan(text: str) -> model.VlanId | None:
    try:
        return model.VlanId(text)
    except errors.InvalidValue:
        return None


def _is_userid(text: str) -> bool:
    try:
        model.Userid(text)
    except errors.InvalidValue:
        return False
    return True
