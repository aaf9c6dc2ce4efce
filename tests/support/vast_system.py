"""The VAST DB backend over the embedded endpoint, with the embedded S3 behind it, both in this process."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pyarrow as pa
import pytest
import vastdb
from pydantic import SecretStr
from s3_target import ACCESS_KEY, SECRET_KEY, boto, embedded_s3, new_bucket
from starlette.responses import Response
from system import Case, Clock, System

from steadyline.attempt import Attempt
from steadyline.backend import RUN_PREFIX
from steadyline.operation import operation
from steadyline.operations.vast.backend import BACKEND, VastBackend
from steadyline.operations.vast.client import VastClient
from steadyline.outcome import Outcome
from steadyline.target import Target
from targets.faults import Faults, Stretched
from targets.serving import listening, make_server
from targets.vast.app import VastApp
from targets.vast.catalogue import Catalogue, Schema
from targets.vast.changes import BucketCreated, BucketDropped
from targets.vast.connection import Connection
from targets.vast.endpoint import Endpoint
from targets.vast.objects import ObjectStore
from targets.vast.signature import Keys
from targets.vast.system import SystemBuckets
from targets.vast.transactions import Transactions

ROW_ID = "$row_id"


@dataclass
class Served:
    """An endpoint that answers.

    Attributes:
        url: of it.
        transactions: its database.
        bucket: the one that was made in it.
        requests: method, command and marked operation of each tabular request, as they come.
    """

    url: str
    transactions: Transactions
    bucket: str
    requests: list[tuple[str, str, str | None]]

    def drop_bucket(self) -> None:
        """Let the bucket vanish, with all in it."""
        self.transactions.newest = BucketDropped(self.bucket).applied(self.transactions.newest)

    def make_bucket(self) -> None:
        """Let it be there again, empty."""
        self.transactions.newest = BucketCreated(self.bucket).applied(self.transactions.newest)

    def target(self, **facts: Any) -> Target:
        """It as the settings would have it."""
        return target(self.url, **{"bucket": self.bucket, **facts})


class _Watched(Endpoint):
    """The endpoint, remembering what it was asked."""

    def __init__(self, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.requests: list[tuple[str, str, str | None]] = []

    def answer(self, request: Any) -> Any:
        self.requests.append((request.method, request.command, request.headers.get("x-steadyline-operation")))
        return super().answer(request)


@contextmanager
def vast_db(s3_url: str | None = None, bucket: str = "steadyline") -> Iterator[Served]:
    """Serve an endpoint in memory as the target serves its own, with fault control."""
    transactions = Transactions(BucketCreated(bucket).applied(Catalogue()))
    keys, faults = Keys({ACCESS_KEY: SECRET_KEY}), Faults()
    store = ObjectStore(s3_url, keys) if s3_url else None
    endpoint = _Watched(keys, transactions, SystemBuckets(), store)
    app = Stretched(VastApp(endpoint, transactions, store), faults)
    with listening(0) as listener:
        server = make_server(app, http=partial(Connection, endpoint=endpoint, faults=faults), lifespan="on")
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", transactions, bucket, endpoint.requests)
        finally:
            server.should_exit = True
            thread.join()


def target(url: str, **facts: Any) -> Target:
    """A VAST DB target that may be written to."""
    keys = {"access_key": ACCESS_KEY, "secret_key": SecretStr(SECRET_KEY), "bucket": "steadyline"}
    return Target(backend="vast", url=SecretStr(url), **{"allow_writes": True, **keys, **facts})


@contextmanager
def connected(to: Target, backend: VastBackend = BACKEND) -> Iterator[VastClient]:
    """A client, closed afterwards."""
    client = backend.connect(to)
    try:
        yield client
    finally:
        client.close()


@operation("vast.asking")
def asking(client, _prepared):
    """Ask for the first schemas, in a transaction."""
    with client.transaction() as tx:
        return client.database.first_schemas(tx, client.database.place.bucket, 10)


def outcome_of(to: Target, backend: VastBackend = BACKEND) -> Outcome:
    """What one question comes to."""
    with connected(to, backend) as client:
        return Attempt(backend, client)(asking)


@dataclass
class FarEnd:
    """A server that says it is a VAST DB and begins transactions, answers all else alike, and remembers what it was asked.

    Attributes:
        status: of its answers.
        body: of its answers.
        headers: of its answers.
        server: what it says it is; None says nothing.
        ending: status of its answers to a commit or a rollback.
        requests: method and command of what came.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    server: str | None = "vast 5.4.0.0"
    ending: int = 200
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def questions(self) -> list[tuple[str, str]]:
        """What came beside versions and transactions."""
        return [request for request in self.requests if request[1] != "transaction"]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        command = scope["query_string"].decode().partition("&")[0]
        self.requests.append((scope["method"], command))
        said = {"server": self.server} if self.server else {}
        if command == "transaction":
            status = 200 if scope["method"] in ("GET", "POST") else self.ending
            answer = Response(b"", status, {"tabular-txid": "7", **said})
        else:
            answer = Response(self.body, self.status, {**said, **self.headers})
        await answer(scope, receive, send)


class _Misnamed(Mapping[str, Schema]):
    """Schemas that are listed under names by which they are not found."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas

    def __iter__(self) -> Iterator[str]:
        return (f"{name}x" for name in self._schemas)

    def __len__(self) -> int:
        return len(self._schemas)

    def __contains__(self, name: object) -> bool:
        return name in self._schemas

    def __getitem__(self, name: str) -> Schema:
        return self._schemas[name.removesuffix("x")]


@dataclass
class VastDb(System):
    """The backend and its endpoint.

    Attributes:
        served: the endpoint.
        s3_url: the S3 behind it.
    """

    served: Served
    s3_url: str
    _newest: Any = field(init=False, default=None)
    _writes: int = field(init=False, default=0)
    _outside: Any = field(init=False)
    _before: dict[Any, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Connect from outside."""
        self._outside = vastdb.connect(endpoint=self.served.url, access=ACCESS_KEY, secret=SECRET_KEY)

    def target(self, *, allow_writes: bool = True) -> Target:
        """The target as the settings would have it."""
        return self.served.target(allow_writes=allow_writes)

    def artefacts(self) -> dict[str, int]:
        """How many schemas, tables, rows and objects there are."""
        with self._bucket() as bucket:
            schemas = list(bucket.schemas())
            tables = [table for schema in schemas for table in schema.tables()]
            rows = sum(table.get_stats().num_rows for table in tables)
        return {"schemas": len(schemas), "tables": len(tables), "rows": rows, "objects": len(self._objects())}

    def _objects(self) -> list[Any]:
        client = boto(self.s3_url)
        try:
            found: list[Any] = client.list_objects_v2(Bucket=self.served.bucket).get("Contents", [])
            return found
        finally:
            client.close()

    def scopes(self) -> set[str]:
        """The run-scoped schemas' names."""
        with self._bucket() as bucket:
            return {schema.name for schema in bucket.schemas() if schema.name.startswith(RUN_PREFIX)}

    @contextmanager
    def _bucket(self) -> Iterator[Any]:
        """The bucket, in a transaction from outside."""
        with self._outside.transaction() as tx:
            yield tx.bucket(self.served.bucket)

    def writes_seen(self) -> Any:
        """How many different catalogues were seen; a commit without a change makes none."""
        if self.served.transactions.newest is not self._newest:
            self._newest = self.served.transactions.newest
            self._writes += 1
        return self._writes

    def add_users_data(self) -> None:
        """A schema that is not ours, with a table of two rows."""
        with self._bucket() as bucket:
            table = bucket.create_schema("steady").create_table("people", pa.schema([("name", pa.utf8())]))
            table.insert(pa.record_batch({"name": ["first", "second"]}))

    def damage(self, operation: str) -> None:
        """Change what the operation answers, or what it left."""
        does = {
            "session_init": self._rename_columns,
            "table_create": self._rename_columns,
            "schema_browse": self._misname_schemas,
            "table_list": self._drop_empty_table,
            "table_stats": self._delete_a_row,
            "table_drop": self._bring_tables_back,
            "cleanup_table_10000": self._bring_tables_back,
            "row_delete": self._bring_rows_back,
            "cleanup_rows_10000": self._bring_rows_back,
            "stress_cleanup_5000": self._bring_rows_back,
        }
        with self._bucket() as bucket:
            does.get(operation.partition(".")[2], self._garble_rows)(bucket)

    def _tables(self, bucket: Any) -> list[Any]:
        return [table for schema in bucket.schemas() if schema.name.startswith(RUN_PREFIX) for table in schema.tables()]

    def _rename_columns(self, bucket: Any) -> None:
        for table in self._tables(bucket):
            if "note" in table.arrow_schema.names:
                table.rename_column("note", "garbled")

    def _misname_schemas(self, _bucket: Any) -> None:
        newest, name = self.served.transactions.newest, self.served.bucket
        schemas = newest.bucket(name)
        if not isinstance(schemas, _Misnamed):
            self.served.transactions.newest = newest.with_bucket(name, _Misnamed(schemas))

    def _drop_empty_table(self, bucket: Any) -> None:
        next(table for table in self._tables(bucket) if table.name.startswith("empty")).drop()

    def _delete_a_row(self, bucket: Any) -> None:
        for table in self._tables(bucket):
            if table.name == "rows":
                table.delete(table.select([], internal_row_id=True).read_all().slice(0, 1))

    def _garble_rows(self, bucket: Any) -> None:
        for table in self._tables(bucket):
            ids = table.select([], internal_row_id=True).read_all()[ROW_ID]
            if len(ids):
                table.update(pa.table({ROW_ID: ids, "priority": pa.array([-1] * len(ids), pa.int32())}))

    def _bring_tables_back(self, bucket: Any) -> None:
        there = {(table.ref.schema, table.name): table.arrow_schema for table in self._tables(bucket)}
        for schema, name in self._before.keys() - there.keys():
            bucket.schema(schema).create_table(name, self._before[schema, name])
        self._before = there

    def _bring_rows_back(self, bucket: Any) -> None:
        tables = {table.ref.schema: table for table in self._tables(bucket) if table.name == "rows"}
        there = {schema: table.select().read_all() for schema, table in tables.items()}
        for schema, before in self._before.items():
            gone = before.filter(pa.compute.invert(pa.compute.is_in(before["id"], there[schema]["id"])))
            tables[schema].insert(gone)
        self._before = there

    def empty(self) -> None:
        """Drop every run-scoped schema."""
        with self._bucket() as bucket:
            for table in self._tables(bucket):
                table.drop()
            for schema in bucket.schemas():
                if schema.name.startswith(RUN_PREFIX):
                    schema.drop()

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the client, which dates the schemas by their names."""
        self.clock.seconds += seconds

    def close(self) -> None:
        """Close what the test left open."""
        self.close_clients()
        for session in self._outside.api._sessions.values():
            session.close()


@contextmanager
def _over_endpoint(_request: pytest.FixtureRequest) -> Iterator[VastDb]:
    clock = Clock()
    with embedded_s3() as s3_url, vast_db(s3_url, new_bucket()) as served:
        system = VastDb(VastBackend(now=clock), clock, "vast.insert_1", 1, served, s3_url)
        try:
            yield system
        finally:
            system.close()


CASES = {"vast": Case("vast", _over_endpoint)}
