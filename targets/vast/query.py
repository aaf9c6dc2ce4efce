"""A query: parsed from a request's body and headers, answered from a table's rows."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from targets.vast.arrow import ROW_ID_TYPE


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a table (fields follow)."""


def parse(body: bytes, headers: Mapping[str, str], stored: pa.Schema, *, row_id_type: pa.DataType = ROW_ID_TYPE) -> Query:
    """What is asked.

    Args:
        body: flatbuffer `Relation` of a `Source`: schema, filter, projection.
        headers: by lower-case name; `tabular-split`, `tabular-num-of-subsplits`, `tabular-limit-rows`, `tabular-start-row-id-{i}`.
        stored: the table's columns, without `$row_id`.
        row_id_type: uint64, or decimal128 for a table with a sorting key.

    Raises:
        InvalidArgument: malformed, an unknown column, a column of another type, a wrong literal, a predicate that is not supported.
    """
    raise NotImplementedError


def answer(query: Query, rows: pa.Table, *, row_id_type: pa.DataType = ROW_ID_TYPE) -> list[bytes | memoryview]:
    """The answer's parts, to be sent one after the other; their sizes are known, so Content-Length is their sum.

    Args:
        query: as `parse` made it for the same table.
        rows: `$row_id` (uint64, ascending) first, then the stored columns; in any number of chunks. Not changed.
        row_id_type: as in `parse`.
    """
    raise NotImplementedError
