"""Node definitions in the tables: lsdef, mkdef, rmdef, and makehosts.

Source: xcat-core lsdef/mkdef/rmdef (DBobjectdefs.pm), makehosts; nova-zvm's reading of their answers.
"""

from collections.abc import Iterator, Mapping, Sequence

from zvmsim.dialects.xcat.management_node import ManagementNode
from zvmsim.dialects.xcat.messages import Message, Messages, error, info
from zvmsim.dialects.xcat.tables import COLUMNS

_ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "arch": ("nodetype", "arch"),
    "groups": ("nodelist", "groups"),
    "hcp": ("zvm", "hcp"),
    "hostnames": ("hosts", "hostnames"),
    "ip": ("hosts", "ip"),
    "mac": ("mac", "mac"),
    "mgt": ("nodehm", "mgt"),
    "os": ("nodetype", "os"),
    "parent": ("zvm", "parent"),
    "profile": ("nodetype", "profile"),
    "provmethod": ("nodetype", "provmethod"),
    "status": ("nodelist", "status"),
    "userid": ("zvm", "userid"),
}


def lsdef(mn: ManagementNode, node: str | None, fields: Sequence[str]) -> Messages:
    """One node's attributes as lines of one message, or the names of all nodes."""
    if node is None:
        return [info(*(f"{row['node']}  (node)" for row in mn.tables.rows("nodelist")))]
    if not mn.tables.rows("nodelist", node=node):
        return [error(f"Could not find an object named '{node}' of type 'node'.")]
    wanted = fields or sorted(_ATTRIBUTES)
    return [info(f"Object name: {node}", *_attribute_lines(mn, node, wanted))]


def _attribute_lines(mn: ManagementNode, node: str, names: Sequence[str]) -> Iterator[str]:
    for name in names:
        table, column = _ATTRIBUTES.get(name, ("", ""))
        value = mn.tables.value(table, column, node=node) if table else None
        if value:
            yield f"    {name}={value}"


def mkdef(mn: ManagementNode, node: str, pairs: Sequence[str]) -> Messages:
    """Define a node; nothing is written if an attribute is unknown or the node is there."""
    if mn.tables.rows("nodelist", node=node):
        return [error(f"A definition for '{node}' already exists.")]
    values = dict(pair.partition("=")[::2] for pair in pairs)
    unknown = [name for name in values if name not in _ATTRIBUTES]
    if unknown:
        return [error(f"'{unknown[0]}' is not a valid attribute name for for an object type of 'node'.")]
    rows: dict[str, dict[str, str]] = {"nodelist": {"node": node, "groups": "all"}}
    for name, value in values.items():
        table, column = _ATTRIBUTES[name]
        rows.setdefault(table, {"node": node})[column] = value
    for table, row in rows.items():
        mn.tables.upsert_row(table, row)
    return [info("1 object definitions have been created or modified.")]


def rmdef(mn: ManagementNode, node: str) -> Messages:
    if not mn.tables.rows("nodelist", node=node):
        return [error(f"Could not find the object '{node}' of type 'node'.")]
    forget(mn, node, [table for table in COLUMNS if COLUMNS[table][0] == "node"])
    return [info("1 object definitions have been removed.")]


def forget(mn: ManagementNode, node: str, tables: Sequence[str]) -> None:
    """Delete the node's rows."""
    for table in tables:
        mn.tables.delete(table, {"node": node})


def makehosts(mn: ManagementNode) -> Messages:
    """Write /etc/hosts from the table; a node without address is a warning."""
    rows = mn.tables.rows("hosts")
    lines = [f"{row['ip']} {row['node']} {row['hostnames'] or ''}".rstrip() for row in rows if row["ip"]]
    mn.self_node.files["/etc/hosts"] = "".join(f"{line}\n" for line in lines)
    return [_unresolved(row["node"] or "") for row in rows if not row["ip"]]


def _unresolved(node: str) -> Message:
    return {"warning": [f"Unable to resolve the IP address of {node}."]}
