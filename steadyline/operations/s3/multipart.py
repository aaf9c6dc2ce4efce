"""A large object in parts, as recordings and archives come in."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.s3.payload import PART_BYTES, SEGMENT_BYTES, STAMP_BYTES, stamped
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.s3.client import S3Client

FULL_PARTS = 3
"""Of the smallest size that S3 takes."""


def size_of(full_parts: int) -> int:
    """Bytes of an object of so many full parts and a tail."""
    return full_parts * PART_BYTES + SEGMENT_BYTES


@dataclass(slots=True)
class Upload:
    """A multipart upload.

    Attributes:
        key: of the object it becomes.
        number: what its bytes follow from.
        full_parts: how many there are before the tail of one segment.
        id: as the store names it, "" before it has begun.
    """

    key: str
    number: int
    full_parts: int = FULL_PARTS
    id: str = field(default="")

    @property
    def parts(self) -> range:
        """The numbers of its parts, the last one the tail's."""
        return range(1, self.full_parts + 2)

    @property
    def size(self) -> int:
        """Of the whole object."""
        return size_of(self.full_parts)

    def range_of(self, part: int) -> str:
        """The HTTP range of one part."""
        start = (part - 1) * PART_BYTES
        return f"bytes={start}-{min(start + PART_BYTES, self.size) - 1}"

    def part(self, part: int) -> bytes:
        """The bytes of one part, counted from 1; made when they are sent, so that no two are held at once."""
        is_tail = part == self.parts[-1]
        return stamped(self.number * self.parts.stop + part, SEGMENT_BYTES if is_tail else PART_BYTES)


def _prepare(client: "S3Client") -> Upload:
    return Upload(client.new_key(), client.turn())


def verify_upload(client: "S3Client", upload: Upload, etag: str) -> None:
    """Ask for the tail's first bytes: they are there only when all parts before it are whole."""
    found = client.bucket.read_back(upload.key, upload.full_parts * PART_BYTES, STAMP_BYTES, upload.size)
    if found != (upload.part(upload.parts[-1])[:STAMP_BYTES], etag) or not etag:
        raise IntegrityError("the object is not made of the parts that were sent")


def clean_up(client: "S3Client", upload: Upload, etag: object) -> None:
    """Delete the object, or abort what has not become one."""
    if etag is None and upload.id:
        client.bucket.abort(upload.key, upload.id)
    client.bucket.delete(upload.key)


@operation(
    "s3.multipart_upload",
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=size_of(FULL_PARTS),
    prepare=_prepare,
    verify=verify_upload,
    cleanup=clean_up,
)
def multipart_upload(client: "S3Client", upload: Upload) -> str:
    """How long 16.7 MB in three parts and a tail, one after the other, take to be one object: sustained throughput."""
    upload.id = client.bucket.begin(upload.key)
    parts = [client.bucket.put_part(upload.key, upload.id, part, upload.part(part)) for part in upload.parts]
    return client.bucket.complete(upload.key, upload.id, parts)
