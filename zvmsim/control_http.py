"""The control API over HTTP with JSON, for loopback only and without login.

    GET    /systems                          state of everything
    POST   /systems/<system>/ipl             re-IPL
    POST   /systems/<system>/guests/<userid>/logon   or logoff
    GET    /journal?since=&mutating=&object=&system=&dialect=&function=
    GET    /stats                            counts of calls
    GET    /faults    POST /faults (a rule)    DELETE /faults[/<number>]
    PUT    /delay                            {"read": s, "write": s, "directory": s} or "typical"
    POST   /clock/advance                    {"seconds": s}
    GET    /inventory    PUT /inventory      YAML
    GET    /reach?from=ZVMA:LNX1:1000&to=...&vlan=   may a frame get there, and why
    GET    /matrix?vlan=                     the same for every pair of NICs
    POST   /xcat/restart                     the management node
    PUT    /xcat/unreachable                 ["zhcp"]: nodes that ssh cannot reach
    GET    /                                 the live page, see `zvmsim.web`

Bad input is answered with 400 and {"error": "field: what is wrong"}, requests by way of a stranger's web page
with 403.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, Response, request

from zvmsim.control import Control, ControlError, Json
from zvmsim.web.site import add_site
from zvmsim.world.smapi import SmapiError


def control_app(control: Control) -> Flask:
    """The WSGI application of the control API and of the live page."""
    app = Flask("zvmsim-control", static_folder=None)
    add_site(app, control)

    @app.errorhandler(ControlError)
    def bad_input(error: ControlError) -> Response:
        return _answer({"error": str(error)}, 400)

    @app.errorhandler(SmapiError)
    def declined(error: SmapiError) -> Response:
        return _answer({"error": str(error), "rc": error.rc, "rs": error.rs}, 409)

    for method, rule, view in _routes(control):
        app.add_url_rule(rule, f"{method} {rule}", view, methods=[method])
    return app


def _routes(control: Control) -> list[tuple[str, str, Callable[..., Response]]]:
    """Method, path and view of every call; a view turns HTTP into the call's arguments and back."""
    return [
        ("GET", "/systems", lambda: _answer(control.systems())),
        ("POST", "/systems/<system>/ipl", lambda system: _do(control.ipl, system)),
        (
            "POST",
            "/systems/<system>/guests/<userid>/logon",
            lambda system, userid: _answer({"uncoupled": control.logon(system, userid)}),
        ),
        (
            "POST",
            "/systems/<system>/guests/<userid>/logoff",
            lambda system, userid: _do(control.logoff, system, userid),
        ),
        ("GET", "/journal", lambda: _answer(control.journal(**_journal_filters()))),
        ("GET", "/stats", lambda: _answer(control.stats())),
        ("GET", "/faults", lambda: _answer(control.faults())),
        ("POST", "/faults", lambda: _answer({"number": control.add_fault(_json(dict))}, 201)),
        ("DELETE", "/faults", lambda: _do(control.clear_faults)),
        ("DELETE", "/faults/<int:number>", lambda number: _do(control.remove_fault, number)),
        ("PUT", "/delay", lambda: _do(control.set_delay, _json(object))),
        ("POST", "/clock/advance", lambda: _do(control.advance, _seconds())),
        ("GET", "/reach", lambda: _answer(control.reach(_parameter("from"), _parameter("to"), _vlan()))),
        ("GET", "/matrix", lambda: _answer(control.matrix(_vlan()))),
        ("GET", "/inventory", lambda: Response(control.inventory(), content_type="application/yaml")),
        ("PUT", "/inventory", lambda: _do(control.load_inventory, request.get_data(as_text=True))),
        ("POST", "/xcat/restart", lambda: _do(control.restart_management_node)),
        ("PUT", "/xcat/unreachable", lambda: _do(control.set_unreachable, _names())),
    ]


def _answer(content: object, status: int = 200) -> Response:
    text = json.dumps(content, default=_text, indent=1)
    return Response(text + "\n", status, content_type="application/json")


def _do(action: Callable[..., None], *arguments: object) -> Response:
    action(*arguments)
    return _answer({})


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _json(kind: type) -> Any:
    try:
        value = json.loads(request.get_data(as_text=True))
    except ValueError as error:
        raise ControlError("body", f"not JSON: {error}") from error
    if not isinstance(value, kind):
        raise ControlError("body", "not a mapping")
    return value


def _names() -> list[str]:
    value = _json(object)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ControlError("body", "not a list of names")
    return value


def _seconds() -> float:
    value = _json(dict).get("seconds")
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ControlError("seconds", f"{value!r} is not a number of seconds")
    return value


def _parameter(name: str) -> str:
    if name not in request.args:
        raise ControlError(name, "missing")
    return request.args[name]


def _vlan() -> int | None:
    return _number("vlan", request.args["vlan"]) if request.args.get("vlan") else None


def _journal_filters() -> Json:
    filters: Json = {}
    for key, value in request.args.items():
        if key == "since":
            filters["since"] = _number(key, value)
        elif key == "mutating":
            filters["mutating"] = _flag(key, value)
        elif key in ("object", "system", "dialect", "function"):
            filters[key] = value
        else:
            raise ControlError(key, "unknown parameter")
    return filters


def _number(field: str, text: str) -> int:
    if not text.isdecimal():
        raise ControlError(field, f"{text!r} is not a number")
    return int(text)


def _flag(field: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise ControlError(field, f"{text!r} is not true or false")
    return text == "true"
