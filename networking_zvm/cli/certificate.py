"""A TLS handshake with the control point, to tell a bad certificate from an address where nobody listens."""

import datetime
import socket
import ssl

from networking_zvm import errors
from networking_zvm.cli.connection import Connection
from networking_zvm.settings import ControlPoint, Tls

_TIMEOUT = 10.0

_NAME_REMEDY = (
    "name the server in {point}_server as the certificate's subject alternative names do, or have a "
    "certificate made that holds this name there (a common name alone does not count)"
)
_KEY_REMEDY = "have a certificate with a stronger key made on the server (RSA with 2048 bits or more)"
_HASH_REMEDY = "have a certificate made that is signed with SHA-256 or better"
_TIME_REMEDY = "renew it on the server; if it should be valid today, correct the clock of this machine"
_TRUST_REMEDY = "name the certificate that vouches for the server in {point}_ca_file{where}"
_OLD_TLS_REMEDY = "the server speaks no TLS 1.2: update it, or put a TLS proxy before it"

_WHERE_ITS_CA_IS = {
    ControlPoint.XCAT: " (xCAT's own: /install/postscripts/ca/ca-cert.pem on the management node)",
    ControlPoint.FEILONG: " (that of the web server before Feilong)",
}

_PLAIN_REMEDY = {
    ControlPoint.XCAT: "in xcat_server, name the port of HTTPS: this one speaks no TLS",
    ControlPoint.FEILONG: "in feilong_server, name the port of the web server with TLS that stands before "
    "Feilong: this one speaks no TLS",
    ControlPoint.SMAPI: "have z/VM's TLS server secure SMAPI's port: it speaks no TLS (smapi_tls = false "
    "goes without; then the password travels readable)",
}

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

_OLD_TLS = ("TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL")
_NO_TLS = ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING")
"""Source: OpenSSL, include/openssl/sslerr.h, SSL_R_*."""


class TlsFailure(errors.Unreachable):
    """Somebody answers, but not so that we could trust it. remedy: what to do about this cause."""

    def __init__(self, message: str, remedy: str | None) -> None:
        super().__init__(message)
        self.remedy = remedy


def expiry(connection: Connection) -> datetime.datetime | None:
    """Until when the server's certificate is valid; None if it is not to be verified, or there is no TLS.

    Raises TlsFailure, Unreachable.
    """
    try:
        plain = socket.create_connection((connection.host, connection.port), _TIMEOUT)
    except OSError as error:
        raise errors.Unreachable(_told(connection, error)) from error
    with plain:
        if connection.tls is None:
            return None
        try:
            with _context(connection.tls).wrap_socket(plain, server_hostname=connection.host) as secured:
                certificate = secured.getpeercert()
        except OSError as error:
            raise _explained(connection, error) from error
    if not certificate:
        return None
    seconds = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _told(connection: Connection, error: OSError) -> str:
    return f"{connection.name}: no connection: {error.strerror or error}"


def _explained(connection: Connection, error: OSError) -> TlsFailure:
    point = connection.point
    if isinstance(error, ssl.SSLCertVerificationError):
        text = f"{connection.name}: its certificate is not trusted: {error.verify_message}"
        remedy = _OF_VERIFICATION.get(error.verify_code, _TRUST_REMEDY)
        return TlsFailure(text, remedy.format(point=point, where=_WHERE_ITS_CA_IS.get(point, "")))
    reason = error.reason if isinstance(error, ssl.SSLError) else None
    is_silent = isinstance(error, TimeoutError | ConnectionError)
    plain = _PLAIN_REMEDY[point] if reason in _NO_TLS or is_silent else None
    return TlsFailure(_told(connection, error), _OLD_TLS_REMEDY if reason in _OLD_TLS else plain)


def _context(tls: Tls) -> ssl.SSLContext:
    """What it takes, the agent's client takes too: urllib3 2 has given up common names."""
    context = ssl.create_default_context(cafile=tls.ca_file)
    context.hostname_checks_common_name = False
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
