"""Feilong's REST API: requests with a token, few at once, and what its answers mean.

Few at once, since its server listens with a backlog of five: a burst overflows that and waits for seconds. No
large requests, since it reads each with one call of 4,096 bytes. Source: zVMCloudConnector 1.6.3, zvmsdk
sdkserver.py, sdkwsgi/handlers/tokens.py.
"""

import json
import threading
from pathlib import Path

import tenacity

from networking_zvm import errors
from networking_zvm.hypervisor import feilong_answer, http
from networking_zvm.settings import FeilongSettings

_LARGEST_BODY = 3500
_UNAUTHORIZED = 401
_OVERLOADED = (408, 503, 504)


class FeilongClient:
    """Talks to one Feilong server. Safe to use from several threads."""

    def __init__(self, settings: FeilongSettings, parallelism: int) -> None:
        """parallelism: requests under way at once. Raises ConfigurationError (URL, CA file, token file)."""
        self._rest = http.RestClient(
            settings.url,
            settings.tls,
            settings.timeout,
            headers={"Accept": "application/json"},
            query={},
            secrets=[],
            options="feilong",
            schemes=("https", "http"),
        )
        self._slots = threading.BoundedSemaphore(parallelism)
        self._token = _Token(self._rest, Path(settings.token_file)) if settings.token_file else None

    def read(self, path: str) -> object:
        """What GET gives; asked up to three times if no answer comes.

        Raises Unreachable, and Unknown, Refused, Busy, Gone as the answer says.
        """
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(3),
            wait=tenacity.wait_exponential(multiplier=0.5, max=4),
            retry=tenacity.retry_if_exception_type(errors.Unknown),
            reraise=True,
        )
        return self._output(f"GET {path}", retrying(self._ask, "GET", path, None), changing=False)

    def write(self, method: str, path: str, body: object) -> object:
        """What a request gives that changes something; sent once. Raises as read().

        A body that Feilong could not take is Refused, with nothing sent.
        """
        if len(json.dumps(body)) > _LARGEST_BODY:
            raise errors.Refused(f"{method} {path}: its body is longer than {_LARGEST_BODY} bytes")
        return self._output(f"{method} {path}", self._ask(method, path, body), changing=True)

    def close(self) -> None:
        """Give the connections back."""
        self._rest.close()

    def _output(self, what: str, reply: feilong_answer.Reply, changing: bool) -> object:
        error = feilong_answer.failure(what, reply, self._rest.excerpt(reply.text), changing)
        if error:
            raise error
        return reply.output

    def _ask(self, method: str, path: str, body: object) -> feilong_answer.Reply:
        with self._slots:
            answer = self._authorized(method, path, body)
        return self._reply(f"{method} {path}", answer)

    def _authorized(self, method: str, path: str, body: object) -> http.Answer:
        """The answer to the request with a token; an expired one is renewed once."""
        if self._token is None:
            answer = self._rest.exchange(method, path, body)
        else:
            token = self._token.value()
            answer = self._rest.exchange(method, path, body, {"X-Auth-Token": token})
            if answer.status == _UNAUTHORIZED:
                token = self._token.value(instead_of=token)
                answer = self._rest.exchange(method, path, body, {"X-Auth-Token": token})
        if answer.status != _UNAUTHORIZED:
            return answer
        remedy = "checks tokens: set" if self._token is None else "refuses its own token: check"
        raise errors.Unreachable(f"Feilong {remedy} feilong_token_file (HTTP {answer.status})")

    def _reply(self, what: str, answer: http.Answer) -> feilong_answer.Reply:
        reply = feilong_answer.read_reply(answer.content)
        told = f"HTTP {answer.status}: {self._rest.excerpt(answer.text)}"
        if reply is None and 300 <= answer.status < 500 and answer.status not in _OVERLOADED:
            raise errors.Unreachable(f"feilong_server is no Feilong: {what} is answered by {told}")
        if reply is None or (reply.overall == 0 and answer.status >= 300):
            raise errors.Unknown(f"unreadable answer to {what}: {told}")
        return reply


class _Token:
    """The token in use, got for the admin token that stands in a file. Safe to use from several threads."""

    def __init__(self, rest: http.RestClient, file: Path) -> None:
        """Raises ConfigurationError if the file does not hold an admin token."""
        self._rest = rest
        self._file = file
        self._lock = threading.Lock()
        self._value: str | None = None
        try:
            self._admin_token()
        except errors.Unreachable as error:
            raise errors.ConfigurationError([str(error)]) from None

    def value(self, instead_of: str | None = None) -> str:
        """The token, a new one if there is none or it is the one given. Raises Unreachable, Unknown."""
        with self._lock:
            if self._value is None or self._value == instead_of:
                self._value = self._new()
            return self._value

    def _new(self) -> str:
        admin = self._admin_token()
        self._rest.keep_secret(admin)
        try:
            answer = self._rest.exchange("POST", "/token", headers={"X-Admin-Token": admin})
        except errors.Unknown as error:
            raise errors.Unreachable(str(error)) from None
        token = answer.headers.get("X-Auth-Token", "").strip()
        if answer.status == _UNAUTHORIZED:
            raise errors.Unreachable(f"Feilong refuses the admin token: check {self._option}")
        if answer.status != 200 or not _fits_header(token):
            told = f"HTTP {answer.status}: {self._rest.excerpt(answer.text)}"
            hint = "Feilong 1.6.3 can give one only with a PyJWT older than 2"
            raise errors.Unreachable(f"Feilong gives no token ({told}); {hint}")
        self._rest.keep_secret(token)
        return token

    @property
    def _option(self) -> str:
        return f"feilong_token_file = {self._file}"

    def _admin_token(self) -> str:
        try:
            token = self._file.read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise errors.Unreachable(f"{self._option}: cannot be read ({reason})") from None
        if not _fits_header(token):
            raise errors.Unreachable(f"{self._option}: must hold an admin token as zvmsdk-gentoken writes it")
        return token


def _fits_header(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable()
