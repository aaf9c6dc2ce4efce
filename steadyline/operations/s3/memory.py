"""Whole large objects in memory: what they cost the process beside their own size, told by the runner's peak."""

from typing import TYPE_CHECKING

from steadyline.operation import operation
from steadyline.operations.s3.payload import stamped
from steadyline.operations.s3.segments import Sending, delete_sent, verify_sent
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.s3.client import S3Client

LARGE_BYTES = 16_000_000
"""Enough that one copy more stands out of what a process takes anyway."""


def _large(client: "S3Client") -> Sending:
    return Sending(client.new_key(), stamped(client.turn(), LARGE_BYTES))


@operation(
    "s3.memory_upload_16mb",
    writes=True,
    probe_every_seconds=None,
    bytes_moved=LARGE_BYTES,
    prepare=_large,
    verify=verify_sent,
    cleanup=delete_sent,
)
def memory_upload_16mb(client: "S3Client", sent: Sending) -> str:
    """What storing 16 MB in one piece takes: its peak memory shows how often the SDK copies what it signs and sends."""
    return client.bucket.put(sent.key, sent.body)


def _stored(client: "S3Client") -> Sending:
    sent = _large(client)
    client.bucket.put(sent.key, sent.body)
    return sent


def _verify_loaded(_client: "S3Client", stored: Sending, body: bytes) -> None:
    if body != stored.body:
        raise IntegrityError("the object is not the one that was stored")


@operation(
    "s3.memory_download_16mb",
    writes=True,
    probe_every_seconds=None,
    bytes_moved=2 * LARGE_BYTES,  # prepare's upload too
    prepare=_stored,
    verify=_verify_loaded,
    cleanup=delete_sent,
)
def memory_download_16mb(client: "S3Client", stored: Sending) -> bytes:
    """What loading 16 MB in one piece takes: its peak memory, beside the 16 MB sent before, shows what reading holds twice."""
    return client.bucket.get(stored.key)[0]
