"""Column types: what is stored, what is not, and what fits."""

import pyarrow as pa
import pytest

from targets.vast.columntypes import check_columns, fitted, fitted_rows
from targets.vast.errors import (
    AlreadyExists,
    InvalidArgument,
    InvalidColumnTypeParameter,
    MismatchedColumnName,
    MismatchedColumnType,
    UnsupportedColumnType,
)
from targets.vast.rowids import row_id_array, stored_schema

VECTOR = pa.list_(pa.field("item", pa.float32(), nullable=False), 4)


@pytest.mark.parametrize(
    "kind",
    [
        pa.bool_(),
        pa.uint64(),
        pa.float16(),
        pa.decimal128(9, 2),
        pa.utf8(),
        pa.binary(),
        pa.date32(),
        pa.time64("ns"),
        pa.timestamp("ms", "UTC"),
        pa.list_(pa.list_(pa.int8())),
        pa.map_(pa.utf8(), pa.struct([("a", pa.int8())])),
        VECTOR,
    ],
    ids=str,
)
def test_stored_types(kind: pa.DataType) -> None:
    """What VAST DB stores can be a column."""
    check_columns(pa.schema([("x", kind)]))


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ([("x", pa.null())], UnsupportedColumnType),
        ([("x", pa.dictionary(pa.int8(), pa.utf8()))], UnsupportedColumnType),
        ([("x", pa.list_(pa.large_string()))], UnsupportedColumnType),
        ([("x", pa.list_(pa.struct([])))], UnsupportedColumnType),
        ([("x", pa.list_(pa.float32(), 4))], UnsupportedColumnType),
        ([("x", pa.list_(pa.field("item", pa.utf8(), nullable=False), 4))], UnsupportedColumnType),
        ([("x", pa.list_(pa.field("item", pa.int8(), nullable=False), 0))], InvalidColumnTypeParameter),
        ([("x", pa.int8()), ("x", pa.int16())], AlreadyExists),
        ([("", pa.int8())], InvalidArgument),
        ([("$row_id", pa.uint64())], InvalidArgument),
        ([], InvalidArgument),
    ],
)
def test_columns_that_cannot_be(columns: list[tuple[str, pa.DataType]], error: type[Exception]) -> None:
    """Each is refused under the code by which the SDK knows it."""
    with pytest.raises(error):
        check_columns(pa.schema(columns))


@pytest.mark.parametrize(
    ("sent", "column"),
    [
        (pa.field("x", pa.int32()), pa.field("x", pa.int64())),
        (pa.field("x", pa.utf8()), pa.field("x", pa.binary())),
        (pa.field("x", VECTOR, nullable=False), pa.field("x", VECTOR)),
        (pa.field("x", pa.list_(pa.field("item", pa.float32(), nullable=False), 3)), pa.field("x", VECTOR)),
    ],
)
def test_values_of_another_type(sent: pa.Field, column: pa.Field) -> None:
    """Nothing is converted silently."""
    with pytest.raises(MismatchedColumnType, match="column x"):
        fitted(pa.nulls(1, sent.type), sent, column)


def test_other_names_within_are_the_same_data() -> None:
    """How a client calls the items of a list does not matter."""
    sent = pa.field("x", pa.list_(pa.field("element", pa.int64())))
    column = pa.field("x", pa.list_(pa.int64()))
    assert fitted(pa.array([[1, None]], sent.type), sent, column).type == column.type


def test_rows_take_the_tables_shape() -> None:
    """Columns in another order find their places, those that were not sent are null, unknown ones are refused."""
    columns = pa.schema([("a", pa.int64()), ("b", pa.utf8()), ("c", pa.int8())])
    batch = pa.record_batch([["x"], [1]], names=["b", "a"])
    rows = fitted_rows(batch, columns, row_id_array(5, 1), stored_schema(columns))
    assert rows.to_pydict() == {"$row_id": [5], "a": [1], "b": ["x"], "c": [None]}
    with pytest.raises(MismatchedColumnName, match="no column b"):
        fitted_rows(batch, columns.remove(1), row_id_array(5, 1), stored_schema(columns.remove(1)))


def test_column_that_is_sent_twice() -> None:
    """Neither of two columns of one name is thrown away."""
    columns = pa.schema([("x", pa.int64()), ("y", pa.int64())])
    batch = pa.RecordBatch.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"])
    with pytest.raises(InvalidArgument, match="same name"):
        fitted_rows(batch, columns, row_id_array(0, 1), stored_schema(columns))
