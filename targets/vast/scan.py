"""Which rows a query reads: its share of the table, filtered, page by page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from targets.vast import predicates
from targets.vast.arrow import ROW_ID
from targets.vast.predicates import Condition

ROW_GROUP = 1 << 16
"""Rows of a row group: the unit in which clients divide a table."""
END = (1 << 48) - 1
"""The next row id of a subsplit that has no more rows."""
LARGEST_PAGE_BYTES = 32 << 20
"""A page ends after about so much, whatever number of rows was asked for: an answer is held in memory."""
_WINDOW = 1 << 17
"""Rows looked at in one go: what a limit leaves unread costs at most so much."""
_MOST_BLOCKS = 4096
"""Up to so many blocks are looked up one by one; row ids that clients chose may lie further apart."""


@dataclass(frozen=True, slots=True)
class Share:
    """The rows of one subsplit: every `of`-th block of `block_rows` row ids, beginning with the block `index`."""

    index: int
    of: int
    block_rows: int


@dataclass(frozen=True, slots=True)
class Page:
    """Rows found.

    Attributes:
        batches: in the order of their row ids; none is empty.
        next_row_id: where the next page begins, or END.
    """

    batches: list[pa.RecordBatch]
    next_row_id: int


@dataclass(frozen=True, slots=True)
class Filter:
    """What rows have to meet; `rows` are those columns of the table that it looks at."""

    condition: Condition
    rows: pa.Table


def page(rows: pa.Table, judged: Filter | None, share: Share, start: int, limit: int) -> Page:
    """The first rows of a share that meet the condition.

    Args:
        rows: `$row_id` (uint64, ascending) and the columns that are asked for.
        judged: None takes all rows.
        share: which rows are looked at.
        start: the least row id to look at.
        limit: most rows of the page, at least 1.
    """
    found: list[pa.RecordBatch] = []
    count = size = 0
    ranges = _ranges(rows.column(ROW_ID), share, start)
    for batch in _all(rows, ranges, limit + 1) if judged is None else _met(rows, judged, ranges):
        if count == limit or size >= LARGEST_PAGE_BYTES:
            return Page(found, batch.column(ROW_ID)[0].as_py())
        if count + batch.num_rows > limit:
            found.append(batch.slice(0, limit - count))
            return Page(found, batch.column(ROW_ID)[limit - count].as_py())
        found.append(batch)
        count += batch.num_rows
        size += batch.nbytes
    return Page(found, END)


def _all(rows: pa.Table, ranges: Iterable[tuple[int, int]], most: int) -> Iterator[pa.RecordBatch]:
    """The rows in the ranges, at most so many of them, in batches that are not empty."""
    for begin, end in ranges:
        length = min(end - begin, most)
        yield from _batches(rows.slice(begin, length))
        most -= length
        if not most:
            return


def _met(rows: pa.Table, judged: Filter, ranges: Iterable[tuple[int, int]]) -> Iterator[pa.RecordBatch]:
    """The rows in the ranges that meet the condition, in batches that are not empty; only of these all columns are read."""
    for begin, end in ranges:
        at = begin
        for batch in judged.rows.slice(begin, end - begin).to_batches(max_chunksize=_WINDOW):
            mask = predicates.mask(judged.condition, batch)
            if mask.true_count:
                window = rows.slice(at, batch.num_rows)
                yield from _batches(window if mask.true_count == batch.num_rows else window.filter(mask))
            at += batch.num_rows


def _batches(rows: pa.Table) -> Iterator[pa.RecordBatch]:
    return (batch for batch in rows.to_batches(max_chunksize=_WINDOW) if batch.num_rows)


def _ranges(ids: pa.ChunkedArray, share: Share, start: int) -> list[tuple[int, int]]:
    """Where the rows of the share lie: positions, the ends excluded."""
    if not len(ids):
        return []
    first, last = ids[0].as_py(), ids[-1].as_py()
    low, high = first // share.block_rows, last // share.block_rows
    if low == high:
        if low % share.of != share.index or start > last:
            return []
        return [(0 if start <= first else int(np.searchsorted(ids.to_numpy(), np.uint64(start))), len(ids))]
    numbers = ids.to_numpy()
    begin = int(np.searchsorted(numbers, np.uint64(start)))
    blocks, edges = _blocks(numbers, low, high, share.block_rows)
    places = zip(blocks, edges, edges[1:], strict=False)
    return [(max(a, begin), b) for block, a, b in places if block % share.of == share.index and max(a, begin) < b]


def _blocks(numbers: npt.NDArray[np.uint64], low: int, high: int, block_rows: int) -> tuple[list[int], list[int]]:
    """The blocks that hold rows, and the positions at which each begins and the last one ends."""
    if high - low <= _MOST_BLOCKS:
        blocks = list(range(low, high + 1))
        bounds = np.array([block * block_rows for block in blocks], dtype=np.uint64)
        return blocks, [*np.searchsorted(numbers, bounds).tolist(), len(numbers)]
    each = numbers // np.uint64(block_rows)
    edges = np.concatenate(([0], np.flatnonzero(each[1:] != each[:-1]) + 1))
    return each[edges].tolist(), [*edges.tolist(), len(numbers)]
