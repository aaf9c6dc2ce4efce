"""The embedded S3 as a process: what keeps it from starting is one message; it says nothing else and keeps its memory."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest
from s3_target import ACCESS_KEY, SECRET_KEY, boto

COMMAND = [sys.executable, "-m", "targets.s3"]
KEYS = {"S3_ACCESS_KEY_ID": ACCESS_KEY, "S3_SECRET_ACCESS_KEY": SECRET_KEY}
MEGABYTE = 1_000_000
PART_BYTES = 17 * MEGABYTE // 3


def environ(**more):
    """An environment without keys of the user's."""
    return {**{name: value for name, value in os.environ.items() if not name.startswith(("S3_", "AWS_", "MOTO_"))}, **more}


def run(*arguments, **more):
    """Run it to its end, which must come by itself."""
    return subprocess.run([*COMMAND, *arguments], env=environ(**more), capture_output=True, text=True, timeout=60, check=False)


@contextlib.contextmanager
def running(*arguments):
    """The process and the endpoint it names."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], env=environ(**KEYS), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        said = process.stdout.readline()
        yield process, said
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_and_stops(number):
    """It says where it listens and for whom, not with what secret; serves; and a signal ends it with exit code 0."""
    with running("--bucket", "one", "--bucket", "two") as (process, said):
        url = said.split()[1]
        assert said == f"s3: {url} in memory, for access key {ACCESS_KEY}; buckets: one, two\n"
        assert url.startswith("http://127.0.0.1:")
        assert httpx.get(f"{url}/-/ready", trust_env=False).json() == {"ready": True, "buckets": 2}
        with contextlib.closing(boto(url)) as client:
            assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == ["one", "two"]
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (0, "", "")


def test_memory_stays():
    """What was deleted is let go: 200 objects of 1 MB, plain ones and parts, cost no more memory than the first 40."""
    with running("--bucket", "one") as (process, said), contextlib.closing(boto(said.split()[1])) as client:
        body = os.urandom(MEGABYTE)

        def store(number):
            place = {"Bucket": "one", "Key": f"key-{number}"}
            client.put_object(**place, Body=body)
            assert len(client.get_object(**place)["Body"].read()) == MEGABYTE
            client.delete_object(**place)
            upload = client.create_multipart_upload(**place)["UploadId"]
            part = client.upload_part(**place, UploadId=upload, PartNumber=1, Body=body)
            parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
            client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
            client.delete_object(**place)

        def resident():
            return psutil.Process(process.pid).memory_info().rss

        for number in range(20):
            store(number)
        warm = resident()
        for number in range(20, 120):
            store(number)
        assert resident() - warm < 30 * MEGABYTE
        process.terminate()
        assert process.communicate(timeout=60) == ("", "")


def test_memory_of_large_uploads():
    """Uploads of 17 MB side by side leave the process far under the budget of 500 MB."""
    with running("--bucket", "one") as (process, said), contextlib.closing(boto(said.split()[1])) as client:
        body = os.urandom(PART_BYTES)

        def store(number):
            place = {"Bucket": "one", "Key": f"key-{number}"}
            upload = client.create_multipart_upload(**place)["UploadId"]
            sent = [client.upload_part(**place, UploadId=upload, PartNumber=part, Body=body) for part in (1, 2, 3)]
            parts = [{"PartNumber": part, "ETag": one["ETag"]} for part, one in enumerate(sent, 1)]
            client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})
            client.delete_object(**place)

        with ThreadPoolExecutor(3) as threads:
            list(threads.map(store, range(30)))
        assert psutil.Process(process.pid).memory_info().rss < 200 * MEGABYTE


def refused(done, *words):
    """It ended with exit code 2 and one message that has the words."""
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.stderr
    for word in words:
        assert word in done.stderr


def test_busy_port():
    """A port that is taken is named."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused(run("--port", str(port)), f"127.0.0.1:{port}", "in use", "another --port")


@pytest.mark.parametrize("name", ["Upper", "a", "under_score", "x" * 64, ""])
def test_bucket_of_no_use(name):
    """A name that S3 allows no bucket is named."""
    refused(run("--port", "0", "--bucket", name), "--bucket", repr(name))


@pytest.mark.parametrize("half", KEYS)
def test_half_a_pair_of_keys(half):
    """One of the two keys alone is refused, and not shown."""
    done = run("--port", "0", **{half: "s3cret"})
    refused(done, *KEYS)
    assert "s3cret" not in done.stderr
