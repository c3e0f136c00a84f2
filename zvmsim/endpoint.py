"""One WSGI application served on one address, with or without TLS, in threads that keep no process alive."""

import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter

_LOG = logging.getLogger(__name__)

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_GRACE = 0.05
"""Seconds in which the accepting loop notices a stop, and in which requests under way may end."""


class Endpoint:
    """Listens from the moment it is made; raises OSError if the address is taken.

    threads: how many requests are answered at once. certificate: (certificate, key) files for TLS.
    """

    def __init__(
        self,
        app: WsgiApp,
        host: str,
        port: int,
        *,
        threads: int,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        self._server = _Server((host, port), app, numthreads=threads, request_queue_size=128)
        self._server.shutdown_timeout = _GRACE
        self._server.expiration_interval = _GRACE
        self._scheme = "https" if certificate else "http"
        if certificate:
            own, key = map(str, certificate)
            self._server.ssl_adapter = BuiltinSSLAdapter(own, key, own)  # or it reads all CAs of the system
        self._failure: OSError | None = None
        self._prepared = threading.Event()
        threading.Thread(target=self._serve, name=f"zvmsim {self._scheme}", daemon=True).start()
        self._prepared.wait()
        if self._failure:
            raise self._failure

    @property
    def url(self) -> str:
        host, port = self._server.bind_addr[:2]
        return f"{self._scheme}://{host}:{port}"

    def stop(self) -> threading.Thread:
        """Close the address and end the requests under way, in the thread that is returned."""
        stopping = threading.Thread(target=self._server.stop, name="zvmsim stop", daemon=True)
        stopping.start()
        return stopping

    def _serve(self) -> None:
        """Worker threads inherit from this thread that they are daemons."""
        try:
            self._server.prepare()
        except OSError as error:
            self._failure = error
            return
        finally:
            self._prepared.set()
        self._server.serve()


class _Server(wsgi.Server):
    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """A broken connection is the client's affair; an application that failed comes with its traceback."""
        _LOG.log(level, "%s", msg, exc_info=traceback)
