"""Stories of a DHCP node whose kernel need not know VLANs, told with frames."""

import hashlib
import socket
import subprocess

import pytest

from networking_zvm.dhcp import trunk_control
from tests.dhcp_node import node as dhcp_node
from tests.dhcp_node.node import LAN, NIC, WIRE
from zvmlab.neutron_api import wait_for

WATCH = """
import socket, struct, sys
line = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
line.setsockopt(263, 8, 1)  # SOL_PACKET, PACKET_AUXDATA
line.bind((sys.argv[1], 3))
print("ready", flush=True)
text = ""
while text != "last":
    frame, extra, _, _ = line.recvmsg(2048, 64)
    if frame[12:14] in (b"\\x88\\xb5", b"\\x81\\x00"):
        text = frame[14:].strip(b"\\0").decode()
        print(text, struct.unpack_from("IIIHHHH", extra[0][2])[5] & 0xFFF)
"""
SEND_TAGGED_THEN_NOT = """
import socket, sys
line = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
line.bind((sys.argv[1], 0))
head = b"\\xff" * 6 + bytes([2, 0, 0, 0, 0, 9])
line.send(head + b"\\x81\\x00\\x00\\x14\\x88\\xb5first" + bytes(50))
line.send(head + b"\\x88\\xa8\\x00\\x14\\x88\\xb5first" + bytes(50))
line.send(head + b"\\x88\\xb5last" + bytes(50))
"""


@pytest.fixture(scope="module")
def settled_agent(node):
    with dhcp_node.agent(node, trunk_mode="userspace") as agent:
        yield agent


def served_from(lease, net):
    return lease is not None and lease["server"] == f"{net}.2" and lease["address"].startswith(f"{net}.")


def test_each_vlan_is_served_by_its_own_server(node, agent):
    for name, vlan in (("red", 10), ("blue", 20), ("flat", None)):
        node.serve(agent, name, vlan)

    assert served_from(node.lease(10), "10.10.0")
    assert served_from(node.lease(20), "10.20.0")
    assert served_from(node.lease(None), "10.0.0")
    assert node.lease(30, patience=1.5) is None


def test_the_device_is_as_neutron_wants_it(node, agent):
    device = node.serve(agent, "red", 10)

    link = node.link(device, "qdhcp-red")
    assert (link["address"], link["mtu"]) == (dhcp_node.mac("red"), 1400)
    assert {"UP", "LOWER_UP"} <= set(link["flags"])
    assert node.link(device) is None


def test_a_restart_of_the_agent_changes_nothing(node, agent):
    device = node.serve(agent, "red", 10)
    before, helper = node.standing(device, "qdhcp-red"), node.helper()

    with dhcp_node.agent(node, trunk_mode="userspace") as restarted:
        assert restarted.plug(10, namespace="qdhcp-red", device=device, mac=dhcp_node.mac("red")) is None
        node.serve(restarted, "blue", 20)

    assert node.standing(device, "qdhcp-red") == before
    assert node.helper() == helper
    assert served_from(node.lease(10), "10.10.0")
    assert served_from(node.lease(20), "10.20.0")


def test_a_killed_helper_leaves_devices_and_addresses_and_is_healed_by_the_next_operation(node, agent):
    device = node.serve(agent, "red", 10)
    before = node.standing(device, "qdhcp-red")

    node.kill_helper()
    assert node.standing(device, "qdhcp-red") == before
    assert node.lease(10, patience=1.5) is None

    assert agent.look() is None
    assert served_from(node.lease(10), "10.10.0")
    assert node.standing(device, "qdhcp-red") == before


def test_a_device_that_somebody_deletes_is_made_anew(node, agent):
    node.serve(agent, "blue", 20)
    device = node.serve(agent, "red", 10)
    node.run("ip", "link", "delete", device, namespace="qdhcp-red")

    node.serve(agent, "red", 10)
    assert served_from(node.lease(10), "10.10.0")
    assert served_from(node.lease(20), "10.20.0")


def test_a_helper_whose_only_device_is_deleted_ends_and_another_comes(node, agent):
    device = node.serve(agent, "red", 10)
    node.run("ip", "link", "delete", device, namespace="qdhcp-red")
    wait_for(node.helper, lambda pid: pid is None, "the helper's end")

    node.serve(agent, "red", 10)
    assert served_from(node.lease(10), "10.10.0")


def test_unplugging_one_network_leaves_the_other_alone(node, agent):
    node.serve(agent, "blue", 20)
    device = node.serve(agent, "red", 10)

    assert agent.unplug(namespace="qdhcp-red", device=device) is None
    assert node.link(device, "qdhcp-red") is None
    assert node.lease(10, patience=1.5) is None
    assert served_from(node.lease(20), "10.20.0")


def test_unplugging_the_last_ends_the_helper_and_doing_it_again_is_no_error(node, agent):
    device = node.serve(agent, "red", 10)
    for _ in range(2):
        assert agent.unplug(namespace="qdhcp-red", device=device) is None

    wait_for(node.helper, lambda pid: pid is None, "the helper's end")
    left = wait_for(
        lambda: {file.suffix for file in node.files.socket.parent.iterdir()},
        lambda suffixes: suffixes <= {".lock", ".log"},
        "the helper's files to go",
    )
    assert ".log" in left


def test_unplugging_works_after_the_helper_was_killed(node, agent):
    device = node.serve(agent, "red", 10)
    node.kill_helper()

    assert agent.unplug(namespace="qdhcp-red", device=device) is None
    assert node.link(device, "qdhcp-red") is None


def test_a_namespace_that_went_away_is_let_go(node, agent):
    node.serve(agent, "blue", 20)
    node.serve(agent, "red", 10)
    node.run("ip", "netns", "delete", "qdhcp-red")

    node.serve(agent, "red", 10)
    assert served_from(node.lease(10), "10.10.0")
    assert [tap.namespace for tap in node.files.load()] == ["qdhcp-blue", "qdhcp-red"]


def test_a_nic_that_is_detached_serves_again_when_it_is_back(node, agent):
    node.serve(agent, "red", 10)
    node.lose_nic()
    node.give_nic()

    assert served_from(node.lease(10, patience=30), "10.10.0")


def test_a_node_without_the_nic_says_so_and_plugs_when_it_is_there(node, agent):
    node.lose_nic()
    error = agent.plug(10, namespace="qdhcp-red", device="tapred", mac=dhcp_node.mac("red"))
    node.give_nic()

    assert f"this node has no {NIC}" in error
    node.serve(agent, "red", 10)
    assert served_from(node.lease(10), "10.10.0")


def test_what_senders_leave_to_hardware_arrives_whole(node, agent):
    """The kernel's own TCP on a veth leaves checksums and segments of up to 64 kB to the receiver's side."""
    node.serve(agent, "flat", None)
    node.run("ip", "addr", "replace", "10.0.0.9/24", "dev", WIRE, namespace=LAN)
    send = "import sys, socket; socket.create_connection((sys.argv[1], 7)).sendall(b'z/VM' * 500_000)"
    receive = (
        "import hashlib, socket; listener = socket.create_server(('10.0.0.2', 7));"
        "print('ready', flush=True); line = listener.accept()[0].makefile('rb');"
        "print(hashlib.sha256(line.read()).hexdigest())"
    )
    server = subprocess.Popen(
        node.command("python3", "-c", receive, namespace="qdhcp-flat"), stdout=subprocess.PIPE, text=True
    )
    assert server.stdout.readline() == "ready\n"
    node.run("python3", "-c", send, "10.0.0.2", namespace=LAN)
    told, _ = server.communicate(timeout=60)
    assert told.strip() == hashlib.sha256(b"z/VM" * 500_000).hexdigest()


def test_a_namespace_cannot_reach_into_another_vlan(node, agent):
    red = node.serve(agent, "red", 10)
    watcher = subprocess.Popen(
        node.command("python3", "-c", WATCH, WIRE, namespace=LAN), stdout=subprocess.PIPE, text=True
    )
    assert watcher.stdout.readline() == "ready\n"
    node.run("python3", "-c", SEND_TAGGED_THEN_NOT, red, namespace="qdhcp-red")
    seen, _ = watcher.communicate(timeout=60)
    assert seen.split() == ["last", "10"]


def test_only_the_agents_user_may_tell_the_helper_what_to_do(node, agent):
    node.serve(agent, "red", 10)

    files = node.files
    assert files.socket.parent.stat().st_mode & 0o777 == 0o700
    kept = (files.socket, files.attachments, files.lock, files.log)
    assert {file.stat().st_mode & 0o777 for file in kept} == {0o600}


def test_the_helper_refuses_nonsense_and_goes_on(node, agent):
    node.serve(agent, "red", 10)
    helper = node.helper()
    right = {"do": "attach", "device": "tapx", "namespace": "qdhcp-red", "mac": "02:00:00:00:00:01"}
    wrong = {
        "device": ("../x", "-x", "tap x", "a" * 16, ""),
        "namespace": ("../../etc/passwd", "-n", "", "qdhcp-missing"),
        "mac": ("02:00", None),
        "vlan": (0, 4095, "x"),
        "do": ("dance", None),
    }
    for name, values in wrong.items():
        for value in values:
            answer = trunk_control.ask(node.files.socket, {**right, "vlan": 1, name: value})
            assert answer["error"], (name, value)
    assert trunk_control.ask(node.files.socket, {"do": "attach"})["error"]

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.connect(str(node.files.socket))
        line.sendall(b"no JSON \xff")
    assert node.helper() == helper
    assert len(node.files.load()) == 1


def test_a_helper_that_cannot_start_says_why(node, agent):
    in_the_way = node.files.attachments.with_suffix(".new")
    in_the_way.mkdir(parents=True)
    error = agent.plug(10, namespace="qdhcp-red", device="tapred", mac=dhcp_node.mac("red"))
    in_the_way.rmdir()

    assert "NotPlugged" in error
    assert str(in_the_way) in error
    node.serve(agent, "red", 10)
    assert served_from(node.lease(10), "10.10.0")


def test_a_second_helper_leaves_at_once(node, agent):
    node.serve(agent, "red", 10)
    helper = node.helper()

    node.run(*node.trunk_command())
    assert node.helper() == helper


def test_a_terminated_helper_leaves_its_devices_to_the_next(node, agent):
    device = node.serve(agent, "red", 10)
    node.run("kill", node.helper())
    wait_for(node.helper, lambda pid: pid is None, "the helper's end")

    node.run(*node.trunk_command())
    assert served_from(node.lease(10), "10.10.0")
    assert node.link(device, "qdhcp-red") is not None
