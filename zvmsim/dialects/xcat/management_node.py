"""The xCAT management node's state: tables, Linux nodes, who may log in, which node belongs to which z/VM.

Source: xcat-core xcatd (users, policy), zvm.pm (node -> hcp, userid); networking-zvm's and nova-zvm's use of
the tables.
"""

import hmac
import random
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from zvmsim.dialects.program import Result
from zvmsim.dialects.xcat.config import XcatConfig, Zhcp
from zvmsim.dialects.xcat.linux import LinuxNode
from zvmsim.dialects.xcat.messages import AccessDenied, RenderOptions, XcatdRefusal
from zvmsim.dialects.xcat.tables import Tables
from zvmsim.world.smapi import SmapiError
from zvmsim.world.world import World

SMCLI = "/opt/zhcp/bin/smcli"


class NodeError(Exception):
    """A command cannot work on a node; the text is printed with (Error)."""


@dataclass(slots=True)
class Quirks:
    """How this server differs from others.

    headers, query: where credentials are looked for. stderr: a line that every dsh prints to stderr ("" for
    none). trailing_null: a null after dsh's output. chunk: bytes per string of dsh output.
    source: messages carry xcatdsource. shuffle: seed for a random order of keys, None for a fixed one.
    """

    headers: bool = True
    query: bool = True
    stderr: str = ""
    trailing_null: bool = False
    chunk: int = 4096
    source: bool = False
    shuffle: int | None = 0
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.shuffle)

    def rendering(self, node: str) -> RenderOptions:
        return RenderOptions(node if self.source else None, None if self.shuffle is None else self._random)


class ManagementNode:
    """One MN over several systems. `unreachable` holds the nodes that ssh cannot reach."""

    def __init__(self, world: World, config: XcatConfig, quirks: Quirks | None = None) -> None:
        self.world = world
        self.config = config
        self.quirks = quirks or Quirks()
        self.unreachable: set[str] = set()
        self.tables = Tables(_first_rows(config))
        for table, rows in config.tables.items():
            for row in rows:
                self.tables.upsert_row(table, row)
        for known in self.tables.rows("zvm"):
            self.tables.upsert_row("nodelist", {"node": known["node"] or "", "groups": "all"})
        self._linux = {node.name: node for node in self._linux_nodes()}

    def _linux_nodes(self) -> Iterator[LinuxNode]:
        config, now = self.config, self.world.clock.now()
        yield LinuxNode(self.world, config.mn_node, config.mn_system, config.mn_userid, now)
        for zhcp in config.zhcps:
            files = {"/opt/xcat/internalVswitch": config.internal_vswitch}
            yield LinuxNode(self.world, zhcp.node, zhcp.system, zhcp.userid, now, config.smcli, files)

    @property
    def self_node(self) -> LinuxNode:
        """The MN's own Linux."""
        return self._linux[self.config.mn_node]

    def restart(self) -> None:
        """The MN's virtual machine is logged off and on: its uptime begins anew and NICs that were only
        defined are gone. The tables stay.
        """
        system = self.world.systems[self.config.mn_system]
        with self.world.lock:
            try:
                system.logoff(self.config.mn_userid)
                system.logon(self.config.mn_userid)
            except SmapiError:
                pass
        self.self_node.reboot()

    def authenticate(self, user: str, password: str) -> None:
        """Raises AccessDenied."""
        rows = self.tables.rows("passwd", key="xcat", username=user)
        if not rows or not hmac.compare_digest((rows[0]["password"] or "").encode(), password.encode()):
            raise AccessDenied("Authentication failure")
        allowed = [row for row in self.tables.rows("policy") if row["name"] in (user, "*", None, "")]
        allowed.sort(key=lambda row: float(row["priority"] or 0))
        if not allowed or allowed[0]["rule"] not in ("allow", "accept", "trusted"):
            raise AccessDenied("Permission denied for request")

    def nodes(self, noderange: str) -> list[str]:
        """Node names of a comma separated range; XcatdRefusal if one is unknown."""
        names = noderange.split(",")
        unknown = [name for name in names if not self.tables.rows("nodelist", node=name)]
        if unknown:
            raise XcatdRefusal(f"Invalid nodes and/or groups in noderange: {','.join(unknown)}")
        return names

    def userid(self, node: str) -> str:
        """The node's z/VM userid, upper case; NodeError without one."""
        userid = self.tables.value("zvm", "userid", node=node)
        if not userid:
            raise NodeError("Missing user ID")
        return userid.upper()

    def zhcp(self, node: str) -> Zhcp:
        """The zHCP that manages the node; NodeError without one."""
        hostname = self.tables.value("zvm", "hcp", node=node)
        if not hostname:
            raise NodeError("Missing node HCP")
        for zhcp in self.config.zhcps:
            if hostname.lower() in (zhcp.hostname.lower(), zhcp.node.lower()):
                return zhcp
        raise NodeError(f"Failed to communicate with the zhcp system: {hostname}")

    def system_of(self, node: str) -> str:
        """Name of the system a node is on, the MN's where nothing is known."""
        if node in self._linux:
            return self._linux[node].system
        hostname = self.tables.value("zvm", "hcp", node=node)
        systems = (zhcp.system for zhcp in self.config.zhcps if zhcp.hostname == hostname)
        return next(systems, self.config.mn_system)

    def linux(self, node: str) -> LinuxNode | None:
        """The Linux that ssh reaches under this name; None if it is off or unreachable.

        The MN and the zHCPs answer even where the inventory has no such guest.
        """
        if node in self.unreachable:
            return None
        if node in self._linux:
            return self._linux[node]
        userid, system = self.tables.value("zvm", "userid", node=node), self.system_of(node)
        with self.world.lock.reading():
            guest = self.world.systems[system].guests.get((userid or "").upper())
        if guest is None:
            return None
        return LinuxNode(self.world, node, system, guest.userid, guest.since)

    def on_zhcp(self, zhcp: Zhcp, script: str) -> Result:
        """Run a script on a zHCP as zvm.pm does over ssh; NodeError if it cannot be reached."""
        linux = self.linux(zhcp.node)
        if linux is None:
            raise NodeError(f"Failed to communicate with the zhcp system: {zhcp.hostname}")
        return linux.run(script)

    def smcli(self, zhcp: Zhcp, function: str, *words: str) -> Result:
        """Run smcli on a zHCP with these words, each protected from the shell; NodeError."""
        return self.on_zhcp(zhcp, " ".join([SMCLI, function, *map(shlex.quote, words)]))


def _first_rows(config: XcatConfig) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """The tables of a freshly installed MN with its hosts and zHCPs."""
    on_mn_system = (zhcp for zhcp in config.zhcps if zhcp.system == config.mn_system)
    mn_hcp = next(on_mn_system, config.zhcps[0])
    zvm = [{"node": config.mn_node, "hcp": mn_hcp.hostname, "userid": config.mn_userid, "nodetype": "vm"}]
    for zhcp in config.zhcps:
        if zhcp.node != config.mn_node:
            zvm.append(
                {"node": zhcp.node, "hcp": zhcp.hostname, "userid": zhcp.userid, "parent": zhcp.host}
                | {"nodetype": "vm"}
            )
        zvm.append({"node": zhcp.host, "hcp": zhcp.hostname, "nodetype": "zvm"})
    return {
        "site": [{"key": "master", "value": config.mn_ip}, {"key": "xcatdport", "value": "3001"}],
        "hosts": [{"node": config.mn_node, "ip": config.mn_ip, "hostnames": config.mn_node}],
        "passwd": [
            {"key": "xcat", "username": user.name, "password": user.password} for user in config.users
        ],
        "policy": [
            {"priority": f"6.{number}", "name": user.name, "rule": "allow"}
            for number, user in enumerate(config.users)
        ],
        "zvm": zvm,
        "nodehm": [{"node": row["node"], "mgt": "zvm"} for row in zvm],
    }
