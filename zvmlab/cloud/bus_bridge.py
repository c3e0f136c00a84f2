"""A bridge to the embedded cloud's bus, which reaches no further than its process.

Here is the end in that process; `bus_bridge_driver` is the other, in an agent's process. Each operation is a
connection of its own, on loopback, so that nothing has to be told apart and an agent may fork: one line of
JSON says what is wanted and bears a token. "send" is answered by a line. "listen" is answered by an empty
one, then come messages, and their replies go back. Contexts and messages are JSON in JSON, just as they are
on the bus (`embedded_bus`).
"""

import hmac
import json
import queue
import secrets
import socket
import socketserver
import threading
from collections.abc import Mapping
from typing import Any, Final

import neutron  # noqa: F401 (before oslo: it chooses threads, they would choose eventlet)
import oslo_messaging
from oslo_messaging._drivers import common, impl_fake

Said = Mapping[str, Any]
USER: Final = "agent"
_LOOPBACK: Final = "127.0.0.1"


class Line:
    """One connection, with JSON by lines both ways. Any thread may write, one reads."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines = connection.makefile("rb")
        self._writing = threading.Lock()

    def write(self, said: Said) -> None:
        """Raises OSError."""
        with self._writing:
            self._connection.sendall(json.dumps(said).encode() + b"\n")

    def read(self) -> Said | None:
        """The next; None when the other side is gone."""
        try:
            line = self._lines.readline()
        except OSError:
            return None
        said: Said | None = json.loads(line) if line.endswith(b"\n") else None
        return said

    def close(self) -> None:
        """Whoever reads it, on either side, comes to its end."""
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:  # it is closed already
            return
        self._connection.close()


class BusBridge:
    """Lets agents in from other processes until this one ends.

    url: for their oslo.messaging, with the token. port: the TCP port in it.
    """

    def __init__(self, default_exchange: str) -> None:
        server = _Server(default_exchange)
        self.port = server.server_address[1]
        self.url = f"fake://{USER}:{server.token}@{_LOOPBACK}:{self.port}/"
        threading.Thread(target=server.serve_forever, name="bus-bridge", daemon=True).start()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, default_exchange: str) -> None:
        super().__init__((_LOOPBACK, 0), _Handler)
        self.token = secrets.token_hex()
        self.exchanges = impl_fake.FakeExchangeManager(default_exchange)


class _Handler(socketserver.BaseRequestHandler):
    """One operation of an agent."""

    server: _Server

    def handle(self) -> None:
        line = Line(self.request)
        asked = line.read()
        if asked is None or not hmac.compare_digest(asked["token"], self.server.token):
            return
        target = oslo_messaging.Target(**asked["target"])
        if asked["what"] == "send":
            line.write(self._send(target, asked))
        else:
            self._listen(target, line)

    def _send(self, target: Any, asked: Said) -> Said:
        """As FakeDriver sends, but a failure is no exception here."""
        replies: queue.SimpleQueue[Any] | None = queue.SimpleQueue() if asked["wait"] else None
        self.server.exchanges.get_exchange(target.exchange).deliver_message(
            target.topic,
            asked["context"],
            asked["message"],
            server=target.server,
            fanout=target.fanout,
            reply_q=replies,
        )
        if replies is None:
            return {}
        try:
            reply, failure = replies.get(timeout=asked["timeout"])
        except queue.Empty:
            return {"late": True}
        if failure:
            return {"failure": common.serialize_remote_exception((type(failure), failure, None))}
        return {"reply": reply}

    def _listen(self, target: Any, line: Line) -> None:
        """Until the agent hangs up; then what was not answered never will be."""
        open_messages: dict[str, Any] = {}
        own = oslo_messaging.Target(topic=target.topic, server=target.server, exchange=target.exchange)
        shared = oslo_messaging.Target(topic=target.topic, exchange=target.exchange)
        listener = impl_fake.FakeListener(self.server.exchanges, [own, shared])
        line.write({})
        threading.Thread(target=_pass_on, args=(listener, line, open_messages), daemon=True).start()
        while (answer := line.read()) is not None:
            message = open_messages.pop(answer["id"])
            failure = answer["failure"] and common.deserialize_remote_exception(answer["failure"], ())
            message.reply(answer["reply"], failure and (type(failure), failure, None))
        listener.stop()


def _pass_on(listener: Any, line: Line, open_messages: dict[str, Any]) -> None:
    """All messages that come, until the listener is stopped."""
    while messages := listener.poll():
        for message in messages:
            open_messages[message.msg_id] = message
            context, body = json.dumps(message.ctxt), json.dumps(message.message)
            line.write({"id": message.msg_id, "context": context, "message": body})
