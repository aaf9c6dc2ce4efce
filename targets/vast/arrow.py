"""Arrow IPC in requests and answers: what a client sent is validated before anything trusts it."""

import pyarrow as pa

ROW_ID = "$row_id"
"""The column by which VAST DB knows a row; the first of every stored table, uint64 and ascending."""
ROW_ID_TYPE = pa.uint64()
SORTED_ROW_ID_TYPE = pa.decimal128(38, 0)
"""What the row ids of a table with a sorting key look like from outside."""


def read_schema(body: bytes) -> pa.Schema:
    """The schema in a request's body (a schema message, or a stream); InvalidArgument where it is none."""
    raise NotImplementedError


def read_batch(body: bytes) -> pa.RecordBatch:
    """The rows in a request's body, an Arrow IPC stream, as one batch; wholly validated.

    Its buffers may lie in `body`: nothing is copied.

    Raises:
        InvalidArgument: no stream, no or several schemas, compressed or dictionary-encoded columns, or anything in it is invalid.
    """
    raise NotImplementedError


def write_schema(schema: pa.Schema) -> bytes:
    """A stream of no rows: what the SDK reads columns from."""
    raise NotImplementedError


def write_batch(batch: pa.RecordBatch) -> bytes:
    """A stream of one batch: what the SDK reads the ids of inserted rows from."""
    raise NotImplementedError


def row_ids(batch: pa.RecordBatch) -> pa.UInt64Array:
    """The `$row_id` column of an update or delete as uint64, whichever of its two types was sent.

    Raises:
        InvalidArgument: there is none, it has nulls, or one of them is no row id.
    """
    raise NotImplementedError


def shown_row_ids(ids: pa.Array, kind: pa.DataType) -> pa.Array:
    """Row ids (uint64) as clients see them: unchanged, or as decimal128 for a table with a sorting key."""
    raise NotImplementedError
