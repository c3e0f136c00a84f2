"""Makes `fake://`, oslo.messaging's bus within one process, behave like a real one where Neutron can tell.

Messages and replies travel as JSON text, so that tuples arrive as lists (SQLAlchemy refuses the tuples of
Neutron's own agent cache) and no two receivers share an object. And every listener to a fanout has a queue of
its own: `fake://` keeps one per server name, which Neutron takes from its global configuration, so that two
agents of one process would share their pushes out between them.
"""

import uuid
from typing import Any

import neutron  # noqa: F401 (before oslo and neutron_lib: it chooses threads, they would choose eventlet)
import oslo_messaging
from neutron_lib import rpc
from oslo_messaging._drivers import impl_fake

json = impl_fake.jsonutils  # what real drivers write messages with


def behave_like_a_real_bus() -> None:
    """Change oslo.messaging's and neutron-lib's classes; once, before anything listens or is sent."""
    _send_text()
    _receive_text()
    _reply_text()
    _give_fanouts_queues_of_their_own()


def _send_text() -> None:
    send = impl_fake.FakeDriver._send

    def send_text(driver: Any, target: Any, context: Any, message: Any, *args: Any, **options: Any) -> Any:
        return send(driver, target, json.dumps(context), json.dumps(message), *args, **options)

    impl_fake.FakeDriver._send = send_text


def _receive_text() -> None:
    poll = impl_fake.FakeExchange.poll

    def poll_text(exchange: Any, target: Any, pool: Any) -> tuple[Any, Any, Any, Any]:
        context, message, reply_queue, requeue = poll(exchange, target, pool)
        if message is not None:
            context, message = json.loads(context), json.loads(message)
        return context, message, reply_queue, requeue

    impl_fake.FakeExchange.poll = poll_text


def _reply_text() -> None:
    reply = impl_fake.FakeIncomingMessage.reply

    def reply_text(incoming: Any, answer: Any = None, failure: Any = None) -> None:
        reply(incoming, json.loads(json.dumps(answer)), failure)

    impl_fake.FakeIncomingMessage.reply = reply_text


def _give_fanouts_queues_of_their_own() -> None:
    create_consumer = rpc.Connection.create_consumer

    def create_own_consumer(connection: Any, topic: str, endpoints: Any, fanout: bool = False) -> None:
        if not fanout:
            create_consumer(connection, topic, endpoints)
            return
        target = oslo_messaging.Target(topic=topic, server=uuid.uuid4().hex, fanout=True)
        connection.servers.append(rpc.get_server(target, endpoints))

    rpc.Connection.create_consumer = create_own_consumer
