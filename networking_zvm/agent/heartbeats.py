"""The agent's reports to Neutron: that it lives, and what it serves.

Neutron keeps one row for each host and agent type. In a row shared with a real Open vSwitch agent each
report would undo the other's, so this agent, which only presents itself as one, holds back. A row of this
host under the other type is left from before `server_plugin` was changed; while it stands, Neutron may bind
by it.
Source: neutron/db/agents_db.py (29.0.0), create_or_update_agent, get_agents.
"""

import threading
from collections.abc import Callable
from typing import Any

import oslo_messaging
from neutron.agent import rpc as agent_rpc
from neutron.api.rpc.callbacks import resources
from neutron_lib import constants as neutron_constants
from neutron_lib import context as neutron_context
from neutron_lib.agent import constants as agent_constants
from neutron_lib.agent import topics
from oslo_log import log as logging

from networking_zvm import constants
from networking_zvm.agent import presence, state
from networking_zvm.settings import Settings

LOG = logging.getLogger(__name__)

_FIRST_REPORT_SECONDS = 10.0


class Heartbeats:
    """Tells Neutron regularly that the agent lives; asks for a full sync when Neutron may have missed us.

    The first report waits for the first look at z/VM, for a while, because Neutron binds ports by it.
    """

    def __init__(
        self,
        settings: Settings,
        describe: Callable[[], dict[str, Any]],
        request_sync: Callable[[], None],
        stopping: threading.Event,
    ) -> None:
        self._interval = settings.report_interval
        self._log_heartbeats = settings.log_heartbeats
        self._describe = describe
        self._request_sync = request_sync
        self._stopping = stopping
        self._hurry = threading.Event()
        self._rpc = agent_rpc.PluginReportStateAPI(topics.REPORTS)
        self._context = neutron_context.get_admin_context_without_session()
        self._missed = False
        self._held_back = False
        self._first = True
        self._facts: tuple[Any, ...] | None = None
        self._state = {
            "binary": constants.AGENT_BINARY,
            "host": settings.host,
            "topic": neutron_constants.L2_AGENT_TOPIC,
            "agent_type": presence.AGENT_TYPES[settings.server_plugin],
        }

    def hurry(self) -> None:
        """Report now: something an operator should see has changed."""
        self._hurry.set()

    def run(self) -> None:
        """Report until the agent stops."""
        self._hurry.wait(_FIRST_REPORT_SECONDS)
        self._hurry.clear()
        while not self._stopping.is_set():
            try:
                if not self._has_rival():
                    self._report()
            except (oslo_messaging.MessagingException, oslo_messaging.RemoteError) as error:
                self._note_miss(str(error))
            self._hurry.wait(self._interval)
            self._hurry.clear()

    def _report(self) -> None:
        report: dict[str, Any] = {**self._state, "configurations": self._describe()}
        report["configurations"]["log_agent_heartbeats"] = self._log_heartbeats
        if self._first:
            report["start_flag"] = True
            report["resource_versions"] = resources.LOCAL_RESOURCE_VERSIONS
        answer = self._rpc.report_state(self._context, report, use_call=True)
        facts = state.binding_facts(report["configurations"])
        revived = answer == agent_constants.AGENT_REVIVED
        is_first = self._first
        if is_first or self._missed or revived or facts != self._facts:
            LOG.info("Neutron took the agent's report (%s): full sync", answer)
            self._first = self._missed = False
            self._facts = facts
            self._request_sync()
        if is_first:
            self._tell_leftovers()

    def _has_rival(self) -> bool:
        """Whether another program's agent of this type lives on this host, for Neutron's eyes."""
        if self._state["agent_type"] != constants.OVS_AGENT_TYPE:
            return False
        others = self._rows("agent_type", is_active=True)
        rivals = [row for row in others if row["binary"] != self._state["binary"]]
        if rivals and not self._held_back:
            LOG.error(
                "not reporting to Neutron: a real Open vSwitch agent (%s) lives on host %s; give one of the "
                "two another host name, or set server_plugin = zvm",
                rivals[0]["id"],
                self._state["host"],
            )
        self._held_back = bool(rivals)
        self._missed |= self._held_back
        return self._held_back

    def _tell_leftovers(self) -> None:
        for row in self._rows("binary"):
            if row["agent_type"] != self._state["agent_type"]:
                LOG.warning(
                    "Neutron still lists host %s as %s, left from another server_plugin: remove it with "
                    "openstack network agent delete %s",
                    self._state["host"],
                    row["agent_type"],
                    row["id"],
                )

    def _rows(self, like_ours: str, **filters: Any) -> list[dict[str, Any]]:
        """Agents of this host that are like us in this."""
        filters |= {"host": self._state["host"], like_ours: self._state[like_ours]}
        return list(self._rpc.get_agents(self._context, **filters))

    def _note_miss(self, reason: str) -> None:
        if not self._missed:
            LOG.warning("Neutron does not take the agent's report: %s", reason)
        self._missed = True
