"""Power, status and inventory of nodes, and changes of a z/VM system: rpower, nodestat, rinv, chhypervisor.

Source: xcat-core zvm.pm (powerVM, inventoryVM, inventoryHost, changeHypervisor), nodestat.pm.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from zvmsim.dialects.xcat.machines import VirtualMachine, said
from zvmsim.dialects.xcat.management_node import SMCLI, ManagementNode
from zvmsim.dialects.xcat.messages import Messages, node_data


def rpower(mn: ManagementNode, node: str, action: str) -> Messages:
    """What smcli says about a change is passed on."""
    operation = _POWER.get(action)
    if operation is None:
        return said(node, f"(Error) Option not supported: {action}")
    return operation(VirtualMachine(mn, node))


def changes_power(action: str) -> bool:
    return action not in ("stat", "isreachable")


def _stat(machine: VirtualMachine) -> Messages:
    return said(machine.node, "on" if machine.is_on() else "off")


def _is_reachable(machine: VirtualMachine) -> Messages:
    reachable = machine.mn.linux(machine.node) is not None
    return said(machine.node, "reachable" if reachable else "unreachable")


def _on(machine: VirtualMachine) -> Messages:
    return said(machine.node, machine.smcli("Image_Activate").stdout)


def _off(machine: VirtualMachine) -> Messages:
    return said(machine.node, machine.smcli("Image_Deactivate", "-f", "IMMED").stdout)


def _reset(machine: VirtualMachine) -> Messages:
    return _off(machine) + _on(machine)


def _nothing_to_see(machine: VirtualMachine) -> Messages:
    return said(machine.node, "Done")


_POWER: Mapping[str, Callable[[VirtualMachine], Messages]] = {
    "stat": _stat,
    "isreachable": _is_reachable,
    "on": _on,
    "off": _off,
    "softoff": _off,
    "reset": _reset,
    "reboot": _nothing_to_see,
    "pause": _nothing_to_see,
    "unpause": _nothing_to_see,
}


def nodestat(mn: ManagementNode, node: str) -> Messages:
    return [node_data(node, "sshd" if mn.linux(node) else "noping")]


def rinv(mn: ManagementNode, node: str, _fields: Sequence[str]) -> Messages:
    """One text: of a z/VM system its data, of a guest its NICs."""
    if mn.tables.value("zvm", "nodetype", node=node) == "zvm":
        return said(node, "\n".join(_host_lines(mn, node)))
    machine = VirtualMachine(mn, node)
    guest = mn.linux(node)
    if guest is None:
        return said(node, "(Error) Host is unreachable")
    nics = "\n".join(f"\t{line}" for line in guest.run("vmcp q v nic").stdout.splitlines())
    text = f"z/VM UserID: {machine.userid}\nz/VM Host: {guest.system}\nNICs:\n{nics}"
    return said(node, text)


def _host_lines(mn: ManagementNode, node: str) -> Iterator[str]:
    zhcp = mn.zhcp(node)
    system_info = mn.smcli(zhcp, "System_Info_Query").stdout.splitlines()
    values = [line.partition(": ")[2] for line in system_info]
    version, ipl_time, storage = (values[at] if len(values) > at else "" for at in (2, 4, 5))
    yield f"z/VM Host: {zhcp.system}"
    yield f"zHCP: {zhcp.hostname}"
    yield "Architecture: s390x"
    yield "CEC Vendor: IBM"
    yield "CEC Model: 2827"
    yield f"Hypervisor OS: {version}"
    yield f"Hypervisor Name: {zhcp.system}"
    yield "LPAR CPU Total: 10"
    yield "LPAR CPU Used: 10"
    yield f"LPAR Memory Total: {storage}"
    yield "LPAR Memory Offline: 0"
    yield f"LPAR Memory Used: {storage}"
    yield f"IPL Time: {ipl_time}"


def chhypervisor(mn: ManagementNode, node: str, words: Sequence[str]) -> Messages:
    """Unlike chvm it passes on what smcli prints."""
    zhcp = mn.zhcp(node)
    option, operands = (words[0], list(words[1:])) if words else ("", [])
    if option == "--smcli":
        text = mn.on_zhcp(zhcp, f"{SMCLI} {' '.join(operands)}").stdout
        return said(node, text or "Done")
    line = _HYPERVISOR.get(option, _no_line)(operands)
    if not line:
        return said(node, f"(Error) Option '{option}' not supported on chhypervisor")
    return said(node, mn.smcli(zhcp, line[0], "-T", zhcp.userid, *line[1:]).stdout)


def _no_line(_operands: list[str]) -> list[str]:
    return []


def _addvswitch(operands: list[str]) -> list[str]:
    """Options in the order of the operands; a value 0 or empty is left out."""
    letters = "nraicqetvpuGV"
    pairs = [(f"-{letter}", value) for letter, value in zip(letters, operands, strict=False)]
    given = [word for pair in pairs if pair[1] not in ("", "0") for word in pair]
    return ["Virtual_Network_Vswitch_Create", *given]


def _removevswitch(operands: list[str]) -> list[str]:
    return ["Virtual_Network_Vswitch_Delete", "-n", *operands[:1]] if operands else []


def _addvlan(operands: list[str]) -> list[str]:
    letters = "notp"
    pairs = zip(letters, operands, strict=False)
    return ["Virtual_Network_LAN_Create", *(word for k, v in pairs for word in (f"-{k}", v))]


def _removevlan(operands: list[str]) -> list[str]:
    pairs = zip("no", operands, strict=False)
    return ["Virtual_Network_LAN_Delete", *(word for k, v in pairs for word in (f"-{k}", v))]


_HYPERVISOR: Mapping[str, Callable[[list[str]], list[str]]] = {
    "--addvswitch": _addvswitch,
    "--removevswitch": _removevswitch,
    "--addvlan": _addvlan,
    "--removevlan": _removevlan,
}
