"""Observe, plan, apply, and look again: one pass of the agent, whatever woke it.

A restart, a re-IPL of z/VM, a control point that comes back, a repeated notification: all take this one
path. State in memory is a cache, never the truth. A port is reported up only by the pass that finds it
right, never on the word of a change that said it worked.
"""

import dataclasses
import itertools
import threading
import time
from collections.abc import Callable, Collection, Iterable

from oslo_log import log as logging

from networking_zvm import errors, model, plan
from networking_zvm.agent import backoff, workers
from networking_zvm.agent.in_vain import InVain
from networking_zvm.agent.neutron import Neutron, wishes
from networking_zvm.agent.portlog import PortLog
from networking_zvm.claims import Policy, State, Verdict
from networking_zvm.hypervisor import base
from networking_zvm.steps import VSwitchStep

LOG = logging.getLogger(__name__)

_GUESTS_PER_PARALLEL = 20  # guests changed between two looks, for each that may be changed side by side
_RECORDS_SECONDS = 1800.0  # how old the records may become while nothing happens
_NO_LIVE_NIC = (204, 8)  # SMAPI: the device does not exist
_WAITING_SECONDS = 300.0  # how long a port without NIC is polled for; Nova gives up after as long


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What one pass found and did. changed: whether anything was tried to be changed."""

    verdicts: dict[str, Verdict]
    changed: bool


class Reconciler:
    """Brings one z/VM system to what Neutron wants. Used by one thread at a time.

    system: as last observed, None before the first look.
    """

    def __init__(
        self,
        neutron: Neutron,
        hypervisor: base.Hypervisor,
        policy: Policy,
        parallelism: int,
        stopping: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.system: model.System | None = None
        self._neutron = neutron
        self._hypervisor = hypervisor
        self._policy = policy
        self._parallelism = parallelism
        self._stopping = stopping
        self._clock = clock
        self._backoff = backoff.Backoff(clock)
        self._in_vain = InVain()
        self._log = PortLog()
        self._records: tuple[model.PortRecord, ...] = ()
        self._withdrawn: tuple[model.PortRecord, ...] = ()
        self._records_read: float | None = None
        self._first_seen: dict[str, float] = {}
        self._verdicts: dict[str, Verdict] = {}
        self._causes: dict[str, str] = {}
        self._announced: frozenset[str] = frozenset()

    def look(self) -> model.System:
        """Observe without planning. Raises HypervisorError."""
        system = self._hypervisor.observe()
        if self.system is not None and self.system.ipl_time != system.ipl_time:
            LOG.warning("z/VM was IPLed at %s: looking after every port again", system.ipl_time)
            self._records_read = None
        self.system = system
        return system

    def run_pass(self) -> Outcome:
        """One pass. Raises HypervisorError or NeutronUnavailable when one side shows no trusted picture."""
        system = self.look()
        fresh = self._refresh_records_if_old()
        todo = self._plan(system)
        if not fresh and self._needs_fresh_records(todo):
            self._read_records()
            todo = self._plan(system)
        self._verdicts = todo.told(self._backoff.failing())
        self._report()  # what is right already need not wait for the changes others need
        failures = self._apply(todo.without(self._backoff.held()))
        self._judge(todo, failures or [])
        self._report()
        return Outcome(self._verdicts, changed=failures is not None)

    def next_look(self, polling_interval: float, audit_interval: float) -> float:
        """Seconds until the next pass is due if nothing wakes the agent before."""
        due = [audit_interval]
        if self._is_polling():
            due.append(polling_interval)
        retry = self._backoff.next_due()
        if retry is not None:
            due.append(retry)
        return min(due)

    def _refresh_records_if_old(self) -> bool:
        if self._records_read is not None and self._clock() - self._records_read < _RECORDS_SECONDS:
            return False
        self._read_records()
        return True

    def _read_records(self) -> None:
        """Records that are there no more are kept: Nova deletes them before Neutron deletes their ports.

        Where there are none at all, the places of NICs that once were found serve instead.
        """
        before = (*self._records, *self._withdrawn)
        self._records = self._hypervisor.port_records()
        self._records_read = self._clock()
        known = {record.port_id for record in self._records}
        self._withdrawn = tuple(record for record in before if record.port_id not in known)

    def _needs_fresh_records(self, todo: plan.Plan) -> bool:
        """Nothing may be changed, and nobody kept waiting, on the word of records read long ago."""
        of_nics = {i: v for i, v in todo.verdicts.items() if i not in todo.served}
        return bool(todo.guests) or any(v.state is State.WAITING for v in of_nics.values())

    def _plan(self, system: model.System) -> plan.Plan:
        wanted, released = wishes(self._neutron, (*self._records, *self._withdrawn))
        now = self._clock()
        self._first_seen = {i: self._first_seen.get(i, now) for i in wanted}
        todo = plan.make_plan(wanted.values(), self._records, released, system, self._policy)
        settled = {r.port_id for r in released} - {port_id for step in todo.steps() for port_id in step.ports}
        remembered = {r.port_id: r for r in self._withdrawn if r.port_id not in settled}
        if not self._policy.capabilities.records:
            remembered |= {place.port_id: place for place in todo.places}
        self._withdrawn = tuple(remembered.values())
        return todo

    def _apply(self, todo: plan.Plan) -> list[workers.Failure] | None:
        """Carry the plan out, as much of it as fits between two looks; None if there was nothing to do."""
        if not todo.vswitches and not todo.guests:
            self._in_vain.note({}, [])
            return None
        limit = self._parallelism * _GUESTS_PER_PARALLEL
        some, in_vain = self._in_vain.sift(dict(itertools.islice(todo.guests.items(), limit)))
        self._announce(dataclasses.replace(todo, guests=some))
        failures = self._create_vswitches(todo.vswitches)
        failures += workers.apply(some, self._hypervisor.change, self._parallelism, self._stopping)
        self._in_vain.note(some, failures)
        failures += in_vain
        self._records_read = None
        for failure in failures:
            if isinstance(failure.cause, errors.Unreachable):
                raise failure.cause
        return failures

    def _announce(self, todo: plan.Plan) -> None:
        """Log the steps that are about to be made; a step that is tried again is not news."""
        lines = [f"{', '.join(sorted(step.ports))}: {step}" for step in todo.steps()]
        for line in lines:
            if line not in self._announced:
                LOG.info("%s", line)
        self._announced = frozenset(lines)

    def _create_vswitches(self, steps: Iterable[VSwitchStep]) -> list[workers.Failure]:
        failures = []
        for step in steps:
            try:
                self._hypervisor.create_vswitch(step.change.spec)
            except errors.HypervisorError as error:
                failures.append(workers.Failure(step, error))
        return failures

    def _judge(self, todo: plan.Plan, failures: Collection[workers.Failure]) -> None:
        """Turn failures into waiting times, and tell the log what is new."""
        concerned = {i for step in todo.steps() for i in step.ports}
        self._backoff.keep(concerned)
        for failure in failures:
            for port_id in failure.step.ports:
                self._backoff.failed(port_id)
                self._causes[port_id] = _explain(failure)
        failing = self._backoff.failing()
        self._causes = {i: cause for i, cause in self._causes.items() if i in failing}
        for port_id, cause in self._causes.items():
            self._verdicts[port_id] = Verdict(State.PENDING, cause)
        self._log.note(self._verdicts, self._backoff)

    def _report(self) -> None:
        statuses: dict[str, bool] = {}
        failing = self._backoff.failing()
        for port_id, verdict in self._verdicts.items():
            if verdict.state is State.UP:
                statuses[port_id] = True
            elif verdict.state not in (State.PENDING, State.UNCLEAR) or port_id in failing:
                statuses[port_id] = False
        self._neutron.report(statuses)

    def _is_polling(self) -> bool:
        since = self._clock() - _WAITING_SECONDS
        recent = {port_id for port_id, seen in self._first_seen.items() if seen > since}
        return any(v.state is State.WAITING and i in recent for i, v in self._verdicts.items())


def _explain(failure: workers.Failure) -> str:
    """Why a step failed, for the operator; a NIC the running guest does not have yet is a case of its own."""
    change, cause = failure.step.change, failure.cause
    if isinstance(change, base.Couple) and change.live and (cause.rc, cause.rs) == _NO_LIVE_NIC:
        return f"NIC {change.address} is not in the running guest: it comes with the guest's next logon"
    return f"{change} failed: {cause}"
