"""Rows that are there: looked up, read in a range, changed and deleted.

The body is the whole transaction as its user meets it: begun, the work, committed. What the table is like is loaded
before, as an application keeps it; no look-up is timed. For each query the SDK opens a connection of its own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from steadyline.operation import DEAR_SECONDS, in_run_scope, operation
from steadyline.operations.vast.dataset import DATASET_ROWS, RANGE_ROWS, WORKING_ROWS
from steadyline.operations.vast.inserts import (
    CHANGE_BYTES,
    CONNECTIONS,
    ROW_BYTES,
    Rows,
    delete_rows,
    insert,
    inserted_bytes,
    new_rows,
    require_rows,
)
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient
    from steadyline.operations.vast.schemas import RunSchema

QUERY_BYTES = 9000
"""Of a query and of what comes with any answer: the SDK divides it into four, each with the schema of every column."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows to be read out of a table that nobody writes to: their numbers."""

    schema: "RunSchema"
    numbers: range


def one_row(client: "VastClient", schema: "RunSchema", rows: int) -> Part:
    """Some one of so many rows."""
    number = client.turn() * 7919 % rows  # a prime stride: neighbours would be read from one cache line
    return Part(schema, range(number, number + 1))


def verify_part(client: "VastClient", part: Part, found: Any) -> None:
    """Require exactly the rows that were asked for."""
    require_rows(client, found, client.rows_of(part.numbers))


def select_one(client: "VastClient", part: Part) -> Any:
    """The part's one row, by its id."""
    with client.transaction() as tx:
        table = tx.table_from_metadata(part.schema.table)
        return table.select(predicate=table["id"] == part.numbers.start, config=client.querying).read_all()


@operation(
    "vast.row_select",
    writes=True,
    concurrency=CONNECTIONS,
    bytes_moved=QUERY_BYTES,
    prepare=lambda client: one_row(client, client.dataset, DATASET_ROWS),
    verify=verify_part,
)
def row_select(client: "VastClient", part: Part) -> Any:
    """How long finding one of 10 000 rows by its id takes: the shortest way through planning, scan and answer."""
    return select_one(client, part)


def some_range(client: "VastClient") -> Part:
    """Some 1000 rows of the data set."""
    first = client.turn() * 997 % (DATASET_ROWS - RANGE_ROWS)
    return Part(client.dataset, range(first, first + RANGE_ROWS))


def select_range(client: "VastClient", part: Part) -> Any:
    """The part's rows, between two ids."""
    with client.transaction() as tx:
        table = tx.table_from_metadata(part.schema.table)
        between = (table["id"] >= part.numbers.start) & (table["id"] < part.numbers.stop)
        return table.select(predicate=between, config=client.querying).read_all()


@operation(
    "vast.range_select",
    items=RANGE_ROWS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    concurrency=CONNECTIONS,
    bytes_moved=QUERY_BYTES + RANGE_ROWS * ROW_BYTES,
    prepare=some_range,
    verify=verify_part,
)
def range_select(client: "VastClient", part: Part) -> Any:
    """How long 1000 of 10 000 rows between two ids take: beside `row_select` it shows what carrying rows costs."""
    return select_range(client, part)


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


def next_change(client: "VastClient") -> Change:
    """The next of the working rows."""
    working, turn = client.working, client.turn()
    number, value = turn % WORKING_ROWS, 1000 + turn
    return Change(working, number, value, client.change_of(working.row_ids[number], value))


def verify_updated(client: "VastClient", change: Change, _result: object) -> None:
    """Require the row to be as it was to be changed."""
    with client.transaction() as tx:
        found = client.select(tx, change.schema, range(change.number, change.number + 1), ["id", "priority"])
    if found["priority"].to_pylist() != [change.value]:
        raise IntegrityError("the row that is there is not as it was to be changed")


def update(client: "VastClient", change: Change) -> None:
    """Make the change in one transaction."""
    with client.transaction() as tx:
        tx.table_from_metadata(change.schema.table).update(change.batch)


@operation(
    "vast.row_update",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    concurrency=CONNECTIONS,
    bytes_moved=CHANGE_BYTES,
    prepare=next_change,
    verify=verify_updated,
    cleanup=in_run_scope,
)
def row_update(client: "VastClient", change: Change) -> None:
    """How long changing one cell of a row takes whose `$row_id` is known: a transaction, the change, and the commit."""
    update(client, change)


@dataclass(frozen=True, slots=True)
class Written:
    """Rows that are there, to be deleted.

    Attributes:
        rows: what they are.
        found: their `$row_id`s, as a deletion wants it.
    """

    rows: Rows
    found: Any


def written_rows(client: "VastClient", count: int) -> Written:
    """So many rows, inserted."""
    rows = new_rows(client, count)
    return Written(rows, client.identified(insert(client, rows)))


def verify_deleted(client: "VastClient", written: Written, _result: object) -> None:
    """Require none of the rows to be there."""
    with client.transaction() as tx:
        if client.select_ids(tx, written.rows.schema, written.rows.numbers).num_rows:
            raise IntegrityError("what was deleted is still there")


def delete_left(client: "VastClient", written: Written, is_deleted: bool | None) -> None:
    """Delete what the body should have deleted."""
    if not is_deleted:
        delete_rows(client, written.rows, None)


@operation(
    "vast.row_delete",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    concurrency=CONNECTIONS,
    bytes_moved=inserted_bytes(1) + CHANGE_BYTES,  # prepare's insert too
    prepare=lambda client: written_rows(client, 1),
    verify=verify_deleted,
    cleanup=delete_left,
)
def row_delete(client: "VastClient", written: Written) -> bool:
    """How long deleting one row takes whose `$row_id` is known: a transaction, the deletion, and the commit."""
    with client.transaction() as tx:
        tx.table_from_metadata(written.rows.schema.table).delete(written.found)
    return True
