"""Arrow IPC in requests and answers: what a client sent is validated before anything trusts it."""

import functools
import struct
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from targets.vast.errors import InvalidArgument
from targets.vast.flatbuf import refusing, root

ROW_ID = "$row_id"
"""The column by which VAST DB knows a row; the first of every stored table, uint64 and ascending."""
ROW_ID_TYPE = pa.uint64()
SORTED_ROW_ID_TYPE = pa.decimal128(38, 0)
"""What the row ids of a table with a sorting key look like from outside."""

END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"
_CONTINUATION = 0xFFFFFFFF
_PREFIX = struct.Struct("<II")
_I64 = struct.Struct("<q")
_RECORD_BATCH = 3
_SCHEMA = 1
_CACHED_BYTES = 1 << 16
"""Schemas up to this size are remembered; a hostile client must not fill the memory with larger ones."""
_ROWS_PER_BYTE = 8
"""The narrowest column is one bit a row: more rows than that are a claim, not data."""
_UNREADABLE = (pa.ArrowException, OSError, ValueError, OverflowError, TypeError, NotImplementedError, MemoryError)


def read_schema(body: bytes) -> pa.Schema:
    """The schema in a request's body (a schema message, or a stream); InvalidArgument where it is none."""
    try:
        schema = pa.ipc.read_schema(pa.py_buffer(body))
        for field in schema:
            assert field.name is not None  # a name that is not UTF-8 raises when it is asked for
    except _UNREADABLE as error:
        raise InvalidArgument(f"the body is no Arrow schema: {_reason(error)}") from None
    return schema


def read_batch(body: bytes) -> pa.RecordBatch:
    """The rows in a request's body, an Arrow IPC stream, as one batch; wholly validated.

    Its buffers may lie in `body`: nothing is copied.

    Raises:
        InvalidArgument: no stream, compressed or dictionary-encoded columns, columns without data, or anything in it invalid.
    """
    first, *rest = _messages(body)
    whole = pa.py_buffer(body)
    try:
        schema = (_row_schema if first.size <= _CACHED_BYTES else _row_schema.__wrapped__)(body[first.begin : first.end])
        batches = [pa.ipc.read_record_batch(whole.slice(each.begin, each.size), schema) for each in rest]
        batch = batches[0] if len(batches) == 1 else _one(batches, schema)
        batch.validate(full=True)
    except _UNREADABLE as error:
        raise InvalidArgument(f"the body holds no valid Arrow rows: {_reason(error)}") from None
    if batch.num_rows > _ROWS_PER_BYTE * len(body):
        raise InvalidArgument("the body claims more rows than it holds")
    return batch


@functools.lru_cache(256)
def _row_schema(message: bytes) -> pa.Schema:
    """The schema in a message, its columns fit to hold rows: a client sends the same one again and again."""
    schema = pa.ipc.read_schema(pa.py_buffer(message))
    for field in schema:
        assert field.name is not None
        _check_type(field.type)
    return schema


def _one(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    if batches:
        return pa.concat_batches(batches)
    return pa.RecordBatch.from_arrays([pa.array([], field.type) for field in schema], schema=schema)


def _reason(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


class _Message(NamedTuple):
    """Where in a body an IPC message is."""

    begin: int
    end: int

    @property
    def size(self) -> int:
        """Bytes of it."""
        return self.end - self.begin


@refusing
def _messages(body: bytes) -> list[_Message]:
    """The messages of a stream, at least one.

    Compressed buffers are refused here, because they state their own size, and Arrow would allocate by a client's word.
    """
    found: list[_Message] = []
    at = 0
    while at < len(body):
        mark, size = _PREFIX.unpack_from(body, at)
        if mark != _CONTINUATION:
            raise InvalidArgument("the body is no Arrow stream")
        if size == 0:
            break
        message = root(body[at + 8 : at + 8 + size])
        kind, length = message.byte(1), message.whole(3, _I64)
        if length < 0 or kind != (_RECORD_BATCH if found else _SCHEMA):
            raise InvalidArgument("the Arrow stream is something else than a schema and batches")
        if kind == _RECORD_BATCH and message.needed(2).table(3) is not None:
            raise InvalidArgument("compressed Arrow buffers are not supported")
        end = at + 8 + size + length
        if end > len(body):
            raise InvalidArgument("the Arrow stream is cut off")
        found.append(_Message(at, end))
        at = end
    if not found:
        raise InvalidArgument("the body is empty")
    return found


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
    return b"".join((schema.serialize(), END_OF_STREAM))


def write_batch(batch: pa.RecordBatch) -> bytes:
    """A stream of one batch: what the SDK reads the ids of inserted rows from."""
    return b"".join((batch.schema.serialize(), batch.serialize(), END_OF_STREAM))


def write_row_ids(ids: pa.Array) -> bytes:
    """A stream of row ids, as clients see them."""
    schema, message = _row_id_schema(ids.type)
    return b"".join((message, pa.RecordBatch.from_arrays([ids], schema=schema).serialize(), END_OF_STREAM))


@functools.lru_cache(2)
def _row_id_schema(kind: pa.DataType) -> tuple[pa.Schema, bytes]:
    """The schema of such a stream, and that as a message."""
    schema = pa.schema([pa.field(ROW_ID, kind)])
    return schema, bytes(schema.serialize())


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
