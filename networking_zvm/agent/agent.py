"""One agent: its threads, and when they work. Any number of agents may live in one process."""

import threading
import time
from typing import Any

from oslo_log import log as logging

from networking_zvm import errors
from networking_zvm.agent import heartbeats, presence, reconciler, server, state
from networking_zvm.claims import Policy, State, Verdict
from networking_zvm.hypervisor import base
from networking_zvm.settings import Settings

LOG = logging.getLogger(__name__)

_GATHER_SECONDS = 0.05  # pushes of one request arrive together: let them gather before looking
_FIRST_RETRY_SECONDS = 2.0
_LAST_RETRY_SECONDS = 60.0
_STOP_SECONDS = 5.0


class ZvmAgent:
    """Keeps one z/VM system as Neutron wants it, and tells Neutron so.

    Needs Neutron's RPC to be initialised in the process. hypervisor is closed by stop().
    """

    def __init__(self, settings: Settings, hypervisor: base.Hypervisor) -> None:
        self._settings = settings
        self._hypervisor = hypervisor
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._neutron = server.NeutronServer(settings.host, self._wake.set)
        self._policy = Policy.of(settings, hypervisor.capabilities)
        self._reconciler = reconciler.Reconciler(
            self._neutron, hypervisor, self._policy, settings.parallelism, self._stopping
        )
        self._outcome: reconciler.Outcome | None = None
        self._health = state.Health(False, "no look at z/VM has succeeded yet")
        self._retry = _FIRST_RETRY_SECONDS
        self._maintain_at = 0.0
        self._maintained = state.Health(True)
        self._reports = heartbeats.Heartbeats(
            settings, self._describe, self._neutron.request_sync, self._stopping
        )
        self._threads = [
            threading.Thread(target=self._reports.run, name=f"zvm-report-{settings.host}", daemon=True),
            threading.Thread(target=self._work, name=f"zvm-work-{settings.host}", daemon=True),
        ]

    def start(self) -> None:
        """Start all threads and return."""
        LOG.info("agent for %s starts, control point %s", self._settings.host, self._settings.control_point)
        self._neutron.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop within seconds; what a slow control point still works on is left to the next agent."""
        self._stopping.set()
        self._wake.set()
        self._reports.hurry()
        deadline = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._neutron.stop()
        self._hypervisor.close()
        LOG.info("agent for %s has stopped", self._settings.host)

    def _work(self) -> None:
        """The thread that passes. The one place that must survive anything, or the agent would play dead."""
        while not self._stopping.is_set():
            trouble = None
            try:
                pause = self._pass()
            except (errors.HypervisorError, errors.NeutronUnavailable) as error:
                trouble = str(error)
            except Exception as error:
                LOG.exception("a pass failed in a way nobody thought of")
                trouble = f"{type(error).__name__}: {error}"
            if trouble is not None:
                pause = self._note_trouble(trouble)
            if self._wake.wait(pause):
                self._stopping.wait(_GATHER_SECONDS)
            self._wake.clear()

    def _pass(self) -> float:
        """Look, and if Neutron's wishes are known, act. Returns the seconds until the next pass."""
        if not self._neutron.is_known:
            self._reconciler.look()
            self._note_health(state.Health(True))
            return self._settings.audit_interval
        is_first = self._outcome is None
        self._outcome = self._reconciler.run_pass()
        if is_first:
            self._reports.hurry()
        if self._outcome.changed:
            return 0.0
        self._note_health(self._maintain())
        return self._reconciler.next_look(self._settings.polling_interval, self._settings.audit_interval)

    def _maintain(self) -> state.Health:
        """Let the control point be looked after, at most once per audit."""
        if time.monotonic() >= self._maintain_at:
            self._maintain_at = time.monotonic() + self._settings.audit_interval
            try:
                self._hypervisor.maintain()
            except errors.ConfigurationError as error:
                self._maintained = state.Health(False, str(error))
            else:
                self._maintained = state.Health(True)
        return self._maintained

    def _note_trouble(self, reason: str) -> float:
        self._note_health(state.Health(False, reason))
        pause = self._retry
        self._retry = min(2 * self._retry, _LAST_RETRY_SECONDS)
        return pause

    def _note_health(self, health: state.Health) -> None:
        if health.healthy:
            self._retry = _FIRST_RETRY_SECONDS
        if health == self._health:
            return
        if health.healthy:
            LOG.info("z/VM and Neutron answer")
        else:
            LOG.warning("%s", health.reason)
        self._health = health
        self._reports.hurry()

    def _describe(self) -> dict[str, Any]:
        why = presence.why_unbound(self._settings, self._reconciler.system)
        verdicts = dict.fromkeys(self._neutron.unbound(), Verdict(State.REFUSED, why))
        verdicts |= self._outcome.verdicts if self._outcome else {}
        return state.configurations(
            self._settings,
            self._policy,
            self._reconciler.system,
            verdicts,
            self._health,
        )
