"""Several at once: what writers to one table cost each other."""

from functools import partial
from typing import TYPE_CHECKING

from steadyline.operation import DEAR_SECONDS, PARALLEL_BUDGET_SECONDS, operation
from steadyline.operations.http.parallel import side_by_side
from steadyline.operations.vast.inserts import BATCH_BYTES, Rows, delete_rows, insert, new_rows, verify_rows

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient

THREADS = 10


@operation(
    "vast.concurrent_insert_10",
    items=THREADS,
    writes=True,
    concurrency=THREADS,
    probe_every_seconds=DEAR_SECONDS,
    budget_seconds=PARALLEL_BUDGET_SECONDS,
    timeout_seconds=PARALLEL_BUDGET_SECONDS,
    bytes_moved=THREADS * BATCH_BYTES,
    prepare=lambda client: new_rows(client, THREADS),
    verify=verify_rows,
    cleanup=delete_rows,
)
def concurrent_insert_10(client: "VastClient", rows: Rows) -> list[int]:
    """How long 10 inserts at once into one table take until the last is committed; none of them may meet a conflict."""
    ones = (Rows(rows.schema, rows.numbers[n : n + 1], rows.batch.slice(n, 1)) for n in range(THREADS))
    answered = side_by_side([partial(insert, client, one) for one in ones])
    return [row_id for row_ids in answered for row_id in row_ids]
