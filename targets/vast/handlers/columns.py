"""?column, ?sorted-columns: add, rename, drop and list a table's columns."""

import pyarrow as pa

from targets.vast import arrow, requests
from targets.vast.catalogue import IMPORTED_COLUMNS, TableName
from targets.vast.changes import Change, ColumnRenamed, ColumnsAdded, ColumnsDropped
from targets.vast.columntypes import check_columns
from targets.vast.errors import AlreadyExists, InvalidArgument, NoSuchColumn
from targets.vast.exchange import DONE, Answer, Handler, Headers, Request, refused
from targets.vast.handlers.tables import IMPORTS
from targets.vast.handlers.view import View
from targets.vast.listing import chosen, page
from targets.vast.transactions import Transaction, Transactions

_MOST_BYTES = 2 << 20
"""Of a page of columns, as on a VAST cluster: a table may have more than fit into one."""
_ALL: Headers = ((b"tabular-next-key", b"0"), (b"tabular-is-truncated", b"false"))
_FEW = 1000
_NOT_SORTED = refused(InvalidArgument("Listing sorted columns on a table without elysium enabled"))
"""The SDK asks it of every table that it opens: so it is kept ready, and no failure worth a line of the log."""


class ColumnRequests:
    """The handlers of ?column and ?sorted-columns."""

    def __init__(self, transactions: Transactions, view: View) -> None:
        """Work on these."""
        self._transactions = transactions
        self._view = view

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """By method and command."""
        return {
            ("GET", "column"): self.list,
            ("POST", "column"): self.add,
            ("PUT", "column"): self.alter,
            ("DELETE", "column"): self.drop,
            ("GET", "sorted-columns"): self.list_sorted,
        }

    def list(self, request: Request) -> Answer:
        """A table's columns, in its order."""
        _, table = self._view.table(request)
        if request.parameter("sub-table") == IMPORTS:
            return listed(request, IMPORTED_COLUMNS)
        if _asks_for_all(request, len(table.columns.schema)):
            count = (b"tabular-list-count", b"%d" % len(table.columns.schema))
            return Answer(headers=(*_ALL, count), parts=(table.columns.stream,))
        return listed(request, table.columns.schema)

    def list_sorted(self, request: Request) -> Answer:
        """The columns of a table's sorting key, in its order; a table without one refuses, as on a VAST cluster."""
        _, table = self._view.table(request)
        if not table.sorted_by:
            return _NOT_SORTED
        return listed(request, pa.schema([table.columns.schema.field(name) for name in table.sorted_by]))

    def add(self, request: Request) -> Answer:
        """More columns, null in every row."""
        columns = arrow.read_schema(request.whole_body).remove_metadata()
        check_columns(columns)
        name, transaction = self._changing(request)
        taken = set(columns.names) & set(transaction.catalogue.table(name).columns.schema.names)
        if taken:
            raise AlreadyExists(f"the table has a column {min(taken)} already")
        return self._changed(transaction, name, ColumnsAdded(name, columns))

    def alter(self, request: Request) -> Answer:
        """Another name for a column; its properties and statistics are accepted and not kept."""
        requests.altered_column(request.whole_body)
        old, new = request.parameter("tabular-column-name"), request.parameter("tabular-new-column-name")
        if not old:
            raise InvalidArgument("the parameter tabular-column-name is missing")
        name, transaction = self._changing(request)
        columns = transaction.catalogue.table(name).columns.schema
        if columns.get_field_index(old) < 0:
            raise NoSuchColumn(f"the table has no column {old}")
        if new is None or new == old:
            return DONE
        if columns.get_field_index(new) >= 0:
            raise AlreadyExists(f"the table has a column {new} already")
        check_columns(pa.schema([columns.field(old).with_name(new)]))
        return self._changed(transaction, name, ColumnRenamed(name, old, new))

    def drop(self, request: Request) -> Answer:
        """Columns go, with their values."""
        gone = arrow.read_schema(request.whole_body).names
        name, transaction = self._changing(request)
        table = transaction.catalogue.table(name)
        missing = set(gone) - set(table.columns.schema.names)
        if missing:
            raise NoSuchColumn(f"the table has no column {min(missing)}")
        if len(set(gone)) == len(table.columns.schema):
            raise InvalidArgument("a table keeps at least one column")
        kept = {column for one in table.projections.values() for column in one.columns} | set(table.sorted_by)
        if kept & set(gone):
            raise InvalidArgument(f"the column {min(kept & set(gone))} is in the sorting key or in a projection")
        return self._changed(transaction, name, ColumnsDropped(name, tuple(gone)))

    def _changing(self, request: Request) -> tuple[TableName, Transaction]:
        """The table, and the transaction that is to change it."""
        name = request.table
        transaction = self._view.writable(request)
        transaction.catalogue.table(name)
        return name, transaction

    def _changed(self, transaction: Transaction, name: TableName, change: Change) -> Answer:
        self._transactions.locks.share(transaction.holder, name[:2])
        self._transactions.locks.claim(transaction.holder, name)
        self._transactions.change(transaction, change)
        return DONE


def _asks_for_all(request: Request, count: int) -> bool:
    """Whether the first page holds all columns, as nearly always: it is kept ready."""
    headers = request.headers
    return (
        count <= _FEW
        and request.number("tabular-max-keys", _FEW) >= count
        and request.number("tabular-next-key") <= 0
        and "tabular-name-exact-match" not in headers
        and not headers.get("tabular-name-prefix")
        and headers.get("tabular-list-count-only", "").lower() != "true"
    )


def listed(request: Request, columns: pa.Schema) -> Answer:
    """A page of columns."""
    shown, headers = page(request, chosen(request, columns.names, ordered=True))
    if len(shown) == len(columns):
        stream = arrow.write_schema(columns)
    else:
        stream = arrow.write_schema(pa.schema([columns.field(name) for name in shown]))
    if len(stream) > _MOST_BYTES:
        raise InvalidArgument(f"list column result size of {len(stream)} bytes is too long; ask for fewer at once")
    return Answer(headers=headers, parts=(stream,))
