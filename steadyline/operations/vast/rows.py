"""Rows that are there: looked up, read in a range, changed and deleted.

The body is the whole transaction as its user meets it: begun, the work, committed. What the table is like is loaded
before, as an application keeps it; no look-up is timed. For each query the SDK opens a connection of its own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.vast.dataset import DATASET_ROWS, RANGE_ROWS, WORKING_ROWS
from steadyline.operations.vast.inserts import (
    CHANGE_BYTES,
    CONNECTIONS,
    ROW_BYTES,
    Rows,
    delete_rows,
    insert,
    new_rows,
    require_rows,
)
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient
    from steadyline.operations.vast.schemas import RunSchema

_QUERY_BYTES = 9000
"""Of a query and of what comes with any answer: the SDK divides it into four, each with the schema of every column."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of the data set to be read: their numbers."""

    schema: "RunSchema"
    numbers: range


def _one_row(client: "VastClient") -> Part:
    number = client.turn() * 7919 % DATASET_ROWS  # a prime stride: neighbours would be read from one cache line
    return Part(client.dataset, range(number, number + 1))


def _verify_part(client: "VastClient", part: Part, found: Any) -> None:
    require_rows(client, found, client.rows_of(part.numbers))


@operation(
    "vast.row_select",
    writes=True,
    concurrency=CONNECTIONS,
    bytes_moved=_QUERY_BYTES,
    prepare=_one_row,
    verify=_verify_part,
)
def row_select(client: "VastClient", part: Part) -> Any:
    """How long finding one of 10 000 rows by its id takes: the shortest way through planning, scan and answer."""
    with client.transaction() as tx:
        table = tx.table_from_metadata(part.schema.table)
        return table.select(predicate=table["id"] == part.numbers.start, config=client.querying).read_all()


def _range(client: "VastClient") -> Part:
    first = client.turn() * 997 % (DATASET_ROWS - RANGE_ROWS)
    return Part(client.dataset, range(first, first + RANGE_ROWS))


@operation(
    "vast.range_select",
    items=RANGE_ROWS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    concurrency=CONNECTIONS,
    bytes_moved=_QUERY_BYTES + RANGE_ROWS * ROW_BYTES,
    prepare=_range,
    verify=_verify_part,
)
def range_select(client: "VastClient", part: Part) -> Any:
    """How long 1000 of 10 000 rows between two ids take: beside `row_select` it shows what carrying rows costs."""
    with client.transaction() as tx:
        table = tx.table_from_metadata(part.schema.table)
        between = (table["id"] >= part.numbers.start) & (table["id"] < part.numbers.stop)
        return table.select(predicate=between, config=client.querying).read_all()


@dataclass(frozen=True, slots=True)
class Change:
    """A change to be made of a row that is there.

    Attributes:
        schema: the run-scoped schema it lies in.
        number: of the row.
        value: of its priority, afterwards; no two changes have the same.
        batch: the change as Arrow has it, with the row's `$row_id`.
    """

    schema: "RunSchema"
    number: int
    value: int
    batch: Any


def _change(client: "VastClient") -> Change:
    """The next of the working rows."""
    working, turn = client.working, client.turn()
    number, value = turn % WORKING_ROWS, 1000 + turn
    return Change(working, number, value, client.change_of(working.row_ids[number], value))


def _verify_updated(client: "VastClient", change: Change, _result: object) -> None:
    with client.transaction() as tx:
        found = client.select(tx, change.schema, range(change.number, change.number + 1), ["id", "priority"])
    if found["priority"].to_pylist() != [change.value]:
        raise IntegrityError("the row that is there is not as it was to be changed")


@operation(
    "vast.row_update",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    concurrency=CONNECTIONS,
    bytes_moved=CHANGE_BYTES,
    prepare=_change,
    verify=_verify_updated,
)
def row_update(client: "VastClient", change: Change) -> None:
    """How long changing one cell of a row takes whose `$row_id` is known: a transaction, the change, and the commit."""
    with client.transaction() as tx:
        tx.table_from_metadata(change.schema.table).update(change.batch)


@dataclass(frozen=True, slots=True)
class Written:
    """A row that is there, to be deleted.

    Attributes:
        rows: what it is.
        found: its `$row_id`, as a deletion wants it.
    """

    rows: Rows
    found: Any


def _written_row(client: "VastClient") -> Written:
    rows = new_rows(client, 1)
    return Written(rows, client.identified(insert(client, rows)))


def _verify_deleted(client: "VastClient", written: Written, _result: object) -> None:
    with client.transaction() as tx:
        if client.select_ids(tx, written.rows.schema, written.rows.numbers).num_rows:
            raise IntegrityError("the deleted row is still there")


def _delete(client: "VastClient", written: Written, is_deleted: bool | None) -> None:
    if not is_deleted:
        delete_rows(client, written.rows, None)


@operation(
    "vast.row_delete",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    concurrency=CONNECTIONS,
    bytes_moved=CHANGE_BYTES,
    prepare=_written_row,
    verify=_verify_deleted,
    cleanup=_delete,
)
def row_delete(client: "VastClient", written: Written) -> bool:
    """How long deleting one row takes whose `$row_id` is known: a transaction, the deletion, and the commit."""
    with client.transaction() as tx:
        tx.table_from_metadata(written.rows.schema.table).delete(written.found)
    return True
