"""The connection to one VAST DB target: transactions, run-scoped schemas, and the janitor's questions."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from functools import partial

import pyarrow as pa
from vastdb import errors
from vastdb.config import QueryConfig
from vastdb.transaction import Transaction

from steadyline.operations.http.connection import WAITS, Waits
from steadyline.operations.renewal import ClientClosedError, RenewedProject, delete_each
from steadyline.operations.scoped_client import ScopedClient
from steadyline.operations.vast.artefacts import left, left_in, run_scoped
from steadyline.operations.vast.connection import Place
from steadyline.operations.vast.content import (
    COLUMNS,
    KEY,
    are_rows,
    change_of,
    identified,
    is_table_of_rows,
    parquet_of,
    rows_of,
)
from steadyline.operations.vast.database import Database
from steadyline.operations.vast.dataset import DATASET_ROWS, GROWN_ROWS, LISTED_TABLES, WORKING_ROWS
from steadyline.operations.vast.failures import FAILURES
from steadyline.operations.vast.objects import Objects
from steadyline.operations.vast.reachability import check
from steadyline.operations.vast.schemas import RunSchema, SchemaStore, delete_schema


class VastClient(ScopedClient):
    """One target; safe for several threads.

    Operations write into `working`, whose first rows stay; queries ask `dataset`, which nobody writes to. They reach the
    rows' content through the client too, because they may not import Arrow to be listed.

    Args:
        place: where it is, and who asks.
        connections: most at once.
        allow_writes: without it, whatever needs a run-scoped schema is refused.
        waits: the longest that each kind of wait may take.
        now: Unix time.
    """

    columns = COLUMNS
    rows_of = staticmethod(rows_of)
    are_rows = staticmethod(are_rows)
    is_table_of_rows = staticmethod(is_table_of_rows)
    change_of = staticmethod(change_of)
    identified = staticmethod(identified)
    parquet_of = staticmethod(parquet_of)

    def __init__(
        self,
        place: Place,
        connections: int,
        *,
        allow_writes: bool,
        waits: Waits = WAITS,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Send nothing yet."""
        self.database = Database(place, connections, waits)
        self.objects = Objects(self.database)
        super().__init__(allow_writes=allow_writes, now=now)
        self._stores = (
            SchemaStore("vast-working", self.database, self.objects, now, WORKING_ROWS),
            SchemaStore("vast-dataset", self.database, self.objects, now, DATASET_ROWS, LISTED_TABLES - 1),
            *(SchemaStore(f"vast-grown{rows}", self.database, self.objects, now, rows) for rows in GROWN_ROWS),
        )
        self._projects = tuple(RenewedProject(store, now) for store in self._stores)
        self._working = self._projects[0]
        self._next_row = WORKING_ROWS
        self._lock = threading.Lock()

    @property
    def working(self) -> RunSchema:
        """The run-scoped schema that operations write into."""
        return self._current(0)

    @property
    def dataset(self) -> RunSchema:
        """The run-scoped schema that queries are asked of."""
        return self._current(1)

    def grown(self, rows: int) -> RunSchema:
        """The run-scoped schema with so many rows, one of GROWN_ROWS, that queries are asked of."""
        return self._current(2 + GROWN_ROWS.index(rows))

    def _current(self, number: int) -> RunSchema:
        """The present schema of one of the stores, made now where there is none."""
        self._require_writes()
        return self._stores[number].of(self._projects[number].current().id)

    @property
    def querying(self) -> QueryConfig:
        """How queries are asked."""
        return self.database.querying

    def transaction(self) -> AbstractContextManager[Transaction]:
        """A transaction: committed at the end, rolled back on an error."""
        return self.database.transaction()

    def select(self, tx: Transaction, schema: RunSchema, numbers: range, columns: list[str] | None = None) -> pa.Table:
        """The rows of these numbers, whole or some columns of them; what verifying asks."""
        table = tx.table_from_metadata(schema.table)
        among = (table[KEY] >= numbers.start) & (table[KEY] < numbers.stop)
        return table.select(columns, among, self.database.verifying).read_all()

    def select_ids(self, tx: Transaction, schema: RunSchema, numbers: range) -> pa.Table:
        """The `$row_id`s alone of the rows of these numbers; what cleaning up asks."""
        table = tx.table_from_metadata(schema.table)
        among = (table[KEY] >= numbers.start) & (table[KEY] < numbers.stop)
        return table.select([], among, self.database.verifying, internal_row_id=True).read_all()

    def drop_table(self, schema: str, table: str) -> None:
        """Drop a table, if it is there."""
        with self.transaction() as tx:
            if self.database.has_table(tx, schema, table):
                self.database.drop_table(tx, schema, table)

    def has_table(self, schema: str, table: str) -> bool:
        """Whether a schema has a table."""
        with self.transaction() as tx:
            return self.database.has_table(tx, schema, table)

    def columns_of(self, schema: str, table: str) -> pa.Schema | None:
        """The columns of a table that should be there, or None where it is not."""
        try:
            with self.transaction() as tx:
                return self.database.columns(tx, schema, table)
        except errors.NotFound:
            return None

    def new_rows(self, count: int) -> range:
        """Numbers of rows that nobody else writes."""
        with self._lock:
            first = self._next_row
            self._next_row += count
        return range(first, first + count)

    def check(self) -> None:
        """Ask whether the target answers as a VAST DB, knows the keys and has the bucket.

        Raises:
            UnreachableError: it does not, or it refuses; the text says what to do.
        """
        check(self.database, allow_writes=self._allow_writes)

    def sweep(self) -> int:
        """Delete what crashed runs left, and own predecessors that are overdue; answer how many artefacts went."""
        if not self._allow_writes:
            return 0
        crashed = left(run_scoped(self.database, self.objects, self._now()), self._names())
        overdue = [project.delete_overdue for project in self._projects]
        deletions = [partial(delete_schema, self.database, self.objects, found.name) for found in crashed]
        return delete_each([*overdue, *deletions], (errors.HttpError,))

    def leaked(self) -> int:
        """Count artefacts that should be gone: of crashed runs, of overdue predecessors, and what attempts left in ours."""
        found = run_scoped(self.database, self.objects, self._now())
        return sum(schema.artefacts for schema in left(found, self._names(), self._overdue())) + self._left_by_attempts()

    def _left_by_attempts(self) -> int:
        """What is in the working schema and was there at an earlier count too, so no attempt under way needs it."""
        held = self._working.held
        found = set(left_in(self.database, self.objects, self._stores[0].of(held.id))) if held else set()
        return len(self._lingering(found))

    def _names(self) -> set[str]:
        """Our own schemas."""
        return {name for store, project in zip(self._stores, self._projects, strict=True) for name in store.names(project.ids)}

    def _overdue(self) -> set[str]:
        pairs = zip(self._stores, self._projects, strict=True)
        return {name for store, project in pairs for name in store.names(project.overdue)}

    def close(self) -> None:
        """Delete all that this client wrote, and disconnect; what cannot be deleted now is left to a later sweep."""
        for project in self._projects:
            with suppress(*FAILURES, ClientClosedError):
                project.close()
        self.database.close()
