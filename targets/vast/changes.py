"""What a transaction changes, as facts: applied to its own catalogue at once, to the newest at the commit, and journalled.

A change that holds for the catalogue it was made on holds for the newest one too: the locks see to it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

import pyarrow as pa

from targets.vast.catalogue import Catalogue, Columns, Projection, Schema, TableName, below, empty_table
from targets.vast.rows import Rows


class Change(Protocol):
    """One change."""

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """The catalogue with the change."""


@dataclass(frozen=True, slots=True)
class BucketCreated:
    """A bucket was made."""

    bucket: str

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With an empty bucket, unless it is there."""
        return catalogue if self.bucket in catalogue.buckets else catalogue.with_bucket(self.bucket, {})


@dataclass(frozen=True, slots=True)
class BucketDropped:
    """A bucket went."""

    bucket: str

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """Without the bucket and what is in it."""
        return catalogue.with_bucket(self.bucket, None)


@dataclass(frozen=True, slots=True)
class SchemaCreated:
    """A schema was made."""

    bucket: str
    schema: str
    properties: str = ""

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With an empty schema."""
        return catalogue.with_schema(self.bucket, self.schema, Schema(self.properties))


@dataclass(frozen=True, slots=True)
class SchemaAltered:
    """A schema has other properties."""

    bucket: str
    schema: str
    properties: str

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With the properties."""
        schema = catalogue.schema(self.bucket, self.schema)
        return catalogue.with_schema(self.bucket, self.schema, replace(schema, properties=self.properties))


@dataclass(frozen=True, slots=True)
class SchemaRenamed:
    """A schema has another path, and with it every schema within it."""

    bucket: str
    schema: str
    new: str

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With the schemas moved."""
        schemas = dict(catalogue.bucket(self.bucket))
        for path in [self.schema, *below(schemas, self.schema)]:
            schemas[self.new + path.removeprefix(self.schema)] = schemas.pop(path)
        return catalogue.with_bucket(self.bucket, schemas)


@dataclass(frozen=True, slots=True)
class SchemaDropped:
    """A schema went."""

    bucket: str
    schema: str

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """Without the schema."""
        return catalogue.with_schema(self.bucket, self.schema, None)


@dataclass(frozen=True, slots=True)
class TableCreated:
    """A table was made.

    Attributes:
        following_row_id: where its ids begin; above 0 when a table is restored.
    """

    name: TableName
    handle: int
    columns: pa.Schema
    sorted_by: tuple[str, ...] = ()
    external_row_ids: bool = False
    properties: str = ""
    following_row_id: int = 0
    inserted_rows: int = 0

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With an empty table."""
        table = empty_table(self.handle, self.columns, sorted_by=self.sorted_by, properties=self.properties)
        table.row_ids.following = self.following_row_id
        table = replace(table, external_row_ids=self.external_row_ids, inserted_rows=self.inserted_rows)
        return catalogue.with_table(self.name, table)


@dataclass(frozen=True, slots=True)
class TableAltered:
    """A table has other properties, a sorting key, or both; None leaves what it has."""

    name: TableName
    properties: str | None
    sorted_by: tuple[str, ...] | None

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With them."""
        table = catalogue.table(self.name)
        properties = table.properties if self.properties is None else self.properties
        sorted_by = table.sorted_by if self.sorted_by is None else self.sorted_by
        return catalogue.with_table(self.name, replace(table, properties=properties, sorted_by=sorted_by))


@dataclass(frozen=True, slots=True)
class TableRenamed:
    """A table has another name, perhaps in another schema of the bucket."""

    name: TableName
    new: TableName

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With the table moved."""
        table = catalogue.table(self.name)
        return catalogue.with_table(self.name, None).with_table(self.new, table)


@dataclass(frozen=True, slots=True)
class TableDropped:
    """A table went."""

    name: TableName

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """Without the table."""
        return catalogue.with_table(self.name, None)


def _with_rows(catalogue: Catalogue, name: TableName, rows: Rows, columns: pa.Schema) -> Catalogue:
    return catalogue.with_table(name, replace(catalogue.table(name), columns=Columns(columns), rows=rows))


@dataclass(frozen=True, slots=True)
class ColumnsAdded:
    """A table has more columns."""

    name: TableName
    columns: pa.Schema

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With the columns at the end, null in every row."""
        table = catalogue.table(self.name)
        columns = pa.schema([*table.columns.schema, *self.columns])
        return _with_rows(catalogue, self.name, table.rows.with_columns(self.columns), columns)


@dataclass(frozen=True, slots=True)
class ColumnsDropped:
    """A table has fewer columns."""

    name: TableName
    columns: tuple[str, ...]

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """Without them."""
        table = catalogue.table(self.name)
        rows = table.rows.without_columns(self.columns)
        return _with_rows(catalogue, self.name, rows, pa.schema(list(rows.schema)[1:]))


@dataclass(frozen=True, slots=True)
class ColumnRenamed:
    """A column has another name, wherever the table names it."""

    name: TableName
    old: str
    new: str

    def applied(self, catalogue: Catalogue) -> Catalogue:
        """With the name, also in the sorting key and the projections."""
        table = catalogue.table(self.name)
        rows = table.rows.with_renamed_column(self.old, self.new)
        projections = {
            name: Projection(self._named(one.sorted_by), self._named(one.others)) for name, one in table.projections.items()
        }
        table = replace(table, sorted_by=self._named(table.sorted_by), projections=projections)
        return _with_rows(catalogue.with_table(self.name, table), self.name, rows, pa.schema(list(rows.schema)[1:]))

    def _named(self, columns: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.new if column == self.old else column for column in columns)
