"""Making room: many rows deleted, and a filled table dropped."""

from typing import TYPE_CHECKING

from steadyline.operation import operation
from steadyline.operations.vast.inserts import CONNECTIONS, inserted_bytes
from steadyline.operations.vast.rows import QUERY_BYTES, Written, delete_left, verify_deleted, written_rows
from steadyline.operations.vast.tables import (
    TABLE_BYTES,
    NewTable,
    drop_as_the_sdk,
    drop_unless_dropped,
    new_table,
    verify_dropped,
)

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient

ROWS = 10_000
ID_BYTES = 20
"""Of one `$row_id` as a query finds it and a deletion names it, rounded up."""


@operation(
    "vast.cleanup_rows_10000",
    items=ROWS,
    writes=True,
    probe_every_seconds=None,
    concurrency=CONNECTIONS,
    bytes_moved=inserted_bytes(ROWS) + QUERY_BYTES + ROWS * ID_BYTES,  # prepare's insert too
    prepare=lambda client: written_rows(client, ROWS),
    verify=verify_deleted,
    cleanup=delete_left,
)
def cleanup_rows_10000(client: "VastClient", written: Written) -> bool:
    """How long deleting 10 000 rows takes whose ids are not known: found by a predicate, and deleted, in one transaction."""
    numbers = written.rows.numbers
    with client.transaction() as tx:
        table = tx.table_from_metadata(written.rows.schema.table)
        among = (table["id"] >= numbers.start) & (table["id"] < numbers.stop)
        table.delete(table.select([], among, client.querying, internal_row_id=True).read_all())
    return True


def _filled_table(client: "VastClient") -> NewTable:
    table = new_table(client)
    with client.transaction() as tx:
        client.database.create_table(tx, table.schema, table.name, client.columns)
        client.database.schema(tx, table.schema).table(table.name).insert(client.rows_of(range(ROWS)))
    return table


@operation(
    "vast.cleanup_table_10000",
    items=ROWS,
    writes=True,
    probe_every_seconds=None,
    bytes_moved=inserted_bytes(ROWS) + TABLE_BYTES,  # as above
    prepare=_filled_table,
    verify=verify_dropped,
    cleanup=drop_unless_dropped,
)
def cleanup_table_10000(client: "VastClient", table: NewTable) -> bool:
    """How long dropping a table of 10 000 rows takes: beside `table_drop` it shows what the rows in it cost."""
    return drop_as_the_sdk(client, table)
