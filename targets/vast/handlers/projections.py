"""?projection and its kin: create, rename, drop and list a table's projections, and tell about them."""

import pyarrow as pa

from targets.vast import answers, requests
from targets.vast.catalogue import Projection, Table, TableName
from targets.vast.changes import Change
from targets.vast.errors import AlreadyExists, InvalidArgument, NoSuchColumn, NoSuchProjection
from targets.vast.exchange import DONE, Answer, Handler, Request
from targets.vast.handlers.columns import listed
from targets.vast.handlers.view import View
from targets.vast.listing import chosen, page
from targets.vast.projections import ProjectionCreated, ProjectionDropped, ProjectionRenamed
from targets.vast.transactions import Transaction, Transactions


class ProjectionRequests:
    """The handlers of ?projection, ?projection-stats and ?projection-columns."""

    def __init__(self, transactions: Transactions, view: View) -> None:
        """Work on these."""
        self._transactions = transactions
        self._view = view

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """By method and command."""
        return {
            ("POST", "projection"): self.create,
            ("GET", "projection"): self.list,
            ("PUT", "projection"): self.rename,
            ("DELETE", "projection"): self.drop,
            ("GET", "projection-stats"): self.stats,
            ("GET", "projection-columns"): self.columns,
        }

    def list(self, request: Request) -> Answer:
        """A table's projections."""
        name, table = self._view.table(request)
        shown, headers = page(request, chosen(request, table.projections))
        found = [_details(table, one) for one in shown]
        return Answer(headers=headers, parts=(answers.projections(*name, found),))

    def stats(self, request: Request) -> Answer:
        """How large a projection is: as many rows as its table."""
        _, table = self._view.table(request)
        size = _size(table, _projection(table, _named(request)))
        return Answer(parts=(answers.projection_stats(answers.ProjectionStats(table.rows.num_rows, size)),))

    def columns(self, request: Request) -> Answer:
        """A projection's columns, the sorting ones first."""
        _, table = self._view.table(request)
        projection = _projection(table, _named(request))
        return listed(request, pa.schema([table.columns.schema.field(name) for name in projection.columns]))

    def create(self, request: Request) -> Answer:
        """A new projection."""
        asked = requests.created_projection(request.whole_body)
        projection = _named(request)
        name, transaction, table = self._changing(request)
        if projection in table.projections:
            raise AlreadyExists(f"the table has a projection {projection} already")
        for column in asked:
            _check(table, column)
        if len({column.name for column in asked}) < len(asked):
            raise InvalidArgument("a column is in the projection twice")
        sorted_by = tuple(column.name for column in asked if column.is_sorted)
        if not sorted_by:
            raise InvalidArgument("a projection has at least one sorted column")
        others = tuple(column.name for column in asked if not column.is_sorted)
        return self._changed(transaction, name, ProjectionCreated(name, projection, sorted_by, others))

    def rename(self, request: Request) -> Answer:
        """Another name; properties are accepted and not kept."""
        change = requests.altered_projection(request.whole_body)
        projection = _named(request)
        name, transaction, table = self._changing(request)
        _projection(table, projection)
        if change.new_name is None or change.new_name == projection:
            return DONE
        if not change.new_name or change.new_name in table.projections:
            raise AlreadyExists(f"the table has a projection {change.new_name} already, or the name is empty")
        return self._changed(transaction, name, ProjectionRenamed(name, projection, change.new_name))

    def drop(self, request: Request) -> Answer:
        """A projection goes."""
        projection = _named(request)
        name, transaction, table = self._changing(request)
        _projection(table, projection)
        return self._changed(transaction, name, ProjectionDropped(name, projection))

    def _changing(self, request: Request) -> tuple[TableName, Transaction, Table]:
        name = request.table
        transaction = self._view.writable(request)
        return name, transaction, transaction.catalogue.table(name)

    def _changed(self, transaction: Transaction, name: TableName, change: Change) -> Answer:
        self._transactions.locks.share(transaction.holder, name[:2])
        self._transactions.locks.claim(transaction.holder, name)
        self._transactions.change(transaction, change)
        return DONE


def _named(request: Request) -> str:
    name = request.parameter("name")
    if not name:
        raise InvalidArgument("the parameter name is missing: it names the projection")
    return name


def _projection(table: Table, name: str) -> Projection:
    projection = table.projections.get(name)
    if projection is None:
        raise NoSuchProjection(f"the table has no projection {name}")
    return projection


def _check(table: Table, column: requests.ProjectionColumn) -> None:
    place = table.columns.schema.get_field_index(column.name)
    if place < 0:
        raise NoSuchColumn(f"the table has no column {column.name}")
    if column.is_sorted and table.columns.schema.field(place).type.num_fields:
        raise InvalidArgument(f"the column {column.name} is nested, so nothing can be sorted by it")


def _size(table: Table, projection: Projection) -> int:
    """Bytes of its columns, which it shares with the table."""
    return sum(table.rows.table.column(name).nbytes for name in projection.columns)


def _details(table: Table, name: str) -> answers.ObjectDetails:
    return answers.ObjectDetails(
        name, handle=str(table.handle), num_rows=table.rows.num_rows, size_in_bytes=_size(table, table.projections[name])
    )
