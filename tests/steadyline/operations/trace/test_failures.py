"""Every failure of the HTTP client has its reason, found on real far ends."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from trace_client import asking, connected, outcome_of, target

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.operations.http.connection import Waits
from steadyline.operations.trace.backend import TraceBackend
from steadyline.outcome import Reason

STATUSES = {
    302: Reason.CLIENT_ERROR,
    400: Reason.CLIENT_ERROR,
    401: Reason.AUTH,
    403: Reason.AUTH,
    404: Reason.CLIENT_ERROR,
    408: Reason.TIMEOUT,
    409: Reason.CONFLICT,
    422: Reason.CLIENT_ERROR,
    429: Reason.THROTTLED,
    499: Reason.CLIENT_ERROR,
    500: Reason.SERVER_ERROR,
    503: Reason.SERVER_ERROR,
    599: Reason.SERVER_ERROR,
}


@pytest.mark.parametrize(("status", "reason"), STATUSES.items())
def test_status(far_end, status, reason):
    """An answer that is no success has the reason of its status, is asked for once, and its message is told."""
    there = far_end(status=status, body=b'{"error": "because"}')
    outcome = outcome_of(target(there.url))
    assert outcome.reason is reason
    assert outcome.detail == f"HTTPStatusError: GET /api/v1/items: HTTP {status} because"
    assert len(there.requests) == 1


@pytest.mark.parametrize("body", [b"<html>", b"{", b"\xff"])
def test_success_that_is_not_json(far_end, body):
    """A success that is not JSON is no success."""
    assert outcome_of(target(far_end(body=body).url)).reason is Reason.INTEGRITY


@pytest.mark.parametrize("body", [b"[]", b"null", b"{}", b'{"items": {}}', b'{"items": [1]}', b'"items"'])
def test_list_without_items(far_end, body):
    """A JSON that is no list of items is no success of an operation."""
    there = far_end(body=body)
    with connected(target(there.url, allow_writes=False)) as client:
        outcome = Attempt(TraceBackend(), client)(catalogue.named("trace.item_browse"))
    assert outcome.reason is Reason.INTEGRITY


def test_nothing_listens(free_port):
    """A refused connection is told as one."""
    assert outcome_of(target(f"http://127.0.0.1:{free_port()}")).reason is Reason.CONNECT


def test_unknown_host():
    """A host whose name is not known is told apart from one that refuses."""
    assert outcome_of(target("http://nohost.invalid")).reason is Reason.DNS


def test_tls_where_there_is_none(far_end):
    """HTTPS to a server that speaks none is a failure of TLS."""
    assert outcome_of(target(far_end().url.replace("http:", "https:"))).reason is Reason.TLS


def _far_end_that(does):
    """A socket that does something with the first connection; its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection, listener:
            connection.recv(65536)
            does(connection)

    threading.Thread(target=serve).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_connection_closed_without_an_answer():
    """A connection that is closed without an answer is the server's failure."""
    assert outcome_of(target(_far_end_that(lambda _connection: None))).reason is Reason.SERVER_ERROR


def test_no_http():
    """An answer that is not HTTP is the server's failure."""
    assert outcome_of(target(_far_end_that(lambda c: c.sendall(b"220 ftp\r\n\r\n")))).reason is Reason.SERVER_ERROR


def test_silent_server():
    """A server that takes the request and says nothing is a timeout."""
    done = threading.Event()
    url = _far_end_that(lambda _connection: done.wait(30))
    outcome = outcome_of(target(url), TraceBackend(waits=Waits(answer=0.05)))
    done.set()
    assert outcome.reason is Reason.TIMEOUT


def test_pool_exhausted():
    """An attempt that finds all allowed connections taken says so, and does not open another."""
    asked, done = threading.Event(), threading.Event()

    def hold(_connection):
        asked.set()
        done.wait(30)

    to = target(_far_end_that(hold), concurrency=1)
    backend = TraceBackend(waits=Waits(pool=0.05, answer=30))
    with connected(to, backend) as client, ThreadPoolExecutor(1) as thread:
        attempt = Attempt(backend, client)
        first = thread.submit(attempt, asking)
        asked.wait(30)
        assert attempt(asking).reason is Reason.POOL_EXHAUSTED
        done.set()
        assert first.result().reason is Reason.SERVER_ERROR


def test_bug_is_loud(far_end):
    """An exception that is not the HTTP client's is a bug, and has no reason."""
    with connected(target(far_end().url)):
        assert TraceBackend().classify(ZeroDivisionError()) is None
        assert TraceBackend().classify(RuntimeError("closed")) is None
