"""Calls of SMAPI functions over TCP, a connection for each as the protocol has it.

Its one fine point is whether a request was sent: what fails before is `Unreachable`, what fails afterwards
is `Unknown`, for nobody can tell whether the server acted on it. Reads are repeated then; changes never are.
Source: z/VM Systems Management Application Programming (7.1), socket-based server; return codes there.
"""

import dataclasses
import socket
import ssl
import time

import tenacity
from oslo_log import log

from networking_zvm import errors
from networking_zvm.hypervisor import smapi_codes, smapi_wire
from networking_zvm.hypervisor.smapi_wire import Answer, Call
from networking_zvm.settings import SmapiSettings, Tls

LOG = log.getLogger(__name__)

_CONNECT_TIMEOUT = 10.0
_CHUNK = 65536
_EXCERPT = 160
_NOT_AUTHORIZED = 100
_CREDENTIALS_REFUSED = 120
_SUCCEEDED, _IN_PROGRESS, _FAILED = (0, 100), 104, 108  # reason codes of Query_Asynchronous_Operation_DM


class _ChangedMeanwhileError(errors.Untrusted):
    """z/VM asks to be asked again (900/99)."""


class SmapiClient:
    """Talks to the SMAPI server of one z/VM system. Safe to use from several threads."""

    def __init__(self, settings: SmapiSettings) -> None:
        """Raises ConfigurationError for a CA file or credentials that cannot be."""
        self._address = (settings.host, settings.port)
        self._timeout = settings.timeout
        self._tls = _context(settings.tls) if settings.tls else None
        self._username = _credential("smapi_username", settings.username)
        self._password = _credential("smapi_password", settings.password)
        self.username = settings.username.upper()

    def query(self, call: Call) -> Answer:
        """The answer of a function that changes nothing, with return code 0; asked up to three times.

        Raises Unreachable, Unknown, Untrusted (also for every other return code, which it carries).
        """
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(3) | tenacity.stop_after_delay(self._timeout),
            wait=tenacity.wait_exponential(multiplier=0.25, max=2),
            retry=tenacity.retry_if_exception_type((errors.Unknown, _ChangedMeanwhileError)),
            reraise=True,
        )
        return retrying(self._query, call)

    def change(self, call: Call) -> None:
        """Have something changed, and wait for the end of it if the server works on after its answer.

        Raises Unreachable, Refused, Busy, Gone, Unknown.
        """
        try:
            answer = self._exchange(call)
        except errors.Untrusted as error:
            raise errors.Unknown(str(error)) from None
        if answer.rc == smapi_codes.STARTED:
            self._finish(call, answer.rs)
        elif failure := smapi_codes.failure(self._describe(call, answer), answer.rc, answer.rs):
            raise failure

    def _query(self, call: Call) -> Answer:
        answer = self._exchange(call)
        if (answer.rc, answer.rs) == smapi_codes.REISSUE:
            raise _ChangedMeanwhileError(f"{call}: z/VM changed meanwhile", answer.rc, answer.rs)
        if answer.rc:
            raise errors.Untrusted(self._describe(call, answer), answer.rc, answer.rs)
        return answer

    def _finish(self, call: Call, operation: int) -> None:
        """Wait until an operation that has been started (592) is over. Raises Refused, Unknown."""
        question = Call("Query_Asynchronous_Operation_DM", call.target, smapi_wire.number(operation))
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_delay(self._timeout),
            wait=tenacity.wait_exponential(multiplier=0.1, max=5),
            retry=tenacity.retry_if_result(_is_in_progress),
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )
        try:
            state = retrying(self.query, question).rs
        except errors.HypervisorError as error:
            raise errors.Unknown(f"{call}: operation {operation} was started, but {error}") from error
        if state == _FAILED:
            raise errors.Refused(f"{call}: operation {operation} has failed", smapi_codes.STARTED, operation)
        if state not in _SUCCEEDED:
            told = "is still in progress" if state == _IN_PROGRESS else f"is in state {state}"
            raise errors.Unknown(f"{call}: operation {operation} {told}", smapi_codes.STARTED, operation)

    def _describe(self, call: Call, answer: Answer) -> str:
        """What was called and, if it failed, what there is to know beyond its codes."""
        if answer.rc == _NOT_AUTHORIZED:
            return f"{call}: SMAPI does not let {self.username} do it (VSMWORK1 AUTHLIST, or the ESM)"
        if answer.rc and call.function.startswith("Image_Definition_") and len(answer.payload) > 4:
            said = answer.payload[4 : 4 + _EXCERPT].decode("ascii", "replace").rstrip("\0")
            return f"{call}: {said!r}"
        return str(call)

    def _exchange(self, call: Call) -> Answer:
        """Send one request and receive its answer. Raises Unreachable, Unknown, Untrusted."""
        LOG.debug("%s", call)
        request = smapi_wire.request(call, self._username, self._password)
        host, port = self._address
        deadline = time.monotonic() + self._timeout
        try:
            connection = self._connect()
        except (OSError, UnicodeError) as error:
            raise errors.Unreachable(f"SMAPI at {host}:{port}: {_reason(error)}") from None
        with connection:
            try:
                answer = _converse(connection, request, deadline)
            except OSError as error:
                raise errors.Unknown(f"no answer to {call}: {_reason(error)}") from None
            except errors.InvalidValue as error:
                raise errors.Untrusted(f"{call}: {error}") from None
        if answer.rc == _CREDENTIALS_REFUSED:
            raise errors.Unreachable(
                f"SMAPI refuses userid {self.username}: check smapi_username and smapi_password",
                answer.rc,
                answer.rs,
            )
        return answer

    def _connect(self) -> socket.socket:
        plain = socket.create_connection(self._address, min(_CONNECT_TIMEOUT, self._timeout))
        if self._tls is None:
            return plain
        try:
            return self._tls.wrap_socket(plain, server_hostname=self._address[0])
        except (OSError, ValueError):
            plain.close()
            raise


def _converse(connection: socket.socket, request: bytes, deadline: float) -> Answer:
    """The server names the request at once, and answers when it is done. Raises OSError, InvalidValue."""
    _limit(connection, deadline)
    connection.sendall(request)
    (request_id,) = smapi_wire.NUMBER.unpack(_receive(connection, smapi_wire.NUMBER.size, deadline))
    header = _receive(connection, smapi_wire.HEADER.size, deadline)
    length, answer = smapi_wire.split_header(header, request_id)
    return dataclasses.replace(answer, payload=_receive(connection, length, deadline))


def _receive(connection: socket.socket, count: int, deadline: float) -> bytes:
    """Exactly so many bytes. Memory is taken for what has come, never for what is announced."""
    received = bytearray()
    while len(received) < count:
        _limit(connection, deadline)
        piece = connection.recv(min(_CHUNK, count - len(received)))
        if not piece:
            raise ConnectionError("the server closed the connection too early")
        received += piece
    return bytes(received)


def _limit(connection: socket.socket, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    connection.settimeout(left)


def _is_in_progress(answer: Answer) -> bool:
    return answer.rs == _IN_PROGRESS


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _credential(option: str, text: str) -> bytes:
    try:
        data = smapi_wire.encode(text)
    except errors.InvalidValue:
        raise errors.ConfigurationError([f"{option} holds characters that cannot be sent"]) from None
    if not data:
        raise errors.ConfigurationError([f"{option} must not be empty"])
    return data


def _context(tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except OSError as error:
        raise errors.ConfigurationError([f"smapi_ca_file: {tls.ca_file}: {_reason(error)}"]) from None
    if not tls.verify:
        LOG.warning("The certificate of the SMAPI server is not verified: the password can be stolen")
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
