"""Making room: objects deleted in bulk, as a TAMS server frees the media of a deleted flow."""

from typing import TYPE_CHECKING

from steadyline.operation import operation
from steadyline.operations.s3.batches import Batch, delete_batch, stored_batch, verify_gone
from steadyline.operations.s3.buckets import LISTED_BYTES

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.s3.client import S3Client

OBJECTS = 100
SMALL_BYTES = 1000
"""Of objects where their size is not the point."""


@operation(
    "s3.cleanup_100",
    items=OBJECTS,
    writes=True,
    probe_every_seconds=None,
    bytes_moved=OBJECTS * (SMALL_BYTES + 2 * LISTED_BYTES),  # prepare's uploads too; a key is listed and named to go
    prepare=lambda client: stored_batch(client, OBJECTS, SMALL_BYTES),
    verify=lambda client, batch, _result: verify_gone(client, batch),
    cleanup=delete_batch,
)
def cleanup_100(client: "S3Client", batch: Batch) -> None:
    """How long emptying a prefix of 100 objects takes: listed, and deleted by one request; what frees a flow's media."""
    listed = client.bucket.page(f"{batch.prefix}/").get("Contents", [])
    client.bucket.delete_all([one["Key"] for one in listed])
