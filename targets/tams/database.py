"""VAST DB through its official SDK: one transaction for a request, predicates pushed down, no look-ups by name.

The SDK blocks, so its callers run in threads. Its retries are off: a failure is answered at once as what it is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Any

import ibis  # type: ignore[import-untyped]
import pyarrow as pa
import requests
import urllib3
import vastdb
from vastdb import errors
from vastdb.table_metadata import TableMetadata, TableRef, TableType

from targets.tams.settings import VastPlace
from targets.tams.tables import ROW_ID, SCHEMAS, Row

TIMEOUT_SECONDS = 10.0
"""To connect, and between two bytes of an answer."""
_LITERALS_AT_ONCE = 200
"""An IN of more is asked for in parts: each value is a node of the predicate, which is built in Python."""

_deferred = ibis._
Predicate = Callable[[Any], Any]
"""From a table, whose columns are its items, to a condition on them that VAST can evaluate."""


class NotVastError(Exception):
    """An answer with a status that VAST DB does not have, from something between it and us."""


FAILURES: tuple[type[Exception], ...] = (
    errors.HttpError,
    errors.ConnectionError,
    errors.Missing,
    errors.NotSupported,
    errors.InvalidArgument,
    errors.ApiResponseError,
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    pa.ArrowException,
    NotVastError,
)
"""What comes of a database that fails or refuses; a conflict is one of them, and handled before."""
Conflict = errors.Conflict
"""Another transaction changed the same row first."""


def equals(column: str, value: object) -> Predicate:
    """The condition that a column has a value."""
    return lambda table: table[column] == value


def is_present(column: str) -> Predicate:
    """The condition that a column is not null, in the one form of it that the SDK passes on."""
    return lambda table: ~table[column].isnull()


def one_of(column: str, values: Sequence[str]) -> Predicate:
    """The condition that a column has one of the values."""
    return lambda table: table[column].isin(values)


def all_of(conditions: Sequence[Predicate]) -> Predicate | None:
    """The condition that all of them hold; None for none."""
    if not conditions:
        return None
    return lambda table: reduce(and_, (condition(table) for condition in conditions))


class _Named:
    """Stands for a table while a condition is made on it, and notices which columns it names."""

    def __init__(self) -> None:
        self.columns: set[str] = set()

    def __getitem__(self, column: str) -> Any:
        self.columns.add(column)
        return _deferred[column]


@dataclass(frozen=True, slots=True)
class Tables:
    """What the SDK wants to know of the tables, told once instead of asked for in each transaction."""

    place: VastPlace
    known: dict[tuple[str, frozenset[str]], TableMetadata] = field(default_factory=dict)

    def whole(self, name: str) -> TableMetadata:
        """A table with all its columns."""
        return self.narrowed(name, SCHEMAS[name].names)

    def narrowed(self, name: str, columns: Iterable[str]) -> TableMetadata:
        """A table as if it had these columns only: the SDK copies and sends the description of all it is told of."""
        wanted = frozenset(columns) or frozenset(SCHEMAS[name].names[:1])
        found = self.known.get((name, wanted))
        if found is None:
            schema = pa.schema([column for column in SCHEMAS[name] if column.name in wanted])
            found = TableMetadata(TableRef(self.place.bucket, self.place.schema, name), schema, TableType.Regular)
            self.known[name, wanted] = found
        return found


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction: what it reads is one snapshot, what it writes is seen by others at its end or never."""

    inner: Any
    tables: Tables
    reading: vastdb.QueryConfig

    def select(
        self,
        name: str,
        where: Predicate | None = None,
        columns: Sequence[str] | None = None,
        *,
        row_ids: bool = False,
        limit: int | None = None,
    ) -> list[Row]:
        """The rows that meet the condition, in no order.

        Args:
            name: the table.
            where: the condition; all rows without it.
            columns: the columns wanted; all without it.
            row_ids: whether `$row_id` is wanted too.
            limit: at most so many, no matter which.
        """
        named = _Named()
        condition = where(named) if where is not None else None
        wanted = list(columns) if columns is not None else list(SCHEMAS[name].names)
        table = self.inner.table_from_metadata(self.tables.narrowed(name, [*wanted, *named.columns]))
        found = table.select(wanted, condition, self.reading, internal_row_id=row_ids, limit_rows=limit)
        rows: list[Row] = found.read_all().to_pylist()
        return rows

    def one(self, name: str, where: Predicate, columns: Sequence[str] | None = None) -> Row | None:
        """The row that meets the condition with its `$row_id`, or None."""
        found = self.select(name, where, columns, row_ids=True)
        return found[0] if found else None

    def select_in(
        self, name: str, column: str, values: Iterable[str], columns: Sequence[str] | None = None, *, row_ids: bool = False
    ) -> list[Row]:
        """The rows whose column is one of the values."""
        wanted = sorted(set(values))
        parts = [wanted[at : at + _LITERALS_AT_ONCE] for at in range(0, len(wanted), _LITERALS_AT_ONCE)]
        found: list[Row] = []
        for part in parts:
            found += self.select(name, one_of(column, part), columns, row_ids=row_ids)
        return found

    def insert(self, name: str, rows: Sequence[Row]) -> None:
        """Add rows; columns that they leave out are null."""
        if rows:
            new = pa.Table.from_pylist(list(rows), schema=SCHEMAS[name])
            self.inner.table_from_metadata(self.tables.whole(name)).insert(new)

    def update(self, name: str, rows: Sequence[Row]) -> None:
        """Change columns of rows, each named by its `$row_id`; all rows name the same columns."""
        if rows:
            columns = [column for column in rows[0] if column != ROW_ID]
            shape = pa.schema([(ROW_ID, pa.uint64()), *((column, SCHEMAS[name].field(column).type) for column in columns)])
            changes = pa.Table.from_pylist(list(rows), schema=shape)
            self.inner.table_from_metadata(self.tables.narrowed(name, columns)).update(changes)

    def delete(self, name: str, rows: Sequence[Row]) -> None:
        """Take rows away, each named by its `$row_id`."""
        if rows:
            gone = pa.table({ROW_ID: pa.array(sorted(row[ROW_ID] for row in rows), pa.uint64())})
            self.inner.table_from_metadata(self.tables.narrowed(name, ())).delete(gone)


@dataclass(frozen=True, slots=True)
class Database:
    """The tables of one schema; made by `connect`."""

    session: Any
    place: VastPlace
    described: Tables

    @property
    def tables(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(SCHEMAS)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction that ends with the block: committed, or rolled back when the block raises.

        Raises:
            Conflict: another transaction changed a row of ours first; nothing of ours is kept.
            Exception: one of `FAILURES`.
        """
        reading = vastdb.QueryConfig(num_sub_splits=1, num_splits=1, data_endpoints=[self.place.endpoint])
        try:
            with self.session.transaction() as inner:
                yield Transaction(inner, self.described, reading)
        except ValueError as error:
            if "HttpStatus" in str(error):  # how the SDK meets a status that is not in its enumeration, such as 502
                raise NotVastError(str(error)) from error
            raise

    def close(self) -> None:
        """Close the connections."""
        self.session.api.__exit__(None, None, None)


class TablesDifferError(Exception):
    """A table that is there has other columns than ours."""


def connect(place: VastPlace) -> Database:
    """A database whose schema and tables are there: made where they are missing.

    Raises:
        TablesDifferError: one of the tables was made by something else.
        Exception: one of `FAILURES`; MissingBucket where the bucket is not there, which S3 makes.
    """
    session = vastdb.connect(
        access=place.access_key,
        secret=place.secret_key,
        endpoint=place.endpoint,
        timeout=TIMEOUT_SECONDS,
        backoff_config=vastdb.BackoffConfig(max_tries=1),
    )
    found = Database(session, place, Tables(place))
    try:
        with session.transaction() as inner:
            _make_tables(inner.bucket(place.bucket).create_schema(place.schema, fail_if_exists=False))
    except Exception:
        found.close()
        raise
    return found


def _make_tables(schema: Any) -> None:
    present = {table.name: table.arrow_schema for table in schema.tables()}
    for name, columns in SCHEMAS.items():
        if name not in present:
            schema.create_table(name, columns)
        elif not set(columns) <= set(present[name]):
            raise TablesDifferError(f"table {name} has other columns than this server's")
