"""Adding rows: what an application waits for with each write, from one row to a bulk.

The body is the whole transaction as its user meets it: begun, rows sent as Arrow, committed. What the table is like is
loaded before, as an application keeps it; no look-up is timed.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient
    from steadyline.operations.vast.schemas import RunSchema

ROW_BYTES = 205
"""Of one row on the wire as a part of many, rounded up, its `$row_id` in the answer included."""
BATCH_BYTES = 2500
"""Of what comes with any batch: the schema of a request and of an answer."""
CHANGE_BYTES = 1000
"""Of a batch that names one row and little else."""
CONNECTIONS = 2
"""The session's own, and the one that the SDK opens for a query, here to verify."""


def inserted_bytes(count: int) -> int:
    """Of so many rows in one insert."""
    return BATCH_BYTES + count * ROW_BYTES


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows to be written: their numbers are chosen before, so that cleaning up finds what a failed attempt left.

    Attributes:
        schema: the run-scoped schema they go to.
        numbers: of the rows, one after the other.
        batch: the rows themselves, as Arrow has them.
    """

    schema: "RunSchema"
    numbers: range
    batch: Any


def new_rows(client: "VastClient", count: int) -> Rows:
    """Make as many rows, in memory."""
    numbers = client.new_rows(count)
    return Rows(client.working, numbers, client.rows_of(numbers))


def verify_rows(client: "VastClient", rows: Rows, _result: object) -> None:
    """Require all of these rows to be in the table, each with its content, read by a transaction of its own."""
    with client.transaction() as tx:
        require_rows(client, client.select(tx, rows.schema, rows.numbers), rows.batch)


def require_rows(client: "VastClient", found: Any, expected: Any) -> None:
    """Require exactly these rows."""
    if not client.are_rows(expected, found):
        raise IntegrityError(f"{found.num_rows} rows came; they are not the {expected.num_rows} that were to come")


def delete_rows(client: "VastClient", rows: Rows, row_ids: Any) -> None:
    """Delete these rows by the ids that inserting them answered; where it answered none, what is there of them."""
    with client.transaction() as tx:
        named = client.identified(row_ids) if row_ids else client.select_ids(tx, rows.schema, rows.numbers)
        if named.num_rows:
            tx.table_from_metadata(rows.schema.table).delete(named)


def insert(client: "VastClient", rows: Rows) -> list[int]:
    """Add the rows in one transaction; their `$row_id`s."""
    with client.transaction() as tx:
        row_ids: list[int] = tx.table_from_metadata(rows.schema.table).insert(rows.batch).to_pylist()
    return row_ids


@operation(
    "vast.insert_1",
    writes=True,
    concurrency=CONNECTIONS,
    bytes_moved=inserted_bytes(1),
    prepare=lambda client: new_rows(client, 1),
    verify=verify_rows,
    cleanup=delete_rows,
)
def insert_1(client: "VastClient", rows: Rows) -> list[int]:
    """How long adding one row takes: a transaction begun, the row sent, and committed; nearly all of it is round trips."""
    return insert(client, rows)


@operation(
    "vast.insert_100",
    items=100,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    concurrency=CONNECTIONS,
    bytes_moved=inserted_bytes(100),
    prepare=lambda client: new_rows(client, 100),
    verify=verify_rows,
    cleanup=delete_rows,
)
def insert_100(client: "VastClient", rows: Rows) -> list[int]:
    """How long adding 100 rows in one transaction takes: beside `insert_1` it shows what a row more costs."""
    return insert(client, rows)


@operation(
    "vast.insert_10000",
    items=10_000,
    writes=True,
    probe_every_seconds=None,
    concurrency=CONNECTIONS,
    bytes_moved=inserted_bytes(10_000),
    prepare=lambda client: new_rows(client, 10_000),
    verify=verify_rows,
    cleanup=delete_rows,
)
def insert_10000(client: "VastClient", rows: Rows) -> list[int]:
    """How long adding 10 000 rows (2 MB) in one transaction takes: the throughput of an import; never probed."""
    return insert(client, rows)
