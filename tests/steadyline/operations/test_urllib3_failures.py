"""Every error of urllib3 has its reason, what it wraps deciding before it."""

import http.client
import socket
import ssl

import pytest
from urllib3 import HTTPConnectionPool, exceptions
from urllib3.connection import HTTPConnection

from steadyline.operations.urllib3_failures import reason_of
from steadyline.outcome import Reason

POOL = HTTPConnectionPool("h")
CONNECTION = HTTPConnection("h")
REFUSED = exceptions.NewConnectionError(CONNECTION, "refused")
ERRORS = {
    "no such host": (exceptions.NameResolutionError("h", CONNECTION, socket.gaierror()), Reason.DNS),
    "refused": (REFUSED, Reason.CONNECT),
    "connecting takes too long": (exceptions.ConnectTimeoutError(CONNECTION, ""), Reason.TIMEOUT),
    "answering takes too long": (exceptions.ReadTimeoutError(POOL, "/", ""), Reason.TIMEOUT),
    "sending takes too long": (exceptions.ProtocolError("aborted", TimeoutError()), Reason.TIMEOUT),
    "certificate": (exceptions.SSLError(ssl.SSLCertVerificationError()), Reason.TLS),
    "TLS breaks": (exceptions.ProtocolError("aborted", ssl.SSLEOFError()), Reason.TLS),
    "pool": (exceptions.EmptyPoolError(POOL, ""), Reason.POOL_EXHAUSTED),
    "closed": (exceptions.ClosedPoolError(POOL, ""), Reason.CANCELLED),
    "no answer": (exceptions.ProtocolError("aborted", http.client.RemoteDisconnected()), Reason.SERVER_ERROR),
    "no HTTP": (exceptions.ProtocolError("aborted", http.client.BadStatusLine("220 ftp")), Reason.SERVER_ERROR),
    "reset": (exceptions.ProtocolError("aborted", ConnectionResetError()), Reason.CONNECT),
    "truncated": (exceptions.ProtocolError("broken", exceptions.IncompleteRead(1, 2)), Reason.INTEGRITY),
    "given up": (exceptions.MaxRetryError(POOL, "/", REFUSED), Reason.CONNECT),
    "anything else": (exceptions.HTTPError(), Reason.OTHER),
}


@pytest.mark.parametrize(("error", "reason"), ERRORS.values(), ids=ERRORS)
def test_reason(error, reason):
    """The cause has its reason, however deep it lies."""
    assert reason_of(error) is reason


@pytest.mark.parametrize("error", [ValueError(), TimeoutError(), OSError(), KeyError()])
def test_not_urllib3s(error):
    """What did not come from urllib3 has no reason here."""
    assert reason_of(error) is None
