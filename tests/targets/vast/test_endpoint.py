"""The endpoint without a server: every failure is an answer, and a fault of ours is loud in the log alone."""

import asyncio
import logging
from collections.abc import Awaitable

import pyarrow as pa
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from vast_wire import body_of, request

from targets.vast import arrow
from targets.vast.catalogue import Catalogue, TableName
from targets.vast.changes import BucketCreated, SchemaCreated, TableCreated
from targets.vast.endpoint import Endpoint
from targets.vast.exchange import Answer, Handled, Request
from targets.vast.handlers import queries
from targets.vast.handlers.rows import HEAVY_BYTES
from targets.vast.rowchanges import RowsInserted
from targets.vast.rowids import row_id_array, stored_schema
from targets.vast.signature import Keys
from targets.vast.system import AUDIT_BUCKET, AUDIT_SCHEMA, AUDIT_TABLE, SystemBuckets
from targets.vast.transactions import Transactions


def made() -> Endpoint:
    """An endpoint with one bucket."""
    transactions = Transactions(BucketCreated("b").applied(Catalogue()))
    return Endpoint(Keys({"key": "secret"}), transactions, SystemBuckets())


def signed(method: str, path: str, query: str = "", headers: dict[str, str] | None = None, body: bytes = b"") -> Request:
    """A signed request."""
    url = f"http://host{path}?{query}" if query else f"http://host{path}"
    request = AWSRequest(method, url, headers={"host": "host", **(headers or {})}, data=body)
    S3SigV4Auth(Credentials("key", "secret"), "s3", "us-east-1").add_auth(request)
    said = {name.lower(): value for name, value in request.headers.items()}
    return Request(method, path, query, said, body)


def answered(endpoint: Endpoint, request: Request) -> Answer:
    """Its answer."""
    handled = endpoint.answer(request)
    if isinstance(handled, Answer):
        return handled

    async def wait(waiting: Awaitable[Answer]) -> Answer:
        return await waiting

    return asyncio.run(wait(handled))


@pytest.mark.parametrize(
    ("method", "path", "query", "status", "code"),
    [
        ("PATCH", "/b/s", "schema", 405, b"MethodNotAllowed"),
        ("POST", "/b/s/t", "blob-expansion&source-column-name=v", 501, b"NotImplemented"),
        ("DELETE", "/b/s/t", "partitions", 501, b"NotImplemented"),
        ("GET", "/nowhere", "schema", 404, b"NoSuchBucket"),
        ("GET", "/b/nowhere", "table", 404, b"TabularNoSuchSchema"),
        ("GET", "/b/t", "stats", 400, b"InvalidArgument"),
        ("GET", "/b/%FF/t", "stats", 400, b"InvalidArgument"),
        ("DELETE", "/b/s", "schema", 404, b"TabularNoSuchTransaction"),
        ("POST", "/b/s/t", "table", 400, b"InvalidArgument"),
    ],
)
def test_requests_that_cannot_be_met(method: str, path: str, query: str, status: int, code: bytes) -> None:
    """Each has a status that the SDK knows and a code that says why."""
    answer = answered(made(), signed(method, path, query))
    assert answer.status == status
    assert b"<Code>%s</Code>" % code in bytes(answer.parts[0])


def test_unsigned() -> None:
    """Nothing is told to who does not sign, not even what is there."""
    for path in ("/b", "/nowhere"):
        assert answered(made(), Request("HEAD", path, "", {"host": "host"}, b"")).status == 403


def test_body_that_is_none() -> None:
    """Anything for a body is refused, never a fault of ours."""
    endpoint = made()
    (txid,) = [
        value for name, value in answered(endpoint, signed("POST", "/", "transaction")).headers if name == b"tabular-txid"
    ]
    for method, path, query in (
        ("POST", "/b/s/t", "table"),
        ("POST", "/b/s/t", "rows"),
        ("PUT", "/b/s/t", "rows"),
        ("GET", "/b/s/t", "data"),
        ("POST", "/b/s/t", "data"),
        ("POST", "/b/s/t", "projection&name=p"),
    ):
        for body in (b"", b"\0" * 7, b"\xff" * 100):
            answer = answered(endpoint, signed(method, path, query, {"tabular-txid": txid.decode()}, body))
            assert 400 <= answer.status < 500, (method, query, body)


def test_fault_of_ours(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A bug is one line of the log with its kind, a 500 that tells nothing of it, and the endpoint lives on."""
    endpoint = made()

    def broken(_request: Request) -> Answer:
        raise ZeroDivisionError("secret")

    monkeypatch.setitem(endpoint._handlers, ("GET", "stats"), broken)
    answer = answered(endpoint, signed("GET", "/b/s/t", "stats"))
    assert answer.status == 500
    assert b"secret" not in bytes(answer.parts[0])
    assert [(one.levelno, one.getMessage()) for one in caplog.records] == [
        (logging.ERROR, "GET /b/s/t?stats 500 ZeroDivisionError")
    ]
    assert answered(endpoint, signed("HEAD", "/b")).status == 200


def test_long_paths_are_cut(caplog: pytest.LogCaptureFixture) -> None:
    """What anybody says, unsigned too, is neither kept nor logged at its full length."""
    transactions, system = Transactions(Catalogue()), SystemBuckets()
    endpoint = Endpoint(Keys({"key": "secret"}), transactions, system)
    long = "x" * (1 << 20)
    answer = answered(endpoint, Request("GET", f"/{long}", f"table&{long}", {"authorization": long}, b""))
    assert answer.status == 403
    log = system.catalogue(AUDIT_BUCKET, Catalogue()).schema(AUDIT_BUCKET, AUDIT_SCHEMA).tables[AUDIT_TABLE]
    assert log.rows.size < 20_000
    assert len(caplog.text) < 20_000


async def awaited(handled: Handled) -> Answer:
    """The answer, sooner or later."""
    return handled if isinstance(handled, Answer) else await handled


def test_change_while_another_is_at_work() -> None:
    """What is changed while an insert of the same transaction works in a thread is there afterwards, as are the rows."""
    transactions = Transactions(BucketCreated("b").applied(Catalogue()))
    endpoint = Endpoint(Keys({"key": "secret"}), transactions, SystemBuckets())
    columns, more = pa.schema([("x", pa.int64())]), pa.schema([("y", pa.int64())])
    txid = {"tabular-txid": str(transactions.begin())}
    answered(endpoint, signed("POST", "/b/s", "schema", txid, b"\4\0\0\0\xfc\xff\xff\xff\4\0\4\0"))
    answered(endpoint, signed("POST", "/b/s/t", "table", txid, arrow.write_schema(columns)))
    rows = pa.RecordBatch.from_arrays([pa.array(range(HEAVY_BYTES))], schema=columns)

    async def run() -> None:
        inserting = asyncio.ensure_future(
            awaited(endpoint.answer(signed("POST", "/b/s/t", "rows", txid, arrow.write_batch(rows))))
        )
        await asyncio.sleep(0)
        adding = endpoint.answer(signed("POST", "/b/s/t", "column", txid, arrow.write_schema(more)))
        assert [answer.status for answer in await asyncio.gather(inserting, awaited(adding))] == [200, 200]

    asyncio.run(run())
    answered(endpoint, signed("PUT", "/b/s/t", "transaction", txid))
    table = transactions.newest.table(TableName("b", "s", "t"))
    assert table.columns.schema.names == ["x", "y"]
    assert table.rows.table.column_names == ["$row_id", "x", "y"]
    assert table.rows.table.column("y").null_count == HEAVY_BYTES


@pytest.mark.parametrize(("size", "is_at_once"), [(10, True), (queries.HEAVY_BYTES, False)])
def test_few_large_values_are_read_off_the_loop(size: int, is_at_once: bool) -> None:
    """A query of few values is answered at once, unless they are large."""
    columns = pa.schema([("x", pa.utf8())])
    rows = pa.RecordBatch.from_arrays([row_id_array(0, 1), ["x" * size]], schema=stored_schema(columns))
    name, catalogue = TableName("b", "s", "t"), Catalogue()
    made = TableCreated(name, 1, columns)
    for change in (BucketCreated("b"), SchemaCreated("b", "s"), made, RowsInserted(name, rows)):
        catalogue = change.applied(catalogue)
    endpoint = Endpoint(Keys({"key": "secret"}), Transactions(catalogue), SystemBuckets())
    handled = endpoint.answer(signed("GET", "/b/s/t", "data", {}, body_of(request(columns))))
    assert isinstance(handled, Answer) == is_at_once
    assert asyncio.run(awaited(handled)).status == 200
