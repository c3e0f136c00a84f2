"""The routes of the live page, and the guard in front of the whole control port.

The page asks once a second for what has changed (`GET /view`, `GET /view/calls`), with the tag of what it
has; nothing new is answered with 304. Asking costs the simulator milliseconds and holds no thread.
"""

import threading
from pathlib import Path

from flask import Flask, Response, request, send_from_directory

from zvmsim import view
from zvmsim.control import Control
from zvmsim.web import guard

_FOLDER = Path(__file__).parent
FILES = {
    "index.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "network.js": "text/javascript",
    "tools.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
"""What there is to fetch, with its type."""


class Window:
    """The world as the page gets it, made anew only when it looks different."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._lock = threading.Lock()
        self._seen: view.Glance | None = None
        self._text = ""

    def text(self) -> str:
        """The view as JSON."""
        seen = self._control.glance()
        with self._lock:
            if seen != self._seen:
                self._seen, self._text = seen, view.as_json(view.view(seen))
            return self._text


def add_site(app: Flask, control: Control) -> None:
    """Give the control API its page, and both their guard."""
    window = Window(control)

    @app.before_request
    def refuse() -> Response | None:
        objection = guard.objection(
            request.method, request.headers.get("Host", ""), request.headers.get("Origin")
        )
        return _json(view.as_json({"error": objection}), 403) if objection else None

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(guard.HEADERS)
        return response

    app.add_url_rule("/", "page", lambda: _file("index.html"))
    app.add_url_rule("/web/<name>", "part of the page", _file)
    app.add_url_rule("/view", "view", lambda: _tagged(window.text()))
    app.add_url_rule("/view/calls", "calls", lambda: _tagged(view.as_json(control.recent())))
    app.add_url_rule(
        "/view/changes", "changes", lambda: _tagged(view.as_json(control.recent(changes_only=True)))
    )


def _file(name: str) -> Response:
    if name not in FILES:
        return _json(view.as_json({"error": f"path: there is no {name}"}), 404)
    response = send_from_directory(_FOLDER, name, mimetype=FILES[name])
    response.cache_control.no_cache = True
    return response


def _tagged(text: str) -> Response:
    """The text, or 304 for those who have it."""
    response = _json(text, 200)
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


def _json(text: str, status: int) -> Response:
    return Response(text, status, content_type="application/json")
