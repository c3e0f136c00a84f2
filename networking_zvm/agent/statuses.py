"""Telling Neutron which ports are up: in batches, from a thread of its own, until Neutron shows it."""

import itertools
import threading
import time
from collections.abc import Callable, Collection, Mapping

import oslo_messaging
from oslo_log import log as logging

LOG = logging.getLogger(__name__)

LOST = (oslo_messaging.MessagingException, oslo_messaging.RemoteError)
"""What a call to Neutron may raise."""

_REPORT_SIZE = 20  # ports per report, as Neutron's own rpc_resources_processing_step
_RETRY_SECONDS = 5.0
_DOUBT_SECONDS = 10.0  # after which a status that Neutron still does not show is told once more


class StatusSender:
    """Sends statuses from its own thread, only the news, and again until Neutron has taken them.

    And again, now and then, while Neutron does not show them. It may be waiting for its DHCP agent; but if
    that one and we are done at the same moment, each is taken to wait for the other, and nobody is heard
    after that: neutron/db/provisioning_blocks.py (29.0.0), provisioning_complete, counts what is left within
    the transaction, where MariaDB's REPEATABLE READ still shows what another has just removed.
    """

    def __init__(
        self,
        send: Callable[[Mapping[str, bool]], Collection[str]],
        on_failure: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """send: tells Neutron, returns the ports it could not take, raises one of LOST. clock: in seconds."""
        self._send = send
        self._on_failure = on_failure
        self._clock = clock
        self._changed = threading.Condition()
        self._due: dict[str, bool] = {}
        self._told: dict[str, tuple[bool, float]] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="zvm-status", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()

    def forget(self) -> None:
        """What Neutron knows has been read anew: compare with that, not with what was told."""
        with self._changed:
            self._told.clear()

    def put(self, statuses: Mapping[str, bool], known: Mapping[str, bool]) -> None:
        """Take the wished statuses; `known` is what Neutron shows now."""
        with self._changed:
            for port_id, up in statuses.items():
                if known[port_id] == up:
                    self._told.pop(port_id, None)
                    self._due.pop(port_id, None)
                elif self._is_news(port_id, up):
                    self._due[port_id] = up
            self._changed.notify_all()

    def _take(self) -> dict[str, bool]:
        with self._changed:
            self._changed.wait_for(lambda: self._due or self._stopping.is_set())
            batch = dict(itertools.islice(self._due.items(), _REPORT_SIZE))
            for port_id, up in batch.items():
                del self._due[port_id]
                self._told[port_id] = up, self._clock()
            return batch

    def _is_news(self, port_id: str, up: bool) -> bool:
        said, when = self._told.get(port_id, (None, 0.0))
        return said != up or self._clock() - when > _DOUBT_SECONDS

    def _run(self) -> None:
        while not self._stopping.is_set():
            if batch := self._take():
                self._deliver(batch)

    def _deliver(self, batch: dict[str, bool]) -> None:
        try:
            refused = self._send(batch)
        except LOST as error:
            LOG.warning("Neutron did not take the status of %d ports, sending again: %s", len(batch), error)
            refused = batch.keys()
        if refused:
            with self._changed:
                for port_id in refused:
                    self._told.pop(port_id, None)
            self._stopping.wait(_RETRY_SECONDS)
            self._on_failure()
