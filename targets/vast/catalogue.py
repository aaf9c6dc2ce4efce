"""What a database holds, at one moment: buckets, schemas and tables, immutable all the way down.

A change makes a new catalogue that shares everything else with the old one, so that a transaction's snapshot is a reference.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

import pyarrow as pa

from targets.vast import arrow
from targets.vast.errors import NoSuchBucket, NoSuchSchema, NoSuchTable
from targets.vast.rowids import stored_schema
from targets.vast.rows import Rows

IMPORTED_COLUMNS = pa.schema([("ObjectName", pa.utf8()), ("BucketName", pa.utf8())])
"""Of the table of imported objects that every table has."""


class TableName(NamedTuple):
    """Where a table is; `schema` is its whole path, such as `outer/inner`."""

    bucket: str
    schema: str
    table: str


@dataclass(slots=True)
class RowIdSequence:
    """The next row id of a table: shared by all its versions, because no id is given twice, not even after a rollback."""

    following: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, count: int) -> int:
        """The first of so many ids in a row."""
        with self._lock:
            first = self.following
            self.following += count
        return first

    def pass_over(self, last: int) -> None:
        """Give out no id up to this one."""
        with self._lock:
            self.following = max(self.following, last + 1)


@dataclass(frozen=True)
class Columns:
    """A table's columns; shared by all versions with the same ones.

    Attributes:
        schema: without `$row_id`.
    """

    schema: pa.Schema

    @cached_property
    def stored(self) -> pa.Schema:
        """With `$row_id` first."""
        return stored_schema(self.schema)

    @cached_property
    def stream(self) -> bytes:
        """As ?column answers them."""
        return arrow.write_schema(self.schema)


@dataclass(frozen=True, slots=True)
class Projection:
    """A semi-sorted projection.

    Attributes:
        sorted_by: its sorting columns, in order.
        others: the columns it holds besides.
    """

    sorted_by: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All its columns."""
        return self.sorted_by + self.others


@dataclass(frozen=True, slots=True)
class Table:
    """One version of a table.

    Attributes:
        handle: never given again; a renamed table keeps it.
        sorted_by: names of the sorting key's columns; () for a table without one.
        external_row_ids: clients choose the row ids, in the column `vastdb_rowid`.
        imported: the objects that were imported into it, as rows of IMPORTED_COLUMNS.
        inserted_rows: how many were ever inserted.
    """

    handle: int
    columns: Columns
    rows: Rows
    row_ids: RowIdSequence
    imported: Rows
    sorted_by: tuple[str, ...] = ()
    external_row_ids: bool = False
    properties: str = ""
    projections: Mapping[str, Projection] = field(default_factory=dict)
    inserted_rows: int = 0

    @property
    def row_id_type(self) -> pa.DataType:
        """What its row ids look like from outside."""
        return arrow.SORTED_ROW_ID_TYPE if self.sorted_by else arrow.ROW_ID_TYPE


def empty_table(handle: int, columns: pa.Schema, *, sorted_by: tuple[str, ...] = (), properties: str = "") -> Table:
    """A new table without rows."""
    kept = Columns(columns)
    return Table(
        handle,
        kept,
        Rows(kept.stored),
        RowIdSequence(),
        Rows(stored_schema(IMPORTED_COLUMNS)),
        sorted_by=sorted_by,
        properties=properties,
    )


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema: a container of tables."""

    properties: str = ""
    tables: Mapping[str, Table] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Buckets, their schemas by path, and their tables by name."""

    buckets: Mapping[str, Mapping[str, Schema]] = field(default_factory=dict)

    def bucket(self, name: str) -> Mapping[str, Schema]:
        """The schemas of a bucket by path; NoSuchBucket."""
        schemas = self.buckets.get(name)
        if schemas is None:
            raise NoSuchBucket(f"there is no bucket {name}")
        return schemas

    def schema(self, bucket: str, path: str) -> Schema:
        """A schema; NoSuchBucket, NoSuchSchema."""
        schema = self.bucket(bucket).get(path)
        if schema is None:
            raise NoSuchSchema(f"there is no schema {path} in the bucket {bucket}")
        return schema

    def table(self, name: TableName) -> Table:
        """A table; NoSuchBucket, NoSuchSchema, NoSuchTable."""
        table = self.schema(name.bucket, name.schema).tables.get(name.table)
        if table is None:
            raise NoSuchTable(f"there is no table {name.table} in the schema {name.schema} of the bucket {name.bucket}")
        return table

    def has_table(self, name: TableName) -> bool:
        """Whether the table is there."""
        schema = self.buckets.get(name.bucket, {}).get(name.schema)
        return schema is not None and name.table in schema.tables

    def all_tables(self) -> Iterator[tuple[TableName, Table]]:
        """Every table."""
        for bucket, schemas in self.buckets.items():
            for path, schema in schemas.items():
                for table in schema.tables:
                    yield TableName(bucket, path, table), schema.tables[table]

    def with_bucket(self, name: str, schemas: Mapping[str, Schema] | None) -> "Catalogue":
        """With these schemas in the bucket; None removes it."""
        return Catalogue(_with(self.buckets, name, schemas))

    def with_schema(self, bucket: str, path: str, schema: Schema | None) -> "Catalogue":
        """With this schema in place of the one there; None removes it."""
        return self.with_bucket(bucket, _with(self.bucket(bucket), path, schema))

    def with_table(self, name: TableName, table: Table | None) -> "Catalogue":
        """With this table in place of the one there; None removes it."""
        schema = self.schema(name.bucket, name.schema)
        return self.with_schema(name.bucket, name.schema, replace(schema, tables=_with(schema.tables, name.table, table)))


def below(schemas: Mapping[str, Schema], path: str) -> list[str]:
    """The paths of all schemas within one, at any depth."""
    return [other for other in schemas if other.startswith(f"{path}/")]


_V = TypeVar("_V")


def _with(mapping: Mapping[str, _V], key: str, value: _V | None) -> dict[str, _V]:
    changed = dict(mapping)
    if value is None:
        changed.pop(key, None)
    else:
        changed[key] = value
    return changed
