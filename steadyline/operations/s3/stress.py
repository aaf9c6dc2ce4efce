"""S3 under stress: many requests at once, large data, much memory, and deleting while others write. Never probed."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from steadyline.operations.http.parallel import side_by_side
from steadyline.operations.s3.batches import Batch, delete_batch, new_batch, stored_batch, verify_batch, verify_gone
from steadyline.operations.s3.cleanup import SMALL_BYTES
from steadyline.operations.s3.multipart import Upload, clean_up, size_of, verify_upload
from steadyline.operations.stress import stress
from steadyline.outcome import IntegrityError

if TYPE_CHECKING:  # the client imports the SDK, which nobody waits for who only lists what there is
    from steadyline.operations.s3.client import S3Client

THREADS = 16
"""As many as a target allows by default."""
OBJECTS_OF_A_THREAD = 4
MIXED_BYTES = 100_000
LARGE_PARTS = 8
LARGE_THREADS = 4
"""More parts at once are no faster on one network, and each is held whole."""
HELD = 8
HELD_BYTES = 4_000_000
WRITERS = 5
KEYS_OF_A_WRITER = 10


@dataclass(frozen=True, slots=True)
class Stored:
    """What one thread did: the ETag of what it stored, and what it was given back."""

    etag: str
    body: bytes


def _store_and_load(client: "S3Client", works: list[tuple[str, bytes]]) -> list[Stored]:
    """Store each object and load it again, one after the other."""
    return [Stored(client.bucket.put(key, body), client.bucket.get(key)[0]) for key, body in works]


def _verify_stored(client: "S3Client", batch: Batch, stored: list[Stored]) -> None:
    if tuple(one.body for one in stored) != batch.bodies:
        raise IntegrityError("what came back is not what was sent")
    verify_batch(client, batch, [one.etag for one in stored])


def _in_threads(client: "S3Client", batch: Batch, of_a_thread: int) -> list[Stored]:
    """Store and load a batch, each thread its own part of it."""
    works = batch.works
    shares = [works[first : first + of_a_thread] for first in range(0, len(works), of_a_thread)]
    return [one for done in side_by_side([partial(_store_and_load, client, share) for share in shares]) for one in done]


@stress(
    "s3.stress_concurrent_16",
    items=2 * THREADS * OBJECTS_OF_A_THREAD,
    concurrency=THREADS,
    bytes_moved=2 * THREADS * OBJECTS_OF_A_THREAD * MIXED_BYTES,
    prepare=lambda client: new_batch(client, THREADS * OBJECTS_OF_A_THREAD, MIXED_BYTES),
    verify=_verify_stored,
    cleanup=delete_batch,
)
def stress_concurrent_16(client: "S3Client", batch: Batch) -> list[Stored]:
    """How long 16 threads take to store and load four objects of 100 kB each: what readers and writers cost each other."""
    return _in_threads(client, batch, OBJECTS_OF_A_THREAD)


@dataclass(frozen=True, slots=True)
class Returned:
    """A large object's ETag, and its parts as they were loaded, in order."""

    etag: str
    parts: list[bytes]


def _verify_large(client: "S3Client", upload: Upload, returned: Returned) -> None:
    if any(body != upload.part(part) for part, body in zip(upload.parts, returned.parts, strict=True)):
        raise IntegrityError("what came back is not what was sent")
    verify_upload(client, upload, returned.etag)


def _put(client: "S3Client", upload: Upload, parts: range) -> list[dict[str, Any]]:
    return [client.bucket.put_part(upload.key, upload.id, part, upload.part(part)) for part in parts]


def _get(client: "S3Client", upload: Upload, parts: range) -> list[tuple[int, bytes]]:
    return [(part, client.bucket.get(upload.key, Range=upload.range_of(part))[0]) for part in parts]


@stress(
    "s3.stress_large_43mb",
    concurrency=LARGE_THREADS,
    bytes_moved=2 * size_of(LARGE_PARTS),
    prepare=lambda client: Upload(client.new_key(), client.turn(), LARGE_PARTS),
    verify=_verify_large,
    cleanup=clean_up,
)
def stress_large_43mb(client: "S3Client", upload: Upload) -> Returned:
    """How long 43 MB take to be one object and to come back, in nine parts on four threads: the most one client moves."""
    shares = [upload.parts[first::LARGE_THREADS] for first in range(LARGE_THREADS)]
    upload.id = client.bucket.begin(upload.key)
    put = [one for done in side_by_side([partial(_put, client, upload, share) for share in shares]) for one in done]
    etag = client.bucket.complete(upload.key, upload.id, sorted(put, key=lambda part: int(part["PartNumber"])))
    got = [one for done in side_by_side([partial(_get, client, upload, share) for share in shares]) for one in done]
    return Returned(etag, [body for _, body in sorted(got)])


@stress(
    "s3.stress_memory_8",
    items=2 * HELD,
    concurrency=HELD,
    bytes_moved=2 * HELD * HELD_BYTES,
    prepare=lambda client: new_batch(client, HELD, HELD_BYTES),
    verify=_verify_stored,
    cleanup=delete_batch,
)
def stress_memory_8(client: "S3Client", batch: Batch) -> list[Stored]:
    """What eight threads take that store and load 4 MB each, whole: its peak memory shows what one more client costs."""
    return _in_threads(client, batch, 1)


@dataclass(frozen=True, slots=True)
class Turnover:
    """Objects to be deleted, and others to be stored meanwhile."""

    old: Batch
    new: Batch


def _turnover(client: "S3Client") -> Turnover:
    count = WRITERS * KEYS_OF_A_WRITER
    new = new_batch(client, count, SMALL_BYTES)
    return Turnover(stored_batch(client, count, SMALL_BYTES), new)


def _verify_turnover(client: "S3Client", turnover: Turnover, etags: list[str]) -> None:
    verify_gone(client, turnover.old)
    verify_batch(client, turnover.new, etags)


def _delete_both(client: "S3Client", turnover: Turnover, _etags: list[str] | None) -> None:
    delete_batch(client, turnover.old, None)
    delete_batch(client, turnover.new, None)


def _delete_share(client: "S3Client", keys: list[str]) -> list[str]:
    for key in keys:
        client.bucket.delete(key)
    return []


def _put_share(client: "S3Client", works: list[tuple[str, bytes]]) -> list[str]:
    return [client.bucket.put(key, body) for key, body in works]


@stress(
    "s3.stress_cleanup_50",
    items=WRITERS * KEYS_OF_A_WRITER,
    concurrency=2 * WRITERS,
    bytes_moved=2 * WRITERS * KEYS_OF_A_WRITER * SMALL_BYTES,  # prepare's uploads too
    prepare=_turnover,
    verify=_verify_turnover,
    cleanup=_delete_both,
)
def stress_cleanup_50(client: "S3Client", turnover: Turnover) -> list[str]:
    """How long five threads take to delete 50 objects one by one while five others store as many: cleaning up under load."""
    at = range(0, WRITERS * KEYS_OF_A_WRITER, KEYS_OF_A_WRITER)
    keys, works = turnover.old.keys, turnover.new.works
    deleting = [partial(_delete_share, client, keys[first : first + KEYS_OF_A_WRITER]) for first in at]
    storing = [partial(_put_share, client, works[first : first + KEYS_OF_A_WRITER]) for first in at]
    return [etag for done in side_by_side([*deleting, *storing]) for etag in done]
