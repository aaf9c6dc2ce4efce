"""VAST DB over TLS: whose certificates are trusted, in sessions and in the connections that the SDK opens for queries."""

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from vast_system import outcome_of, target

from steadyline.operations.http.connection import WAITS
from steadyline.operations.vast.connection import MeteredAdapter, system_trust
from steadyline.outcome import Reason


def _certificate(folder):
    """A self-signed certificate of the loopback address; its file holds the key too."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a VAST DB of a test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


class _Handler(BaseHTTPRequestHandler):
    """Says it is a VAST DB, begins transactions, and has nothing else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answer a version, or that there is no such thing."""
        self._answer(200 if self.path == "/?transaction" else 404)

    def do_POST(self):
        """Begin a transaction."""
        self._answer(200)

    do_DELETE = do_POST  # noqa: N815 - the name that http.server looks for

    def _answer(self, status):
        self.server.asked.append(self.command)
        self.send_response_only(status)
        for name, value in {"server": "vast 5.4.0.0", "tabular-txid": "7", "content-length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()


class _Server(ThreadingHTTPServer):
    """Speaks TLS."""

    daemon_threads = True

    def __init__(self, certificate):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = []
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)

    def finish_request(self, request, client_address):
        """Shake hands in the connection's own thread."""
        with suppress(ssl.SSLError), self._context.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)


@contextmanager
def _over_tls(certificate) -> Iterator[_Server]:
    with _Server(certificate) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def trust():
    """The system's certificates are read anew, before and after."""
    system_trust.cache_clear()
    yield
    system_trust.cache_clear()


@pytest.mark.usefixtures("trust")
def test_trust(tmp_path, monkeypatch):
    """A certificate that nobody vouches for is a failure of TLS; one that the system trusts is none."""
    certificate = _certificate(tmp_path)
    with _over_tls(certificate) as server:
        to = target(f"https://127.0.0.1:{server.server_port}")
        assert outcome_of(to).reason is Reason.TLS
        assert server.asked == []
        system_trust.cache_clear()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        outcome = outcome_of(to)
    assert outcome.reason is Reason.CLIENT_ERROR
    assert server.asked == ["GET", "POST", "GET", "DELETE"]
    assert "connect" in outcome.phases


@pytest.mark.usefixtures("trust")
def test_certificates_are_read_once(monkeypatch):
    """The adapters of all queries share the system's certificates: reading them is no part of a query."""
    read = []
    monkeypatch.setattr(ssl, "create_default_context", lambda: read.append(1) or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    shared = {MeteredAdapter(1, WAITS, tls=True).poolmanager.connection_pool_kw["ssl_context"] for _ in range(3)}
    assert (len(shared), len(read)) == (1, 1)
