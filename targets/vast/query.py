"""A query: parsed from a request's body and headers, answered from a table's rows."""

import functools
import struct
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from targets.vast import framing, predicates, scan
from targets.vast.arrow import ROW_ID, ROW_ID_TYPE
from targets.vast.columns import Column, depth_first
from targets.vast.errors import InvalidArgument
from targets.vast.flatbuf import Table, refusing, root, table_at
from targets.vast.framing import Leaf, Part

_SOURCE = 9
_U32 = struct.Struct("<I")
_ROW_GROUPS_ONLY = 0xFFFFFFFF - 3
"""The split by which a client asks for the number of row groups instead of rows."""
MOST_SUBSPLITS = 1024
_PORTION = (
    ("tabular-schedule-id", "0"),
    ("tabular-split", "0,1,8"),
    ("tabular-num-of-subsplits", "1"),
    ("tabular-limit-rows", "0"),
)
"""Headers and what they are by default."""
_CACHED_BYTES = 1 << 16
"""Schemas up to this size are remembered; a hostile client must not fill the memory with larger ones."""
_MOST = 1 << 48
_NO_LIMIT = 1 << 20
"""Rows of a page of which the client names no limit; it asks for the next page until there is none."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Which part of a table is asked for.

    Attributes:
        shares: one a subsplit.
        starts: the least row id of each subsplit.
        limit: rows of a page of one subsplit.
        is_row_groups_only: not rows, but how many row groups there are.
    """

    shares: tuple[scan.Share, ...]
    starts: tuple[int, ...]
    limit: int
    is_row_groups_only: bool


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a table.

    Attributes:
        leaves: what to send, in order; none where only the number of rows is asked for.
        condition: None takes all rows.
        names: the top-level columns that are read, `$row_id` first.
    """

    portion: Portion
    leaves: tuple[Leaf, ...]
    condition: predicates.Condition | None
    names: tuple[str, ...]


@refusing
def parse(body: bytes, headers: Mapping[str, str], stored: pa.Schema, *, row_id_type: pa.DataType = ROW_ID_TYPE) -> Query:
    """What is asked.

    Args:
        body: flatbuffer `Relation` of a `Source`: schema, filter, projection.
        headers: by lower-case name; `tabular-split`, `-num-of-subsplits`, `-limit-rows`, `-start-row-id-{i}`, `-schedule-id`.
        stored: the table's columns, without `$row_id`.
        row_id_type: uint64, or decimal128 for a table with a sorting key.

    Raises:
        InvalidArgument: malformed, an unknown column or one of another type, a wrong literal, an unknown predicate.
    """
    portion = _portion(*(headers.get(name, default) for name, default in _PORTION), _starts(headers))
    relation = root(body)
    if relation.byte(0) != _SOURCE:
        raise InvalidArgument("the relation is no source")
    source = relation.needed(1)
    excerpt = source.excerpt(3)
    read = _columns if len(excerpt[0]) <= _CACHED_BYTES else _columns.__wrapped__
    columns, leaves = read(*excerpt, stored, row_id_type)
    expression = source.table(2)
    condition = None if expression is None else predicates.parse(expression, columns)
    asked = tuple(_leaf(index.whole(0, _U32), leaves) for index in source.tables(4))
    names = dict.fromkeys([ROW_ID, *(each.name for each in asked), *predicates.names(condition)])
    return Query(portion, asked, condition, tuple(names))


def _starts(headers: Mapping[str, str]) -> tuple[tuple[int, str], ...]:
    """What the headers say of where each subsplit starts."""
    prefix = "tabular-start-row-id-"
    said = sorted((name, value) for name, value in headers.items() if name.startswith(prefix))
    return tuple((_whole(name.removeprefix(prefix), most=MOST_SUBSPLITS), value.rpartition(",")[2]) for name, value in said)


@functools.lru_cache(256)
def _portion(schedule: str, split: str, subsplits: str, limit: str, starts: tuple[tuple[int, str], ...]) -> Portion:
    if _whole(schedule, least=-_MOST) < 0:
        raise InvalidArgument("tabular-schedule-id is negative")
    parts = split.split(",")
    if len(parts) != 3:  # noqa: PLR2004 - split, splits, row groups
        raise InvalidArgument("tabular-split has to be split,splits,row groups")
    index, splits, groups = _whole(parts[0]), _whole(parts[1], least=1), _whole(parts[2], least=1)
    count = _whole(subsplits, least=1, most=MOST_SUBSPLITS)
    if index >= splits and index != _ROW_GROUPS_ONLY:
        raise InvalidArgument("tabular-split names a split that is not there")
    of, block, begins = splits * count, groups * scan.ROW_GROUP, dict(starts)
    shares = tuple(scan.Share(index * count + number, of, block) for number in range(count))
    first = tuple(_whole(begins.get(number, "0")) for number in range(count))
    return Portion(shares, first, _whole(limit) or _NO_LIMIT, index == _ROW_GROUPS_ONLY)


def _whole(text: str, least: int = 0, most: int = _MOST) -> int:
    digits = text.strip().removeprefix("-")
    number = int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None  # noqa: PLR2004 - 64 bits
    if number is None or not least <= number <= most:
        raise InvalidArgument(f"a header of the query holds a number that cannot be: {text}")
    return number


@functools.lru_cache(256)
@refusing
def _columns(
    excerpt: bytes, position: int, stored: pa.Schema, row_id_type: pa.DataType
) -> tuple[list[Column], dict[int, Leaf]]:
    """The columns of a query's schema, and the leaves among them by position."""
    fields = [_field(asked, stored, row_id_type) for asked in table_at(excerpt, position).tables(1)]
    columns = depth_first(fields)
    tops = {field.name: field for field in fields}
    leaves = {at: framing.leaf(tops[each.name], each.steps) for at, each in enumerate(columns) if each.is_leaf}
    return columns, leaves


def _field(asked: Table, stored: pa.Schema, row_id_type: pa.DataType) -> pa.Field:
    """The stored column that a field of the query's schema names; it has to have as many columns within."""
    name = asked.text(0)
    if name == ROW_ID:
        return pa.field(ROW_ID, row_id_type)
    index = -1 if name is None else stored.get_field_index(name)
    if index < 0:
        raise InvalidArgument(f"there is no column {name}")
    field: pa.Field = stored.field(index)
    is_nested = field.type.num_fields or next(asked.tables(5), None) is not None
    if is_nested and _columns_within(asked) != len(depth_first([field])):
        raise InvalidArgument(f"column {name} is of another type")
    return field


def _columns_within(asked: Table) -> int:
    return 1 + sum(_columns_within(child) for child in asked.tables(5))


def _leaf(position: int, leaves: Mapping[int, Leaf]) -> Leaf:
    found = leaves.get(position)
    if found is None:
        raise InvalidArgument(f"the projection names column {position}, which is no leaf of the query's schema")
    return found


def answer(query: Query, rows: pa.Table) -> list[Part]:
    """The answer's parts, to be sent one after the other; their sizes are known, so Content-Length is their sum.

    Args:
        query: as `parse` made it for the same table.
        rows: `$row_id` (uint64, ascending) first, then the stored columns; in any number of chunks. Not changed.
    """
    portion = query.portion
    if portion.is_row_groups_only:
        return framing.row_groups(-(-rows.num_rows // scan.ROW_GROUP), scan.END)
    needed = rows.select(list(dict.fromkeys([ROW_ID, *(leaf.name for leaf in query.leaves)])))
    judged = None
    if query.condition is not None:
        judged = scan.Filter(query.condition, rows.select(list(predicates.names(query.condition))))
    parts: list[Part] = []
    for number, (share, start) in enumerate(zip(portion.shares, portion.starts, strict=True)):
        if start < scan.END:
            page = scan.page(needed, judged, share, start, portion.limit)
            parts += framing.subsplit(number, page, query.leaves)
    parts.append(framing.COMPLETE)
    return parts
