"""A history of every kind of change, and what it leaves."""

import pyarrow as pa

from targets.vast.catalogue import IMPORTED_COLUMNS, Catalogue, TableName
from targets.vast.changes import (
    BucketCreated,
    BucketDropped,
    Change,
    ColumnRenamed,
    ColumnsAdded,
    ColumnsDropped,
    SchemaAltered,
    SchemaCreated,
    SchemaDropped,
    SchemaRenamed,
    TableAltered,
    TableCreated,
    TableDropped,
    TableRenamed,
)
from targets.vast.projections import (
    ImportsForgotten,
    ObjectsImported,
    ProjectionCreated,
    ProjectionDropped,
    ProjectionRenamed,
)
from targets.vast.rowchanges import RowsDeleted, RowsInserted, RowsUpdated
from targets.vast.rowids import row_id_array, stored_schema

OLD, NEW = TableName("b", "s", "old"), TableName("b", "moved/inner", "new")
COLUMNS = pa.schema([("x", pa.int64()), ("name", pa.utf8()), ("v", pa.list_(pa.float32()))])


def _ids(first: int, count: int) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([row_id_array(first, count)], names=["$row_id"])


def _rows(first: int, *values: int) -> pa.RecordBatch:
    arrays = [row_id_array(first, len(values)), values, [f"n{value}" for value in values], [[value / 2] for value in values]]
    return pa.RecordBatch.from_arrays(arrays, schema=stored_schema(COLUMNS))


def _imported(first: int, *names: str) -> pa.RecordBatch:
    arrays = [row_id_array(first, len(names)), list(names), ["media"] * len(names)]
    return pa.RecordBatch.from_arrays(arrays, schema=stored_schema(IMPORTED_COLUMNS))


def _update() -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([row_id_array(1, 1), ["changed"]], names=["$row_id", "name"])


def history() -> list[list[Change]]:
    """Commits, every kind of change among them."""
    return [
        [BucketCreated("b"), BucketCreated("gone"), BucketDropped("gone")],
        [SchemaCreated("b", "s", '{"a": 1}'), SchemaCreated("b", "s/inner"), SchemaCreated("b", "gone")],
        [SchemaDropped("b", "gone"), SchemaAltered("b", "s", "changed")],
        [TableCreated(OLD, 3, COLUMNS, ("x",), properties="p"), TableCreated(OLD._replace(table="gone"), 4, COLUMNS)],
        [TableDropped(OLD._replace(table="gone")), RowsInserted(OLD, _rows(0, 1, 2, 3))],
        [RowsUpdated(OLD, _update()), RowsDeleted(OLD, _ids(0, 1)), RowsInserted(OLD, _rows(10, 11), external=True)],
        [ProjectionCreated(OLD, "p", ("x",), ("name",)), ProjectionCreated(OLD, "gone", ("x",), ())],
        [ProjectionRenamed(OLD, "p", "q"), ProjectionDropped(OLD, "gone"), TableAltered(OLD, "altered", ("name",))],
        [ObjectsImported(OLD, _imported(20, "one", "two")), ImportsForgotten(OLD, _ids(20, 1))],
        [
            ColumnsAdded(OLD, pa.schema([("more", pa.int32())])),
            ColumnRenamed(OLD, "name", "title"),
            ColumnsDropped(OLD, ("v",)),
        ],
        [SchemaRenamed("b", "s", "moved"), TableRenamed(TableName("b", "moved", "old"), NEW)],
    ]


def applied(commits: list[list[Change]], catalogue: Catalogue | None = None) -> Catalogue:
    """What the commits leave."""
    catalogue = catalogue or Catalogue()
    for commit in commits:
        for change in commit:
            catalogue = change.applied(catalogue)
    return catalogue


def described(catalogue: Catalogue) -> dict[str, object]:
    """Everything in a catalogue that a restart has to bring back, comparable."""
    schemas = {
        (bucket, path): schema.properties for bucket, inside in catalogue.buckets.items() for path, schema in inside.items()
    }
    tables = {
        name: (
            table.handle,
            table.columns.schema,
            table.rows.table.to_pydict(),
            table.imported.table.to_pydict(),
            table.row_ids.following,
            table.sorted_by,
            table.external_row_ids,
            table.properties,
            dict(table.projections),
            table.inserted_rows,
        )
        for name, table in catalogue.all_tables()
    }
    return {"buckets": sorted(catalogue.buckets), "schemas": schemas, "tables": tables}
