"""The bus within one process does what a real bus does.

The changes it makes last as long as the process, so each scene is played in a process of its own.
"""

import multiprocessing
import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

import neutron  # noqa: F401 (before oslo and neutron_lib: it chooses threads, they would choose eventlet)
import oslo_messaging
import pytest
from neutron.common import config
from neutron_lib import context, rpc

from zvmlab.cloud.embedded_bus import behave_like_a_real_bus

TOPIC = "topic"


class Endpoint:
    target = oslo_messaging.Target(version="1.0")

    def __init__(self) -> None:
        self.received: queue.Queue[Any] = queue.Queue()

    def tell(self, context: Any, what: Any) -> Any:
        self.received.put(what)
        return what


class Bus:
    """A client, and as many listeners as are asked for."""

    def __init__(self) -> None:
        self.client = rpc.get_client(oslo_messaging.Target(topic=TOPIC, version="1.0"))
        self.context = context.get_admin_context_without_session()
        self._connections: list[Any] = []

    def listen(self, fanout: bool) -> Endpoint:
        endpoint = Endpoint()
        connection = rpc.Connection()
        connection.create_consumer(TOPIC, [endpoint], fanout=fanout)
        connection.consume_in_threads()
        self._connections.append(connection)
        return endpoint

    def close(self) -> None:
        for connection in self._connections:
            connection.close()


def tuples_arrive_as_lists_both_ways(bus: Bus) -> None:
    endpoint = bus.listen(fanout=False)
    assert bus.client.call(bus.context, "tell", what={"ids": (1, 2)}) == {"ids": [1, 2]}
    assert endpoint.received.get(timeout=10) == {"ids": [1, 2]}


def a_message_is_what_it_was_when_sent(bus: Bus) -> None:
    what = ["as sent"]
    bus.client.cast(bus.context, "tell", what=what)
    what.append("later")
    assert bus.listen(fanout=False).received.get(timeout=10) == ["as sent"]


def every_listener_gets_its_own_copy_of_a_fanout(bus: Bus) -> None:
    endpoints = [bus.listen(fanout=True) for _ in range(3)]
    for number in range(5):
        bus.client.prepare(fanout=True).cast(bus.context, "tell", what=[number])
    heard = [[endpoint.received.get(timeout=10) for _ in range(5)] for endpoint in endpoints]
    assert [sorted(each) for each in heard] == [[[number] for number in range(5)]] * 3
    assert len({id(what) for each in heard for what in each}) == 15


@pytest.mark.parametrize(
    "scene",
    [
        tuples_arrive_as_lists_both_ways,
        a_message_is_what_it_was_when_sent,
        every_listener_gets_its_own_copy_of_a_fanout,
    ],
)
def test_the_bus(scene: Callable[[Bus], None], tmp_path: Path) -> None:
    conf = tmp_path / "bus.conf"
    conf.write_text("[DEFAULT]\ntransport_url = fake://\n")
    process = multiprocessing.get_context("spawn").Process(target=play, args=(scene, conf))
    process.start()
    process.join(60)
    assert process.exitcode == 0


def play(scene: Callable[[Bus], None], conf: Path) -> None:
    behave_like_a_real_bus()
    config.register_common_config_options()
    config.init(["--config-file", str(conf)])
    bus = Bus()
    try:
        scene(bus)
    finally:
        bus.close()
