"""Several uploads at once: what clients cost each other."""

from functools import partial
from typing import TYPE_CHECKING

from steadyline.operation import DEAR_SECONDS, PARALLEL_BUDGET_SECONDS, operation
from steadyline.operations.http.parallel import side_by_side
from steadyline.operations.s3.batches import Batch, verify_batch
from steadyline.operations.s3.payload import SEGMENT_BYTES, segment

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.s3.client import S3Client

UPLOADS = 10
"""Source: the TAMS seed, "10 concurrent S3 stores"."""


def _prepare(client: "S3Client") -> Batch:
    """One body for all: one megabyte held, not ten."""
    return Batch(client.new_key(), (segment(client.turn() + 1000),) * UPLOADS)


def _delete(client: "S3Client", batch: Batch, _etags: list[str] | None) -> None:
    """One by one: this is probed on any target, and not every store that calls itself S3 deletes in bulk."""
    for key in batch.keys:
        client.bucket.delete(key)


@operation(
    "s3.concurrent_upload_10",
    items=UPLOADS,
    writes=True,
    concurrency=UPLOADS,
    probe_every_seconds=DEAR_SECONDS,
    budget_seconds=PARALLEL_BUDGET_SECONDS,
    timeout_seconds=PARALLEL_BUDGET_SECONDS,
    bytes_moved=UPLOADS * SEGMENT_BYTES,
    prepare=_prepare,
    verify=verify_batch,
    cleanup=_delete,
)
def concurrent_upload_10(client: "S3Client", batch: Batch) -> list[str]:
    """How long 10 uploads of 1 MB on 10 threads take until the last is stored: what writers cost each other."""
    return side_by_side([partial(client.bucket.put, key, body) for key, body in batch.works])
