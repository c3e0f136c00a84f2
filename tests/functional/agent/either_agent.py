"""An agent for clouds with hosts of both kinds: the product's, or a stand-in for a real Open vSwitch agent.

A file with `[standin] bridge_mappings` asks for the stand-in, which reports and does nothing else.
"""

import threading
from collections.abc import Sequence
from typing import Any

from neutron.agent import rpc as agent_rpc  # before oslo_messaging, which would choose eventlet
from neutron_lib import context as neutron_context
from neutron_lib.agent import topics
from oslo_config import cfg
from oslo_messaging import MessagingTimeout

from networking_zvm.agent import main as product
from networking_zvm.agent.agent import ZvmAgent

REPORT_SECONDS = 2.0


class OpenvswitchStandin:
    """Reports as neutron-openvswitch-agent does, as far as the server's driver looks."""

    def __init__(self, host: str, bridge_mappings: dict[str, str]) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name=f"standin-{host}")
        self._state = {
            "agent_type": "Open vSwitch agent",
            "binary": "neutron-openvswitch-agent",
            "host": host,
            "topic": "N/A",
            "configurations": {"bridge_mappings": bridge_mappings, "integration_bridge": "br-int"},
        }

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _work(self) -> None:
        rpc = agent_rpc.PluginReportStateAPI(topics.REPORTS)
        context = neutron_context.get_admin_context_without_session()
        while not self._stopping.is_set():
            try:
                rpc.report_state(context, {**self._state}, use_call=True)
            except MessagingTimeout:  # a busy machine: try again
                continue
            self._stopping.wait(REPORT_SECONDS)


def create_agent(config_files: Sequence[str]) -> ZvmAgent | OpenvswitchStandin:
    conf = cfg.ConfigOpts()
    conf.register_opt(cfg.StrOpt("host"))
    conf.register_opt(cfg.DictOpt("bridge_mappings"), "standin")
    conf([word for file in config_files for word in ("--config-file", file)])
    mappings: Any = conf.standin.bridge_mappings
    return OpenvswitchStandin(conf.host, mappings) if mappings else product.create_agent(config_files)
