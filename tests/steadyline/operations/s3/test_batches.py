"""Several objects at once: stored whole or not at all, deleted by one request, and listed by prefixes of growing size."""

import pytest
from s3_client import connected, target

from steadyline.operations.s3.batches import new_batch, stored_batch, verify_batch, verify_gone
from steadyline.operations.s3.payload import STAMP_BYTES, stamped
from steadyline.outcome import IntegrityError

KEPT = b"<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>because</Message></Error></DeleteResult>"


def test_what_the_store_keeps_is_told(far_end):
    """A bulk deletion that is answered with success, and kept an object, is a failure that names the reason."""
    with connected(target(far_end(body=KEPT).url)) as client, pytest.raises(IntegrityError, match=r"1 of 2 .*AccessDenied"):
        client.bucket.delete_all(["a", "b"])


def test_deleted_at_once(url, bucket, outside):
    """All objects go, those that were gone already are no error, and others stay."""
    with connected(target(url, bucket)) as client:
        batch = stored_batch(client, 3, 100)
        with pytest.raises(IntegrityError, match="3 of 3"):
            verify_gone(client, batch)
        outside.put_object(Bucket=bucket, Key="other", Body=b"")
        for _ in range(2):
            client.bucket.delete_all(batch.keys)
        verify_gone(client, batch)
        assert client.bucket.has("other")


def test_batch_that_cannot_be_stored_whole(url, bucket, outside):
    """When storing fails half-way, what was stored goes, and the failure told is the first one."""
    with connected(target(url, bucket)) as client:
        put, before = client.bucket.put, _count(outside, bucket, client)

        def failing(key, body):
            if key.endswith("/002"):
                raise TimeoutError
            return put(key, body)

        client.bucket.put = failing
        with pytest.raises(TimeoutError):
            stored_batch(client, 5, 100)
        assert _count(outside, bucket, client) == before


def _count(outside, bucket, client):
    """How many objects lie in the bucket, the client's own among them."""
    assert client.working.items
    return outside.list_objects_v2(Bucket=bucket)["KeyCount"]


def test_no_two_objects_are_alike(url, bucket):
    """Each object of each batch has bytes of its own, so that one in another's place shows."""
    with connected(target(url, bucket)) as client:
        batches = [new_batch(client, 4, 100) for _ in range(3)]
        assert len({body for batch in batches for body in batch.bodies}) == 12
        etags = [client.bucket.put(key, body) for key, body in batches[0].works]
        verify_batch(client, batches[0], etags)
        with pytest.raises(IntegrityError):
            verify_batch(client, batches[0], etags[::-1])


@pytest.mark.parametrize("size", [STAMP_BYTES, STAMP_BYTES + 1, 1_000_000, 1_000_016, 1_000_017, 2_500_000])
def test_size_of_bytes(size):
    """Bytes are as many as were asked for, and begin with their number."""
    body = stamped(7, size)
    assert (len(body), body[:STAMP_BYTES]) == (size, (7).to_bytes(STAMP_BYTES))


@pytest.mark.parametrize("count", [1, 10, 100])
def test_listed(url, bucket, count):
    """A prefix has as many objects as were asked for, however many there are in all; they are stored once."""
    with connected(target(url, bucket)) as client:
        client.listed(100)
        prefix, entries = client.listed(count)
        puts = []
        client.bucket.put = lambda *sent: puts.append(sent)
        assert client.listed(count) == (prefix, entries)
        listed = client.bucket.page(prefix)["Contents"]
    assert [(one["Key"], one["Size"], one["ETag"]) for one in listed] == entries
    assert (len(entries), puts) == (count, [])
