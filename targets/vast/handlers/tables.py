"""?table, ?stats: create, alter, rename, drop and list tables, and tell about them."""

import pyarrow as pa

from targets.vast import answers, arrow, requests
from targets.vast.catalogue import Table, TableName
from targets.vast.changes import TableAltered, TableCreated, TableDropped, TableRenamed
from targets.vast.columntypes import check_columns
from targets.vast.errors import AlreadyExists, InternalError, InvalidArgument, NotImplementedHere
from targets.vast.exchange import DONE, Answer, Handler, Request
from targets.vast.handlers.view import View
from targets.vast.listing import chosen, page
from targets.vast.transactions import Transaction, Transactions

IMPORTS = "vastdb-imported-objects"
"""The sub-table of imported objects, which every table has from the start."""
_SORTED = "tabular-sorted-column-"
_PARTITIONED = b"VAST:table:partition-key-"


class TableRequests:
    """The handlers of ?table and ?stats."""

    def __init__(self, transactions: Transactions, view: View) -> None:
        """Work on these."""
        self._transactions = transactions
        self._locks = transactions.locks
        self._view = view
        self._next_handle = 1 + max((table.handle for _, table in transactions.newest.all_tables()), default=0)

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """By method and command."""
        return {
            ("POST", "table"): self.create,
            ("PUT", "table"): self.alter,
            ("DELETE", "table"): self.drop,
            ("GET", "table"): self.list,
            ("GET", "stats"): self.stats,
        }

    def list(self, request: Request) -> Answer:
        """The tables of a schema."""
        bucket, path = request.schema
        catalogue = self._view.catalogue(request)
        tables = catalogue.schema(bucket, path).tables if path else dict[str, Table]()
        if not path:
            catalogue.bucket(bucket)
        shown, headers = page(request, chosen(request, tables))
        found = [_details(name, tables[name]) for name in shown]
        return Answer(headers=headers, parts=(answers.tables(bucket, path, found),))

    def stats(self, request: Request) -> Answer:
        """How large a table is."""
        _, table = self._view.table(request)
        rows = table.imported if request.parameter("sub-table") == IMPORTS else table.rows
        stats = answers.TableStats(
            rows.num_rows,
            rows.size,
            is_external_rowid_alloc=table.external_row_ids,
            sorting_key_enabled=bool(table.sorted_by),
            inserted_rows=table.inserted_rows,
        )
        return Answer(parts=(answers.table_stats(stats),))

    def create(self, request: Request) -> Answer:
        """A new, empty table."""
        if request.parameter("sub-table") is not None:
            raise InternalError("every table has its table of imported objects from the start")
        name = request.table
        columns = _columns(request)
        sorted_by = _sorting_key(request, columns)
        transaction = self._view.writable(request)
        self._ensure_free(transaction, name)
        self._claim(transaction, name)
        handle = self._next_handle
        self._next_handle += 1
        created = TableCreated(
            name,
            handle,
            columns,
            sorted_by,
            external_row_ids=request.headers.get("use-external-row-ids-alloc", "").lower() == "true",
            properties=request.parameter("table-props") or "",
        )
        self._transactions.change(transaction, created)
        return DONE

    def alter(self, request: Request) -> Answer:
        """Other properties, a sorting key, another name, or several of them."""
        properties = requests.altered_table(request.whole_body)
        name = request.table
        transaction = self._view.writable(request)
        table = transaction.catalogue.table(name)
        sorted_by = _sorting_key(request, table.columns.schema)
        if sorted_by and table.sorted_by:
            raise InvalidArgument("the table has a sorting key already")
        new = request.parameter("tabular-new-table-name")
        self._claim(transaction, name)
        if properties is not None or sorted_by:
            self._transactions.change(transaction, TableAltered(name, properties, sorted_by or None))
        if new is not None:
            self._rename(transaction, name, new)
        return DONE

    def _rename(self, transaction: Transaction, name: TableName, new: str) -> None:
        """The SDK sends the schema with the new name; without one, the table stays in its own."""
        schema, _, table = new.strip("/").rpartition("/")
        renamed = TableName(name.bucket, schema or name.schema, table)
        if renamed == name:
            return
        self._ensure_free(transaction, renamed)
        self._claim(transaction, renamed)
        self._transactions.change(transaction, TableRenamed(name, renamed))

    def drop(self, request: Request) -> Answer:
        """A table goes, with its rows."""
        if request.parameter("sub-table") is not None:
            raise NotImplementedHere("the table of imported objects goes with its table")
        name = request.table
        transaction = self._view.writable(request)
        transaction.catalogue.table(name)
        self._claim(transaction, name)
        self._transactions.change(transaction, TableDropped(name))
        return DONE

    def _claim(self, transaction: Transaction, name: TableName) -> None:
        """No other transaction changes this table, nor the schema that it is in."""
        self._locks.share(transaction.holder, name[:2])
        self._locks.claim(transaction.holder, name)

    @staticmethod
    def _ensure_free(transaction: Transaction, name: TableName) -> None:
        if not name.table:
            raise InvalidArgument("a table's name is not empty")
        if name.table in transaction.catalogue.schema(name.bucket, name.schema).tables:
            raise AlreadyExists(f"there is a table {name.table} in the schema {name.schema} already")


def _details(name: str, table: Table) -> answers.ObjectDetails:
    return answers.ObjectDetails(
        name,
        properties=table.properties,
        handle=str(table.handle),
        num_rows=table.rows.num_rows,
        size_in_bytes=table.rows.size,
        sorting_key_enabled=bool(table.sorted_by),
        inserted_rows=table.inserted_rows,
    )


def _columns(request: Request) -> pa.Schema:
    schema = arrow.read_schema(request.whole_body)
    if any(name.startswith("tabular-vector-index-") for name in request.headers):
        raise NotImplementedHere("vector indexes need VAST DB 5.5; this endpoint is 5.4")
    if any(key.startswith(_PARTITIONED) for key in schema.metadata or ()):
        raise NotImplementedHere("partitioned tables need VAST DB 5.5; this endpoint is 5.4")
    if request.parameter("topic_partitions") is not None:
        raise NotImplementedHere("this endpoint has no topics")
    columns = schema.remove_metadata()
    check_columns(columns)
    return columns


def _sorting_key(request: Request, columns: pa.Schema) -> tuple[str, ...]:
    """Names of the columns of the sorting key that the request asks for; () for none."""
    places = sorted((_place(header), request.number(header)) for header in request.headers if header.startswith(_SORTED))
    if any(not 0 <= column < len(columns) for _, column in places):
        raise InternalError("We encountered an internal error: a column of the sorting key is not there")
    return tuple(columns.field(column).name for _, column in places)


def _place(header: str) -> int:
    """Where a column stands in the sorting key."""
    try:
        return int(header.removeprefix(_SORTED))
    except ValueError:
        raise InvalidArgument(f"the header {header} does not end in a number") from None
