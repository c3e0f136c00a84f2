"""Virtual machines through xCAT: mkvm, rmvm, chvm, lsvm. Everything goes through smcli on the zHCP.

chvm says nothing about most outcomes; `--smcli` reports only a zHCP that cannot be reached.
Source: xcat-core zvm.pm (makeVM, removeVM, changeVM, listVM), zvmCPUtils.pm (grantVSwitch, revokeVSwitch).
"""

import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence

from zvmsim.dialects.program import Result
from zvmsim.dialects.xcat.config import Zhcp
from zvmsim.dialects.xcat.definitions import forget
from zvmsim.dialects.xcat.management_node import SMCLI, ManagementNode, NodeError
from zvmsim.dialects.xcat.messages import Messages, info, print_line

_TABLES_OF_A_MACHINE = ("zvm", "hosts", "nodelist", "nodetype", "noderes", "nodehm", "ppc", "switch")
"""What rmvm cleans; the mac row stays on purpose."""


def codes(result: Result) -> tuple[int, int]:
    """Return and reason code of an smcli result; 0/0 on success."""
    rc, rs = (re.search(rf"{kind} Code: (-?\d+)", result.stdout) for kind in ("Return", "Reason"))
    return (int(rc[1]) if rc else 0, int(rs[1]) if rs else 0)


def said(node: str, text: str) -> Messages:
    """A text with the node's name on every line, as printLn sends it."""
    return [print_line("\n".join(f"{node}: {line}" for line in text.splitlines()))]


class VirtualMachine:
    """One node as zvm.pm works on it. Raises NodeError where the tables do not say enough."""

    def __init__(self, mn: ManagementNode, node: str) -> None:
        self.mn = mn
        self.node = node
        self.zhcp = mn.zhcp(node)
        self.userid = mn.userid(node)

    def smcli(self, function: str, *words: str) -> Result:
        return self.mn.smcli(self.zhcp, function, "-T", self.userid, *words)

    def is_on(self) -> bool:
        result = self.mn.on_zhcp(self.zhcp, f"vmcp q user {shlex.quote(self.userid)}")
        return result.stdout.startswith(self.userid)


# mkvm


def mkvm(mn: ManagementNode, node: str, pairs: Sequence[str]) -> Messages:
    """Write the directory entry, then let the user onto the vswitches the zHCP itself uses, for good."""
    machine = VirtualMachine(mn, node)
    options = dict(pair.partition("=")[::2] for pair in pairs)
    missing = [key for key in ("profile", "password", "memory") if not options.get(key)]
    if missing:
        return said(node, f"(Error) Missing required option {missing[0]}")
    records = list(_directory_entry(machine.userid, options))
    script = f"echo {shlex.quote(chr(10).join(records))} | {SMCLI} Image_Create_DM -T {machine.userid} -s"
    created = mn.on_zhcp(machine.zhcp, script)
    if created.exit_code:
        return said(node, f"Creating user directory entry for {machine.userid}... {created.stdout}")
    messages = said(node, f"Creating user directory entry for {machine.userid}... Done")
    for vswitch in _vswitches_of_zhcp(mn, machine.zhcp):
        outcome = grant(mn, machine.zhcp, machine.userid, vswitch)
        messages += said(node, f"Granting VSwitch ({vswitch}) access for {machine.userid}... {outcome}")
    return messages


def _directory_entry(userid: str, options: Mapping[str, str]) -> Iterator[str]:
    memory, privilege = options["memory"].upper(), options.get("privilege", "G")
    yield f"USER {userid} {options['password']} {memory} {memory} {privilege}"
    yield f"INCLUDE {options['profile'].upper()}"
    count = options.get("cpu", "1")
    yield "CPU 00 BASE"
    yield from (f"CPU {number:02X}" for number in range(1, int(count) if count.isdecimal() else 1))
    if options.get("ipl"):
        yield f"IPL {options['ipl']}"


def _vswitches_of_zhcp(mn: ManagementNode, zhcp: Zhcp) -> list[str]:
    """Vswitches the zHCP's own NICs are coupled to, each once, without the internal one."""
    text = mn.on_zhcp(zhcp, "vmcp q v nic").stdout
    found = re.findall(r"VSWITCH: SYSTEM (\S+)", text)
    linux = mn.linux(zhcp.node)
    internal = linux.files.get("/opt/xcat/internalVswitch", "").split() if linux else []
    return [name for name in dict.fromkeys(found) if name not in internal]


def grant(mn: ManagementNode, zhcp: Zhcp, userid: str, vswitch: str) -> str:
    """xCAT's grants outlive an IPL; port type and VLAN never reach smcli (a bug of zvmCPUtils.pm)."""
    return _set_access(mn, zhcp, vswitch, f"grant_userid={userid}")


def revoke(mn: ManagementNode, zhcp: Zhcp, userid: str, vswitch: str) -> str:
    return _set_access(mn, zhcp, vswitch, f"revoke_userid={userid}")


def _set_access(mn: ManagementNode, zhcp: Zhcp, vswitch: str, who: str) -> str:
    words = ("-T", "SYSTEM", "-k", f"switch_name={vswitch}", "-k", who, "-k", "persist=YES")
    result = mn.smcli(zhcp, "Virtual_Network_Vswitch_Set_Extended", *words)
    return "Done" if "Done" in result.stdout else f"Failed Error output: {result.stdout}"


# rmvm


def rmvm(mn: ManagementNode, node: str, retain: bool) -> Messages:
    """Revoke, log off, delete from the directory, forget the node."""
    machine = VirtualMachine(mn, node)
    if not _is_discovered(mn, node):
        problem = _remove(machine)
        if problem:
            return said(node, f"Deleting virtual server {machine.userid}... {problem.stdout}")
    if not retain:
        forget(mn, node, _TABLES_OF_A_MACHINE)
    return said(node, f"Deleting virtual server {machine.userid}... Done")


def _is_discovered(mn: ManagementNode, node: str) -> bool:
    """A discovered node is not xCAT's: only the tables are cleaned."""
    return mn.tables.value("zvm", "discovered", node=node) == "1"


def _remove(machine: VirtualMachine) -> Result | None:
    """None when the machine is gone, else the answer that stopped it."""
    nics = machine.smcli("Image_Definition_Query_DM", "-k", "NICDEF").stdout
    for vswitch in dict.fromkeys(re.findall(r"SWITCHNAME=(\S+)", nics)):
        revoke(machine.mn, machine.zhcp, machine.userid, vswitch)
    stopped = machine.smcli("Image_Deactivate", "-f", "IMMED")
    if codes(stopped) not in ((0, 0), (200, 12), (200, 16)):
        return stopped
    deleted = machine.smcli("Image_Delete_DM", "-e", "0")
    return deleted if deleted.exit_code else None


# lsvm


def lsvm(mn: ManagementNode, node: str) -> Messages:
    """The directory entry up to *DVHOPT, passwords and all."""
    machine = VirtualMachine(mn, node)
    text = machine.smcli("Image_Query_DM").stdout
    return said(node, text.partition("*DVHOPT")[0].rstrip())


def checknics(mn: ManagementNode, node: str, vdev: str) -> Messages:
    """An empty text if the directory has the NIC, coupled to a LAN in just this order of words."""
    machine = VirtualMachine(mn, node)
    if "CLONE_ONLY=1" in (mn.tables.value("zvm", "status", node=node) or ""):
        return [info(None)]
    records = machine.smcli("Image_Query_DM").stdout
    digits = vdev.lstrip("0") if re.fullmatch("[0-9a-fA-F]{1,4}", vdev) else ""
    pattern = rf"NICDEF [0]*{digits} TYPE QDIO LAN SYSTEM .*"
    if not digits or not re.search(pattern, records, re.IGNORECASE):
        return said(node, f"(Error) not able to find {vdev} in user direct")
    return [info(None)]


def network_names(mn: ManagementNode, node: str) -> Messages:
    """Vswitches and guest LANs of the system a node is on."""
    zhcp = mn.zhcp(node)
    lans = mn.on_zhcp(zhcp, "vmcp q lan").stdout
    names = re.findall(r"^((?:LAN|VSWITCH) \S+ \S+)", lans, re.MULTILINE)
    return [info("\n".join(names))]


# chvm


def chvm(mn: ManagementNode, node: str, words: Sequence[str]) -> Messages:
    """One option with its words. Apart from connectnic2vswitch nothing is said about the outcome."""
    option, operands = (words[0], list(words[1:])) if words else ("", [])
    action = _CHVM.get(option)
    if action is None or len(operands) < _OPERANDS[option]:
        return said(node, f"(Error) Option '{option}' not supported on chvm")
    return action(VirtualMachine(mn, node), operands)


def _smcli(machine: VirtualMachine, operands: list[str]) -> Messages:
    line = " ".join(operands).replace("%userid%", machine.userid)
    machine.mn.on_zhcp(machine.zhcp, f"{SMCLI} {line}")
    return []


def _addnic(machine: VirtualMachine, operands: list[str]) -> Messages:
    vdev, kind, devices = operands[:3]
    guest = machine.mn.linux(machine.node)
    if guest:
        defined = guest.run(f"vmcp define nic {shlex.quote(vdev)} type {shlex.quote(kind)}")
        if "not created" in defined.stdout:
            return said(machine.node, f"(Error) Failed in: define nic {vdev} type {kind}")
    number = "1" if kind.upper().startswith("HIPER") else "2"
    machine.smcli("Virtual_Network_Adapter_Create_DM", "-v", vdev, "-a", number, "-n", devices)
    return []


def _connectnic(machine: VirtualMachine, operands: list[str]) -> Messages:
    vdev, vswitch = operands[:2]
    outcome = grant(machine.mn, machine.zhcp, machine.userid, vswitch)
    machine.smcli("Virtual_Network_Adapter_Connect_Vswitch_DM", "-v", vdev, "-n", vswitch)
    if machine.is_on():
        machine.smcli("Virtual_Network_Adapter_Connect_Vswitch", "-v", vdev, "-n", vswitch)
    attributes = " ".join(operands[1:])
    return said(
        machine.node, f"Granting VSwitch ({attributes}) access for {machine.userid}... {outcome}"
    )


def _grantvswitch(machine: VirtualMachine, operands: list[str]) -> Messages:
    grant(machine.mn, machine.zhcp, machine.userid, operands[0])
    return []


def _disconnectnic(machine: VirtualMachine, operands: list[str]) -> Messages:
    machine.smcli("Virtual_Network_Adapter_Disconnect_DM", "-v", operands[0])
    return []


def _removenic(machine: VirtualMachine, operands: list[str]) -> Messages:
    guest = machine.mn.linux(machine.node)
    if guest:
        guest.run(f"vmcp det nic {shlex.quote(operands[0])}")
    machine.smcli("Virtual_Network_Adapter_Delete_DM", "-v", operands[0])
    return []


_CHVM: Mapping[str, Callable[[VirtualMachine, list[str]], Messages]] = {
    "--smcli": _smcli,
    "--addnic": _addnic,
    "--connectnic2vswitch": _connectnic,
    "--grantvswitch": _grantvswitch,
    "--disconnectnic": _disconnectnic,
    "--removenic": _removenic,
}
_OPERANDS = {
    "--smcli": 1,
    "--addnic": 3,
    "--connectnic2vswitch": 2,
    "--grantvswitch": 1,
    "--disconnectnic": 1,
    "--removenic": 1,
}


def on_each(
    mn: ManagementNode, noderange: str, command: Callable[[ManagementNode, str], Messages]
) -> Messages:
    """Run a command for every node of a range; a node it cannot work on answers with (Error)."""
    messages: Messages = []
    for node in mn.nodes(noderange):
        try:
            messages += command(mn, node)
        except NodeError as problem:
            messages += said(node, f"(Error) {problem}")
    return messages
