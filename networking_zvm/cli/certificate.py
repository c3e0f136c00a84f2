"""A TLS handshake with the control point, to tell a bad certificate from an address where nobody listens."""

import datetime
import socket
import ssl
import urllib.parse

from networking_zvm import errors
from networking_zvm.settings import Tls

_TIMEOUT = 10.0


class NotTrusted(errors.Unreachable):
    """Somebody answers, but nobody we trust vouches that it is the control point."""


def expiry(url: str, tls: Tls) -> datetime.datetime | None:
    """Until when the server's certificate is valid; None if it is not to be verified.

    Raises NotTrusted, Unreachable.
    """
    parts = urllib.parse.urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    try:
        with (
            socket.create_connection((host, port), _TIMEOUT) as plain,
            _context(tls).wrap_socket(plain, server_hostname=host) as secured,
        ):
            certificate = secured.getpeercert()
    except ssl.SSLCertVerificationError as error:
        raise NotTrusted(f"{url}: its certificate is not trusted: {error.verify_message}") from error
    except OSError as error:
        raise errors.Unreachable(f"{url}: no connection: {error.strerror or error}") from error
    if not certificate:
        return None
    seconds = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca_file)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
