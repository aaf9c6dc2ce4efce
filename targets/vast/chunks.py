"""Chunks: a table's rows in pieces of bounded size, so that a change of one row copies little.

Small chunks are merged when there are enough of one size, so that each row is copied a few times in its life, however
small the inserts are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from targets.vast.errors import InvalidArgument
from targets.vast.rowids import RowIds

MOST_ROWS = 1 << 16
"""Rows in a chunk: what an update or delete of one row has to copy at most."""
MOST_BYTES = 8 << 20
"""Bytes in a chunk, for the same reason."""
FAN = 8
"""So many chunks of one size are merged into one of the next."""
_LOOSE_CHUNKS = 64
"""Chunks that a table may have beyond what its rows need, before neighbours are merged: deletes leave small ones behind."""

Places = npt.NDArray[np.intp]
_EVERY: Places = np.arange(MOST_ROWS)
_EVERY.flags.writeable = False


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


def made(batch: pa.RecordBatch, *, is_slice: bool = False) -> Chunk:
    """The whole buffers are nearly as exact as what is used of them, and far cheaper to add up; not those of a slice."""
    ids = batch.column(0)
    return Chunk(batch, ids[0].as_py(), ids[-1].as_py(), batch.nbytes if is_slice else batch.get_total_buffer_size())


def cut(batch: pa.RecordBatch) -> tuple[Chunk, ...]:
    """Chunks of bounded size, their buffers shared with the batch."""
    rows, size = batch.num_rows, batch.get_total_buffer_size()
    if rows <= MOST_ROWS and size <= MOST_BYTES:
        return (made(batch),)
    step = min(MOST_ROWS, max(1, rows * MOST_BYTES // size))
    return tuple(made(batch.slice(start, step), is_slice=True) for start in range(0, rows, step))


def hits(held: RowIds, ids: RowIds) -> tuple[Places, Places]:
    """Where each id (ascending) is or would be among those held, and which of the ids are there."""
    if len(ids) == len(held) and np.array_equal(ids, held):
        every = _EVERY[: len(ids)] if len(ids) <= MOST_ROWS else np.arange(len(ids))
        return every, every
    at = np.searchsorted(held, ids)
    return at, np.flatnonzero(held[at] == ids)


def _joined(chunks: Sequence[Chunk]) -> pa.RecordBatch:
    return pa.concat_batches([chunk.batch for chunk in chunks])


def merged(chunks: Sequence[Chunk]) -> tuple[Chunk, ...]:
    """Overlapping chunks brought into one order."""
    batch = _joined(chunks)
    order = np.argsort(batch.column(0).to_numpy(), kind="stable")
    batch = batch.take(pa.array(order))
    ids: RowIds = batch.column(0).to_numpy()
    if (ids[1:] == ids[:-1]).any():
        raise InvalidArgument("a row with this id is there already")
    return cut(batch)


def consolidated(chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """The chunks after one was appended: the last ones merged where there are enough of one size."""
    limit = FAN
    while limit <= MOST_ROWS:
        if chunks[-1].batch.num_rows < limit:
            start = len(chunks)
            while start and chunks[start - 1].batch.num_rows < limit and chunks[start - 1].size < MOST_BYTES:
                start -= 1
            if len(chunks) - start < FAN:
                return chunks
            chunks = (*chunks[:start], *cut(_joined(chunks[start:])))
        limit *= FAN
    return chunks


def unfragmented(chunks: tuple[Chunk, ...]) -> tuple[Chunk, ...]:
    """The same rows with small neighbours merged, once there are far more chunks than the rows need."""
    if len(chunks) <= _LOOSE_CHUNKS:
        return chunks
    needed = sum(chunk.batch.num_rows for chunk in chunks) // MOST_ROWS + sum(chunk.size for chunk in chunks) // MOST_BYTES
    if len(chunks) <= _LOOSE_CHUNKS + 4 * needed:
        return chunks
    whole: list[Chunk] = []
    run: list[Chunk] = []
    for chunk in (*chunks, None):
        if chunk and sum(c.batch.num_rows for c in run) + chunk.batch.num_rows <= MOST_ROWS and _size(run) < MOST_BYTES:
            run.append(chunk)
            continue
        whole += run if len(run) < 2 else cut(_joined(run))  # noqa: PLR2004 - one alone is merged already
        run = [chunk] if chunk else []
    return tuple(whole)


def _size(chunks: Iterable[Chunk]) -> int:
    return sum(chunk.size for chunk in chunks)


def overwritten(chunk: Chunk, batch: pa.RecordBatch, found: Places, at: Places) -> tuple[Chunk, ...]:
    """The chunk with the found rows of the batch at these places."""
    rows = chunk.batch.num_rows
    if len(found) == rows and found[-1] - found[0] == rows - 1:
        whole = _replaced_columns(chunk.batch, batch.slice(found[0], rows))
        return (made(whole, is_slice=True),) if whole.nbytes <= MOST_BYTES else cut(whole)
    choice = np.arange(rows)
    choice[at] = rows + np.arange(len(found))
    taken, chosen = pa.array(found), pa.array(choice)
    columns = chunk.batch.columns
    for name, values in zip(batch.schema.names[1:], batch.columns[1:], strict=True):
        place = chunk.batch.schema.get_field_index(name)
        columns[place] = pa.concat_arrays([columns[place], values.take(taken)]).take(chosen)
    return cut(pa.RecordBatch.from_arrays(columns, schema=chunk.batch.schema))


def _replaced_columns(rows: pa.RecordBatch, by: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with whole columns of others of the same ids: how the SDK inserts what is too wide for one request."""
    columns = rows.columns
    for name, values in zip(by.schema.names[1:], by.columns[1:], strict=True):
        columns[rows.schema.get_field_index(name)] = values
    return pa.RecordBatch.from_arrays(columns, schema=rows.schema)


def without(chunk: Chunk, at: Places) -> tuple[Chunk, ...]:
    """The chunk without the rows at these places."""
    if len(at) == chunk.batch.num_rows:
        return ()
    kept = np.ones(chunk.batch.num_rows, dtype=bool)
    kept[at] = False
    return (made(chunk.batch.filter(pa.array(kept))),)
