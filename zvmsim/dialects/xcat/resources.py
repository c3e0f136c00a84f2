"""The resources of REST version 1: which xCAT command a request stands for, and whether it changes anything.

Source: xcat-core zvmxcatws.cgi (the version 1 script kept for z/VM).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from zvmsim.dialects.xcat import definitions, dsh, machines, power
from zvmsim.dialects.xcat.machines import on_each
from zvmsim.dialects.xcat.management_node import ManagementNode
from zvmsim.dialects.xcat.messages import Messages, XcatdRefusal, data, error
from zvmsim.world.functions import is_mutating


class BadRequestError(Exception):
    """Answered with 400 and this text."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: /resource/name/sub with its parameters (credentials and format taken out) and body."""

    method: str
    resource: str
    name: str = ""
    sub: str = ""
    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: Sequence[str] = ()

    @property
    def words(self) -> list[str]:
        """The body's strings split at single blanks."""
        return [word for text in self.body for word in text.split(" ")]

    @property
    def options(self) -> dict[str, str]:
        """`key=value` strings of the body; a string without `=` has the value 1."""
        pairs = (text.partition("=") for text in self.body)
        return {key: value if equals else "1" for key, equals, value in pairs}

    def first(self, parameter: str) -> str:
        return (self.parameters.get(parameter) or [""])[0]


@dataclass(frozen=True, slots=True)
class Resource:
    """methods: allowed ones. answer: raises BadRequestError, XcatdRefusal. changes: z/VM or tables."""

    methods: tuple[str, ...]
    answer: Callable[[ManagementNode, Ask], Messages]
    changes: Callable[[ManagementNode, Ask], bool] = lambda _mn, ask: ask.method != "GET"


def _version(mn: ManagementNode, _ask: Ask) -> Messages:
    return [data(f"Version {mn.config.version} (built Mon Apr 27 10:50:11 EDT 2015)")]


def _tables(mn: ManagementNode, ask: Ask) -> Messages:
    if ask.method == "GET":
        if "col" not in ask.parameters:
            return mn.tables.tabdump(ask.name)
        key = {ask.first("col"): ask.first("value")}
        return mn.tables.gettab(ask.name, key, ask.parameters.get("attribute", ()))
    if not ask.body:
        raise BadRequestError("No set attribute was supplied.")
    return mn.tables.tabch(ask.words)


def _networks(mn: ManagementNode, ask: Ask) -> Messages:
    if ask.method == "PUT" and ask.name == "makehosts":
        return definitions.makehosts(mn)
    if ask.method == "PUT" and ask.name == "makedns":
        return []
    if ask.method == "GET":
        return [error(f"Could not find an object named '{ask.name}' of type 'network'.")] if ask.name else []
    raise BadRequestError("No set attribute was supplied.")


def _nodes(mn: ManagementNode, ask: Ask) -> Messages:
    if ask.sub:
        return _node_command(mn, ask)
    if ask.method == "GET":
        return definitions.lsdef(mn, ask.name or None, ask.parameters.get("field", ()))
    if not ask.name:
        raise BadRequestError("The node name must be specified.")
    if ask.method == "DELETE":
        return definitions.rmdef(mn, ask.name)
    if not ask.body:
        raise BadRequestError("No set attribute was supplied.")
    if ask.method == "POST":
        return definitions.mkdef(mn, ask.name, ask.body)
    return mn.tables.tabch([f"node={ask.name}", *ask.body])


def _node_command(mn: ManagementNode, ask: Ask) -> Messages:
    command = _NODE_COMMANDS.get((ask.method, ask.sub))
    if command is None:
        raise XcatdRefusal(f"Unsupported request: {ask.sub}")
    if ask.method == "PUT" and not ask.body:
        raise BadRequestError("No set attribute was supplied.")
    return command(mn, ask)


def _dsh(mn: ManagementNode, ask: Ask) -> Messages:
    nodes = mn.nodes(ask.name)
    if not ask.options.get("command"):
        return [error("Usage: xdsh <noderange> <command>")]
    return dsh.xdsh(mn, nodes, ask.options["command"])


def _exec_on_vm(mn: ManagementNode, ask: Ask) -> Messages:
    """The command runs, its output never comes back."""
    dsh.xdsh(mn, mn.nodes(ask.name), " ".join(ask.body))
    return []


def _inventory(mn: ManagementNode, ask: Ask) -> Messages:
    fields = ask.parameters.get("field", ())
    return on_each(mn, ask.name, lambda mn, node: power.rinv(mn, node, fields))


_NODE_COMMANDS: Mapping[tuple[str, str], Callable[[ManagementNode, Ask], Messages]] = {
    ("GET", "power"): lambda mn, ask: on_each(mn, ask.name, lambda mn, node: power.rpower(mn, node, "stat")),
    ("PUT", "power"): lambda mn, ask: on_each(
        mn, ask.name, lambda mn, node: power.rpower(mn, node, ask.body[0])
    ),
    ("GET", "status"): lambda mn, ask: on_each(mn, ask.name, power.nodestat),
    ("GET", "inventory"): _inventory,
    ("PUT", "dsh"): _dsh,
    ("PUT", "execcmdonvm"): _exec_on_vm,
}


def _node_command_changes(mn: ManagementNode, ask: Ask) -> bool:
    if ask.method == "GET":
        return False
    if ask.sub == "dsh":
        files = [linux.files for name in ask.name.split(",") if (linux := mn.linux(name))]
        return any(dsh.changes(ask.options.get("command", ""), each) for each in files)
    if ask.sub == "power":
        return power.changes_power(ask.body[0] if ask.body else "")
    return True


def _vms(mn: ManagementNode, ask: Ask) -> Messages:
    if not ask.name:
        raise BadRequestError("The node name must be specified.")
    if ask.method == "GET":
        return on_each(mn, ask.name, lambda mn, node: _lsvm(mn, node, ask))
    if ask.method == "DELETE":
        retain = "retain" in ask.parameters
        return on_each(mn, ask.name, lambda mn, node: machines.rmvm(mn, node, retain))
    if ask.method == "POST":
        if not ask.body:
            raise BadRequestError("Invalid Parameters")
        return on_each(mn, ask.name, lambda mn, node: machines.mkvm(mn, node, ask.body))
    if not ask.body:
        raise BadRequestError("No Field and Value map was supplied.")
    return on_each(mn, ask.name, lambda mn, node: machines.chvm(mn, node, ask.words))


def _lsvm(mn: ManagementNode, node: str, ask: Ask) -> Messages:
    if "checknics" in ask.parameters:
        return machines.checknics(mn, node, ask.first("checknics"))
    if "networknames" in ask.parameters:
        return machines.network_names(mn, node)
    return machines.lsvm(mn, node)


def _vms_change(_mn: ManagementNode, ask: Ask) -> bool:
    if ask.method == "PUT" and ask.words[:1] == ["--smcli"]:
        return len(ask.words) > 1 and is_mutating(ask.words[1])
    return ask.method != "GET"


def _hypervisor(mn: ManagementNode, ask: Ask) -> Messages:
    if not ask.body:
        raise BadRequestError("No Field and Value map was supplied.")
    return on_each(mn, ask.name, lambda mn, node: power.chhypervisor(mn, node, ask.words))


def _unsupported(_mn: ManagementNode, ask: Ask) -> Messages:
    raise XcatdRefusal(f"Unsupported request: {ask.resource}")


_ALL = ("GET", "PUT", "POST", "DELETE", "PATCH")

RESOURCES: Mapping[str, Resource] = {
    "version": Resource(("GET",), _version),
    "tables": Resource(("GET", "PUT", "PATCH"), _tables),
    "networks": Resource(("GET", "PUT", "POST", "DELETE"), _networks),
    "nodes": Resource(
        ("GET", "PUT", "POST", "DELETE"),
        _nodes,
        lambda mn, ask: _node_command_changes(mn, ask) if ask.sub else ask.method != "GET",
    ),
    "vms": Resource(("GET", "PUT", "POST", "DELETE"), _vms, _vms_change),
    "hypervisor": Resource(("PUT",), _hypervisor, _vms_change),
    **{
        name: Resource(_ALL, _unsupported, lambda _mn, _ask: False)
        for name in (
            *("groups", "images", "logs", "monitors", "notifications", "policies"),
            *("site", "accounts", "objects", "debug"),
        )
    },
}
