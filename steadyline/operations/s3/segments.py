"""One media segment at a time: what a TAMS server and its clients do with an object store all day."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from steadyline.operation import operation
from steadyline.operations.s3.payload import SEGMENT_BYTES, STAMP_BYTES, segment
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.s3.client import S3Client

RANGE_BYTES = 65_536
"""What a player reads of a segment to find its way in it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: its key, and the number that its bytes follow from."""

    key: str
    number: int

    @property
    def body(self) -> bytes:
        """Its 1 MB."""
        return segment(self.number)


@dataclass(frozen=True, slots=True)
class Sending:
    """A segment about to be stored.

    Attributes:
        url: presigned, or "".
    """

    key: str
    body: bytes
    url: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some bytes of a segment that is there."""

    of: Segment
    start: int

    @property
    def wanted(self) -> str:
        """The HTTP range."""
        return f"bytes={self.start}-{self.start + RANGE_BYTES - 1}"


def new_segment(client: "S3Client") -> Sending:
    """A segment like no other, not stored yet."""
    return Sending(client.new_key(), segment(client.turn() + 1000))


def some_segment(client: "S3Client") -> Segment:
    """One that is there."""
    keys = client.working.items
    number = client.turn() % len(keys)
    return Segment(keys[number], number)


def verify_sent(client: "S3Client", sent: Sending, etag: str) -> None:
    """Ask for the first bytes, which no other object has, and with them for size and ETag."""
    if client.bucket.read_back(sent.key, 0, STAMP_BYTES, len(sent.body)) != (sent.body[:STAMP_BYTES], etag) or not etag:
        raise IntegrityError("what was stored is not what was sent")


def delete_sent(client: "S3Client", sent: Sending, _result: Any) -> None:
    """Delete it, if it is there."""
    client.bucket.delete(sent.key)


@operation(
    "s3.segment_upload",
    writes=True,
    bytes_moved=SEGMENT_BYTES,
    prepare=new_segment,
    verify=verify_sent,
    cleanup=delete_sent,
)
def segment_upload(client: "S3Client", sent: Sending) -> str:
    """How long a 1 MB segment takes to be stored: the network's way in, the signature over it, and the store's own writing."""
    return client.bucket.put(sent.key, sent.body)


def _verify_download(_client: "S3Client", wanted: Segment, body: bytes) -> None:
    if body != wanted.body:
        raise IntegrityError("the segment is not the one that was stored")


@operation("s3.segment_download", writes=True, bytes_moved=SEGMENT_BYTES, prepare=some_segment, verify=_verify_download)
def segment_download(client: "S3Client", wanted: Segment) -> bytes:
    """How long a player waits for a whole segment of 1 MB; every byte is compared with what was stored."""
    return client.bucket.get(wanted.key)[0]


def _verify_head(_client: "S3Client", wanted: Segment, answer: dict[str, Any]) -> None:
    if (answer.get("ContentLength"), answer.get("Metadata")) != (SEGMENT_BYTES, {"number": str(wanted.number)}):
        raise IntegrityError("what is said of the segment is not what was stored with it")


@operation("s3.segment_head", writes=True, prepare=some_segment, verify=_verify_head)
def segment_head(client: "S3Client", wanted: Segment) -> dict[str, Any]:
    """How long the store takes to find an object, without its bytes: its index, and the shortest way there and back."""
    return client.bucket.head(wanted.key)


def _stored(client: "S3Client") -> Sending:
    sent = new_segment(client)
    client.bucket.put(sent.key, sent.body)
    return sent


def _verify_deleted(client: "S3Client", sent: Sending, _result: Any) -> None:
    if client.bucket.has(sent.key):
        raise IntegrityError("the segment is still there")


@operation(
    "s3.segment_delete",
    writes=True,
    bytes_moved=SEGMENT_BYTES,  # prepare's upload
    prepare=_stored,
    verify=_verify_deleted,
    cleanup=delete_sent,
)
def segment_delete(client: "S3Client", sent: Sending) -> None:
    """How long deleting a segment takes: what makes room, and what a backlog of deletions is made of."""
    client.bucket.delete(sent.key)


def _some_slice(client: "S3Client") -> Slice:
    slices = SEGMENT_BYTES // RANGE_BYTES
    return Slice(some_segment(client), client.turn() % slices * RANGE_BYTES)


def _verify_slice(_client: "S3Client", wanted: Slice, body: bytes) -> None:
    if body != wanted.of.body[wanted.start : wanted.start + RANGE_BYTES]:
        raise IntegrityError("the bytes are not those of that range")


@operation("s3.range_read", writes=True, bytes_moved=RANGE_BYTES, prepare=_some_slice, verify=_verify_slice)
def range_read(client: "S3Client", wanted: Slice) -> bytes:
    """How long 64 KiB out of the middle of a segment take: what seeking feels like."""
    return client.bucket.get(wanted.of.key, Range=wanted.wanted)[0]


def _presigned(client: "S3Client") -> Sending:
    sent = new_segment(client)
    return Sending(sent.key, sent.body, client.bucket.presigned_put(sent.key))


@operation(
    "s3.presigned_put",
    writes=True,
    bytes_moved=SEGMENT_BYTES,
    prepare=_presigned,
    verify=verify_sent,
    cleanup=delete_sent,
)
def presigned_put(client: "S3Client", sent: Sending) -> str:
    """How long a 1 MB upload to a presigned URL takes: a TAMS client's, without the SDK and its signature over the body."""
    return client.bucket.put_presigned(sent.url, sent.body)
