"""Which columns a table may have, and whether what a client sends fits them."""

import pyarrow as pa

from targets.vast.errors import (
    AlreadyExists,
    InvalidArgument,
    InvalidColumnTypeParameter,
    MismatchedColumnName,
    MismatchedColumnType,
    UnsupportedColumnType,
)

_LONGEST_FIXED_LIST = 1 << 16
_MOST_COLUMNS = 1 << 17
_NUMBERS = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal128,
    pa.types.is_date32,
    pa.types.is_timestamp,
    pa.types.is_time,
)
_SIMPLE = (
    *_NUMBERS,
    pa.types.is_boolean,
    pa.types.is_string,
    pa.types.is_binary,
    pa.types.is_fixed_size_binary,
)


def check_columns(columns: pa.Schema) -> None:
    """Return if a table may have these columns.

    Raises:
        UnsupportedColumnType, InvalidColumnTypeParameter: one has a type that is not stored.
        InvalidArgument: none, too many, or one has no name.
        AlreadyExists: two have the same name.
    """
    if not len(columns) or len(columns) > _MOST_COLUMNS:
        raise InvalidArgument(f"a table has 1 to {_MOST_COLUMNS} columns")
    if len(set(columns.names)) < len(columns):
        raise AlreadyExists("two columns have the same name")
    for field in columns:
        if not field.name or field.name.startswith("$"):
            raise InvalidArgument("a column's name is not empty and does not begin with $")
        _check_type(field.name, field.type)


def _check_type(name: str, kind: pa.DataType) -> None:
    if any(fits(kind) for fits in _SIMPLE):
        return
    if pa.types.is_fixed_size_list(kind):
        _check_fixed_list(name, kind)
    elif kind.num_fields and (pa.types.is_list(kind) or pa.types.is_struct(kind) or pa.types.is_map(kind)):
        for index in range(kind.num_fields):
            _check_type(name, kind.field(index).type)
    else:
        raise UnsupportedColumnType(f"TabularUnsupportedColumnType: column {name} of type {kind}")


def _check_fixed_list(name: str, kind: pa.DataType) -> None:
    item = kind.value_field
    if item.nullable or kind.list_size > _LONGEST_FIXED_LIST or not any(fits(item.type) for fits in _NUMBERS):
        raise UnsupportedColumnType(f"TabularUnsupportedColumnType: column {name} of type {kind}")
    if kind.list_size < 1:
        raise InvalidColumnTypeParameter(f"TabularInvalidColumnTypeParam: column {name} of type {kind}")


def fitted(values: pa.Array, sent: pa.Field, column: pa.Field) -> pa.Array:
    """Values as the column stores them.

    Raises:
        MismatchedColumnType: they are of another type.
    """
    kind = column.type
    is_fixed_list = pa.types.is_fixed_size_list(kind)
    if sent.type == kind and not (is_fixed_list and sent.nullable != column.nullable):
        return values
    if not is_fixed_list and kind.num_fields and sent.type.id == kind.id:
        try:
            return values.cast(kind)  # the same data under other names of list items and map entries
        except pa.ArrowException:
            pass
    raise MismatchedColumnType(f"TabularMismatchColumnType: column {column.name} is {kind}, not {sent.type}")


def fitted_rows(batch: pa.RecordBatch, columns: pa.Schema, ids: pa.Array, stored: pa.Schema) -> pa.RecordBatch:
    """Rows to insert as the table stores them: its columns in its order, those that were not sent null.

    Args:
        batch: as sent.
        columns: the table's.
        ids: their row ids, uint64.
        stored: the table's columns with `$row_id` first.

    Raises:
        InvalidArgument: two columns have the same name.
        MismatchedColumnName: the table has no such column.
        MismatchedColumnType: a column is of another type.
    """
    if batch.schema.equals(columns):
        return pa.RecordBatch.from_arrays([ids, *batch.columns], schema=stored)
    sent = dict(zip(batch.schema.names, zip(batch.schema, batch.columns, strict=True), strict=True))
    if len(sent) < len(batch.schema):
        raise InvalidArgument("two columns have the same name")
    unknown = sent.keys() - set(columns.names)
    if unknown:
        raise MismatchedColumnName(f"the table has no column {min(unknown)}")
    arrays = [ids]
    for column in columns:
        field, values = sent.get(column.name, (None, None))
        arrays.append(pa.nulls(batch.num_rows, column.type) if values is None else fitted(values, field, column))
    return pa.RecordBatch.from_arrays(arrays, schema=stored)
