"""The rows of one table version: immutable, in chunks ordered by row id, so that a snapshot costs nothing.

A change makes a new version that shares every untouched chunk with the old one. Small chunks are merged when there are
enough of one size, so that each row is copied a few times in its life, however small the inserts are.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from targets.vast.arrow import ROW_ID, ROW_ID_TYPE
from targets.vast.errors import InvalidArgument

MOST_ROWS = 1 << 16
"""Rows in a chunk: what an update or delete of one row has to copy at most."""
MOST_BYTES = 8 << 20
"""Bytes in a chunk, for the same reason."""
FAN = 8
"""So many chunks of one size are merged into one of the next."""
_JOINED_ROWS = 1 << 12
"""Up to so many rows are read as one chunk."""
_LOOSE_CHUNKS = 64
"""Chunks that a table may have beyond what its rows need, before neighbours are merged: deletes leave small ones behind."""

_ROW_ID_FIELD = pa.field(ROW_ID, ROW_ID_TYPE)

RowIds = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]


def stored_schema(columns: pa.Schema) -> pa.Schema:
    """Columns as they are stored: `$row_id` first."""
    return pa.schema([_ROW_ID_FIELD, *columns])


def row_id_array(first: int, count: int) -> pa.Array:
    """So many row ids in a row."""
    ids = np.arange(first, first + count, dtype=np.uint64)
    return pa.Array.from_buffers(ROW_ID_TYPE, count, [None, pa.py_buffer(ids)])


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows with ascending ids.

    Attributes:
        batch: `$row_id` first, then the table's columns.
        first: the lowest id.
        last: the highest id.
        size: bytes.
    """

    batch: pa.RecordBatch
    first: int
    last: int
    size: int

    @property
    def row_ids(self) -> RowIds:
        """Its ids, not copied."""
        ids: RowIds = self.batch.column(0).to_numpy()
        return ids


@dataclass(frozen=True)
class Rows:
    """One version of a table's rows.

    Attributes:
        schema: `$row_id` first, then the table's columns.
        chunks: in the order of their ids, not overlapping, none empty.
    """

    schema: pa.Schema
    chunks: tuple[Chunk, ...] = ()

    @cached_property
    def num_rows(self) -> int:
        """How many there are."""
        return sum(chunk.batch.num_rows for chunk in self.chunks)

    @cached_property
    def size(self) -> int:
        """Bytes, row ids included."""
        return sum(chunk.size for chunk in self.chunks)

    @cached_property
    def table(self) -> pa.Table:
        """All rows, in the order of their ids; not copied but where a few small chunks would cost each reader more."""
        table = pa.Table.from_batches([chunk.batch for chunk in self.chunks], self.schema)
        return table.combine_chunks() if len(self.chunks) > 1 and self.num_rows <= _JOINED_ROWS else table

    @cached_property
    def _orders(self) -> dict[tuple[str, ...], pa.Table]:
        return {}

    def ordered(self, columns: tuple[str, ...]) -> pa.Table:
        """All rows in the order of these columns, their places in it as `$row_id`: a sorted projection, made once."""
        if columns not in self._orders:
            order = self.table.sort_by([(name, "ascending") for name in columns])
            self._orders[columns] = order.set_column(0, _ROW_ID_FIELD, row_id_array(0, order.num_rows))
        return self._orders[columns]

    def inserted(self, batch: pa.RecordBatch) -> "Rows":
        """With these rows: of this schema, their ids ascending.

        Raises:
            InvalidArgument: one of the ids is there already.
        """
        if not batch.num_rows:
            return self
        new = _cut(batch)
        if not self.chunks or new[0].first > self.chunks[-1].last:
            return self._with(_consolidated((*self.chunks, *new)))
        low = bisect_left(self.chunks, new[0].first, key=lambda chunk: chunk.last)
        high = bisect_right(self.chunks, new[-1].last, key=lambda chunk: chunk.first)
        between = _merged([*self.chunks[low:high], *new]) if high > low else new
        return self._with(_unfragmented((*self.chunks[:low], *between, *self.chunks[high:])))

    def updated(self, batch: pa.RecordBatch) -> "Rows":
        """With other values in some columns of some rows; ids that are not there are passed over.

        Args:
            batch: `$row_id` (uint64, ascending) first, then columns of this schema.
        """
        ids: RowIds = batch.column(0).to_numpy()
        return self._replaced(ids, lambda chunk, found, at: _overwritten(chunk, batch, found, at))

    def deleted(self, ids: RowIds) -> "Rows":
        """Without these rows (ids ascending); ids that are not there are passed over."""
        return self._replaced(ids, lambda chunk, _found, at: _without(chunk, at))

    def _replaced(self, ids: RowIds, change: "_Change") -> "Rows":
        """Each chunk that holds some of the ids, changed; the others as they are."""
        if not len(ids) or not self.chunks:
            return self
        low = bisect_left(self.chunks, int(ids[0]), key=lambda chunk: chunk.last)
        high = bisect_right(self.chunks, int(ids[-1]), key=lambda chunk: chunk.first)
        changed: list[Chunk] = []
        for chunk in self.chunks[low:high]:
            begin = np.searchsorted(ids, np.uint64(chunk.first))
            end = np.searchsorted(ids, np.uint64(chunk.last), side="right")
            at, hits = _hits(chunk.row_ids, ids[begin:end])
            changed += change(chunk, hits + begin, at[hits]) if len(hits) else (chunk,)
        return self._with(_unfragmented((*self.chunks[:low], *changed, *self.chunks[high:])))

    def with_columns(self, columns: pa.Schema) -> "Rows":
        """With these columns at the end, null in every row."""
        schema = pa.schema([*self.schema, *columns])
        return self._mapped(
            schema, lambda batch: [*batch.columns, *(pa.nulls(batch.num_rows, field.type) for field in columns)]
        )

    def without_columns(self, names: Iterable[str]) -> "Rows":
        """Without these columns."""
        gone = set(names)
        kept = [place for place, field in enumerate(self.schema) if field.name not in gone]
        schema = pa.schema([self.schema.field(place) for place in kept])
        return self._mapped(schema, lambda batch: [batch.column(place) for place in kept])

    def with_renamed_column(self, old: str, new: str) -> "Rows":
        """With another name for one column."""
        schema = pa.schema([field.with_name(new) if field.name == old else field for field in self.schema])
        return self._mapped(schema, lambda batch: batch.columns)

    def _mapped(self, schema: pa.Schema, change: "_ColumnChange") -> "Rows":
        batches = [pa.RecordBatch.from_arrays(change(chunk.batch), schema=schema) for chunk in self.chunks]
        return Rows(schema, tuple(_chunk(batch) for batch in batches))

    def _with(self, chunks: tuple[Chunk, ...]) -> "Rows":
        return Rows(self.schema, chunks)


_Change = Callable[[Chunk, Places, Places], tuple[Chunk, ...]]
_ColumnChange = Callable[[pa.RecordBatch], list[pa.Array]]


def _chunk(batch: pa.RecordBatch, *, is_slice: bool = False) -> Chunk:
    """The whole buffers are nearly as exact as what is used of them, and far cheaper to add up; not those of a slice."""
    ids = batch.column(0)
    return Chunk(batch, ids[0].as_py(), ids[-1].as_py(), batch.nbytes if is_slice else batch.get_total_buffer_size())


def _cut(batch: pa.RecordBatch) -> tuple[Chunk, ...]:
    """Chunks of bounded size, their buffers shared with the batch."""
    rows, size = batch.num_rows, batch.get_total_buffer_size()
    if rows <= MOST_ROWS and size <= MOST_BYTES:
        return (_chunk(batch),)
    step = min(MOST_ROWS, max(1, rows * MOST_BYTES // size))
    return tuple(_chunk(batch.slice(start, step), is_slice=True) for start in range(0, rows, step))


def _hits(held: RowIds, ids: RowIds) -> tuple[Places, Places]:
    """Where each id (ascending) is or would be among those held, and which of the ids are there."""
    if len(ids) == len(held) and np.array_equal(ids, held):
        every = np.arange(len(ids))
        return every, every
    at = np.searchsorted(held, ids)
    return at, np.flatnonzero(held[at] == ids)


def _joined(chunks: Sequence[Chunk]) -> pa.RecordBatch:
    return pa.concat_batches([chunk.batch for chunk in chunks])


def _merged(chunks: Sequence[Chunk]) -> tuple[Chunk, ...]:
    """Overlapping chunks brought into one order."""
    batch = _joined(chunks)
    order = np.argsort(batch.column(0).to_numpy(), kind="stable")
    batch = batch.take(pa.array(order))
    ids: RowIds = batch.column(0).to_numpy()
    if (ids[1:] == ids[:-1]).any():
        raise InvalidArgument("a row with this id is there already")
    return _cut(batch)


def _consolidated(chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """The chunks after one was appended: the last ones merged where there are enough of one size."""
    limit = FAN
    while limit <= MOST_ROWS:
        if chunks[-1].batch.num_rows < limit:
            start = len(chunks)
            while start and chunks[start - 1].batch.num_rows < limit and chunks[start - 1].size < MOST_BYTES:
                start -= 1
            if len(chunks) - start < FAN:
                return chunks
            chunks = (*chunks[:start], *_cut(_joined(chunks[start:])))
        limit *= FAN
    return chunks


def _unfragmented(chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """The same rows with small neighbours merged, once there are far more chunks than the rows need."""
    if len(chunks) <= _LOOSE_CHUNKS:
        return chunks
    needed = sum(chunk.batch.num_rows for chunk in chunks) // MOST_ROWS + sum(chunk.size for chunk in chunks) // MOST_BYTES
    if len(chunks) <= _LOOSE_CHUNKS + 4 * needed:
        return chunks
    merged: list[Chunk] = []
    run: list[Chunk] = []
    for chunk in (*chunks, None):
        if chunk and sum(c.batch.num_rows for c in run) + chunk.batch.num_rows <= MOST_ROWS and _size(run) < MOST_BYTES:
            run.append(chunk)
            continue
        merged += run if len(run) < 2 else _cut(_joined(run))  # noqa: PLR2004 - one alone is merged already
        run = [chunk] if chunk else []
    return tuple(merged)


def _size(chunks: Iterable[Chunk]) -> int:
    return sum(chunk.size for chunk in chunks)


def _overwritten(chunk: Chunk, batch: pa.RecordBatch, found: Places, at: Places) -> tuple[Chunk, ...]:
    """The chunk with the found rows of the batch at these places."""
    rows = chunk.batch.num_rows
    if len(found) == rows and found[-1] - found[0] == rows - 1:
        whole = _replaced_columns(chunk.batch, batch.slice(found[0], rows))
        return (_chunk(whole, is_slice=True),) if whole.nbytes <= MOST_BYTES else _cut(whole)
    choice = np.arange(rows)
    choice[at] = rows + np.arange(len(found))
    taken, chosen = pa.array(found), pa.array(choice)
    columns = chunk.batch.columns
    for name, values in zip(batch.schema.names[1:], batch.columns[1:], strict=True):
        place = chunk.batch.schema.get_field_index(name)
        columns[place] = pa.concat_arrays([columns[place], values.take(taken)]).take(chosen)
    return _cut(pa.RecordBatch.from_arrays(columns, schema=chunk.batch.schema))


def _replaced_columns(rows: pa.RecordBatch, by: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with whole columns of others of the same ids: how the SDK inserts what is too wide for one request."""
    columns = rows.columns
    for name, values in zip(by.schema.names[1:], by.columns[1:], strict=True):
        columns[rows.schema.get_field_index(name)] = values
    return pa.RecordBatch.from_arrays(columns, schema=rows.schema)


def _without(chunk: Chunk, at: Places) -> tuple[Chunk, ...]:
    """The chunk without the rows at these places."""
    if len(at) == chunk.batch.num_rows:
        return ()
    kept = np.ones(chunk.batch.num_rows, dtype=bool)
    kept[at] = False
    return (_chunk(chunk.batch.filter(pa.array(kept))),)
