"""A TLS handshake with the control point, to tell a bad certificate from an address where nobody listens."""

import datetime
import socket
import ssl
import urllib.parse

from networking_zvm import errors
from networking_zvm.settings import Tls

_TIMEOUT = 10.0

_NAME_REMEDY = (
    "name the server in xcat_server as the certificate's subject alternative names do, or have a certificate "
    "made that holds this name there (a common name alone does not count)"
)
_KEY_REMEDY = "have a certificate with a stronger key made on the server (RSA with 2048 bits or more)"
_HASH_REMEDY = "have a certificate made that is signed with SHA-256 or better"
_TIME_REMEDY = "renew it on the server; if it should be valid today, correct the clock of this machine"
_TRUST_REMEDY = (
    "name the certificate that vouches for the server in xcat_ca_file "
    "(xCAT's own: /install/postscripts/ca/ca-cert.pem on the management node)"
)
_OLD_TLS_REMEDY = "the server speaks no TLS 1.2: update it, or put a TLS proxy before it"

_OF_VERIFICATION = {
    9: _TIME_REMEDY,  # not yet valid
    10: _TIME_REMEDY,  # expired
    62: _NAME_REMEDY,  # host name
    64: _NAME_REMEDY,  # IP address
    66: _KEY_REMEDY,  # of the server's certificate
    67: _KEY_REMEDY,  # of a certificate that vouches for it
    68: _HASH_REMEDY,
}
"""Source: OpenSSL, include/openssl/x509_vfy.h, X509_V_ERR_*. All others: nobody trusted vouches for it."""

_OF_HANDSHAKE = {
    "TLSV1_ALERT_PROTOCOL_VERSION": _OLD_TLS_REMEDY,
    "UNSUPPORTED_PROTOCOL": _OLD_TLS_REMEDY,
    "WRONG_VERSION_NUMBER": "in xcat_server, name the port of HTTPS: this one speaks no TLS",
}
"""Source: OpenSSL, include/openssl/sslerr.h, SSL_R_*."""


class TlsFailure(errors.Unreachable):
    """Somebody answers, but not so that we could trust it. remedy: what to do about this cause."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


def expiry(url: str, tls: Tls) -> datetime.datetime | None:
    """Until when the server's certificate is valid; None if it is not to be verified.

    Raises TlsFailure, Unreachable.
    """
    parts = urllib.parse.urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    try:
        with (
            socket.create_connection((host, port), _TIMEOUT) as plain,
            _context(tls).wrap_socket(plain, server_hostname=host) as secured,
        ):
            certificate = secured.getpeercert()
    except OSError as error:
        raise _explained(url, error) from error
    if not certificate:
        return None
    seconds = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _explained(url: str, error: OSError) -> errors.Unreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        text = f"{url}: its certificate is not trusted: {error.verify_message}"
        return TlsFailure(text, _OF_VERIFICATION.get(error.verify_code, _TRUST_REMEDY))
    text = f"{url}: no connection: {error.strerror or error}"
    if isinstance(error, ssl.SSLError) and error.reason in _OF_HANDSHAKE:
        return TlsFailure(text, _OF_HANDSHAKE[error.reason])
    return errors.Unreachable(text)


def _context(tls: Tls) -> ssl.SSLContext:
    """What it takes, the agent's client takes too: urllib3 2 has given up common names."""
    context = ssl.create_default_context(cafile=tls.ca_file)
    context.hostname_checks_common_name = False
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
