"""The embedded cloud's process: `python -m zvmlab.cloud.embedded_server AGENT-MODULE NEUTRON-CONF`.

Its standard input is a socket on which the lab gives orders (`control`); when that closes, for whatever
reason, the process ends. It is `embedded` that starts it.
"""

import importlib
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType

from oslo_config import cfg

from zvmlab.cloud.bus_bridge import BusBridge
from zvmlab.cloud.control import ControlLine, Message
from zvmlab.cloud.embedded_agents import EmbeddedAgents
from zvmlab.cloud.embedded_neutron import EmbeddedNeutron
from zvmlab.cloud.errors import CloudError

LOG = logging.getLogger(__name__)


def main() -> None:
    agent_module, *config_files = sys.argv[1:]
    sys.argv = ["neutron-api"]
    signal.signal(signal.SIGTERM, _leave)
    control = ControlLine(socket.socket(fileno=0))
    neutron = EmbeddedNeutron(config_files)
    agents = EmbeddedAgents(importlib.import_module(agent_module).create_agent)
    bridge = BusBridge(cfg.CONF.control_exchange)
    control.send({"endpoint": neutron.endpoint, "bus_url": bridge.url, "bus_port": str(bridge.port)})
    try:
        obey(control, agents)
    finally:
        stop_all(agents)
        control.send({})
        logging.shutdown()
        os._exit(0)  # Neutron's RPC threads do not end with the interpreter


def obey(control: ControlLine, agents: EmbeddedAgents) -> None:
    """Carry out orders until told to quit, or until nobody is there to give any."""
    while (order := control.receive()) is not None and order["command"] != "quit":
        try:
            control.send(carry_out(order, agents))
        except CloudError as error:
            control.send({"error": str(error)})


def carry_out(order: Message, agents: EmbeddedAgents) -> Message:
    """Commands: start (agent, files: one per line, log), stop, kill, alive (agent). Raises CloudError."""
    name = order["agent"]
    match order["command"]:
        case "start":
            agents.start(name, order["files"].splitlines(), Path(order["log"]))
        case "stop":
            agents.stop(name)
        case "kill":
            agents.kill(name)
        case "alive":
            return {"alive": "yes" if agents.alive(name) else "no"}
        case unknown:
            raise CloudError(f"unknown command {unknown}")
    return {}


def stop_all(agents: EmbeddedAgents) -> None:
    for name in agents.names():
        try:
            agents.stop(name)
        except CloudError as error:
            LOG.warning("%s", error)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
