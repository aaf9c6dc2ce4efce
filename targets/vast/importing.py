"""What a Parquet file does to a table: its rows are inserted, or, with keys, its other columns are put beside these."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from targets.vast import arrow
from targets.vast.catalogue import Table
from targets.vast.columntypes import check_columns
from targets.vast.errors import ImportRefused, InvalidArgument, MismatchedColumnName, MismatchedColumnType

_RENDERED = (pa.types.is_large_string, pa.types.is_large_binary, pa.types.is_dictionary)
"""Types by which Parquet readers show a plain column."""


@dataclass(frozen=True, slots=True)
class Addition:
    """What an import with keys adds.

    Attributes:
        columns: new ones.
        rows: `$row_id` (ascending) first, then the new columns and those of the table that the file has besides the keys.
    """

    columns: pa.Schema
    rows: pa.RecordBatch


def read(content: bytes, partitions: bytes) -> pa.Table:
    """The rows of a Parquet file, with the columns of its partition, the same in each row.

    Raises:
        ImportRefused: it is no Parquet file, or its partition is not one row.
    """
    try:
        rows = pq.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError) as error:
        raise ImportRefused(f"not a Parquet file: {str(error).partition(chr(10))[0]}") from None
    if not partitions:
        return rows
    values = arrow.read_batch(partitions)
    if values.num_rows != 1:
        raise ImportRefused("the partition of a file is one row")
    for field, value in zip(values.schema, values.columns, strict=True):
        rows = rows.append_column(field, pa.repeat(value[0], rows.num_rows))
    return rows


def to_insert(file: pa.Table, table: Table) -> list[pa.RecordBatch]:
    """The file's rows, its columns as the table's.

    Raises:
        MismatchedColumnName, MismatchedColumnType: a column is not in the table, or there of another type.
    """
    columns = table.columns.schema
    unknown = [name for name in file.column_names if columns.get_field_index(name) < 0]
    if unknown:
        raise MismatchedColumnName(f"TabularMismatchColumnName: the table has no column {unknown[0]}")
    fields = [columns.field(name) for name in file.column_names]
    arrays = [_cast(column, field) for column, field in zip(file.columns, fields, strict=True)]
    batches: list[pa.RecordBatch] = pa.table(arrays, schema=pa.schema(fields)).to_batches()
    return batches


def to_add(file: pa.Table, table: Table, keys: Sequence[str]) -> Addition:
    """The file's other columns, in the rows that have its keys.

    Raises:
        ImportRefused: a key is missing, or file and table do not hold the same keys.
        MismatchedColumnType: a column is there of another type.
    """
    columns = table.columns.schema
    if any(columns.get_field_index(key) < 0 or key not in file.column_names for key in keys):
        raise ImportRefused("Failed to verify import keys: each has to be a column of the file and of the table")
    others = [field for field in file.schema if field.name not in keys]
    new = pa.schema([field.remove_metadata() for field in others if columns.get_field_index(field.name) < 0])
    if len(new):
        check_columns(new)
    kinds = pa.schema([*columns, *new])
    file = pa.table([_cast(file.column(name), kinds.field(name)) for name in file.column_names], names=file.column_names)
    ids, places = _matched(file, table, keys)
    rows = file.select([field.name for field in others]).take(places).combine_chunks()
    values = [pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type) for column in rows.columns]
    schema = pa.schema([pa.field(arrow.ROW_ID, arrow.ROW_ID_TYPE), *(kinds.field(field.name) for field in others)])
    return Addition(new, pa.RecordBatch.from_arrays([ids, *values], schema=schema))


def _matched(file: pa.Table, table: Table, keys: Sequence[str]) -> tuple[pa.Array, pa.Array]:
    """Row ids, ascending, and for each the place in the file that has its keys."""
    ours = table.rows.table.select([arrow.ROW_ID, *keys])
    place = pa.array(np.arange(file.num_rows))
    try:
        both = ours.join(file.select(keys).append_column("$place", place), list(keys), join_type="full outer")
    except pa.ArrowException:
        raise InvalidArgument("these columns cannot be keys of an import") from None
    missing = both.column(arrow.ROW_ID).null_count or both.column("$place").null_count
    if missing or both.num_rows != max(ours.num_rows, file.num_rows):
        raise ImportRefused("Failed to get row_ids to update on table: file and table do not hold the same keys")
    both = both.select([arrow.ROW_ID, "$place"]).sort_by(arrow.ROW_ID).combine_chunks()
    return both.column(0).combine_chunks(), both.column(1).combine_chunks()


def _cast(values: pa.ChunkedArray, column: pa.Field) -> pa.ChunkedArray:
    """A file's column as the table stores it; the unit of a timestamp may differ."""
    if values.type == column.type:
        return values
    are_timestamps = pa.types.is_timestamp(values.type) and pa.types.is_timestamp(column.type)
    if are_timestamps or any(fits(values.type) for fits in _RENDERED) or (values.type.num_fields and column.type.num_fields):
        try:
            return values.cast(column.type, safe=not are_timestamps)
        except pa.ArrowException:
            pass
    raise MismatchedColumnType(f"TabularMismatchColumnType: column {column.name} is {column.type}, not {values.type}")
