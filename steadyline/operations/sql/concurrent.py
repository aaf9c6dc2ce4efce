"""Several at once: what contention for connections, locks and the log of the database costs."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from steadyline.operation import DEAR_SECONDS, PARALLEL_BUDGET_SECONDS, operation
from steadyline.operations.sql.bulk import Batch, delete_batch, make_batch, verify_batch
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.dataset import make_item

THREADS = 10


@operation(
    "sql.concurrent_create_10",
    items=THREADS,
    writes=True,
    concurrency=THREADS,
    probe_every_seconds=DEAR_SECONDS,
    budget_seconds=PARALLEL_BUDGET_SECONDS,
    timeout_seconds=PARALLEL_BUDGET_SECONDS,
    prepare=lambda client: make_batch(client, THREADS),
    verify=verify_batch,
    cleanup=delete_batch,
)
def concurrent_create_10(client: SqlClient, batch: Batch) -> None:
    """How long 10 creates on 10 threads take until the last is durable: what writers cost each other."""

    def create(item_id: str) -> None:
        with client.session() as session:
            session.add(make_item(batch.project_id, item_id=item_id))
            session.commit()

    with ThreadPoolExecutor(THREADS) as threads:
        creates = [threads.submit(copy_context().run, create, item_id) for item_id in batch.ids]
    for done in creates:
        done.result()
