"""Guests reach each other as their vswitch says, and as it says from now on."""

import dataclasses
import hashlib
import os
import socket
import subprocess
import threading

import pytest

from tests.dataplane.site import PATIENCE_S, Site, reaches, silent, until
from zvmsim.dataplane import frames
from zvmsim.dataplane.machine import Machine

ETH_P_ALL = 3


def test_guests_of_one_vlan_reach_each_other_and_no_others(site: Site) -> None:
    web1 = site.join("WEB1", "10", "10.0.0.1/24")
    web2 = site.join("WEB2", "10", "10.0.0.2/24")
    site.join("DB1", "20", "10.0.0.3/24")
    assert reaches(web1, "10.0.0.2")
    assert reaches(web2, "10.0.0.1")
    assert silent(web1, "10.0.0.3")


def test_a_guest_moves_to_another_vlan_while_it_runs(site: Site) -> None:
    web1 = site.join("WEB1", "10", "10.0.0.1/24")
    site.join("WEB2", "10", "10.0.0.2/24")
    site.join("DB1", "20", "10.0.0.3/24")
    assert silent(web1, "10.0.0.3")
    site.allow("DB1", "10")
    assert reaches(web1, "10.0.0.3")
    site.allow("WEB1", "20")
    assert silent(web1, "10.0.0.2")
    site.allow("WEB1", "10")
    assert reaches(web1, "10.0.0.2")


@pytest.mark.parametrize("uncouples", [False, True])
def test_a_grant_taken_away_is_felt_as_the_system_behaves(site: Site, uncouples: bool) -> None:
    system = site.world.systems["ZVMA"]
    system.behaviour = dataclasses.replace(system.behaviour, revoke_uncouples=uncouples)
    web1 = site.join("WEB1", "10", "10.0.0.1/24")
    web2 = site.join("WEB2", "10", "10.0.0.2/24")
    assert reaches(web1, "10.0.0.2")
    site.set_vswitch(revoke_userid="WEB2")
    if uncouples:
        assert silent(web1, "10.0.0.2")
        assert carrier(web2) == "0"
    else:
        assert reaches(web1, "10.0.0.2")


def test_the_world_moves_the_packets_without_being_asked(site: Site) -> None:
    """No settle: whoever changes the world does not know of packets."""
    web1 = site.join("WEB1", "10", "10.0.0.1/24")
    site.join("WEB2", "10", "10.0.0.2/24")
    with site.world.lock:
        site.world.systems["ZVMA"].uncouple("WEB2", "1000")
    until(lambda: silent(web1, "10.0.0.2"), "the cable to be out")
    with site.world.lock:
        site.world.systems["ZVMA"].couple("WEB2", "1000", "VSW1")
    assert reaches(web1, "10.0.0.2")


def test_an_uncoupled_nic_has_no_carrier(site: Site) -> None:
    web1 = site.join("WEB1", "10", "10.0.0.1/24")
    assert carrier(web1) == "1"
    site.do(lambda: site.world.systems["ZVMA"].uncouple("WEB1", "1000"))
    assert carrier(web1) == "0"
    site.do(lambda: site.world.systems["ZVMA"].couple("WEB1", "1000", "VSW1"))
    assert carrier(web1) == "1"
    assert carrier(site.machine("DB1")) == "0"


def carrier(machine: Machine) -> str:
    command = machine.command(["cat", f"/sys/class/net/{machine.interface('1000')}/carrier"], own_run=True)
    return subprocess.check_output(command, text=True, timeout=PATIENCE_S).strip()


def test_a_nic_has_the_mac_address_that_zvm_gave_it(site: Site) -> None:
    machine = site.machine("WEB1")
    wanted = site.world.systems["ZVMA"].nic("WEB1", "1000").mac.replace("-", ":").lower()
    with packet_socket(machine) as ear:
        assert ear.getsockname()[4].hex(":") == wanted


def test_a_trunk_guest_sees_tags_and_answers_with_them(site: Site) -> None:
    trunk = site.join("TRUNK1", "10 20", port_type="TRUNK")
    web1 = site.join("WEB1", "10", "10.0.0.1/24")
    db1 = site.join("DB1", "20", "10.0.0.3/24")
    with packet_socket(trunk) as ear:
        for machine, target, vlan in ((web1, "10.0.0.77", 10), (db1, "10.0.0.78", 20)):
            machine.ping(target, 0.1)
            assert vlan_of_arp_for(ear, target) == vlan


def test_guests_of_two_systems_share_a_physical_lan(site: Site) -> None:
    web1 = site.join("WEB1", "10", "10.0.0.1/24")
    site.join("WEB1", "10", "10.0.0.4/24", system="ZVMB")
    site.join("DB1", "20", "10.0.0.5/24", system="ZVMB")
    assert reaches(web1, "10.0.0.4")
    assert silent(web1, "10.0.0.5")
    site.do(lambda: setattr(site.world.systems["ZVMB"].vswitches["VSW1"], "connected", False))
    assert silent(web1, "10.0.0.4")


def test_a_machine_outside_sees_every_tag_of_its_lan(site: Site) -> None:
    outside = site.packets.outside("probe", "campus")
    assert (outside.name, outside.interface()) == ("line:probe", "eth0")
    db1 = site.join("DB1", "20", "10.0.0.3/24", system="ZVMB")
    with packet_socket(outside) as ear:
        db1.ping("10.0.0.78", 0.1)
        assert vlan_of_arp_for(ear, "10.0.0.78") == 20


def test_a_machine_outside_hears_nothing_once_it_is_unplugged(site: Site) -> None:
    outside = site.packets.outside("probe", "campus")
    site.packets.unplug_outside("probe")
    site.packets.unplug_outside("probe")
    with pytest.raises(KeyError, match="line:probe is gone"):
        outside.ping("10.0.0.1")
    again = site.packets.outside("probe", "campus")
    assert again.run(["true"], PATIENCE_S).returncode == 0


def test_outside_machines_have_names_of_their_own_and_lans_that_exist(site: Site) -> None:
    site.packets.outside("probe", "campus")
    with pytest.raises(ValueError, match="there is an outside machine 'probe' already"):
        site.packets.outside("probe", "campus")
    with pytest.raises(ValueError, match="there is no LAN 'nowhere'"):
        site.packets.outside("other", "nowhere")


def test_tcp_carries_every_byte_right(site: Site) -> None:
    """Wrong checksums would let pings pass and TCP stand still."""
    server, client = site.join("WEB1", "10", "10.0.0.1/24"), site.join("WEB2", "10", "10.0.0.2/24")
    sent = os.urandom(4_000_000)
    with server.open_socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("10.0.0.1", 5000))
        listener.listen()
        listener.settimeout(PATIENCE_S)
        sender = threading.Thread(target=send, args=(client, ("10.0.0.1", 5000), sent))
        sender.start()
        connection, (peer, _) = listener.accept()
        with connection, connection.makefile("rb") as stream:
            connection.settimeout(PATIENCE_S)
            received = stream.read()
        sender.join()
    assert peer == "10.0.0.2"
    assert hashlib.sha256(received).digest() == hashlib.sha256(sent).digest()


def test_udp_crosses_too(site: Site) -> None:
    server, client = site.join("WEB1", "10", "10.0.0.1/24"), site.join("WEB2", "10", "10.0.0.2/24")
    with (
        server.open_socket(socket.AF_INET, socket.SOCK_DGRAM) as ear,
        client.open_socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth,
    ):
        ear.bind(("10.0.0.1", 5000))
        ear.settimeout(PATIENCE_S)
        mouth.sendto(b"hello" * 200, ("10.0.0.1", 5000))
        assert ear.recv(2000) == b"hello" * 200


def send(machine: Machine, to: tuple[str, int], data: bytes) -> None:
    with machine.open_socket(socket.AF_INET, socket.SOCK_STREAM) as mouth:
        mouth.settimeout(PATIENCE_S)
        mouth.connect(to)
        mouth.sendall(data)


def packet_socket(machine: Machine) -> socket.socket:
    """Sees whole frames. (The kernel takes the tag out of what AF_PACKET shows, and tells it aside.)"""
    ear = machine.open_socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    ear.bind((machine.interface("" if machine.name.startswith("line:") else "1000"), ETH_P_ALL))
    ear.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    ear.settimeout(PATIENCE_S)
    return ear


SOL_PACKET, PACKET_AUXDATA, TP_STATUS_VLAN_VALID = 263, 8, 1 << 4


def vlan_of_arp_for(ear: socket.socket, address: str) -> int:
    """The VLAN tag of the first ARP request for that address; 0 for none."""
    while True:
        frame, aside, _flags, _sender = ear.recvmsg(2048, 256)
        tag = [data for level, kind, data in aside if (level, kind) == (SOL_PACKET, PACKET_AUXDATA)]
        body = frames.popped(frame)
        if body[12:14] == b"\x08\x06" and body[38:42] == socket.inet_aton(address):
            status, tci = int.from_bytes(tag[0][:4], "little"), int.from_bytes(tag[0][16:18], "little")
            return tci & 0xFFF if status & TP_STATUS_VLAN_VALID else frames.vlan(frame)
