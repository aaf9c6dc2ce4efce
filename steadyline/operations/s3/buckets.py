"""The bucket itself, read-only, whatever is in it: can it be opened, and how quickly is it listed."""

from typing import TYPE_CHECKING, Any

from steadyline.operation import DEAR_SECONDS, INIT_BUDGET_SECONDS, operation
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.s3.client import S3Client

LISTED = 100
"""Objects of one listing: a page that a person looks through."""
LISTED_BYTES = 500
"""What one object's entry in a listing takes, its key of up to 200 characters."""

Listed = list[dict[str, Any]]


def _verify(_client: "S3Client", _prepared: None, listed: Listed) -> None:
    for one in listed:
        if not one.get("Key") or not one.get("ETag", "").strip('"') or one.get("Size", -1) < 0:
            raise IntegrityError("an object is listed without its key, its ETag or its size")
    if len({one["Key"] for one in listed}) < len(listed):
        raise IntegrityError("an object is listed twice")


@operation(
    "s3.store_init",
    probe_every_seconds=DEAR_SECONDS,
    budget_seconds=INIT_BUDGET_SECONDS,
    timeout_seconds=INIT_BUDGET_SECONDS,
    bytes_moved=LISTED * LISTED_BYTES,
    verify=_verify,
)
def store_init(client: "S3Client", _prepared: None) -> Listed:
    """How long until a new client of the SDK, on a new connection, has its first answer: what a service's start waits for."""
    with client.another() as bucket:
        return list(bucket.page(most=LISTED).get("Contents", []))


@operation("s3.bucket_list", bytes_moved=LISTED * LISTED_BYTES, verify=_verify)
def bucket_list(client: "S3Client", _prepared: None) -> Listed:
    """How long the first 100 objects of the bucket take to be listed, whoever stored them; works read-only."""
    return list(client.bucket.page(most=LISTED).get("Contents", []))
