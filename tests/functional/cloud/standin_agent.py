"""A stand-in for the product's agent: it reports its system and says "up" of every port bound to its host.

It has no hypervisor; with its reports it tells which ports Neutron pushed to it. Its configuration file gives
`[DEFAULT] host`.
"""

import contextlib
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

from neutron.agent import rpc as agent_rpc  # before oslo_messaging, which would choose eventlet
from neutron.api.rpc.callbacks import resources
from neutron.api.rpc.handlers import resources_rpc
from neutron.common import config
from neutron.conf import service as service_conf
from neutron.conf.agent import common as agent_conf
from neutron.conf.plugins.ml2.drivers import agent as l2_agent_conf
from neutron_lib import context as neutron_context
from neutron_lib import rpc
from neutron_lib.agent import topics
from oslo_config import cfg
from oslo_messaging import MessagingTimeout

AGENT_TYPE = "z/VM agent"
BINARY = "neutron-zvm-agent"
PASS_INTERVAL_S = 0.2


class PortPushes(resources_rpc.ResourcesPushRpcCallback):  # type: ignore[misc]
    def __init__(self) -> None:
        self.port_ids: set[str] = set()

    def push(self, context: Any, **arguments: Any) -> None:
        self.port_ids |= {port["versioned_object.data"]["id"] for port in arguments["resource_list"]}


class StandinAgent:
    def __init__(self, host: str) -> None:
        self._host = host
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"standin-{host}")
        self._context = neutron_context.get_admin_context_without_session()
        self._plugin = agent_rpc.PluginApi(topics.PLUGIN)
        self._reports = agent_rpc.PluginReportStateAPI(topics.REPORTS)
        self._pushes = PortPushes()
        self._connection = rpc.Connection()

    def start(self) -> None:
        topic = resources_rpc.resource_type_versioned_topic(resources.PORT)
        self._connection.create_consumer(topic, [self._pushes], fanout=True)
        self._connection.consume_in_threads()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        first = True
        while not self._stopping.is_set():
            with contextlib.suppress(MessagingTimeout):  # a busy machine: try again
                self._reports.report_state(self._context, self._state(first), use_call=True)
                first = False
                self._bring_up()
            self._stopping.wait(PASS_INTERVAL_S)

    def _state(self, first: bool) -> dict[str, Any]:
        return {
            "agent_type": AGENT_TYPE,
            "binary": BINARY,
            "host": self._host,
            "topic": "N/A",
            "configurations": {
                "vswitch_mappings": {"physnet1": "VSW1"},
                "mac_prefix": "02:00:00",
                "pushed": sorted(self._pushes.port_ids),
            },
            "resource_versions": resources.LOCAL_RESOURCE_VERSIONS,
            "start_flag": first,
        }

    def _bring_up(self) -> None:
        ports = self._plugin.get_ports_by_vnic_type_and_host(self._context, "normal", self._host)
        down = [port["id"] for port in ports if port["status"] != "ACTIVE" and port["admin_state_up"]]
        if down:
            self._plugin.update_device_list(self._context, down, [], f"standin-{self._host}", self._host)


def create_agent(config_files: Sequence[str]) -> StandinAgent:
    conf = cfg.ConfigOpts()
    conf.register_opt(cfg.StrOpt("host", required=True))
    conf(_options(config_files))
    return StandinAgent(conf.host)


def main() -> None:
    config.register_common_config_options()
    service_conf.register_service_opts(service_conf.RPC_EXTRA_OPTS, cfg.CONF)
    l2_agent_conf.register_agent_opts()
    agent_conf.register_agent_state_opts_helper(cfg.CONF)
    config.init(sys.argv[1:])
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    agent = StandinAgent(cfg.CONF.host)
    agent.start()
    stopping.wait()
    agent.stop()


def _options(config_files: Sequence[str]) -> list[str]:
    return [word for file in config_files for word in ("--config-file", file)]


if __name__ == "__main__":
    main()
