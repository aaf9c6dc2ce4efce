"""Every failure of the SDK has its reason, found on real far ends."""

import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from pydantic import SecretStr
from trace_target import serving
from vast_system import FarEnd, asking, connected, outcome_of, target
from vastdb.table_metadata import TableMetadata, TableRef, TableType

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.operation import operation
from steadyline.operations.http.connection import Waits
from steadyline.operations.vast.backend import BACKEND, VastBackend
from steadyline.operations.vast.content import COLUMNS
from steadyline.operations.vast.schemas import RunSchema
from steadyline.outcome import Reason


def error(code):
    """An error as VAST DB words it."""
    return f"<Error><Code>{code}</Code><Message>because</Message></Error>".encode()


ANSWERS = {
    "moved": (302, b"", Reason.CLIENT_ERROR),
    "bad request": (400, error("InvalidArgument"), Reason.CLIENT_ERROR),
    "no login": (401, b"", Reason.AUTH),
    "denied": (403, error("AccessDenied"), Reason.AUTH),
    "no schema": (404, error("TabularNoSuchSchema"), Reason.CLIENT_ERROR),
    "no such method": (405, error("MethodNotAllowed"), Reason.CLIENT_ERROR),
    "too slow": (408, error("RequestTimeout"), Reason.TIMEOUT),
    "conflict": (409, error("TabularConflict"), Reason.CONFLICT),
    "many requests": (429, b"", Reason.THROTTLED),
    "internal": (500, error("InternalError"), Reason.SERVER_ERROR),
    "not implemented": (501, error("NotImplemented"), Reason.CLIENT_ERROR),
    "a proxy's": (502, b"Bad Gateway", Reason.SERVER_ERROR),
    "slow down": (503, error("SlowDown"), Reason.THROTTLED),
    "unavailable": (503, error("ServiceUnavailable"), Reason.SERVER_ERROR),
    "full": (507, error("InsufficientCapacity"), Reason.SERVER_ERROR),
    "another success": (204, b"", Reason.INTEGRITY),
    "a web page": (200, b"<html><body><br></body></html>", Reason.INTEGRITY),
    "nothing": (200, b"", Reason.INTEGRITY),
    "noise": (200, bytes(range(256)) * 8, Reason.INTEGRITY),
}
PAGE = {"tabular-next-key": "0", "tabular-is-truncated": "false", "location": "/elsewhere"}


@pytest.mark.parametrize(("status", "body", "reason"), ANSWERS.values(), ids=ANSWERS)
def test_answer(far_end, status, body, reason):
    """An answer that is not the right one has the reason of its code or status, and is asked for once: nothing is retried."""
    there = far_end(status=status, body=body, headers=PAGE)
    outcome = outcome_of(target(there.url))
    assert outcome.reason is reason, outcome.detail
    assert there.questions == [("GET", "schema")]


def test_rolled_back_once(far_end):
    """A failed transaction is rolled back; where that fails too, the first failure is the one that is told."""
    there = far_end(status=409, body=error("TabularConflict"), ending=500)
    assert outcome_of(target(there.url)).reason is Reason.CONFLICT
    assert there.requests == [("GET", "transaction"), ("POST", "transaction"), ("GET", "schema"), ("DELETE", "transaction")]


def test_commit_that_fails(far_end):
    """Work that cannot be committed is no success."""
    to = target(far_end(ending=409).url)
    with connected(to) as client, pytest.raises(Exception, match="409") as caught, client.transaction():
        pass
    assert BACKEND.classify(caught.value) is Reason.CONFLICT


SERVERS = {
    "another server": ("nginx", Reason.CLIENT_ERROR),
    "none named": (None, Reason.INTEGRITY),
    "old": ("vast 4", Reason.INTEGRITY),
}


@pytest.mark.parametrize(("server", "reason"), SERVERS.values(), ids=SERVERS)
def test_no_vast_db(far_end, server, reason):
    """A server that does not say it is a VAST DB is found out by the first request."""
    there = far_end(server=server)
    assert outcome_of(target(there.url)).reason is reason
    assert there.requests == [("GET", "transaction")]


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


SOCKETS = {
    "closes": lambda _connection: None,
    "speaks another protocol": lambda connection: connection.sendall(b"220 ftp\r\n\r\n"),
}


@pytest.mark.parametrize("does", SOCKETS.values(), ids=SOCKETS)
def test_no_answer(does):
    """A connection that is closed without an answer, or whose answer is not HTTP, is the server's failure."""
    assert outcome_of(target(_far_end_that(does))).reason is Reason.SERVER_ERROR


def test_silent_server():
    """A server that takes the request and says nothing is a timeout."""
    done = threading.Event()
    url = _far_end_that(lambda _connection: done.wait(30))
    outcome = outcome_of(target(url), VastBackend(waits=Waits(answer=0.05)))
    done.set()
    assert outcome.reason is Reason.TIMEOUT


@operation("vast.querying")
def _querying(client, _prepared):
    """Query a table that is said to be there."""
    table = TableMetadata(TableRef("steadyline", "schema", "rows"), COLUMNS, TableType.Regular)
    with client.transaction() as tx:
        return client.select(tx, RunSchema("schema", table, ()), range(1))


STOPS = {"hangs": (True, Reason.TIMEOUT), "breaks off": (False, Reason.INTEGRITY)}


@pytest.mark.parametrize(("waits", "reason"), STOPS.values(), ids=STOPS)
def test_query_that_stops(waits, reason):
    """An answer to a query that stops half-way is no success, and is not asked for again in the SDK's own thread."""

    class Stopping(FarEnd):
        async def __call__(self, scope, receive, send):
            if scope["query_string"] != b"data":
                await super().__call__(scope, receive, send)
                return
            self.requests.append((scope["method"], "data"))
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            while waits and (await receive())["type"] != "http.disconnect":
                pass

    there, backend = Stopping(), VastBackend(waits=Waits(answer=0.2))
    with serving(there) as url, connected(target(url), backend) as client:
        assert Attempt(backend, client)(_querying).reason is reason
    assert there.questions == [("GET", "data")]


def test_pool_exhausted(endpoint):
    """An attempt that finds all allowed connections taken says so, and does not open another."""
    backend = VastBackend(waits=Waits(pool=0.05, answer=30))
    with connected(endpoint.target(concurrency=1), backend) as client, ThreadPoolExecutor(1) as thread:
        attempt = Attempt(backend, client)
        assert attempt(asking).ok
        (session,) = client.database.session.api._sessions.values()
        (pool,) = session.get_adapter(endpoint.url).poolmanager.pools._container.values()
        held = pool._get_conn()
        assert thread.submit(attempt, asking).result().reason is Reason.POOL_EXHAUSTED
        pool._put_conn(held)
        assert attempt(asking).ok


WRONG_KEYS = {"secret": {"secret_key": SecretStr("wr0ng-secret")}, "key": {"access_key": "nobody"}}


@pytest.mark.parametrize("facts", WRONG_KEYS.values(), ids=WRONG_KEYS)
def test_wrong_keys(endpoint, facts):
    """A wrong access key, and a wrong secret of a right one, are refusals; the secret shows in no failure."""
    outcome = outcome_of(endpoint.target(**facts))
    assert outcome.reason is Reason.AUTH
    assert "wr0ng" not in outcome.detail


def test_vanished_bucket(endpoint):
    """Without its bucket every operation fails, by its own fault; with the bucket back, a minute later all is well again."""
    now = [1_800_000_000.0]
    backend = VastBackend(now=lambda: now[0])
    operations = [o for o in catalogue.operations(["vast"]).values() if o.name != "vast.import_parquet"]
    with connected(endpoint.target(), backend) as client:
        attempt = Attempt(backend, client)
        assert all(attempt(operation).ok for operation in operations)
        endpoint.drop_bucket()
        assert {attempt(operation).reason for operation in operations} == {Reason.CLIENT_ERROR}
        now[0] += 61
        assert {attempt(operation).reason for operation in operations} == {Reason.CLIENT_ERROR}
        endpoint.make_bucket()
        assert all(attempt(operation).ok for operation in operations)


def test_conflict(endpoint):
    """Who changes a row that another transaction holds meets a conflict, and none later."""
    update = catalogue.named("vast.row_update")
    with connected(endpoint.target()) as client:
        attempt = Attempt(BACKEND, client)
        working = client.working
        with client.transaction() as tx:
            table = tx.table_from_metadata(working.table)
            for row_id in working.row_ids:
                table.update(client.change_of(row_id, -1))
            assert attempt(update).reason is Reason.CONFLICT
        assert attempt(update).ok


def test_import_without_s3(endpoint):
    """Where no S3 is behind the endpoint an import fails by its own fault, says what to do, and leaves nothing."""
    with connected(endpoint.target()) as client:
        outcome = Attempt(BACKEND, client)(catalogue.named("vast.import_parquet"))
        assert outcome.reason is Reason.CLIENT_ERROR
        assert outcome.detail == (
            "NoObjectsError: bucket steadyline takes no object (HTTP 501 NotImplemented there is no S3 store behind the "
            "endpoint; start it with --s3-url); vast.import_parquet reads one: give the endpoint an S3 side that has the "
            "bucket and knows the access key"
        )
        assert client.leaked() == 0


def test_object_that_is_refused(far_end):
    """An object that is not taken for another reason has that reason."""
    with connected(target(far_end(status=403, body=error("AccessDenied")).url)) as client:
        with pytest.raises(Exception, match=r"HTTP 403 AccessDenied because.*give the endpoint an S3 side") as caught:
            client.objects.put("a key", b"")
        assert BACKEND.classify(caught.value) is Reason.AUTH


def test_object_that_vanished(endpoint_with_s3):
    """An import whose object is gone fails, and leaves no row."""
    operation = catalogue.named("vast.import_parquet")

    def body(client, file):
        client.objects.delete(file.key)
        operation.body(client, file)

    with connected(endpoint_with_s3.target()) as client:
        assert Attempt(BACKEND, client)(replace(operation, body=body)).reason is Reason.CLIENT_ERROR
        assert client.leaked() == 0


def test_failures_are_told_once(far_end, caplog):
    """The SDK's own account of a failure, tracebacks and all, stays out of the program's log."""
    there = far_end(status=500, body=error("InternalError"))
    with caplog.at_level(logging.DEBUG):
        assert not outcome_of(target(there.url)).ok
    assert [record for record in caplog.records if record.name.partition(".")[0] in ("vastdb", "backoff")] == []


BUGS = {"arithmetic": ZeroDivisionError, "value": ValueError, "attribute": AttributeError, "lookup": KeyError}


@pytest.mark.parametrize("kind", BUGS.values(), ids=BUGS)
def test_bug_is_loud(endpoint, kind):
    """An exception of our own is a bug and has no reason, also in the middle of a transaction."""
    with connected(endpoint.target()) as client:
        with pytest.raises(kind) as caught, client.transaction():
            raise kind("ours")
        assert BACKEND.classify(caught.value) is None
