"""A large object in parts, as recordings and archives come in."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.s3.payload import PART_BYTES, SEGMENT_BYTES, STAMP_BYTES, stamped
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.s3.client import S3Client

FULL_PARTS = 3
OBJECT_BYTES = FULL_PARTS * PART_BYTES + SEGMENT_BYTES
"""Three parts of the smallest size that S3 takes, and a tail."""
TAIL = FULL_PARTS + 1
"""The last part's number."""


@dataclass(slots=True)
class Upload:
    """A multipart upload.

    Attributes:
        key: of the object it becomes.
        number: what its bytes follow from.
        id: as the store names it, "" before it has begun.
    """

    key: str
    number: int
    id: str = field(default="")

    def part(self, part: int) -> bytes:
        """The bytes of one part, counted from 1; made when they are sent, so that no two are held at once."""
        return stamped(self.number * (TAIL + 1) + part, SEGMENT_BYTES if part == TAIL else PART_BYTES)


def _prepare(client: "S3Client") -> Upload:
    return Upload(client.new_key(), client.turn())


def _verify(client: "S3Client", upload: Upload, etag: str) -> None:
    """Ask for the tail's first bytes: they are there only when all parts before it are whole."""
    found = client.bucket.read_back(upload.key, FULL_PARTS * PART_BYTES, STAMP_BYTES, OBJECT_BYTES)
    if found != (upload.part(TAIL)[:STAMP_BYTES], etag) or not etag:
        raise IntegrityError("the object is not made of the parts that were sent")


def _clean_up(client: "S3Client", upload: Upload, etag: str | None) -> None:
    if etag is None and upload.id:
        client.bucket.abort(upload.key, upload.id)
    client.bucket.delete(upload.key)


@operation(
    "s3.multipart_upload",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=OBJECT_BYTES,
    prepare=_prepare,
    verify=_verify,
    cleanup=_clean_up,
)
def multipart_upload(client: "S3Client", upload: Upload) -> str:
    """How long 16.7 MB in three parts and a tail, one after the other, take to be one object: sustained throughput."""
    upload.id = client.bucket.begin(upload.key)
    parts = [client.bucket.put_part(upload.key, upload.id, part, upload.part(part)) for part in range(1, TAIL + 1)]
    return client.bucket.complete(upload.key, upload.id, parts)
