"""HTTPS to a control point: certificates checked, time limited, secrets kept out of every text.

Its one fine point is whether a request was sent: what fails before is `Unreachable`, what fails afterwards
is `Unknown`, for nobody can tell whether the server acted on it. Reads are repeated then; writes never are.
"""

import dataclasses
import html
import http.cookiejar
import json
import logging
import os
import re
import ssl
import urllib.parse
from collections.abc import Iterable, Mapping

import requests
import requests.adapters
import tenacity
import urllib3
import urllib3.connection
import urllib3.connectionpool
import urllib3.exceptions
from oslo_log import log

from networking_zvm import errors
from networking_zvm.settings import Tls

LOG = log.getLogger(__name__)

_CONNECT_TIMEOUT = 10.0
_POOL_SIZE = 32
_EXCERPT = 200
_OVERLOADED = (408, 503, 504)
_LOGS_WITH_URLS = ("urllib3.connectionpool", "urllib3.util.retry")
_TAG = re.compile(r"<(style|script|head)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


class Rejected(errors.ZvmError):
    """The server answered with a status that is neither success nor overload.

    status: HTTP's number. excerpt: the beginning of its text, without markup.
    """

    def __init__(self, status: int, excerpt: str) -> None:
        super().__init__(f"HTTP {status}: {excerpt}")
        self.status = status
        self.excerpt = excerpt


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, whatever it means. headers: names in any case."""

    status: int
    headers: Mapping[str, str] = dataclasses.field(repr=False)
    content: bytes

    @property
    def text(self) -> str:
        """The content as it is meant to be read."""
        return self.content.decode(errors="replace")


class RestClient:
    """Sends JSON and receives JSON. Safe to use from several threads."""

    def __init__(
        self,
        url: str,
        tls: Tls,
        timeout: float,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        secrets: Iterable[str],
        options: str = "xcat",
        schemes: Iterable[str] = ("https",),
    ) -> None:
        """headers, query: sent with every request. timeout: seconds without a sign of life from the server.

        secrets: texts that must never be seen. options: how those begin that name URL and CA file. schemes:
        of the URL; the operator has been warned of any but https. Raises ConfigurationError for a URL or CA
        file that cannot be.
        """
        if url.lower().partition("://")[0] not in schemes:
            wanted = " or ".join(f"{scheme}://" for scheme in schemes)
            raise errors.ConfigurationError([f"{options}_server: {url!r} must begin with {wanted}"])
        self._url = url.rstrip("/")
        self._query = dict(query)
        self._timeout = (min(_CONNECT_TIMEOUT, timeout), timeout)
        self._redactor = _Redactor(secrets)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = _trusted(tls, f"{options}_ca_file")
        self._session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        for scheme in schemes:
            self._session.mount(f"{scheme}://", _Adapter(pool_connections=1, pool_maxsize=_POOL_SIZE))
        self._headers = _headers(headers)
        for name in _LOGS_WITH_URLS:
            logging.getLogger(name).addFilter(self._redactor)

    def read(self, method: str, path: str, body: object = None) -> object:
        """What the server answers; asked up to three times. Raises Unreachable, Unknown, Rejected."""
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(3),
            wait=tenacity.wait_exponential(multiplier=0.5, max=4),
            retry=tenacity.retry_if_exception_type(errors.Unknown),
            reraise=True,
        )
        return retrying(self._send, method, path, body)

    def write(self, method: str, path: str, body: object = None) -> object:
        """What the server answers to a request that changes things. Raises as read()."""
        return self._send(method, path, body)

    def exchange(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """What the server answers to one request, whatever its status. Raises Unreachable, Unknown.

        headers: sent beside those of every request. Their values must be known as secrets if they are.
        """
        sent = {**self._headers, **_headers(headers or {})}
        response = self._request(method, path, body, sent)
        return Answer(response.status_code, response.headers, response.content)

    def keep_secret(self, text: str) -> None:
        """From now on never let this text be seen either."""
        self._redactor.add(text)

    def excerpt(self, text: str) -> str:
        """The beginning of a foreign text, fit for an operator: one line, no markup, no secret."""
        plain = " ".join(html.unescape(_TAG.sub(" ", text)).split())
        clean = self._redactor.clean(plain)
        return clean if len(clean) <= _EXCERPT else clean[:_EXCERPT] + "..."

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        for name in _LOGS_WITH_URLS:
            logging.getLogger(name).removeFilter(self._redactor)

    def _send(self, method: str, path: str, body: object) -> object:
        return self._document(method, path, self._request(method, path, body, self._headers))

    def _request(
        self, method: str, path: str, body: object, headers: Mapping[str, bytes]
    ) -> requests.Response:
        try:
            response = self._session.request(
                method,
                self._url + path,
                params=self._query,
                json=body,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except _NotSentError as error:
            raise errors.Unreachable(f"{self._url}: {self._reason(error)}") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise errors.Unknown(f"no answer to {method} {path}: {self._reason(error)}") from None
        response.encoding = "utf-8"
        return response

    def _document(self, method: str, path: str, response: requests.Response) -> object:
        if response.status_code in _OVERLOADED or response.status_code >= 500:
            text = f"HTTP {response.status_code}: {self.excerpt(response.text)}"
            raise errors.Unknown(f"no answer to {method} {path}: {text}")
        if response.status_code not in (200, 201):
            raise Rejected(response.status_code, self.excerpt(response.text))
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            text = self.excerpt(response.text)
        raise errors.Unknown(f"unreadable answer to {method} {path}: {text!r}")

    def _reason(self, error: BaseException) -> str:
        """The innermost cause: the outer ones quote the URL."""
        while (inner := error.__cause__ or error.__context__) is not None:
            error = inner
        return self._redactor.clean(f"{type(error).__name__}: {error}")


class _NotSentError(Exception):
    """No connection came about, so nothing was sent; the cause tells why."""


class _Connection(urllib3.connection.HTTPSConnection):
    """Tells failures of connecting (name, TCP, TLS) from all later ones; urllib3 alone mixes them."""

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            raise _NotSentError from error


class _PlainConnection(urllib3.connection.HTTPConnection):
    """The same without TLS."""

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            raise _NotSentError from error


class _Pool(urllib3.connectionpool.HTTPSConnectionPool):
    ConnectionCls = _Connection


class _PlainPool(urllib3.connectionpool.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _Adapter(requests.adapters.HTTPAdapter):
    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **options: object
    ) -> None:
        super().init_poolmanager(connections, maxsize, block, **options)
        self.poolmanager.pool_classes_by_scheme = {"https": _Pool, "http": _PlainPool}


class _Redactor(logging.Filter):
    """Takes secrets out of texts and, as a filter, out of the lines that libraries log."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._forms: list[str] = []
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Another text to take out."""
        forms = {secret, urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret)} - {""}
        self._forms = sorted(forms.union(self._forms), key=len, reverse=True)

    def clean(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, "***")
        return text

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self.clean(record.getMessage()), ()
        return True


def _headers(texts: Mapping[str, str]) -> dict[str, bytes]:
    flawed = [name for name, text in texts.items() if not text.isprintable() or text != text.strip()]
    if flawed:
        fault = "must be printable and without blanks at its ends to travel in an HTTP header"
        raise errors.ConfigurationError([f"{name}: {fault}" for name in flawed])
    return {name: text.encode() for name, text in texts.items()}


def _trusted(tls: Tls, option: str) -> bool | str:
    """What requests shall verify certificates with; its own default would be a bundle of its own.

    option: name of the one that names the CA file.
    """
    if not tls.verify:
        LOG.warning("The certificate of the control point is not verified: its password can be stolen")
        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        return False
    if tls.ca_file and not os.path.isfile(tls.ca_file):
        raise errors.ConfigurationError([f"{option}: {tls.ca_file} does not exist"])
    paths = ssl.get_default_verify_paths()
    return tls.ca_file or paths.cafile or paths.capath or True
