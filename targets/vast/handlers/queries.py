"""GET ?data: read rows."""

import asyncio

import pyarrow as pa

from targets.vast import predicates, query
from targets.vast.arrow import ROW_ID, ROW_ID_TYPE
from targets.vast.catalogue import Table
from targets.vast.errors import NoSuchProjection
from targets.vast.exchange import Answer, Handled, Handler, Request
from targets.vast.handlers.tables import IMPORTS
from targets.vast.handlers.view import View

HEAVY_CELLS = 1 << 17
"""Reading more values of a table is worth a thread: about 1 MB to send."""
HEAVY_FILTERED_CELLS = 1 << 19
"""So is looking through more: of what a condition looks through, mostly little is sent."""
HEAVY_BYTES = 1 << 24
"""So is a table of so many bytes, however few its values are."""
PROJECTED_ROWS = 1 << 16
"""A table with fewer rows is read without its projections: one row group, as on a VAST cluster."""


class QueryRequests:
    """The handler of GET ?data."""

    def __init__(self, view: View) -> None:
        """Look at this."""
        self._view = view

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """By method and command."""
        return {("GET", "data"): self.select}

    def select(self, request: Request) -> Handled:
        """The rows that are asked for, as Arrow streams, one a column."""
        _, table = self._view.table(request)
        if request.parameter("sub-table") == IMPORTS:
            asked = query.parse(request.whole_body, request.headers, pa.schema(list(table.imported.schema)[1:]))
            return _found(asked, table.imported.table)
        asked = query.parse(request.whole_body, request.headers, table.columns.schema, row_id_type=table.row_id_type)
        order = _order(asked, table, request)
        cells = table.rows.num_rows * len(asked.names)
        if cells > (HEAVY_CELLS if asked.condition is None else HEAVY_FILTERED_CELLS) or table.rows.size > HEAVY_BYTES:
            return _found_off_loop(asked, table, order)
        return _found(asked, _ordered(table, order))


async def _found_off_loop(asked: query.Query, table: Table, order: tuple[str, ...]) -> Answer:
    return await asyncio.to_thread(lambda: _found(asked, _ordered(table, order)))


def _found(asked: query.Query, rows: pa.Table) -> Answer:
    return Answer(parts=query.answer(asked, rows))


def _ordered(table: Table, order: tuple[str, ...]) -> pa.Table:
    return table.rows.ordered(order) if order else table.rows.table


def _order(asked: query.Query, table: Table, request: Request) -> tuple[str, ...]:
    """The sorting columns of the projection to read through; () reads the table itself.

    A projection is named by the client, or fits: it holds every column that is read, and the condition is on its first
    sorting column. Row ids are those of the table, so a query that shows them reads the table.
    """
    named = request.parameter("name")
    if named is not None and named not in table.projections:
        raise NoSuchProjection(f"the table has no projection {named}")
    if any(leaf.name == ROW_ID for leaf in asked.leaves) or table.row_id_type != ROW_ID_TYPE:
        return ()
    if named is not None:
        return table.projections[named].sorted_by
    if table.rows.num_rows < PROJECTED_ROWS or request.headers.get("tabular-enable-sorted-projections", "").lower() != "true":
        return ()
    read = set(asked.names) - {ROW_ID}
    fitting = (one for one in table.projections.values() if read <= set(one.columns))
    return next((one.sorted_by for one in fitting if one.sorted_by[0] in predicates.names(asked.condition)), ())
