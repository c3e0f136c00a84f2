"""The line between the lab and the embedded cloud's process."""

import socket

import pytest

from zvmlab.cloud.control import ControlLine


@pytest.fixture
def ends() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair()


def test_messages_arrive_in_order_and_whole(ends: tuple[socket.socket, socket.socket]) -> None:
    lab, cloud = map(ControlLine, ends)
    long = {"files": "/a\n/b", "log": "x" * 200_000 + "ü"}
    ends[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1_000_000)
    lab.send({"command": "alive"})
    lab.send(long)
    assert cloud.receive(timeout=5) == {"command": "alive"}
    assert cloud.receive(timeout=5) == long


def test_a_side_that_is_gone_reads_as_nothing(ends: tuple[socket.socket, socket.socket]) -> None:
    lab, cloud = map(ControlLine, ends)
    lab.close()
    assert cloud.receive() is None
    cloud.send({"nobody": "listens"})
    assert cloud.receive() is None


def test_a_silent_side_reads_as_nothing_after_the_timeout(ends: tuple[socket.socket, socket.socket]) -> None:
    assert ControlLine(ends[0]).receive(timeout=0.01) is None
