"""Many rows in memory at once: what they cost the process beside their own size, told by the runner's peak."""

from typing import TYPE_CHECKING, Any

from steadyline.operation import operation
from steadyline.operations.vast.dataset import GROWN_ROWS
from steadyline.operations.vast.inserts import (
    CONNECTIONS,
    ROW_BYTES,
    Rows,
    delete_rows,
    insert,
    inserted_bytes,
    new_rows,
    verify_rows,
)
from steadyline.operations.vast.rows import QUERY_BYTES, Part, select_range, verify_part

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient

INSERTED = 50_000
SELECTED = GROWN_ROWS[-1]


@operation(
    "vast.memory_insert_50000",
    items=INSERTED,
    writes=True,
    probe_every_seconds=None,
    concurrency=CONNECTIONS,
    bytes_moved=inserted_bytes(INSERTED),
    prepare=lambda client: new_rows(client, INSERTED),
    verify=verify_rows,
    cleanup=delete_rows,
)
def memory_insert_50000(client: "VastClient", rows: Rows) -> list[int]:
    """What adding 50 000 rows (10 MB) in one transaction takes: its peak memory shows how often the SDK copies them."""
    return insert(client, rows)


@operation(
    "vast.memory_select_100000",
    items=SELECTED,
    writes=True,
    probe_every_seconds=None,
    concurrency=CONNECTIONS,
    bytes_moved=QUERY_BYTES + SELECTED * ROW_BYTES,
    prepare=lambda client: Part(client.grown(SELECTED), range(SELECTED)),
    verify=verify_part,
)
def memory_select_100000(client: "VastClient", part: Part) -> Any:
    """What reading a whole table of 100 000 rows (19 MB) takes: its peak memory shows what a query without a limit costs."""
    return select_range(client, part)
