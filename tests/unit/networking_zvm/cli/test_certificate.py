"""Servers with certificates and protocols that the agent's client does not take either."""

import contextlib
import datetime
import ipaddress
import pathlib
import socket
import ssl
import threading
import urllib.parse
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from networking_zvm import errors
from networking_zvm.cli import certificate
from networking_zvm.cli.connection import Connection
from networking_zvm.settings import ControlPoint, Tls

LOOPBACK = "127.0.0.1"
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


class Server:
    """A TLS server that shakes hands and says nothing; its certificate vouches for itself."""

    def __init__(self, folder: pathlib.Path) -> None:
        self._file = folder / "server.pem"
        self.tls = Tls(ca_file=str(self._file))

    def certify(self, *names: x509.GeneralName, days: int = 30, bits: int = 0) -> None:
        """names: subject alternative names; the common name is localhost. bits: of RSA, 0 for a good key."""
        key = rsa.generate_private_key(65537, bits) if bits else ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(NOW - 60 * DAY).not_valid_after(NOW + days * DAY)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        signed = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        form = serialization.PrivateFormat.PKCS8
        private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        self._file.write_bytes(signed + private)

    @contextlib.contextmanager
    def running(self, host: str = "localhost", newest: ssl.TLSVersion | None = None) -> Iterator[str]:
        """Its URL."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(self._file)
        if newest:
            context.minimum_version = context.maximum_version = newest
        with _answering(lambda peer: context.wrap_socket(peer, server_side=True).close()) as port:
            yield f"https://{host}:{port}"


@contextlib.contextmanager
def _answering(answer) -> Iterator[int]:
    """The port on which one caller is answered."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            peer, _ = listener.accept()
            with peer:
                answer(peer)

    with socket.create_server((LOOPBACK, 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


@pytest.fixture
def server(tmp_path) -> Server:
    return Server(tmp_path)


LOCALHOST = x509.DNSName("localhost")


def connection(url: str, tls: Tls | None, point: ControlPoint = ControlPoint.XCAT) -> Connection:
    parts = urllib.parse.urlsplit(url)
    return Connection(point, url, parts.hostname, parts.port, tls)


def failure(url: str, tls: Tls, point: ControlPoint = ControlPoint.XCAT) -> certificate.TlsFailure:
    with pytest.raises(certificate.TlsFailure) as caught:
        certificate.expiry(connection(url, tls, point))
    return caught.value


def test_a_good_one(server):
    server.certify(LOCALHOST)
    with server.running() as url:
        expires = certificate.expiry(connection(url, server.tls))
    assert expires == (NOW + 30 * DAY).replace(microsecond=0)


def test_a_common_name_alone_is_no_name(server):
    server.certify()
    with server.running() as url:
        error = failure(url, server.tls)
    assert "Hostname mismatch" in str(error)
    assert "xcat_server" in error.remedy
    assert "subject alternative names" in error.remedy


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("localhost", x509.DNSName("mn.example.com")),
        (LOOPBACK, x509.IPAddress(ipaddress.ip_address("10.1.0.1"))),
    ],
)
def test_another_name_or_address(server, host, other):
    server.certify(other)
    with server.running(host) as url:
        error = failure(url, server.tls)
    assert "mismatch" in str(error)
    assert "xcat_server" in error.remedy
    assert "xcat_ca_file" not in error.remedy


def test_a_short_key(server):
    server.certify(LOCALHOST, bits=1024)
    with server.running() as url:
        error = failure(url, server.tls)
    assert "key too weak" in str(error)
    assert "2048" in error.remedy


def test_an_expired_one(server):
    server.certify(LOCALHOST, days=-1)
    with server.running() as url:
        error = failure(url, server.tls)
    assert "expired" in str(error)
    assert "renew" in error.remedy


@pytest.mark.parametrize("point", ControlPoint)
def test_nobody_vouches_for_it(server, point):
    server.certify(LOCALHOST)
    with server.running() as url:
        error = failure(url, Tls(), point)
    assert "self-signed" in str(error)
    assert f"{point}_ca_file" in error.remedy
    assert ("xCAT" in error.remedy) == (point is ControlPoint.XCAT)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_a_server_that_speaks_old_tls_only(server):
    server.certify(LOCALHOST)
    with server.running(newest=ssl.TLSVersion.TLSv1_1) as url:
        error = failure(url, server.tls)
    assert "PROTOCOL" in str(error)
    assert "TLS 1.2" in error.remedy
    assert "proxy" in error.remedy


@pytest.mark.parametrize("point", ControlPoint)
@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_port_without_tls(point, answer):
    with _answering(lambda peer: peer.sendall(answer)) as port:
        error = failure(f"https://localhost:{port}", Tls(), point)
    assert str(point) in error.remedy
    assert "speaks no TLS" in error.remedy


def test_a_server_that_waits_for_more_speaks_no_tls(monkeypatch):
    monkeypatch.setattr(certificate, "_TIMEOUT", 0.2)
    asked_enough = threading.Event()
    with _answering(lambda peer: asked_enough.wait(10)) as port:
        error = failure(f"https://localhost:{port}", Tls(), ControlPoint.SMAPI)
        asked_enough.set()
    assert "timed out" in str(error)
    assert "smapi_tls" in error.remedy


def test_without_tls_it_is_enough_that_somebody_listens():
    with _answering(lambda peer: None) as port:
        assert certificate.expiry(connection(f"http://localhost:{port}", None)) is None


def test_nobody_listens():
    with socket.create_server((LOOPBACK, 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(errors.Unreachable) as caught:
        certificate.expiry(connection(f"https://localhost:{port}", Tls()))
    assert not isinstance(caught.value, certificate.TlsFailure)
