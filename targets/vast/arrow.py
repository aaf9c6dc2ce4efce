"""Arrow IPC in requests and answers: what a client sent is validated before anything trusts it."""

import struct
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from targets.vast.errors import InvalidArgument
from targets.vast.flatbuf import refusing, root

ROW_ID = "$row_id"
"""The column by which VAST DB knows a row; the first of every stored table, uint64 and ascending."""
ROW_ID_TYPE = pa.uint64()
SORTED_ROW_ID_TYPE = pa.decimal128(38, 0)
"""What the row ids of a table with a sorting key look like from outside."""

_CONTINUATION = 0xFFFFFFFF
_PREFIX = struct.Struct("<II")
_I64 = struct.Struct("<q")
_RECORD_BATCH = 3
_SCHEMA = 1
_ROWS_PER_BYTE = 8
"""The narrowest column is one bit a row: more rows than that are a claim, not data."""
_UNREADABLE = (pa.ArrowException, OSError, ValueError, OverflowError, TypeError, NotImplementedError, MemoryError)


def read_schema(body: bytes) -> pa.Schema:
    """The schema in a request's body (a schema message, or a stream); InvalidArgument where it is none."""
    try:
        schema = pa.ipc.read_schema(pa.py_buffer(body))
        _check_names(schema)
    except _UNREADABLE as error:
        raise InvalidArgument(f"the body is no Arrow schema: {_reason(error)}") from None
    return schema


def read_batch(body: bytes) -> pa.RecordBatch:
    """The rows in a request's body, an Arrow IPC stream, as one batch; wholly validated.

    Its buffers may lie in `body`: nothing is copied.

    Raises:
        InvalidArgument: no stream, compressed or dictionary-encoded columns, columns without data, or anything in it invalid.
    """
    _check_messages(body)
    try:
        with pa.ipc.open_stream(pa.py_buffer(body)) as reader:
            _check_names(reader.schema)
            for field in reader.schema:
                _check_type(field.type)
            batches = list(reader)
            batch = batches[0] if len(batches) == 1 else _one(batches, reader.schema)
        batch.validate(full=True)
    except _UNREADABLE as error:
        raise InvalidArgument(f"the body holds no valid Arrow rows: {_reason(error)}") from None
    if batch.num_rows > _ROWS_PER_BYTE * len(body):
        raise InvalidArgument("the body claims more rows than it holds")
    return batch


def _one(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    if batches:
        return pa.concat_batches(batches)
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)


def _reason(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


@refusing
def _check_messages(body: bytes) -> None:
    """Refuse what would make Arrow allocate by a client's word: compressed buffers state their own size."""
    for metadata in _messages(body):
        message = root(metadata)
        kind = message.byte(1)
        if kind not in {_SCHEMA, _RECORD_BATCH}:
            raise InvalidArgument("the Arrow stream holds something else than a schema and batches")
        if kind == _RECORD_BATCH and message.needed(2).table(3) is not None:
            raise InvalidArgument("compressed Arrow buffers are not supported")


def _messages(body: bytes) -> Iterator[bytes]:
    """The metadata of each IPC message, up to the end of the stream."""
    at = 0
    while at < len(body):
        mark, size = _PREFIX.unpack_from(body, at)
        if mark != _CONTINUATION:
            raise InvalidArgument("the body is no Arrow stream")
        if size == 0:
            return
        metadata = body[at + 8 : at + 8 + size]
        yield metadata
        length = root(metadata).whole(3, _I64)
        if length < 0:
            raise InvalidArgument("an Arrow message has a negative length")
        at += 8 + size + length


def _check_names(schema: pa.Schema) -> None:
    """Read every top-level name, because one that is not UTF-8 raises only when it is asked for."""
    for field in schema:
        assert field.name is not None


def _check_type(kind: pa.DataType) -> None:
    """Refuse columns whose length is not bounded by their data, and those that stand for another column."""
    if (
        pa.types.is_null(kind)
        or pa.types.is_dictionary(kind)
        or pa.types.is_union(kind)
        or pa.types.is_run_end_encoded(kind)
        or isinstance(kind, pa.BaseExtensionType)
        or (pa.types.is_struct(kind) and kind.num_fields == 0)
        or (pa.types.is_fixed_size_list(kind) and kind.list_size == 0)
        or (pa.types.is_fixed_size_binary(kind) and kind.byte_width == 0)
    ):
        raise InvalidArgument(f"columns of type {kind} are not supported")
    for index in range(kind.num_fields):
        child = kind.field(index)
        assert child.name is not None
        _check_type(child.type)


def write_schema(schema: pa.Schema) -> bytes:
    """A stream of no rows: what the SDK reads columns from."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema):
        pass
    return bytes(sink.getvalue())


def write_batch(batch: pa.RecordBatch) -> bytes:
    """A stream of one batch: what the SDK reads the ids of inserted rows from."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def row_ids(batch: pa.RecordBatch) -> pa.UInt64Array:
    """The `$row_id` column of an update or delete as uint64, whichever of its two types was sent.

    Raises:
        InvalidArgument: there is none or more than one, it has nulls, or one of them is no row id.
    """
    places = batch.schema.get_all_field_indices(ROW_ID)
    if len(places) != 1:
        raise InvalidArgument(f"the rows have no {ROW_ID} column, or several")
    column = batch.column(places[0])
    if column.null_count:
        raise InvalidArgument(f"a {ROW_ID} is null")
    if column.type == ROW_ID_TYPE:
        return column
    try:
        return column.cast(ROW_ID_TYPE)
    except pa.ArrowException as error:
        raise InvalidArgument(f"a {ROW_ID} is no row id: {_reason(error)}") from None


def shown_row_ids(ids: pa.Array, kind: pa.DataType) -> pa.Array:
    """Row ids (uint64) as clients see them: unchanged, or as decimal128 for a table with a sorting key."""
    if kind == ROW_ID_TYPE:
        return ids
    words = np.zeros((len(ids), 2), dtype=np.uint64)  # a decimal128 is 128 bits, the low ones first
    words[:, 0] = ids.to_numpy()
    return pa.Array.from_buffers(kind, len(ids), [None, pa.py_buffer(words)])
