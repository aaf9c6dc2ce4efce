"""?rows: insert, update and delete rows.

A small request is met at once on the event loop, because a thread would cost as much as the work; a large one in a thread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import pyarrow as pa

from targets.vast import arrow
from targets.vast.catalogue import Catalogue, Table, TableName
from targets.vast.changes import Change
from targets.vast.columntypes import fitted, fitted_rows
from targets.vast.errors import Conflict, InvalidArgument, MismatchedColumnName
from targets.vast.exchange import DONE, Answer, Handled, Handler, Request
from targets.vast.handlers.tables import IMPORTS
from targets.vast.handlers.view import View
from targets.vast.projections import ImportsForgotten
from targets.vast.rowchanges import RowsDeleted, RowsInserted, RowsUpdated
from targets.vast.rowids import RowIds, row_id_array
from targets.vast.rows import Rows
from targets.vast.scan import END
from targets.vast.transactions import Transaction, Transactions

EXTERNAL_ROW_ID = "vastdb_rowid"
"""The column by which a client chooses row ids, or sees them."""
HEAVY_BYTES = 1 << 16
"""A body of so many bytes is worth a thread: about 1 ms of work."""
HEAVY_ROWS = 1 << 12
_CHECKED = pa.field(arrow.ROW_ID, arrow.ROW_ID_TYPE)

Prepared = TypeVar("Prepared")


@dataclass(frozen=True, slots=True)
class _ToInsert:
    """Rows as they were sent, and the table that they are for."""

    batch: pa.RecordBatch
    table: Table


class RowRequests:
    """The handlers of ?rows."""

    def __init__(self, transactions: Transactions, view: View) -> None:
        """Work on these."""
        self._transactions = transactions
        self._locks = transactions.locks
        self._view = view

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """By method and command."""
        return {("POST", "rows"): self.insert, ("PUT", "rows"): self.update, ("DELETE", "rows"): self.delete}

    def insert(self, request: Request) -> Handled:
        """More rows; answers their ids."""
        name, transaction = self._changing(request)
        kind = transaction.catalogue.table(name).row_id_type

        def prepare(catalogue: Catalogue) -> _ToInsert:
            return _ToInsert(arrow.read_batch(request.whole_body), catalogue.table(name))

        def settle(sent: _ToInsert) -> Sequence[Change]:
            return (self.inserting(transaction, name, sent.table, sent.batch),)

        return self._met(transaction, _is_heavy(request), prepare, settle, partial(_shown_ids, kind))

    def inserting(self, transaction: Transaction, name: TableName, table: Table, batch: pa.RecordBatch) -> RowsInserted:
        """The change that inserts these rows: their ids given, or claimed where the client chose them."""
        place = batch.schema.get_field_index(EXTERNAL_ROW_ID)
        if place < 0:
            following = table.row_ids.take(batch.num_rows)
            ids = row_id_array(following, batch.num_rows)
            rows = fitted_rows(batch, table.columns.schema, ids, table.columns.stored)
            if table.columns.schema.get_field_index(EXTERNAL_ROW_ID) >= 0:  # another client may choose the same
                self._locks.claim_rows(transaction.holder, table.handle, ids.to_numpy())
            return RowsInserted(name, _with_visible_ids(rows, table))
        ids = _chosen_ids(batch.column(place))
        rows = fitted_rows(batch, table.columns.schema, ids, table.columns.stored)
        self._locks.claim_rows(transaction.holder, table.handle, ids.to_numpy())
        self._ensure_free(transaction, name, ids.to_numpy())
        if len(ids):
            table.row_ids.pass_over(ids[-1].as_py())
        return RowsInserted(name, rows, external=True)

    def _ensure_free(self, transaction: Transaction, name: TableName, ids: RowIds) -> None:
        """Return if none of the chosen ids was given to a row since the transaction began."""
        newest, base = (
            catalogue.table(name).rows.held(ids) if catalogue.has_table(name) else np.zeros(len(ids), dtype=bool)
            for catalogue in (self._transactions.newest, transaction.base)
        )
        if (newest & ~base).any():
            raise Conflict("a row with one of these ids was inserted by another transaction")

    def update(self, request: Request) -> Handled:
        """Other values in some columns of some rows; rows that are not there are passed over."""
        name, transaction = self._changing(request)

        def settle(rows: pa.RecordBatch) -> Sequence[Change]:
            table = transaction.catalogue.table(name)
            self._locks.claim_rows(transaction.holder, table.handle, rows.column(0).to_numpy())
            return (RowsUpdated(name, rows),)

        def prepare(catalogue: Catalogue) -> pa.RecordBatch:
            table = catalogue.table(name)
            return _seen(_update(arrow.read_batch(request.whole_body), table), table.rows)

        return self._met(transaction, self._is_dear(request, transaction, name), prepare, settle, lambda _: DONE)

    def delete(self, request: Request) -> Handled:
        """Rows go; those that are not there are passed over."""
        name, transaction = self._changing(request)
        is_imports = request.parameter("sub-table") == IMPORTS

        def settle(rows: pa.RecordBatch) -> Sequence[Change]:
            if is_imports:
                self._locks.claim(transaction.holder, (*name, IMPORTS))
                return (ImportsForgotten(name, rows),)
            table = transaction.catalogue.table(name)
            self._locks.claim_rows(transaction.holder, table.handle, rows.column(0).to_numpy())
            return (RowsDeleted(name, rows),)

        def prepare(catalogue: Catalogue) -> pa.RecordBatch:
            ids = arrow.row_ids(arrow.read_batch(request.whole_body))
            table = catalogue.table(name)
            gone = _ascending(pa.RecordBatch.from_arrays([ids], names=[arrow.ROW_ID]))
            return _seen(gone, table.imported if is_imports else table.rows)

        return self._met(transaction, self._is_dear(request, transaction, name), prepare, settle, lambda _: DONE)

    def _changing(self, request: Request) -> tuple[TableName, Transaction]:
        """The table, and the transaction that is to change its rows while no other changes its name or columns."""
        name = request.table
        transaction = self._view.writable(request)
        transaction.catalogue.table(name)
        self._locks.share(transaction.holder, name[:2])
        self._locks.share(transaction.holder, name)
        return name, transaction

    @staticmethod
    def _is_dear(request: Request, transaction: Transaction, name: TableName) -> bool:
        """Whether an update or delete is worth a thread: it copies each chunk that it changes."""
        return _is_heavy(request) or (
            len(request.whole_body) > HEAVY_ROWS and transaction.catalogue.table(name).rows.num_rows > HEAVY_ROWS
        )

    def _met(
        self,
        transaction: Transaction,
        is_heavy: bool,
        prepare: Callable[[Catalogue], Prepared],
        settle: Callable[[Prepared], Sequence[Change]],
        answer: Callable[[Sequence[Change]], Answer],
    ) -> Handled:
        """Prepare, settle and make the changes, and answer; in a thread where they are heavy or another one works there."""
        if is_heavy or transaction.turn.locked():
            return self._met_off_loop(transaction, prepare, settle, answer)
        changes = settle(prepare(transaction.catalogue))
        for change in changes:
            self._transactions.change(transaction, change)
        return answer(changes)

    async def _met_off_loop(
        self,
        transaction: Transaction,
        prepare: Callable[[Catalogue], Prepared],
        settle: Callable[[Prepared], Sequence[Change]],
        answer: Callable[[Sequence[Change]], Answer],
    ) -> Answer:
        return answer(await self._transactions.change_off_loop(transaction, prepare, settle))


def _is_heavy(request: Request) -> bool:
    return len(request.whole_body) > HEAVY_BYTES


def _shown_ids(kind: pa.DataType, changes: Sequence[Change]) -> Answer:
    """The ids of inserted rows, as the table shows them."""
    (change,) = changes
    assert isinstance(change, RowsInserted)
    ids = arrow.shown_row_ids(change.batch.column(0), kind)
    return Answer(parts=(arrow.write_batch(pa.RecordBatch.from_arrays([ids], names=[arrow.ROW_ID])),))


def _chosen_ids(column: pa.Array) -> pa.Array:
    """Row ids that a client chose, as they are stored."""
    try:
        ids = column.cast(arrow.ROW_ID_TYPE)
    except pa.ArrowException:
        raise InvalidArgument(f"{EXTERNAL_ROW_ID} holds something else than row ids") from None
    numbers: RowIds = ids.to_numpy(zero_copy_only=False)
    if len(ids) and not ids.null_count and numbers.max() >= END:
        raise InvalidArgument(f"a row id is below {END}")
    if ids.null_count or (numbers[1:] <= numbers[:-1]).any():
        raise InvalidArgument("Found duplicate row ids or not in ascending order")
    return ids


def _with_visible_ids(rows: pa.RecordBatch, table: Table) -> pa.RecordBatch:
    """Given ids, also in the column by which a client sees them, where the table has it."""
    place = table.columns.stored.get_field_index(EXTERNAL_ROW_ID)
    if place < 0:
        return rows
    columns = rows.columns
    columns[place] = rows.column(0).cast(table.columns.stored.field(place).type)
    return pa.RecordBatch.from_arrays(columns, schema=rows.schema)


def _update(batch: pa.RecordBatch, table: Table) -> pa.RecordBatch:
    """Rows to update as they are applied: `$row_id` ascending and first, then columns as the table stores them."""
    arrays, fields = [arrow.row_ids(batch)], [_CHECKED]
    for field, values in zip(batch.schema, batch.columns, strict=True):
        if field.name == arrow.ROW_ID:
            continue
        place = table.columns.schema.get_field_index(field.name)
        if place < 0:
            raise MismatchedColumnName(f"the table has no column {field.name}")
        if field.name in table.sorted_by or field.name == EXTERNAL_ROW_ID:
            raise InvalidArgument(f"the column {field.name} cannot be updated")
        column = table.columns.schema.field(place)
        arrays.append(fitted(values, field, column))
        fields.append(column)
    if len(set(batch.schema.names)) < len(batch.schema):
        raise InvalidArgument("two columns have the same name")
    return _ascending(pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields)))


def _seen(changed: pa.RecordBatch, rows: Rows) -> pa.RecordBatch:
    """Those of the changed rows (ids ascending) that are there; others that are committed meanwhile stay as they are."""
    held = rows.held(changed.column(0).to_numpy())
    return changed if held.all() else changed.filter(pa.array(held))


def _ascending(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows in the order of their ids, the first column; InvalidArgument for one that is there twice."""
    ids: RowIds = rows.column(0).to_numpy()
    if (ids[1:] > ids[:-1]).all():
        return rows
    rows = rows.take(pa.array(np.argsort(ids, kind="stable")))
    ids = rows.column(0).to_numpy()
    if (ids[1:] == ids[:-1]).any():
        raise InvalidArgument("a row id is there twice")
    return rows
