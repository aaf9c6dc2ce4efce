"""Row ids: numbers by which VAST DB knows a table's rows, ascending wherever they stand in an array."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from targets.vast.arrow import ROW_ID, ROW_ID_TYPE

ROW_ID_FIELD = pa.field(ROW_ID, ROW_ID_TYPE)
"""The first column of every stored table."""

RowIds = npt.NDArray[np.uint64]


def stored_schema(columns: pa.Schema) -> pa.Schema:
    """Columns as they are stored: `$row_id` first."""
    return pa.schema([ROW_ID_FIELD, *columns])


def row_id_array(first: int, count: int) -> pa.Array:
    """So many row ids in a row."""
    ids = np.arange(first, first + count, dtype=np.uint64)
    return pa.Array.from_buffers(ROW_ID_TYPE, count, [None, pa.py_buffer(ids)])
