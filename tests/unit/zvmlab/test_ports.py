"""Free ports."""

import socket

from zvmlab.cloud.ports import CANDIDATES, free_ports


def test_the_ports_differ_and_can_be_bound() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    for port in ports:
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", port))


def test_a_port_in_use_is_not_offered() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_ports(1)[0]))
        assert taken.getsockname()[1] not in free_ports(len(CANDIDATES) // 2)


def test_linux_does_not_give_them_to_outgoing_connections() -> None:
    with open("/proc/sys/net/ipv4/ip_local_port_range") as range_file:
        first_ephemeral = int(range_file.read().split()[0])
    assert max(CANDIDATES) < first_ephemeral
