"""REST version 1 of the xCAT management node as a WSGI application under /xcatws.

Here are the quirks of HTTP: credentials in the query or in headers, 200 with errors inside, 201 for every
POST, error pages that are not JSON although they say so, 401/403 for what xcatd refuses, 503 without it.
Source: xcat-core zvmxcatws.cgi; status codes as networking-zvm's and nova-zvm's request functions take them.
"""

import errno
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Request, Response, request

from zvmsim.dialects.xcat.management_node import ManagementNode
from zvmsim.dialects.xcat.messages import AccessDenied, Messages, XcatdRefusal, error, render
from zvmsim.dialects.xcat.resources import RESOURCES, Ask, BadRequestError
from zvmsim.journal import Call
from zvmsim.world.gate import DroppedError, Effect, HttpFaultError

_FORMATS = ("html", "json", "xml")
_NOT_DATA = ("userName", "password", "format", "requestid", "objectid")
_TYPES = {"json": "application/json", "html": "text/html", "xml": "text/xml"}
_INTERNAL_ERROR = "<html><head><title>500 Internal Server Error</title></head><body></body></html>"
_NO_XCATD = "Connection failurexx: IO::Socket::INET: connect: Connection refused"
_CUT_OFF = (
    "ERROR/WARNING: communication with the xCAT server seems to have been ended prematurely: SSL_read"
)


class _NoJsonError(Exception):
    """The body is no JSON list: the script dies and Apache answers 500."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of one answer, whatever its content type says."""

    status: int
    text: str


def xcat_app(mn: ManagementNode) -> Flask:
    """The WSGI application. A dropped connection is a ConnectionResetError to the server that runs it."""
    app = Flask("xcatws", static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    methods = ["GET", "PUT", "POST", "DELETE", "PATCH"]

    @app.route("/xcatws", methods=methods, defaults={"path": ""}, strict_slashes=False)
    @app.route("/xcatws/<path:path>", methods=methods)
    def serve(path: str) -> Response:
        form = request.args.get("format", "html")
        answer = _Exchange(mn, request, form).answer(path)
        return Response(answer.text, _status_line(answer.status), content_type=_TYPES.get(form, "text/plain"))

    return app


def _status_line(status: int) -> str:
    """With the reason phrase as Apache writes it: nova-zvm looks for "Forbidden"."""
    return f"{status} {HTTPStatus(status).phrase if status in set(HTTPStatus) else 'Unknown'}"


class _Exchange:
    """One request on its way through journal, fault rules, login and command."""

    def __init__(self, mn: ManagementNode, http: Request, form: str) -> None:
        self._mn = mn
        self._http = http
        self._form = form
        self._has_run = False

    def answer(self, path: str) -> Answer:
        parts = [part for part in path.split("/") if part]
        if not parts:
            return Answer(200, "".join(f"<p>{name}</p>" for name in sorted(RESOURCES)))
        resource, name, sub = [*parts, "", ""][:3]
        if self._form not in _FORMATS:
            return Answer(400, f"Unsupported format: {self._form}\n")
        if resource not in RESOURCES:
            return Answer(404, f"Resource '{resource}' does not exist\n")
        if self._http.method not in RESOURCES[resource].methods:
            text = f"request method '{self._http.method}' is not supported on resource '{resource}'\n"
            return Answer(405, text)
        try:
            body = _body(self._http)
        except _NoJsonError:
            return Answer(500, _INTERNAL_ERROR)
        return self._through_the_gate(Ask(self._http.method, resource, name, sub, self._parameters(), body))

    def _parameters(self) -> dict[str, Sequence[str]]:
        return {key: values for key, values in self._http.args.lists() if key not in _NOT_DATA}

    def _through_the_gate(self, ask: Ask) -> Answer:
        effect = Effect(
            lambda: self._carry_out(ask), _refused, lambda answer: (answer.status, 0), locked=False
        )
        try:
            return self._mn.world.gate.run(_call(self._mn, ask), effect)
        except DroppedError:
            raise ConnectionResetError(errno.ECONNRESET, "dropped by a fault rule") from None
        except HttpFaultError as fault:
            return Answer(fault.status, _CUT_OFF if self._has_run else _NO_XCATD)

    def _carry_out(self, ask: Ask) -> Answer:
        self._has_run = True
        try:
            self._mn.authenticate(*self._credentials())
            messages = RESOURCES[ask.resource].answer(self._mn, ask)
        except AccessDenied as refusal:
            return Answer(401, f"<p>{refusal}</p>")
        except XcatdRefusal as refusal:
            return Answer(403, f"<p>{refusal}</p>")
        except BadRequestError as problem:
            return Answer(400, f"{problem}\n")
        return Answer(201 if ask.method == "POST" else 200, self._rendered(messages))

    def _credentials(self) -> tuple[str, str]:
        """The query wins over headers; a server may ignore either."""
        found = ["", ""]
        for place, name in enumerate(("userName", "password")):
            in_header = self._http.headers.get(name, "") if self._mn.quirks.headers else ""
            in_query = self._http.args.get(name, "") if self._mn.quirks.query else ""
            found[place] = in_query or in_header
        return found[0], found[1]

    def _rendered(self, messages: Messages) -> str:
        if self._form == "json":
            return json.dumps(render(messages, self._mn.quirks.rendering(self._mn.config.mn_node)))
        texts = "\n".join(f"<p>{text}</p>" for message in messages for text in _leaves(message))
        return f"<html><body>\n{texts}\n</body></html>" if self._form == "html" else f"<data>{texts}</data>"


def _leaves(message: Mapping[str, Sequence[object]]) -> Iterator[str]:
    for values in message.values():
        yield from (value for value in values if isinstance(value, str))


def _body(http: Request) -> list[str]:
    """CGI.pm sees no body of a form's content type."""
    if http.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return []
    text = http.get_data(as_text=True)
    if not text.strip():
        return []
    try:
        body = json.loads(text)
    except ValueError:
        raise _NoJsonError from None
    if not isinstance(body, list):
        raise _NoJsonError
    return [item if isinstance(item, str) else json.dumps(item) for item in body]


def _refused(rc: int, rs: int) -> Answer:
    """A fault rule's codes as an error message of xcatd."""
    messages = [error(f"(Error) Return Code: {rc} Reason Code: {rs}")]
    return Answer(200, json.dumps({"data": messages}))


def _call(mn: ManagementNode, ask: Ask) -> Call:
    path = "/".join(filter(None, (ask.resource, ask.name, ask.sub)))
    userid = mn.tables.value("zvm", "userid", node=ask.name) or "" if ask.name else ""
    objects = tuple(dict.fromkeys(name.upper() for name in (ask.name, userid) if name))
    arguments = {key: " ".join(values) for key, values in ask.parameters.items()}
    if ask.body:
        arguments["body"] = _without_passwords("\n".join(ask.body))
    return Call(
        "rest",
        mn.system_of(ask.name),
        mn.config.mn_userid,
        f"{ask.method} /{path}",
        objects,
        RESOURCES[ask.resource].changes(mn, ask),
        arguments,
    )


def _without_passwords(text: str) -> str:
    return re.sub(r"(?i)((?:password|pw)=)\S+|echo \S+(?= *\| *chpasswd)", r"\1***", text)
