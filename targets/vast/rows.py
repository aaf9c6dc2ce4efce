"""The rows of one table version: immutable, in chunks ordered by row id, so that a snapshot costs nothing.

A change makes a new version that shares every untouched chunk with the old one.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from targets.vast import chunks
from targets.vast.chunks import Chunk, Places
from targets.vast.rowids import ROW_ID_FIELD, RowIds, row_id_array

_JOINED_ROWS = 1 << 12
"""Up to so many rows are read as one chunk."""
_JOINED_BYTES = 1 << 20
"""Up to so many bytes, too: larger ones would be copied at each change, and kept twice."""


_Change = Callable[[Chunk, int, Places, Places], tuple[Chunk, ...]]
_ColumnChange = Callable[[pa.RecordBatch], list[pa.Array]]


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
        is_small = self.num_rows <= _JOINED_ROWS and self.size <= _JOINED_BYTES
        return table.combine_chunks() if len(self.chunks) > 1 and is_small else table

    @cached_property
    def _orders(self) -> dict[tuple[str, ...], pa.Table]:
        return {}

    def ordered(self, columns: tuple[str, ...]) -> pa.Table:
        """All rows in the order of these columns, their places in it as `$row_id`: a sorted projection, made once."""
        if columns not in self._orders:
            keys = pa.table([_sortable(self.table.column(name)) for name in columns], list(columns))
            order = self.table.take(pc.sort_indices(keys, [(name, "ascending") for name in columns]))
            self._orders[columns] = order.set_column(0, ROW_ID_FIELD, row_id_array(0, order.num_rows))
        return self._orders[columns]

    def inserted(self, batch: pa.RecordBatch) -> "Rows":
        """With these rows: of this schema, their ids ascending.

        Raises:
            InvalidArgument: one of the ids is there already.
        """
        if not batch.num_rows:
            return self
        new = chunks.cut(batch)
        if not self.chunks or new[0].first > self.chunks[-1].last:
            return self._with(chunks.consolidated((*self.chunks, *new)))
        low = bisect_left(self.chunks, new[0].first, key=lambda chunk: chunk.last)
        high = bisect_right(self.chunks, new[-1].last, key=lambda chunk: chunk.first)
        between = chunks.merged([*self.chunks[low:high], *new]) if high > low else new
        return self._with(chunks.unfragmented((*self.chunks[:low], *between, *self.chunks[high:])))

    def updated(self, batch: pa.RecordBatch) -> "Rows":
        """With other values in some columns of some rows; ids that are not there are passed over.

        Args:
            batch: `$row_id` (uint64, ascending) first, then columns of this schema.
        """
        ids: RowIds = batch.column(0).to_numpy()
        return self._replaced(ids, lambda chunk, begin, found, at: chunks.overwritten(chunk, batch.slice(begin), found, at))

    def deleted(self, ids: RowIds) -> "Rows":
        """Without these rows (ids ascending); ids that are not there are passed over."""
        return self._replaced(ids, lambda chunk, _begin, _found, at: chunks.without(chunk, at))

    def held(self, ids: RowIds) -> npt.NDArray[np.bool_]:
        """Which of these ids (ascending) are there."""
        are_held = np.zeros(len(ids), dtype=bool)
        low, high = self._touched(ids)
        for chunk in self.chunks[low:high]:
            begin, found, _ = _found(chunk, ids)
            if len(found) and found[-1] - found[0] == len(found) - 1:  # side by side: no array of their places is needed
                are_held[begin + found[0] : begin + found[-1] + 1] = True
            else:
                are_held[begin + found] = True
        return are_held

    def _touched(self, ids: RowIds) -> tuple[int, int]:
        """The first of the chunks among which the ids (ascending) may be, and the one after the last."""
        if not len(ids):
            return 0, 0
        low = bisect_left(self.chunks, int(ids[0]), key=lambda chunk: chunk.last)
        return low, bisect_right(self.chunks, int(ids[-1]), key=lambda chunk: chunk.first)

    def _replaced(self, ids: RowIds, change: _Change) -> "Rows":
        """Each chunk that holds some of the ids, changed; the others as they are."""
        low, high = self._touched(ids)
        if low >= high:
            return self
        changed: list[Chunk] = []
        for chunk in self.chunks[low:high]:
            begin, found, at = _found(chunk, ids)
            changed += change(chunk, begin, found, at) if len(found) else (chunk,)
        return self._with(chunks.unfragmented((*self.chunks[:low], *changed, *self.chunks[high:])))

    def with_columns(self, columns: pa.Schema) -> "Rows":
        """With these columns at the end, null in every row: chunks of one length share them."""
        nulls = cache(lambda rows: [pa.nulls(rows, field.type) for field in columns])
        return self._mapped(pa.schema([*self.schema, *columns]), lambda batch: [*batch.columns, *nulls(batch.num_rows)])

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

    def _mapped(self, schema: pa.Schema, change: _ColumnChange) -> "Rows":
        batches = [pa.RecordBatch.from_arrays(change(chunk.batch), schema=schema) for chunk in self.chunks]
        return Rows(schema, tuple(chunks.made(batch) for batch in batches))

    def _with(self, parts: tuple[Chunk, ...]) -> "Rows":
        return Rows(self.schema, parts)


def _sortable(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values in a type that Arrow sorts."""
    return values.cast(pa.float32()) if pa.types.is_float16(values.type) else values


def _found(chunk: Chunk, ids: RowIds) -> tuple[int, Places, Places]:
    """Where the ids (ascending) begin that a chunk may hold, which of these it does, and at which places of its own."""
    begin = int(np.searchsorted(ids, np.uint64(chunk.first)))
    end = np.searchsorted(ids, np.uint64(chunk.last), side="right")
    at, hits = chunks.hits(chunk.row_ids, ids[begin:end])
    return begin, hits, at if at is hits else at[hits]
