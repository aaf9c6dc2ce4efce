"""Literals of predicates: read by the column's type, so that one of another type is refused, never converted."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from targets.vast.errors import InvalidArgument
from targets.vast.flatbuf import Table

_LIST = 19
_STRING = 22
_BINARY = 23
_DECIMAL = 15
_DECIMAL_BYTES = 16


@dataclass(frozen=True, slots=True)
class _Kind:
    """How literals for one type of column travel.

    Attributes:
        impl: number in the union LiteralImpl.
        layout: of the scalar, None where it is a vector.
        storage: the type as which the values are first put into an array, before they are viewed as the column's.
    """

    impl: int
    layout: struct.Struct | None
    storage: pa.DataType


def _number(impl: int, letter: str, storage: pa.DataType) -> _Kind:
    return _Kind(impl, struct.Struct("<" + letter), storage)


_BY_ID: dict[int, _Kind] = {
    pa.bool_().id: _number(1, "?", pa.bool_()),
    pa.int8().id: _number(2, "b", pa.int8()),
    pa.int16().id: _number(3, "h", pa.int16()),
    pa.int32().id: _number(4, "i", pa.int32()),
    pa.int64().id: _number(5, "q", pa.int64()),
    pa.uint8().id: _number(6, "B", pa.uint8()),
    pa.uint16().id: _number(7, "H", pa.uint16()),
    pa.uint32().id: _number(8, "I", pa.uint32()),
    pa.uint64().id: _number(9, "Q", pa.uint64()),
    pa.date32().id: _number(10, "q", pa.int32()),
    pa.time32("s").id: _number(11, "q", pa.int32()),
    pa.time64("us").id: _number(11, "q", pa.int64()),
    pa.timestamp("us").id: _number(12, "q", pa.int64()),
    pa.float16().id: _number(16, "H", pa.uint16()),
    pa.float32().id: _number(17, "f", pa.float32()),
    pa.float64().id: _number(18, "d", pa.float64()),
    pa.decimal128(1).id: _Kind(_DECIMAL, None, pa.binary(_DECIMAL_BYTES)),
    pa.string().id: _Kind(_STRING, None, pa.binary()),
    pa.binary().id: _Kind(_BINARY, None, pa.binary()),
}


def value(literal: Table, kind: pa.DataType) -> Any:
    """What a Literal holds for a column of this type: a number as stored, or bytes.

    Raises:
        InvalidArgument: the literal is of another type, or there are no literals for such columns.
    """
    known = _BY_ID.get(kind.id)
    if known is None:
        raise InvalidArgument(f"columns of type {kind} cannot be compared")
    impl = literal.byte(0)
    if impl != known.impl and not (kind.id == pa.string().id and impl == _BINARY):
        raise InvalidArgument(f"the literal for a column of type {kind} is of another type")
    holder = literal.needed(1)
    if known.layout is not None:
        number = holder.number(0, known.layout)
        return bool(number) if kind.id == pa.bool_().id else number
    found = holder.blob(0)
    if found is None or (impl == _DECIMAL and len(found) != _DECIMAL_BYTES):
        raise InvalidArgument(f"the literal for a column of type {kind} is malformed")
    return found


def items(literal: Table, kind: pa.DataType) -> list[Any]:
    """What a list literal holds for a fixed-size list column: the values of its items."""
    if literal.byte(0) != _LIST:
        raise InvalidArgument(f"the literal for a column of type {kind} is of another type")
    found = [value(item, kind.value_type) for item in literal.needed(1).tables(0)]
    if len(found) != kind.list_size:
        raise InvalidArgument(f"the literal for a column of type {kind} has {len(found)} items")
    return found


def array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Values as `value` reads them, in the column's type; text stays binary, because a prefix's end is no UTF-8."""
    storage = _BY_ID[kind.id].storage
    try:
        stored = pa.array(values, storage)
    except (pa.ArrowException, OverflowError):
        raise InvalidArgument(f"a literal is out of the range of {kind}") from None
    if kind.id == pa.decimal128(1).id:
        return pa.Array.from_buffers(kind, len(stored), [None, stored.buffers()[1]])
    return stored if kind.id == pa.string().id else stored.view(kind)


def comparable(values: pa.Array) -> pa.Array:
    """Values in a type that Arrow compares: float16 as float32, text as binary (which copies nothing), others unchanged."""
    if values.type.id == pa.float16().id:
        return values.cast(pa.float32())
    return values.view(pa.binary()) if values.type.id == pa.string().id else values
