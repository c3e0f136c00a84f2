"""Noticing that a connection to the message broker was lost and made anew.

What Neutron pushed in between has gone nowhere: its fanout queues live no longer than their connections, and
no later push repeats it. oslo.messaging mends the connection by itself and tells nobody but its log, so that
is where this listens. Source: oslo_messaging/_drivers/impl_rabbit.py, Connection.ensure, on_reconnection: it
declares the queues again before it logs.
"""

import logging
from collections.abc import Callable

_LOGGER = "oslo.messaging._drivers.impl_rabbit"
_SIGN = "Reconnected to AMQP server"


class Reconnects(logging.Handler):
    """Calls on_reconnect, from any thread, whenever a connection of this process is there again."""

    def __init__(self, on_reconnect: Callable[[], None]) -> None:
        super().__init__(logging.INFO)
        self._on_reconnect = on_reconnect

    def emit(self, record: logging.LogRecord) -> None:
        """See logging.Handler."""
        if _SIGN in str(record.msg):
            self._on_reconnect()

    def start(self) -> None:
        """Begin to listen."""
        logging.getLogger(_LOGGER).addHandler(self)

    def stop(self) -> None:
        """Stop listening."""
        logging.getLogger(_LOGGER).removeHandler(self)
