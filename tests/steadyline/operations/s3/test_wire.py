"""What the S3 client shows of the wire, what it marks, and how many connections it takes."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import pytest
from metered import metered
from s3_client import connected, target
from s3_target import boto, embedded_s3, new_bucket
from starlette.responses import Response
from trace_target import serving

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.operation import operation
from steadyline.operations.s3.backend import BACKEND
from steadyline.outcome import OPERATION_HEADER

OPERATIONS = catalogue.operations(["s3"])
LISTING = b"<ListBucketResult><Name>bucket</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"


@pytest.fixture(scope="module")
def used_bucket():
    """A bucket of the embedded S3 with as many objects of others as one page of a listing has."""
    name = new_bucket()
    with embedded_s3() as url, closing(boto(url)) as outside:
        for number in range(100):
            key = f"0/of-a-length-that-is-usual-for-a-media-segment/2026/01/01/{number:036}"
            outside.put_object(Bucket=name, Key=key, Body=b"")
    return name


@pytest.mark.parametrize("name", OPERATIONS)
def test_bytes(url, used_bucket, name):
    """An operation's payload is counted, and no more than it declares, its prepare's included."""
    op = OPERATIONS[name]
    with connected(target(url, used_bucket)) as client:
        outcome, moved = metered(Attempt(BACKEND, client), op)
    assert outcome.ok, outcome.detail
    if op.bytes_moved:
        assert op.bytes_moved / 4 < moved <= op.bytes_moved * 1.001  # a multipart upload's XML comes on top
    else:
        assert moved < 1000


@operation("s3.asking")
def asking(client, _prepared):
    """List the bucket."""
    return client.bucket.page()


@pytest.mark.parametrize(
    ("name", "phases"), [("s3.bucket_list", {"first_byte", "transfer"}), ("s3.segment_head", {"first_byte"})]
)
def test_phases(url, bucket, name, phases):
    """A request shows its phases within its duration; one over a connection that is there has no connect phase."""
    with connected(target(url, bucket)) as client:
        assert client.working.items
        outcome = Attempt(BACKEND, client)(OPERATIONS[name])
    assert set(outcome.phases) == phases
    assert all(seconds > 0 for seconds in outcome.phases.values())
    assert sum(outcome.phases.values()) <= outcome.duration_seconds


@pytest.mark.parametrize("name", ["s3.segment_upload", "s3.multipart_upload", "s3.presigned_put"])
def test_phases_of_an_upload(url, bucket, name):
    """What an upload sends is transfer, apart from waiting for the answer; a new client connects first."""
    with connected(target(url, bucket)) as client:
        outcome = Attempt(BACKEND, client)(OPERATIONS[name])
        assert set(outcome.phases) == {"first_byte", "transfer"}
        assert sum(outcome.phases.values()) <= outcome.duration_seconds
        init = Attempt(BACKEND, client)(OPERATIONS["s3.store_init"])
        assert set(init.phases) == {"connect", "first_byte", "transfer"}


def test_phases_side_by_side(url, bucket):
    """Uploads side by side show no phases, which would come to more than the whole took, but all their bytes."""
    with connected(target(url, bucket)) as client:
        outcome = Attempt(BACKEND, client)(OPERATIONS["s3.concurrent_upload_10"])
    assert (outcome.phases, outcome.bytes_sent) == ({}, 10_000_000)


@pytest.mark.parametrize("name", OPERATIONS)
def test_marks_the_first_request_alone(url, bucket, name):
    """The header that names the operation goes with the body's first request, and with nothing before, between or after."""
    fault = {"header": OPERATION_HEADER, "value": name, "takes_seconds": 0.001, "expires_seconds": 600}
    httpx.put(f"{url}/-/faults/seen", json=fault, trust_env=False).raise_for_status()
    with connected(target(url, bucket)) as client:
        for _ in range(2):
            assert Attempt(BACKEND, client)(OPERATIONS[name]).ok
    assert httpx.delete(f"{url}/-/faults/seen", trust_env=False).json()["matched_requests"] == 2


def test_mark_is_not_signed(far_end):
    """The mark is no part of the signature: a proxy may drop it."""
    there = far_end(body=LISTING)
    with connected(target(there.url)) as client:
        assert Attempt(BACKEND, client)(OPERATIONS["s3.bucket_list"]).ok
    headers = there.requests[0].headers
    assert headers[OPERATION_HEADER] == "s3.bucket_list"
    assert OPERATION_HEADER.lower() not in headers["authorization"]


def test_fault_reaches_one_operation(url, bucket):
    """A fault slows each attempt at its operation to what was asked or more."""
    fault = {"header": OPERATION_HEADER, "value": "s3.segment_upload", "takes_seconds": 0.1, "expires_seconds": 60}
    httpx.put(f"{url}/-/faults/slow", json=fault, trust_env=False).raise_for_status()
    with connected(target(url, bucket)) as client:
        attempt = Attempt(BACKEND, client)
        assert all(attempt(OPERATIONS["s3.segment_upload"]).duration_seconds >= 0.1 for _ in range(3))
        assert attempt(OPERATIONS["s3.segment_head"]).ok
    assert httpx.delete(f"{url}/-/faults/slow", trust_env=False).json()["matched_requests"] == 3


def test_no_more_connections_than_allowed():
    """Attempts side by side share the connections that the target allows."""
    under_way, most = [0], [0]

    async def counting(scope, receive, send):
        under_way[0] += 1  # on the server's one event loop
        most[0] = max(most[0], under_way[0])
        await Response(LISTING)(scope, receive, send)
        under_way[0] -= 1

    with (
        serving(counting) as url,
        connected(target(url, concurrency=2)) as client,
        ThreadPoolExecutor(8) as threads,
    ):
        outcomes = list(threads.map(Attempt(BACKEND, client), [asking] * 40))
        pools = client._wire._pool.pools
        assert sum(pools[key].num_connections for key in pools.keys()) <= 2  # noqa: SIM118 - urllib3's own container
    assert all(outcome.ok for outcome in outcomes)
    assert most[0] <= 2


def test_idle_connection_is_opened_anew(far_end, monkeypatch):
    """A connection that was idle for long is not used again: servers may be closing it just then."""
    there = far_end(body=LISTING)
    with connected(target(there.url)) as client:
        attempt = Attempt(BACKEND, client)
        assert "connect" in attempt(asking).phases
        assert "connect" not in attempt(asking).phases
        later = time.perf_counter() + 5
        monkeypatch.setattr("steadyline.operations.urllib3_wire._clock", lambda: later)
        assert "connect" in attempt(asking).phases


def test_upload_that_fails_is_aborted(url, bucket, outside):
    """A multipart upload whose part fails leaves no unfinished upload behind."""
    with connected(target(url, bucket)) as client:
        put_part = client.bucket.put_part

        def failing(key, upload, number, body):
            if number == 3:
                raise TimeoutError
            return put_part(key, upload, number, body)

        client.bucket.put_part = failing
        assert not Attempt(BACKEND, client)(OPERATIONS["s3.multipart_upload"]).ok
        assert "Uploads" not in outside.list_multipart_uploads(Bucket=bucket)
