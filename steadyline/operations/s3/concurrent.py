"""Several uploads at once: what clients cost each other."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from steadyline.operation import DEAR_SECONDS, PARALLEL_BUDGET_SECONDS, operation
from steadyline.operations.http.parallel import side_by_side
from steadyline.operations.s3.payload import SEGMENT_BYTES, segment
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.s3.client import S3Client

UPLOADS = 10
"""Source: the TAMS seed, "10 concurrent S3 stores"."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Segments to store side by side.

    Attributes:
        prefix: of all their keys.
        body: of each; one megabyte held, not ten.
    """

    prefix: str
    body: bytes

    @property
    def keys(self) -> list[str]:
        """One per upload, in the order of a listing."""
        return [f"{self.prefix}/{number}" for number in range(UPLOADS)]


def _prepare(client: "S3Client") -> Batch:
    return Batch(client.new_key(), segment(client.turn() + 1000))


def _verify(client: "S3Client", batch: Batch, etags: list[str]) -> None:
    listed = client.bucket.page(f"{batch.prefix}/").get("Contents", [])
    found = [(one["Key"], one["Size"], one["ETag"]) for one in listed]
    if found != [(key, SEGMENT_BYTES, etag) for key, etag in zip(batch.keys, etags, strict=True)]:
        raise IntegrityError("what was stored is not what was sent")


def _delete(client: "S3Client", batch: Batch, _etags: list[str] | None) -> None:
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
    verify=_verify,
    cleanup=_delete,
)
def concurrent_upload_10(client: "S3Client", batch: Batch) -> list[str]:
    """How long 10 uploads of 1 MB on 10 threads take until the last is stored: what writers cost each other."""
    return side_by_side([partial(client.bucket.put, key, batch.body) for key in batch.keys])
