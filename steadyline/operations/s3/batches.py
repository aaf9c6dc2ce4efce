"""Several objects of one attempt under a prefix of their own."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from steadyline.operations.s3.payload import stamped
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.s3.client import S3Client


@dataclass(frozen=True, slots=True)
class Batch:
    """Objects to store.

    Attributes:
        prefix: of all their keys.
        bodies: of each.
    """

    prefix: str
    bodies: tuple[bytes, ...]

    @property
    def keys(self) -> list[str]:
        """One per object, in the order of a listing."""
        return [f"{self.prefix}/{number:03}" for number in range(len(self.bodies))]

    @property
    def works(self) -> list[tuple[str, bytes]]:
        """Each key with its body."""
        return list(zip(self.keys, self.bodies, strict=True))


def new_batch(client: "S3Client", count: int, size: int) -> Batch:
    """So many objects of that size, each like no other, not stored yet."""
    first = client.turn() * count
    return Batch(client.new_key(), tuple(stamped(first + number, size) for number in range(count)))


def stored_batch(client: "S3Client", count: int, size: int) -> Batch:
    """The same, stored; of a batch that cannot be stored whole nothing stays."""
    batch = new_batch(client, count, size)
    try:
        for key, body in batch.works:
            client.bucket.put(key, body)
    except Exception:
        with suppress(Exception):  # the first error is the one to tell
            delete_batch(client, batch, None)
        raise
    return batch


def verify_batch(client: "S3Client", batch: Batch, etags: list[str]) -> None:
    """Require exactly these objects under the prefix, each with its size and the ETag that storing it answered."""
    listed = client.bucket.page(f"{batch.prefix}/").get("Contents", [])
    found = [(one["Key"], one["Size"], one["ETag"]) for one in listed]
    if found != [(key, len(body), etag) for (key, body), etag in zip(batch.works, etags, strict=True)]:
        raise IntegrityError("what was stored is not what was sent")


def verify_gone(client: "S3Client", batch: Batch) -> None:
    """Require no object under the prefix."""
    if left := client.bucket.page(f"{batch.prefix}/").get("Contents"):
        raise IntegrityError(f"{len(left)} of {len(batch.bodies)} deleted objects are still there")


def delete_batch(client: "S3Client", batch: Batch, _result: object) -> None:
    """Delete them, whether they are there or not."""
    client.bucket.delete_all(batch.keys)
