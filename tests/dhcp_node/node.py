"""A DHCP node in namespaces of its own: `enc1000` is its trunk NIC, whose other end, `wire`, lies in `lan`.

Nothing of it is in the machine's own namespaces, and all its processes end with it, even after a kill.
"""

import contextlib
import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from networking_zvm.dhcp import trunk_control
from networking_zvm.dhcp.trunk import Files
from zvmlab.neutron_api import wait_for

ROOT = Path(__file__).parents[2]
NIC, WIRE, LAN = "enc1000", "wire", "lan"
MADE = f"""
set -e
mount -t tmpfs tmpfs /run
mkdir /run/netns
ip link set lo up
ip netns add {LAN}
ip link add {NIC} type veth peer name {WIRE} netns {LAN}
ip link set {NIC} up
ip -n {LAN} link set {WIRE} up
echo made
exec cat
"""
REMADE = MADE[MADE.index("ip link add") : MADE.index("echo")]


def missing() -> str:
    """Why there can be no node here, in words; empty if there can."""
    if os.geteuid():
        return "only root can make network namespaces"
    if not Path("/dev/net/tun").exists():
        return "/dev/net/tun is missing"
    programs = [name for name in ("ip", "nsenter", "unshare", "dnsmasq") if shutil.which(name) is None]
    return f"not installed: {', '.join(programs)}" if programs else ""


class Node:
    """Commands run in the node's network, mount and process namespaces."""

    def __init__(self, directory: Path) -> None:
        self.state = directory
        self._networks: dict[str, str] = {}
        apart = ("--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
        self._tree = subprocess.Popen(
            ["unshare", *apart, "sh", "-c", MADE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._tree.stdout is not None
        assert self._tree.stdout.readline() == "made\n"
        children = Path(f"/proc/{self._tree.pid}/task/{self._tree.pid}/children").read_text()
        self._inside = ["nsenter", "--target", children.split()[0], "--net", "--mount", "--pid"]

    def enter_network(self) -> None:
        """Move the calling thread, and what it starts, to the node's network."""
        libc = ctypes.CDLL(None, use_errno=True)
        with Path(f"/proc/{self._inside[2]}/ns/net").open() as network:
            assert libc.setns(network.fileno(), 0x40000000) == 0, ctypes.get_errno()  # CLONE_NEWNET

    def end(self) -> None:
        self._tree.kill()
        self._tree.communicate()

    def command(self, *words: object, namespace: str | None = None) -> list[str]:
        inside = ("ip", "netns", "exec", namespace) if namespace else ()
        return [*self._inside, *inside, *map(str, words)]

    def run(self, *words: object, namespace: str | None = None, check: bool = True) -> str:
        """What the command prints."""
        command = self.command(*words, namespace=namespace)
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
        if check:
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def python(self, module: str, *words: object, namespace: str | None = None) -> Any:
        """What a module of these tests prints as JSON."""
        shell = ("env", f"PYTHONPATH={ROOT}", sys.executable, "-m", f"tests.dhcp_node.{module}")
        return json.loads(self.run(*shell, *words, namespace=namespace))

    def link(self, device: str, namespace: str | None = None) -> Mapping[str, Any] | None:
        """What `ip` says of a device, with its addresses; None if there is none."""
        listed = self.run("ip", "-d", "-j", "addr", "show", "dev", device, namespace=namespace, check=False)
        links = [link for link in json.loads(listed or "[]") if link]
        return links[0] if links else None

    def standing(self, device: str, namespace: str) -> tuple[object, ...]:
        """What must not change while a network is served."""
        link = self.link(device, namespace)
        assert link, f"{device} is missing"
        addresses = sorted(address["local"] for address in link["addr_info"])
        return link["ifindex"], link["address"], link["mtu"], "UP" in link["flags"], *addresses

    def lose_nic(self) -> None:
        self.run("ip", "link", "delete", NIC)

    def give_nic(self) -> None:
        self.run("sh", "-c", REMADE)

    def serve(self, agent: "Agent", name: str, vlan: int | None) -> str:
        """What the DHCP agent does for a network: plug, an address, a dnsmasq. The device's name.

        Its addresses are 10.VLAN.0.0/24, 10.0.0.0/24 for a flat network.
        """
        namespace, device, net = f"qdhcp-{name}", f"tap{name}", f"10.{vlan or 0}.0"
        assert agent.plug(vlan, namespace=namespace, device=device, mac=mac(name)) is None
        self._networks[namespace] = device
        self.run("ip", "addr", "replace", f"{net}.2/24", "dev", device, namespace=namespace)
        files = self.state / f"{namespace}-{len(list(self.state.iterdir()))}"
        files.mkdir()
        self.run(
            "dnsmasq", "--no-hosts", "--no-resolv", "--port=0", f"--interface={device}", "--bind-dynamic",
            "--except-interface=lo", "--leasefile-ro", "--no-ping", "--dhcp-authoritative",
            f"--dhcp-range={net}.50,{net}.99,255.255.255.0,600", f"--pid-file={files / 'pid'}",
            f"--log-facility={files / 'log'}", "--conf-file=/dev/null", "--user=root",
            namespace=namespace,
        )  # fmt: skip
        return device

    def clear(self, agent: "Agent") -> None:
        """No network, no dnsmasq, no namespace."""
        for namespace, device in self._networks.items():
            assert agent.unplug(namespace=namespace, device=device) is None
            for pid in self.run("ip", "netns", "pids", namespace).split():
                self.run("kill", "-9", pid)
            self.run("ip", "netns", "delete", namespace)
        self._networks.clear()

    @property
    def files(self) -> Files:
        return Files(self.state / "zvm", NIC)

    def helper(self, files: Files | None = None) -> int | None:
        """The helper's process id in the node; None if there is none."""
        try:
            return int(trunk_control.ask((files or self.files).socket, {"do": "status"})["pid"])
        except (ConnectionError, FileNotFoundError):
            return None

    def trunk_command(self) -> tuple[object, ...]:
        """How the driver starts a helper."""
        module = (sys.executable, "-m", "networking_zvm.dhcp.trunk")
        return (*module, "--interface", NIC, "--state", self.files.socket.parent)

    def kill_helper(self, files: Files | None = None) -> None:
        """As the kernel does when memory is short; returns when it answers no more."""
        self.run("kill", "-9", self.helper(files))
        wait_for(lambda: self.helper(files), lambda pid: pid is None, "the helper's death")

    def lease(self, vlan: int | None, patience: float = 5, mac: str = "") -> Mapping[str, Any] | None:
        """The lease that a client on the LAN gets whose frames bear this tag; None after so many seconds."""
        lease = self.python("client", WIRE, vlan or 0, patience, mac, namespace=LAN)
        assert lease is None or isinstance(lease, dict)
        return lease


class Agent:
    """A process with the interface driver in it, as the DHCP agent is one."""

    def __init__(self, node: Node, **options: str) -> None:
        settings = {"state_path": str(node.state), "trunk_interfaces": f"physnet1:{NIC}", **options}
        shell = ("env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.dhcp_node.agent")
        self._process = subprocess.Popen(
            node.command(*shell, json.dumps(settings)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def plug(self, vlan: int | None, *, namespace: str, device: str, mac: str) -> str | None:
        """The error, if there is one."""
        return self._do(do="plug", vlan=vlan, namespace=namespace, device=device, mac=mac)

    def unplug(self, *, namespace: str, device: str) -> str | None:
        return self._do(do="unplug", namespace=namespace, device=device)

    def look(self) -> str | None:
        """Any other operation of the agent's."""
        return self._do(do="look")

    def _do(self, **order: object) -> str | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)
        error = json.loads(self._process.stdout.readline())
        assert error is None or isinstance(error, str)
        return error

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def mac(name: str) -> str:
    """An address of its own for each network's port."""
    return f"02:00:00:00:00:{sum(name.encode()) % 256:02x}"


@contextlib.contextmanager
def agent(node: Node, **options: str) -> Iterator[Agent]:
    started = Agent(node, **options)
    try:
        yield started
    finally:
        started.kill()
