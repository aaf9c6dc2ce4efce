"""Columns as the wire counts them: depth first, nested ones included; values travel as one stream per leaf.

`Struct<a, b>` is columns 0 (itself), 1 and 2; its leaves are sent as `Struct<a>` and `Struct<b>`. A map counts, and is sent,
as `List<entries: Struct<key, value>>`.
"""

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from targets.vast.errors import InvalidArgument

DEEPEST = 64
"""Levels of nesting; Arrow's own reader allows as many."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a query, top-level or nested.

    Attributes:
        name: of the top-level column.
        field: of this one.
        steps: which child at each level, from the top-level column to this one.
        item_of: type of the top-level column where that is a fixed-size list and this its item: predicates name it so.
        in_structs: all levels above it are structs, so that each row has one value of it.
    """

    name: str
    field: pa.Field
    steps: tuple[int, ...] = ()
    is_leaf: bool = True
    item_of: pa.DataType | None = None
    in_structs: bool = True


def children(kind: pa.DataType) -> list[pa.Field]:
    """The fields directly within a type, as the wire counts them."""
    if pa.types.is_map(kind):
        return [pa.field("entries", pa.struct([kind.key_field, kind.item_field]), nullable=False)]
    return [kind.field(index) for index in range(kind.num_fields)]


def depth_first(fields: Iterable[pa.Field]) -> list[Column]:
    """The columns in the order in which the wire counts them; the index is the position."""
    return [column for field in fields for column in _within(field)]


@functools.lru_cache(4096)
def _within(field: pa.Field) -> tuple[Column, ...]:
    if not field.type.num_fields:
        return (Column(field.name, field),)
    return tuple(_nested(Column(field.name, field, is_leaf=False)))


def _nested(column: Column) -> Iterator[Column]:
    yield column
    if len(column.steps) > DEEPEST:
        raise InvalidArgument(f"column {column.name} is nested too deeply")
    in_structs = column.in_structs and pa.types.is_struct(column.field.type)
    fixed = column.field.type if pa.types.is_fixed_size_list(column.field.type) and not column.steps else None
    for index, field in enumerate(children(column.field.type)):
        is_leaf = not field.type.num_fields
        steps = (*column.steps, index)
        child = Column(column.name, field, steps, is_leaf, fixed if is_leaf else None, in_structs)
        yield from _nested(child)


def leaf_type(kind: pa.DataType, steps: tuple[int, ...]) -> pa.DataType:
    """The type of the stream that carries one leaf: its wrappers with all other leaves left out."""
    if not steps:
        return kind
    inner = children(kind)[steps[0]]
    field = inner.with_type(leaf_type(inner.type, steps[1:]))
    if pa.types.is_struct(kind):
        return pa.struct([field])
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(field, kind.list_size)
    return pa.list_(field)


def leaf_array(array: pa.Array, steps: tuple[int, ...]) -> pa.Array:
    """The array with one leaf only, as `leaf_type` has it; no values are copied unless the array begins within its buffers."""
    if not steps:
        return array
    return _leaf(pa.concat_arrays([array]) if array.offset else array, steps)


def _leaf(array: pa.Array, steps: tuple[int, ...]) -> pa.Array:
    if not steps:
        return array
    kind, buffers = array.type, array.buffers()
    if pa.types.is_struct(kind):
        child, own = array.field(steps[0]), buffers[:1]
    elif pa.types.is_map(kind):
        child, own = _entries(array, kind), buffers[:2]
    else:
        child, own = array.values, buffers[: kind.num_buffers]
    child = _leaf(child, steps[1:])
    wrapped = leaf_type(kind, steps)
    return pa.Array.from_buffers(wrapped, len(array), own, offset=array.offset, children=[child])


def _entries(array: pa.MapArray, kind: pa.MapType) -> pa.StructArray:
    entries = pa.struct([kind.key_field, kind.item_field])
    return pa.Array.from_buffers(entries, len(array.keys), [None], children=[array.keys, array.items])
