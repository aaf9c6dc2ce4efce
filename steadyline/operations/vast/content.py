"""What the rows hold: ordinary ones of about 200 bytes, each told by its number, so that any answer can be verified."""

import io
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

KEY = "id"
"""The column that rows are looked up by: their number."""
COLUMNS = pa.schema(
    [
        (KEY, pa.int64()),
        ("name", pa.utf8()),
        ("status", pa.utf8()),
        ("priority", pa.int32()),
        ("score", pa.float64()),
        ("created", pa.timestamp("us")),
        ("note", pa.utf8()),
    ]
)
CHANGED = "priority"
"""The column that an update changes."""
_STATUSES = ("todo", "in_progress", "done")
_NOTE = "A row that a measurement made; it is deleted by itself. " * 2


def rows_of(numbers: Sequence[int]) -> pa.RecordBatch:
    """The rows of these numbers, whole."""
    columns = [
        numbers,
        [f"Steadyline row {number:06d}" for number in numbers],
        [_STATUSES[number % len(_STATUSES)] for number in numbers],
        [number % 5 for number in numbers],
        [number / 4 for number in numbers],
        [1_700_000_000_000_000 + number for number in numbers],
        [_NOTE] * len(numbers),
    ]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, COLUMNS, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=COLUMNS)


def are_rows(expected: pa.RecordBatch, found: pa.Table) -> bool:
    """Whether exactly these rows were found, each with its own content, in whatever order; the expected are in order."""
    if found.column_names != COLUMNS.names or found.num_rows != expected.num_rows:
        return False
    in_order = found.take(pc.sort_indices(found[KEY])).combine_chunks()
    return bool(in_order.cast(COLUMNS).equals(pa.Table.from_batches([expected])))


def is_table_of_rows(columns: pa.Schema) -> bool:
    """Whether a table's columns are those of our rows, by name and type."""
    return [(field.name, field.type) for field in columns] == [(field.name, field.type) for field in COLUMNS]


def change_of(row_id: int, value: int) -> pa.RecordBatch:
    """An update of one row."""
    return pa.record_batch({"$row_id": pa.array([row_id], pa.uint64()), CHANGED: pa.array([value], pa.int32())})


def identified(row_ids: Sequence[int]) -> pa.Table:
    """Rows named by their ids alone, as a deletion wants them."""
    return pa.table({"$row_id": pa.array(row_ids, pa.uint64())})


def parquet_of(rows: pa.RecordBatch) -> bytes:
    """The rows as a Parquet file."""
    file = io.BytesIO()
    pq.write_table(pa.Table.from_batches([rows]), file)
    return file.getvalue()
