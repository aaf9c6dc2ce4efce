"""How S3's cost grows: with the number of segments, with their size, and with what a listing has to show."""

from typing import TYPE_CHECKING

from steadyline.operation import growing
from steadyline.operations.s3.batches import Batch, delete_batch, new_batch, verify_batch
from steadyline.operations.s3.buckets import LISTED_BYTES
from steadyline.operations.s3.payload import SEGMENT_BYTES, stamped
from steadyline.operations.s3.segments import Sending, delete_sent, verify_sent
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.s3.client import S3Client
    from steadyline.operations.s3.listed import Entry

NUMBERS = (1, 10, 100)
SMALL_SEGMENT_BYTES = 10_000
"""So small that each further one costs a request, not bytes."""
SIZES = (SEGMENT_BYTES // 10, SEGMENT_BYTES, 10 * SEGMENT_BYTES)


@growing(
    "s3.scale_segments",
    NUMBERS,
    items=lambda count: count,
    writes=True,
    bytes_moved=lambda count: count * SMALL_SEGMENT_BYTES,
    prepare=lambda client, count: new_batch(client, count, SMALL_SEGMENT_BYTES),
    verify=verify_batch,
    cleanup=delete_batch,
)
def scale_segments(client: "S3Client", batch: Batch) -> list[str]:
    """How storing 1, 10 and 100 segments of 10 kB one after the other grows: faster than they do where each costs more."""
    return [client.bucket.put(key, body) for key, body in batch.works]


@growing(
    "s3.scale_bytes",
    SIZES,
    writes=True,
    bytes_moved=lambda size: size,
    prepare=lambda client, size: Sending(client.new_key(), stamped(client.turn(), size)),
    verify=verify_sent,
    cleanup=delete_sent,
)
def scale_bytes(client: "S3Client", sent: Sending) -> str:
    """How storing one object of 0.1, 1 and 10 MB grows: slower than it does where the request costs more than its bytes."""
    return client.bucket.put(sent.key, sent.body)


def _verify_listed(_client: "S3Client", prepared: tuple[str, list["Entry"]], listed: list["Entry"]) -> None:
    if listed != prepared[1]:
        raise IntegrityError(f"{len(listed)} objects are listed; they are not the {len(prepared[1])} that are there")


@growing(
    "s3.scale_list",
    NUMBERS,
    items=lambda count: count,
    writes=True,
    bytes_moved=lambda count: (1 + count) * LISTED_BYTES,
    prepare=lambda client, count: client.listed(count),
    verify=_verify_listed,
)
def scale_list(client: "S3Client", prepared: tuple[str, list["Entry"]]) -> list["Entry"]:
    """How listing prefixes of 1, 10 and 100 among 100 objects grows: what an entry costs beside the question itself."""
    listed = client.bucket.page(prepared[0]).get("Contents", [])
    return [(one["Key"], one["Size"], one["ETag"]) for one in listed]
