"""The official SDK's own builders and parsers as the far end of the wire, without HTTP between."""

import io
from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from vastdb import _internal

from targets.vast import query
from targets.vast.arrow import ROW_ID, ROW_ID_TYPE
from targets.vast.scan import END


@dataclass(frozen=True)
class Wire:
    """How a client divides its query."""

    splits: int = 1
    subsplits: int = 4
    row_groups: int = 8
    limit: int = 131072


def stored(table, ids=None, chunk_rows=None):
    """A table as the endpoint keeps it: row ids first, in chunks of so many rows."""
    ids = range(table.num_rows) if ids is None else ids
    column = pa.array(np.array(list(ids), dtype=np.uint64))
    whole = pa.table([column, *table.columns], schema=pa.schema([pa.field(ROW_ID, ROW_ID_TYPE), *table.schema]))
    if chunk_rows is None:
        return whole
    slices = [whole.slice(at, chunk_rows) for at in range(0, max(whole.num_rows, 1), chunk_rows)]
    return pa.concat_tables(slices)


def unbound(schema):
    """The table that predicates are written over."""
    return ibis.table(ibis.Schema.from_pyarrow(schema), "t")


def headers(wire, split=0, starts=None):
    """A query's headers as the SDK sends them."""
    sent = {
        "tabular-split": f"{split},{wire.splits},{wire.row_groups}",
        "tabular-num-of-subsplits": str(wire.subsplits),
        "tabular-limit-rows": str(wire.limit),
    }
    starts = starts or dict.fromkeys(range(wire.subsplits), 0)
    return sent | {f"tabular-start-row-id-{number}": f"{number},{start}" for number, start in starts.items()}


def request(schema, predicate=None, names=None):
    """A query as the SDK builds it."""
    return _internal.build_query_data_request(schema=schema, predicate=predicate, field_names=names)


def body_of(asked):
    """Its bytes."""
    return bytes(asked.serialized)


def pages(rows, asked, wire=Wire(), row_id_type=ROW_ID_TYPE):
    """Ask until there is no more, as the SDK does; a table a page and subsplit."""
    columns = pa.schema([field for field in rows.schema if field.name != ROW_ID])
    for split in range(wire.splits):
        starts = dict.fromkeys(range(wire.subsplits), 0)
        while any(start != END for start in starts.values()):
            parsed = query.parse(body_of(asked), headers(wire, split, starts), columns, row_id_type=row_id_type)
            answer = b"".join(query.answer(parsed, rows))
            found = _internal.parse_query_data_response(io.BytesIO(answer), asked.response_schema)
            for number, next_row_id, page in found:
                assert next_row_id > starts[number]  # else a client would ask for ever
                starts[number] = next_row_id
                page.validate(full=True)
                yield page


def select(rows, predicate=None, names=None, *, wire=Wire(), schema=None, row_id_type=ROW_ID_TYPE):
    """The rows that the SDK gets for a query."""
    schema = schema or pa.schema([field for field in rows.schema if field.name != ROW_ID])
    asked = request(schema, predicate, names)
    found = list(pages(rows, asked, wire, row_id_type))
    return pa.concat_tables(found).combine_chunks()
