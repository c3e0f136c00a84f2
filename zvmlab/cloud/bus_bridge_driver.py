"""The agent's end of the bridge to the embedded cloud's bus, and what starts an agent with it.

`python -m zvmlab.cloud.bus_bridge_driver PROGRAM [ARGUMENT...]` is that program of Neutron's, for which
`fake://` is the bus on the other side of the bridge: its driver takes the place of oslo.messaging's own.
"""

import importlib.metadata
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import neutron  # noqa: F401 (before oslo: it chooses threads, they would choose eventlet)
import oslo_messaging
from oslo_messaging._drivers import base, common, impl_fake

from zvmlab.cloud.bus_bridge import Line, Said

json = impl_fake.jsonutils


class BridgeDriver(base.BaseDriver):  # type: ignore[misc]
    """Every operation raises MessageDeliveryFailure if the bridge is gone."""

    def send(
        self,
        target: Any,
        ctxt: Any,
        message: Any,
        wait_for_reply: bool | None = None,
        timeout: float | None = None,
        *_args: object,
        **_options: object,
    ) -> Any:
        """Send it and, if wanted, wait for its reply. Raises MessagingTimeout, and what the receiver did."""
        texts = {"context": json.dumps(ctxt), "message": json.dumps(message)}
        line = self._ask("send", target, {**texts, "wait": wait_for_reply, "timeout": timeout})
        answer = line.read()
        line.close()
        if answer is None:
            raise oslo_messaging.MessageDeliveryFailure("the bridge to the bus broke")
        if "late" in answer:
            raise oslo_messaging.MessagingTimeout(f"No reply on topic {target.topic}")
        if "failure" in answer:
            raise common.deserialize_remote_exception(answer["failure"], self._allowed_remote_exmods)
        return answer.get("reply")

    def send_notification(self, *_args: object, **_options: object) -> None:
        """There is nobody to notify on this cloud."""

    def listen(self, target: Any, batch_size: int, batch_timeout: float | None) -> "_Listener":
        line = self._ask("listen", target, {})
        if line.read() is None:
            raise oslo_messaging.MessageDeliveryFailure("the bridge to the bus broke")
        return _Listener(line, batch_size, batch_timeout)

    def listen_for_notifications(self, *_args: object, **_options: object) -> None:
        raise NotImplementedError

    def cleanup(self) -> None:
        """Nothing is kept open."""

    def _ask(self, what: str, target: Any, more: Said) -> Line:
        (host,) = self._url.hosts
        names = ("exchange", "topic", "server", "fanout")
        wanted = {name: getattr(target, name) for name in names}
        try:
            line = Line(socket.create_connection((host.hostname, host.port)))
            line.write({"what": what, "token": host.password, "target": wanted, **more})
        except OSError as error:
            raise oslo_messaging.MessageDeliveryFailure(f"no bridge to the bus: {error}") from error
        return line


class _Listener(base.Listener):  # type: ignore[misc]
    """Hands on what comes by the line."""

    def __init__(self, line: Line, batch_size: int, batch_timeout: float | None) -> None:
        super().__init__(batch_size, batch_timeout)
        self._line = line
        self._thread = threading.Thread(target=self._hand_on, name="bus-bridge", daemon=True)

    def start(self, on_incoming_callback: Callable[[Sequence["_Incoming"]], None]) -> None:
        super().start(on_incoming_callback)
        self._thread.start()

    def stop(self) -> None:
        self._line.close()
        self._thread.join()
        super().stop()

    def cleanup(self) -> None:
        self._line.close()

    def _hand_on(self) -> None:
        while (said := self._line.read()) is not None:
            self.on_incoming_callback([_Incoming(self._line, said)])


class _Incoming(base.RpcIncomingMessage):  # type: ignore[misc]
    """A message with its way back."""

    def __init__(self, line: Line, said: Said) -> None:
        super().__init__(json.loads(said["context"]), json.loads(said["message"]), said["id"])
        self._line = line

    def reply(self, reply: object = None, failure: Any = None) -> None:
        text = common.serialize_remote_exception(failure) if failure else None
        self._line.write({"id": self.msg_id, "reply": json.to_primitive(reply), "failure": text})

    def requeue(self) -> None:
        """Not possible; `BaseDriver.require_features` says so."""

    def heartbeat(self) -> None:
        """Callers wait as long as they said."""


def main() -> None:
    _, program, *arguments = sys.argv
    impl_fake.FakeDriver = BridgeDriver
    sys.argv = [program, *arguments]
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name=program)
    entry.load()()


if __name__ == "__main__":
    main()
