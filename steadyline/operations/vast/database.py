"""The bucket of one VAST DB target: one session of the SDK, held as an application holds it, and its transactions."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from vastdb.bucket import Bucket
from vastdb.config import ImportConfig, QueryConfig
from vastdb.schema import Schema
from vastdb.transaction import Transaction

from steadyline.operations.http.connection import WAITS, Waits
from steadyline.operations.renewal import ClientClosedError
from steadyline.operations.vast.connection import MeteredSession, Place, quieten
from steadyline.operations.vast.failures import readable


class Database:
    """One bucket; safe for several threads.

    Args:
        place: where it is, and who asks.
        connections: most at once.
        waits: the longest that each kind of wait may take.

    Attributes:
        place: as given.
        querying: how queries are asked: of the endpoint that the settings name, and a table that one split covers.
        verifying: the same at less cost, for questions that nobody times.
        importing: how imports are asked.
    """

    def __init__(self, place: Place, connections: int, waits: Waits = WAITS) -> None:
        """Send nothing yet."""
        self.place = place
        self.querying = QueryConfig(num_splits=1, data_endpoints=[place.url])
        self.verifying = QueryConfig(num_splits=1, num_sub_splits=1, data_endpoints=[place.url])
        self.importing = ImportConfig(import_concurrency=1, data_endpoints=[place.url])
        self._connections = connections
        self._waits = waits
        self._lock = threading.Lock()
        self._held: MeteredSession | None = None
        self._closed = False
        quieten()

    def connect(self) -> MeteredSession:
        """A new session over connections of its own; close it."""
        with readable():
            return MeteredSession(self.place, self._connections, self._waits)

    @contextmanager
    def new_session(self) -> Iterator[MeteredSession]:
        """A session of one's own, closed at the end."""
        session = self.connect()
        try:
            yield session
        finally:
            session.close()

    @property
    def session(self) -> MeteredSession:
        """The session in use, made now if there is none yet.

        Raises:
            ClientClosedError: the client was closed.
        """
        if self._held is None and not self._closed:
            self._hold(self.connect())  # not under the lock: where nothing answers, each waits for itself alone
        held = self._held
        if held is None:
            raise ClientClosedError("the client was closed")
        return held

    def _hold(self, made: MeteredSession) -> None:
        with self._lock:
            if self._held is None and not self._closed:
                self._held = made
                return
        made.close()

    @contextmanager
    def transaction(self, session: MeteredSession | None = None) -> Iterator[Transaction]:
        """A transaction of the session in use, or of another: committed at the end, rolled back on an error.

        The error told is the first one, also where rolling back fails too.

        Raises:
            UnreadableAnswerError: an answer that the SDK cannot read.
        """
        first: Exception | None = None
        with readable():
            try:
                with (session or self.session).transaction() as tx:
                    try:
                        yield tx
                    except Exception as error:
                        first = error
                        raise
            except Exception:
                if first is not None:
                    raise first from None
                raise

    def bucket(self, tx: Transaction) -> Bucket:
        """The bucket, without looking it up."""
        return Bucket(self.place.bucket, tx)

    def schema(self, tx: Transaction, name: str) -> Schema:
        """A schema, without looking it up."""
        return Schema(name, self.bucket(tx))

    def schemas(self, tx: Transaction, prefix: str) -> Iterator[str]:
        """The names of all schemas that begin so."""
        key, more = 0, True
        while more:
            _, found, key, more, _ = self.session.api.list_schemas(
                self.place.bucket, txid=tx.active_txid, next_key=key, name_prefix=prefix
            )
            yield from (name for name, *_ in found)

    def first_schemas(self, tx: Transaction, bucket: str, most: int) -> list[str]:
        """The names of the first schemas of a bucket, in its order."""
        _, found, *_ = self.session.api.list_schemas(bucket, txid=tx.active_txid, max_keys=most)
        return [name for name, *_ in found]

    def count_schemas(self, tx: Transaction) -> int:
        """How many schemas there are, counted by the target."""
        *_, count = self.session.api.list_schemas(self.place.bucket, txid=tx.active_txid, count_only=True)
        return int(count)

    def tables(self, tx: Transaction, schema: str) -> Iterator[Any]:
        """All tables of a schema, each with its `name` and `num_rows`."""
        key, more = 0, True
        while more:
            _, _, found, key, more, _ = self.session.api.list_tables(
                self.place.bucket, schema, txid=tx.active_txid, next_key=key, include_list_stats=True
            )
            yield from found

    def has_table(self, tx: Transaction, schema: str, table: str) -> bool:
        """Whether a schema has a table; a question for one that is not there is an error in the target's log."""
        found = self.session.api.list_tables(
            self.place.bucket, schema, txid=tx.active_txid, max_keys=1, name_prefix=table, exact_match=True
        )
        return bool(found[2])

    def columns(self, tx: Transaction, schema: str, table: str) -> pa.Schema:
        """The columns of a table."""
        return self.session.api.list_all_columns(
            self.place.bucket, schema, table, sorted_columns=False, txid=tx.active_txid, list_imports_table=False
        )

    def create_table(self, tx: Transaction, schema: str, table: str, columns: pa.Schema) -> None:
        """Make a table by one request; the SDK's own looks for it before and describes it after."""
        self.session.api.create_table(self.place.bucket, schema, table, columns, txid=tx.active_txid)

    def drop_table(self, tx: Transaction, schema: str, table: str) -> None:
        """Drop a table by one request; the SDK's own describes it before."""
        self.session.api.drop_table(self.place.bucket, schema, table, txid=tx.active_txid)

    def close(self) -> None:
        """Disconnect; later transactions are refused."""
        with self._lock:
            held, self._held, self._closed = self._held, None, True
        if held:
            held.close()
