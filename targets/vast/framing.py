"""How an answer to a query travels: Arrow IPC messages of many streams, each behind a header that says whose it is.

`<u32 stream><u64 next row id><message>`, where the stream is the subsplit's number and its columns follow one another, each a
schema, batches and an end; at last the number that says that all is there. One column is one leaf (see `columns`).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from targets.vast.arrow import END_OF_STREAM, ROW_ID, shown_row_ids
from targets.vast.columns import leaf_array, leaf_type
from targets.vast.scan import Page

_HEADER = struct.Struct("<IQ")
COMPLETE = struct.pack("<I", 0xFFFFFFFE)
"""Ends an answer."""
_JOINED_BYTES = 1 << 16
"""Messages up to this size are copied together: fewer parts are cheaper to send than a copy saves."""
_NO_COLUMNS = pa.schema([])

Part = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Leaf:
    """The stream of one leaf, and where its values are.

    Attributes:
        name: of the top-level column.
        kind: type of the top-level column as clients see it.
        steps: the way down from it.
        schema: of the stream.
        message: the schema as the stream's first message.
    """

    name: str
    kind: pa.DataType
    steps: tuple[int, ...]
    schema: pa.Schema
    message: bytes


def leaf(field: pa.Field, steps: tuple[int, ...]) -> Leaf:
    """The leaf below a top-level column."""
    schema = pa.schema([pa.field(field.name, leaf_type(field.type, steps))])
    return Leaf(field.name, field.type, steps, schema, bytes(schema.serialize()))


def subsplit(number: int, page: Page, leaves: Sequence[Leaf]) -> list[Part]:
    """One page of a subsplit."""
    header = _HEADER.pack(number, page.next_row_id)
    if not leaves:
        return [header.join((b"", *_count(sum(batch.num_rows for batch in page.batches))))]
    messages: list[bytes | pa.Buffer] = []
    for column in leaves:
        messages += (column.message, *[_batch(batch, column) for batch in page.batches], END_OF_STREAM)
    return _framed(header, messages)


def _batch(rows: pa.RecordBatch, column: Leaf) -> pa.Buffer:
    array = rows.column(column.name)
    if column.name == ROW_ID:
        array = shown_row_ids(array, column.kind)
    return pa.RecordBatch.from_arrays([leaf_array(array, column.steps)], schema=column.schema).serialize()


def _framed(header: bytes, messages: Sequence[bytes | pa.Buffer]) -> list[Part]:
    """Each message behind the header; the small ones between two large ones are one part."""
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
        return schema, END_OF_STREAM
    batch = pa.RecordBatch.from_arrays([pa.nulls(rows)], names=[""]).select([])
    return schema, bytes(batch.serialize()), END_OF_STREAM


def row_groups(number: int, end: int) -> list[Part]:
    """The answer to a client that asks how many row groups there are."""
    return [_HEADER.pack(0, end).join((b"", *_count(number))), COMPLETE]
