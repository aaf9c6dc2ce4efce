"""How an answer to a query travels: Arrow IPC messages of many streams, each behind a header that says whose it is.

`<u32 stream><u64 next row id><message>`, where the stream is the subsplit's number and its columns follow one another, each a
schema, batches and an end; at last the number that says that all is there. One column is one leaf (see `columns`).
"""

import functools
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from targets.vast.arrow import ROW_ID, shown_row_ids
from targets.vast.columns import Column, leaf_array, leaf_type
from targets.vast.scan import Page

_HEADER = struct.Struct("<IQ")
COMPLETE = struct.pack("<I", 0xFFFFFFFE)
"""Ends an answer."""
_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"
_JOINED_BYTES = 1 << 16
"""Messages up to this size are copied together: fewer parts are cheaper to send than a copy saves."""
_NO_COLUMNS = pa.schema([])

Part = bytes | memoryview


@dataclass(frozen=True, slots=True)
class _Stream:
    """What is always the same about the stream of one leaf: its schema, and that as a message."""

    schema: pa.Schema
    message: bytes


@functools.lru_cache(4096)
def _stream(field: pa.Field, steps: tuple[int, ...]) -> _Stream:
    schema = pa.schema([pa.field(field.name, leaf_type(field.type, steps))])
    return _Stream(schema, bytes(schema.serialize()))


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf to send: the top-level field as clients see it, and the way down from it."""

    field: pa.Field
    steps: tuple[int, ...]

    @classmethod
    def of(cls, column: Column, top: pa.Field) -> "Leaf":
        """The leaf at a column."""
        return cls(top, column.steps)


def subsplit(number: int, page: Page, leaves: Sequence[Leaf]) -> list[Part]:
    """One page of a subsplit."""
    header = _HEADER.pack(number, page.next_row_id)
    if not leaves:
        return [header.join((b"", *_count(sum(batch.num_rows for batch in page.batches))))]
    messages: list[bytes | pa.Buffer] = []
    for leaf in leaves:
        stream = _stream(leaf.field, leaf.steps)
        messages.append(stream.message)
        messages += [_batch(batch, leaf, stream.schema) for batch in page.batches]
        messages.append(_END_OF_STREAM)
    return _framed(header, messages)


def _batch(rows: pa.RecordBatch, leaf: Leaf, schema: pa.Schema) -> pa.Buffer:
    array = rows.column(leaf.field.name)
    if leaf.field.name == ROW_ID:
        array = shown_row_ids(array, leaf.field.type)
    return pa.RecordBatch.from_arrays([leaf_array(array, leaf.steps)], schema=schema).serialize()


def _framed(header: bytes, messages: Sequence[bytes | pa.Buffer]) -> list[Part]:
    parts: list[Part] = []
    small: list[bytes | pa.Buffer] = [b""]
    for message in messages:
        if len(message) <= _JOINED_BYTES:
            small.append(message)
            continue
        parts += [header.join((*small, b"")), memoryview(message)]
        small = [b""]
    if len(small) > 1:
        parts.append(header.join(small))
    return parts


def _count(rows: int) -> tuple[bytes, ...]:
    """A stream without columns: what remains of rows is their number."""
    schema = bytes(_NO_COLUMNS.serialize())
    if not rows:
        return schema, _END_OF_STREAM
    batch = pa.RecordBatch.from_arrays([pa.nulls(rows)], names=[""]).select([])
    return schema, bytes(batch.serialize()), _END_OF_STREAM


def row_groups(number: int, end: int) -> list[Part]:
    """The answer to a client that asks how many row groups there are."""
    return [_HEADER.pack(0, end).join((b"", *_count(number))), COMPLETE]
