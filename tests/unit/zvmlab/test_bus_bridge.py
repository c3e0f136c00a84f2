"""An agent in a process of its own is on the embedded cloud's bus as if it were in that cloud's.

It is played in two processes, as both change oslo.messaging for as long as they live.
"""

import multiprocessing
import socket
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import neutron  # noqa: F401 (before oslo and neutron_lib: it chooses threads, they would choose eventlet)
import oslo_messaging
import pytest
from neutron.common import config
from neutron_lib import context, exceptions, rpc
from oslo_messaging._drivers import impl_fake

from zvmlab.cloud.bus_bridge import BusBridge, Line
from zvmlab.cloud.bus_bridge_driver import BridgeDriver
from zvmlab.cloud.embedded_bus import behave_like_a_real_bus
from zvmlab.neutron_api import wait_for

SPAWN = multiprocessing.get_context("spawn")
IN_CLOUD, OF_AGENT = "in-the-cloud", "of-the-agent"


class Endpoint:
    """On either side."""

    target = oslo_messaging.Target(version="1.0")

    def __init__(self) -> None:
        self.told: list[Any] = []

    def tell(self, context: Any, what: Any) -> Any:
        self.told.append(what)
        return what

    def all_told(self, context: Any) -> list[Any]:
        return self.told

    def refuse(self, context: Any, port_id: str) -> None:
        raise exceptions.PortNotFound(port_id=port_id)

    def call_back(self, context: Any, what: Any) -> Any:
        return call(OF_AGENT, "tell", what=what)

    def fan_out(self, context: Any, what: Any) -> None:
        client(OF_AGENT).prepare(fanout=True).cast(admin(), "tell", what=what)


def admin() -> Any:
    return context.get_admin_context_without_session()


def client(topic: str) -> Any:
    return rpc.get_client(oslo_messaging.Target(topic=topic, version="1.0"))


def call(topic: str, method: str, **arguments: Any) -> Any:
    return client(topic).call(admin(), method, **arguments)


def listen(topic: str, host: str) -> Endpoint:
    """By name and to fanouts, as Neutron's services do."""
    endpoint = Endpoint()
    rpc_server = rpc.get_server(oslo_messaging.Target(topic=topic, server=host), [endpoint])
    rpc_server.start()
    return endpoint


def a_call_is_answered(agent: Endpoint) -> None:
    assert call(IN_CLOUD, "tell", what={"ids": (1, 2)}) == {"ids": [1, 2]}


def a_failure_arrives(agent: Endpoint) -> None:
    """As what any other driver makes of it, which this client cannot make anew either."""
    with pytest.raises(oslo_messaging.RemoteError, match="Port this-one could not be found") as caught:
        call(IN_CLOUD, "refuse", port_id="this-one")
    assert caught.value.exc_type == "PortNotFound"


def a_cast_arrives(agent: Endpoint) -> None:
    client(IN_CLOUD).cast(admin(), "tell", what="by cast")
    wait_for(lambda: call(IN_CLOUD, "all_told"), lambda told: "by cast" in told, what="the cast to arrive")


def a_call_that_nobody_answers_comes_to_an_end(agent: Endpoint) -> None:
    with pytest.raises(oslo_messaging.MessagingTimeout):
        client("nobody").prepare(timeout=1).call(admin(), "tell", what="hello")


def the_agent_is_called(agent: Endpoint) -> None:
    assert call(IN_CLOUD, "call_back", what=[None, "x"]) == [None, "x"]
    assert agent.told == [[None, "x"]]
    agent.told.clear()


def the_agent_hears_fanouts_once(agent: Endpoint) -> None:
    for number in range(3):
        call(IN_CLOUD, "fan_out", what=number)
    call(IN_CLOUD, "call_back", what="last")
    wait_for(lambda: sorted(map(str, agent.told)), lambda told: told == ["0", "1", "2", "last"], what="all")


def test_an_agent_in_another_process(tmp_path: Path) -> None:
    ours, theirs = SPAWN.Pipe()
    cloud = SPAWN.Process(target=be_the_cloud, args=(tmp_path, theirs), daemon=True)
    cloud.start()
    assert ours.poll(120)
    agent = SPAWN.Process(target=be_the_agent, args=(tmp_path, ours.recv()), daemon=True)
    agent.start()
    agent.join(240)
    cloud.kill()
    assert agent.exitcode == 0


def test_without_the_token_nothing_is_done() -> None:
    bridge = BusBridge("neutron")
    line = Line(socket.create_connection(("127.0.0.1", bridge.port), timeout=10))
    line.write({"token": "guessed", "what": "send", "target": {"topic": IN_CLOUD}})
    assert line.read() is None


def be_the_cloud(folder: Path, parent: Connection) -> None:
    behave_like_a_real_bus()
    configure(folder / "cloud.conf", "fake://")
    listen(IN_CLOUD, "cloud")
    parent.send(BusBridge("neutron").url)
    parent.poll(None)


def be_the_agent(folder: Path, url: str) -> None:
    impl_fake.FakeDriver = BridgeDriver
    configure(folder / "agent.conf", url)
    agent = listen(OF_AGENT, "agent")
    a_call_is_answered(agent)
    a_failure_arrives(agent)
    a_cast_arrives(agent)
    a_call_that_nobody_answers_comes_to_an_end(agent)
    the_agent_is_called(agent)
    the_agent_hears_fanouts_once(agent)


def configure(conf: Path, url: str) -> None:
    conf.write_text(f"[DEFAULT]\ntransport_url = {url}\n")
    config.register_common_config_options()
    config.init(["--config-file", str(conf)])
