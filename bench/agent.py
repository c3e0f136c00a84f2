"""The agent that is measured: the real reconciler and driver, with a Neutron that only notes times."""

import dataclasses
import logging
import os
import threading
import time
from collections.abc import Collection, Iterable, Mapping

from bench.ports import VSWITCH_OF
from bench.rest_calls import Counted, RestCalls
from bench.simulation import Calls, Simulation
from bench.sites import ZHCP_NODE, Place
from networking_zvm import model
from networking_zvm.agent.reconciler import Outcome, Reconciler
from networking_zvm.claims import Policy
from networking_zvm.hypervisor.connect import connect
from networking_zvm.settings import ControlPoint, FeilongSettings, Settings, SmapiSettings, Tls, XcatSettings

PARALLELISM = {ControlPoint.XCAT: 6, ControlPoint.FEILONG: 8, ControlPoint.SMAPI: 6}
POLLING_INTERVAL, AUDIT_INTERVAL = 2.0, 60.0  # seconds; these three are the defaults of the options
XCAT_USER = XCAT_PASSWORD = "admin"
SMAPI_USER, SMAPI_PASSWORD = "NEUTRON", "neutron1"
USER_PREFIX = model.MacPrefix("02:00:00")


def log_as_in_service() -> None:
    """Write every line that the agent would write, to nowhere: writing is part of what it costs."""
    logging.basicConfig(level=logging.INFO, filename=os.devnull)


class Neutron:
    """Wants ports and notes when each is first reported up; fulfils `networking_zvm.agent.neutron.Neutron`.

    up_at: by port id, of time.monotonic().
    """

    def __init__(self) -> None:
        self.up_at: dict[str, float] = {}
        self._wanted: dict[str, model.PortBinding] = {}
        self._reported = threading.Condition()

    def want(self, bindings: Iterable[model.PortBinding]) -> None:
        with self._reported:
            self._wanted |= {binding.port_id: binding for binding in bindings}

    def bindings(self) -> dict[str, model.PortBinding]:
        with self._reported:
            return dict(self._wanted)

    def still_here(self, port_ids: Collection[str]) -> frozenset[str]:
        return frozenset(port_ids) & self._wanted.keys()

    def report(self, statuses: Mapping[str, bool]) -> None:
        now = time.monotonic()
        with self._reported:
            for port_id in (port_id for port_id, up in statuses.items() if up):
                self.up_at.setdefault(port_id, now)
            self._reported.notify_all()

    def wait_for(self, port_ids: Collection[str], timeout: float = 60.0) -> None:
        """Returns when all of them have been reported up; TimeoutError."""
        with self._reported:
            if not self._reported.wait_for(lambda: self.up_at.keys() >= set(port_ids), timeout):
                raise TimeoutError(f"{len(set(port_ids) - self.up_at.keys())} ports are not up")


class Agent:
    """Looks and passes as networking_zvm.agent.agent.ZvmAgent does, in the caller's thread or in its own.

    rest_calls: made to the control point, if it speaks HTTP.
    """

    def __init__(self, place: Place, neutron: Neutron, parallelism: int | None = None) -> None:
        """parallelism: None for the option's default."""
        parallelism = parallelism or PARALLELISM[place.control_point]
        settings = _settings(place, parallelism)
        self._hypervisor = connect(settings)
        self._counter = RestCalls()
        policy = Policy.of(settings, self._hypervisor.capabilities)
        self._stopping = threading.Event()
        self._reconciler = Reconciler(neutron, self._hypervisor, policy, parallelism, self._stopping)
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Agent":
        self._counter.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._hypervisor.close()
        self._counter.__exit__(None, None, None)

    @property
    def rest_calls(self) -> Counted:
        return self._counter.counted

    def look(self) -> None:
        """The first look, for which the agent does not wait until Neutron has told its wishes."""
        self._reconciler.look()

    def run_pass(self) -> Outcome:
        return self._reconciler.run_pass()

    def settle(self) -> int:
        """Pass until nothing is left to change; returns the number of passes."""
        passes = 1
        while self.run_pass().changed:
            passes += 1
        return passes

    def pause(self) -> float:
        """Seconds until the next pass is due."""
        return self._reconciler.next_look(POLLING_INTERVAL, AUDIT_INTERVAL)

    def start(self) -> None:
        """Look, and pass in a thread whenever it is due."""
        self.look()
        self._thread.start()

    def _work(self) -> None:
        while not self._stopping.is_set():
            self.settle()
            self._stopping.wait(self.pause())


def calls_of(agent: Agent, system: Simulation) -> Calls:
    """All calls and commands so far, of an agent in this process."""
    calls = system.calls()
    if system.place().control_point is ControlPoint.FEILONG:
        calls = dataclasses.replace(calls, reads=agent.rest_calls.reads, changes=agent.rest_calls.changes)
    return calls


def _settings(place: Place, parallelism: int) -> Settings:
    point, address, tls = place.control_point, place.address, Tls(place.ca_file or None)
    common = Settings(
        host="zvma",
        control_point=point,
        vswitch_of=VSWITCH_OF,
        specs={},
        parallelism=parallelism,
        user_prefix=USER_PREFIX,
    )
    match point:
        case ControlPoint.XCAT:
            xcat = XcatSettings(address, XCAT_USER, XCAT_PASSWORD, ZHCP_NODE, tls)
            return dataclasses.replace(common, xcat=xcat)
        case ControlPoint.FEILONG:
            return dataclasses.replace(common, feilong=FeilongSettings(address, place.token_file, tls))
        case ControlPoint.SMAPI:
            host, _, port = address.rpartition(":")
            smapi = SmapiSettings(host, int(port), SMAPI_USER, SMAPI_PASSWORD)
            return dataclasses.replace(common, smapi=smapi)
