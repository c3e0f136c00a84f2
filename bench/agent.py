"""The agent that is measured: the real reconciler and driver, with a Neutron that only notes times."""

import logging
import os
import threading
import time
from collections.abc import Collection, Iterable, Mapping

from bench.ports import VSWITCH_OF
from bench.simulation import XCAT_PASSWORD, XCAT_USER, ZHCP_NODE, Place
from networking_zvm import model
from networking_zvm.agent.reconciler import Reconciler
from networking_zvm.claims import Policy
from networking_zvm.hypervisor.xcat import XcatHypervisor
from networking_zvm.settings import Tls, XcatSettings

PARALLELISM = 6
POLLING_INTERVAL, AUDIT_INTERVAL = 2.0, 60.0  # seconds; these three are the defaults of the options


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
    """Passes as networking_zvm.agent.agent.ZvmAgent does, either until all is done or in a thread."""

    def __init__(self, place: Place, neutron: Neutron) -> None:
        tls = Tls(place.ca_file)
        self._hypervisor = XcatHypervisor(
            XcatSettings(place.url, XCAT_USER, XCAT_PASSWORD, ZHCP_NODE, tls), persistent=False
        )
        policy = Policy(VSWITCH_OF, {}, self._hypervisor.capabilities)
        self._stopping = threading.Event()
        self._reconciler = Reconciler(neutron, self._hypervisor, policy, PARALLELISM, self._stopping)
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Agent":
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()
        self._hypervisor.close()

    def settle(self) -> int:
        """Pass until nothing is left to change; returns the number of passes."""
        passes = 1
        while self._reconciler.run_pass().changed:
            passes += 1
        return passes

    def pause(self) -> float:
        """Seconds until the next pass is due."""
        return self._reconciler.next_look(POLLING_INTERVAL, AUDIT_INTERVAL)

    def start(self) -> None:
        """Pass in a thread whenever it is due."""
        self._thread.start()

    def _work(self) -> None:
        while not self._stopping.is_set():
            self.settle()
            self._stopping.wait(self.pause())
