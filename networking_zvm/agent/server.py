"""The Neutron side of the agent: what is wanted here, and telling Neutron what has become of it.

Reads are bulk; afterwards Neutron's pushes of versioned objects keep them current, and now and then a full
sync finds what a lost push did not tell; it reads only ports with a new revision. The classic port_update
notification is not used: it is not sent for a port that is created with its host already set. Statuses
travel in bulk and from a thread of their own, because the server needs tens of milliseconds for each port,
time in which z/VM can be at work. Sources: neutron/agent/rpc.py, neutron/plugins/ml2/rpc.py (29.0.0).
"""

import itertools
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import oslo_messaging
from neutron.agent import rpc as agent_rpc
from neutron.api.rpc.callbacks import events as push_events
from neutron.api.rpc.callbacks import resources
from neutron.api.rpc.handlers import resources_rpc
from neutron_lib import context as neutron_context
from neutron_lib import rpc as neutron_rpc
from neutron_lib.agent import topics
from oslo_log import log as logging

from networking_zvm import constants, errors, model
from networking_zvm.agent import ports, presence, reconnects, statuses

LOG = logging.getLogger(__name__)

_PULL_SIZE = 200  # ports per question: about one second of the server's time, far from any RPC timeout
_REPORT_SECONDS = 20.0  # for the answer to a report, which takes the server about one
_SYNC_SECONDS = 600.0  # between full syncs while nobody asks for one


class NeutronServer:
    """The real Neutron server over RPC; fulfils `networking_zvm.agent.neutron.Neutron`.

    on_change is called, from any thread, when there is work. rebinds: whether a full sync asks Neutron to
    try again to bind the ports of this host that it could not bind before.
    """

    def __init__(self, host: str, on_change: Callable[[], None], rebinds: bool = True) -> None:
        self._host = host
        self._on_change = on_change
        self._rebinds = rebinds
        self._agent_id = f"zvm_agent_{host}"
        self._context = neutron_context.get_admin_context_without_session()
        self._rpc = agent_rpc.PluginApi(topics.PLUGIN)
        self._status_rpc = _impatient_client()
        self._puller = resources_rpc.ResourcesPullRpcApi()
        self._ports = ports.WantedPorts(host)
        self._must_sync = threading.Event()
        self._synced_at: float | None = None
        self._statuses = statuses.StatusSender(self._send_statuses, self.request_sync)
        self._reconnects = reconnects.Reconnects(self._reconnected)
        self._connection: Any = None

    def start(self) -> None:
        """Begin to listen for pushes and to send statuses."""
        self._connection = neutron_rpc.Connection()
        topic = resources_rpc.resource_type_versioned_topic(resources.PORT)
        self._connection.create_consumer(topic, [_PortPushes(self._pushed)], fanout=True)
        self._connection.consume_in_threads()
        self._reconnects.start()
        self._statuses.start()

    def stop(self) -> None:
        """Stop listening and sending."""
        self._statuses.stop()
        self._reconnects.stop()
        if self._connection is not None:
            self._connection.close()

    @property
    def is_known(self) -> bool:
        """Whether Neutron's wishes are known, or will be read at the next use."""
        return self._synced_at is not None or self._must_sync.is_set()

    def request_sync(self) -> None:
        """Ask for everything anew before the next use: Neutron or we may have missed something."""
        self._must_sync.set()
        self._on_change()

    def _reconnected(self) -> None:
        if self._synced_at is not None:
            LOG.info("the message broker is back: full sync, for pushes may have been lost")
            self.request_sync()

    def bindings(self) -> dict[str, model.PortBinding]:
        """See Neutron."""
        if self._is_stale():
            self._must_sync.clear()
            try:
                self._sync()
            except statuses.LOST as error:
                self._must_sync.set()
                raise errors.NeutronUnavailable(f"Neutron does not list our ports: {error}") from error
        if not self.is_known:
            raise errors.NeutronUnavailable("Neutron has not taken this agent's first report yet")
        return self._ports.bindings()

    def unbound(self) -> frozenset[str]:
        """Ports of this host that Neutron tried to bind, and could not."""
        return self._ports.unbound()

    def still_here(self, port_ids: Collection[str]) -> frozenset[str]:
        """See Neutron."""
        try:
            pulled = list(self._pull(port_ids))
        except statuses.LOST as error:
            raise errors.NeutronUnavailable(f"Neutron does not answer: {error}") from error
        for port in pulled:
            self._ports.update(port)
        return frozenset(port_ids) & self._ports.bindings().keys()

    def report(self, wished: Mapping[str, bool]) -> None:
        """See Neutron."""
        known = {port_id: binding.active for port_id, binding in self._ports.bindings().items()}
        self._statuses.put({i: up for i, up in wished.items() if i in known}, known)

    def _sync(self) -> None:
        self._ports.begin_fill()
        listed = self._rpc.get_ports_by_vnic_type_and_host(
            self._context, vnic_type=constants.VNIC_TYPE, host=self._host
        )
        failed = [port["id"] for port in listed if port["binding:vif_type"] == "binding_failed"]
        if failed and self._rebinds:
            LOG.info("asking Neutron to bind %d ports again that could not be bound before", len(failed))
            self._rpc.get_devices_details_list_and_failed_devices(
                self._context, failed, self._agent_id, self._host
            )
        ours = {
            port["id"]: port.get("revision_number")
            for port in listed
            if presence.is_ours(port["binding:vif_type"], port["binding:vif_details"])
        }
        outdated = self._ports.outdated(ours)
        self._ports.fill(self._pull([*outdated, *failed]), unchanged=ours.keys() - outdated)
        self._statuses.forget()
        self._synced_at = time.monotonic()
        LOG.info("full sync: %d ports are bound to this host, %d of them news", len(ours), len(outdated))

    def _is_stale(self) -> bool:
        """Whether everything must be asked for anew: on request, or because a push may have been lost."""
        if self._synced_at is None or self._must_sync.is_set():
            return self._must_sync.is_set()
        return time.monotonic() - self._synced_at > _SYNC_SECONDS

    def _pull(self, port_ids: Iterable[str]) -> Iterator[Any]:
        for some in _batches(port_ids, _PULL_SIZE):
            yield from self._puller.bulk_pull(self._context, resources.PORT, {"id": some})

    def _pushed(self, pushed: list[Any], event: str) -> None:
        if event == push_events.DELETED:
            matters = [self._ports.delete(port.id) for port in pushed]
        else:
            matters = [self._ports.update(port) for port in pushed]
        if any(matters):
            self._on_change()

    def _send_statuses(self, batch: Mapping[str, bool]) -> Collection[str]:
        """Send one batch; which ports Neutron could not take."""
        answer = self._status_rpc.prepare(timeout=_REPORT_SECONDS).call(
            self._context,
            "update_device_list",
            devices_up=[port_id for port_id, is_up in batch.items() if is_up],
            devices_down=[port_id for port_id, is_up in batch.items() if not is_up],
            agent_id=self._agent_id,
            host=self._host,
            refresh_tunnels=False,
        )
        return [*answer["failed_devices_up"], *answer["failed_devices_down"]]


def _impatient_client() -> Any:
    """A client that gives up soon.

    Neutron's own waits and sleeps for minutes once an answer is lost (its server was killed), and all other
    ports' statuses would wait behind that one. Source: neutron_lib/rpc.py, BackingOffClient.
    """
    target = oslo_messaging.Target(topic=topics.PLUGIN, version="1.9")
    serializer = neutron_rpc.RequestContextSerializer()
    return oslo_messaging.get_rpc_client(neutron_rpc.TRANSPORT, target, serializer=serializer)


class _PortPushes(resources_rpc.ResourcesPushRpcCallback):  # type: ignore[misc]
    """Receives pushes for one agent; Neutron's own receiver hands them to every agent of the process."""

    def __init__(self, receive: Callable[[list[Any], str], None]) -> None:
        self._receive = receive

    def push(self, context: Any, **kwargs: Any) -> None:  # noqa: ARG002, the RPC method's signature
        """RPC method: versioned objects have changed."""
        port_class = resources.get_resource_cls(resources.PORT)
        pushed = [port_class.clean_obj_from_primitive(p) for p in kwargs["resource_list"]]
        self._receive(pushed, kwargs["event_type"])


def _batches(items: Iterable[str], size: int) -> Iterator[list[str]]:
    iterator = iter(items)
    while batch := list(itertools.islice(iterator, size)):
        yield batch
