"""A query: parsed from a request's body and headers, answered from a table's rows."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from targets.vast import framing, predicates, scan
from targets.vast.arrow import ROW_ID, ROW_ID_TYPE
from targets.vast.columns import Column, depth_first
from targets.vast.errors import InvalidArgument
from targets.vast.flatbuf import Table, refusing, root
from targets.vast.framing import Leaf, Part

_SOURCE = 9
_U32 = struct.Struct("<I")
_ROW_GROUPS_ONLY = 0xFFFFFFFF - 3
"""The split by which a client asks for the number of row groups instead of rows."""
MOST_SUBSPLITS = 1024
_MOST = 1 << 48
_NO_LIMIT = 1 << 20
"""Rows of a page of which the client names no limit; it asks for the next page until there is none."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a table.

    Attributes:
        leaves: what to send, in order; none where only the number of rows is asked for.
        condition: None takes all rows.
        names: the top-level columns that are read, `$row_id` first.
        shares: one a subsplit.
        starts: the least row id of each subsplit.
        limit: rows of a page of one subsplit.
        is_row_groups_only: not rows, but how many row groups there are.
    """

    leaves: tuple[Leaf, ...]
    condition: predicates.Condition | None
    names: tuple[str, ...]
    shares: tuple[scan.Share, ...]
    starts: tuple[int, ...]
    limit: int
    is_row_groups_only: bool


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
    split, shares, starts, limit = _portion(headers)
    relation = root(body)
    if relation.byte(0) != _SOURCE:
        raise InvalidArgument("the relation is no source")
    source = relation.needed(1)
    fields = [_field(asked, stored, row_id_type) for asked in source.needed(3).tables(1)]
    columns = depth_first(fields)
    expression = source.table(2)
    condition = None if expression is None else predicates.parse(expression, columns)
    tops = {field.name: field for field in fields}
    leaves = tuple(_leaf(index.whole(0, _U32), columns, tops) for index in source.tables(4))
    needed = dict.fromkeys([ROW_ID, *(leaf.field.name for leaf in leaves), *predicates.names(condition)])
    return Query(leaves, condition, tuple(needed), shares, starts, limit, split == _ROW_GROUPS_ONLY)


def _portion(headers: Mapping[str, str]) -> tuple[int, tuple[scan.Share, ...], tuple[int, ...], int]:
    """Which part of the table is asked for: the split, its subsplits, where each starts, and how much of each at once."""
    if _whole(headers.get("tabular-schedule-id", "0"), least=-_MOST) < 0:
        raise InvalidArgument("tabular-schedule-id is negative")
    parts = headers.get("tabular-split", "0,1,8").split(",")
    if len(parts) != 3:  # noqa: PLR2004 - split, splits, row groups
        raise InvalidArgument("tabular-split has to be split,splits,row groups")
    split, splits, groups = _whole(parts[0]), _whole(parts[1], least=1), _whole(parts[2], least=1)
    subsplits = _whole(headers.get("tabular-num-of-subsplits", "1"), least=1, most=MOST_SUBSPLITS)
    if split >= splits and split != _ROW_GROUPS_ONLY:
        raise InvalidArgument("tabular-split names a split that is not there")
    limit = _whole(headers.get("tabular-limit-rows", "0")) or _NO_LIMIT
    of, block = splits * subsplits, groups * scan.ROW_GROUP
    shares = tuple(scan.Share(split * subsplits + number, of, block) for number in range(subsplits))
    return split, shares, tuple(_start(headers, number) for number in range(subsplits)), limit


def _whole(text: str, least: int = 0, most: int = _MOST) -> int:
    digits = text.strip().removeprefix("-")
    number = int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None  # noqa: PLR2004 - 64 bits
    if number is None or not least <= number <= most:
        raise InvalidArgument(f"a header of the query holds a number that cannot be: {text}")
    return number


def _start(headers: Mapping[str, str], number: int) -> int:
    said = headers.get(f"tabular-start-row-id-{number}")
    return 0 if said is None else _whole(said.rpartition(",")[2])


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


def _leaf(position: int, columns: list[Column], tops: Mapping[str, pa.Field]) -> Leaf:
    if position >= len(columns) or not columns[position].is_leaf:
        raise InvalidArgument(f"the projection names column {position}, which is no leaf of the query's schema")
    column = columns[position]
    return Leaf(tops[column.name], column.steps)


def answer(query: Query, rows: pa.Table) -> list[Part]:
    """The answer's parts, to be sent one after the other; their sizes are known, so Content-Length is their sum.

    Args:
        query: as `parse` made it for the same table.
        rows: `$row_id` (uint64, ascending) first, then the stored columns; in any number of chunks. Not changed.
    """
    if query.is_row_groups_only:
        return framing.row_groups(-(-rows.num_rows // scan.ROW_GROUP), scan.END)
    needed = rows.select(list(query.names))
    parts: list[Part] = []
    for number, (share, start) in enumerate(zip(query.shares, query.starts, strict=True)):
        if start < scan.END:
            page = scan.page(needed, query.condition, share, start, query.limit)
            parts += framing.subsplit(number, page, query.leaves)
    parts.append(framing.COMPLETE)
    return parts
