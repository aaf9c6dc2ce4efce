"""Several at once: what writers to one table cost each other."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from steadyline.operation import DEAR_SECONDS, PARALLEL_BUDGET_SECONDS, operation
from steadyline.operations.vast.inserts import BATCH_BYTES, Rows, delete_rows, insert, new_rows, verify_rows
from steadyline.outcome import Call, current_call

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.vast.client import VastClient

THREADS = 10


def _apart(client: "VastClient", rows: Rows, number: int, operation: str | None) -> Call | None:
    """Add one of the rows, metered by itself: requests that run at once cannot share a call."""
    call = Call(operation) if operation else None
    token = current_call.set(call)
    try:
        insert(client, Rows(rows.schema, range(number, number + 1), rows.batch.slice(number - rows.numbers.start, 1)))
    finally:
        current_call.reset(token)
    return call


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
def concurrent_insert_10(client: "VastClient", rows: Rows) -> None:
    """How long 10 inserts at once into one table take until the last is committed; none of them may meet a conflict."""
    whole = current_call.get()
    name = whole.operation if whole else None
    with ThreadPoolExecutor(THREADS) as threads:
        inserts = [threads.submit(_apart, client, rows, number, name) for number in rows.numbers]
    for done in inserts:
        part = done.result()
        if whole and part:  # phases that run side by side do not add up to anything; bytes do
            whole.bytes_sent += part.bytes_sent
            whole.bytes_received += part.bytes_received
