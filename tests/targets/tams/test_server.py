"""The target as a process: what keeps it from starting is one message and an exit code; it waits, serves, stops cleanly."""

import os
import signal
import socket
import subprocess
import sys
import uuid
from contextlib import closing

import httpx
import pyarrow as pa
import pytest
import vastdb
from s3_target import ACCESS_KEY, SECRET_KEY, boto, embedded_s3, new_bucket
from vast_system import vast_db

COMMAND = [sys.executable, "-m", "targets.tams"]


@pytest.fixture(scope="module")
def backends():
    """The environment of an API over backends of this module's own."""
    with vast_db() as vast, embedded_s3() as s3_url:
        yield {
            "VAST_ENDPOINT": vast.url,
            "VAST_ACCESS_KEY": ACCESS_KEY,
            "VAST_SECRET_KEY": SECRET_KEY,
            "VAST_BUCKET": vast.bucket,
            "VAST_SCHEMA": f"tams_{uuid.uuid4().hex[:8]}",
            "S3_ENDPOINT_URL": s3_url,
            "S3_ACCESS_KEY_ID": ACCESS_KEY,
            "S3_SECRET_ACCESS_KEY": SECRET_KEY,
            "S3_BUCKET_NAME": new_bucket(),
        }


def environ(**settings):
    """An environment without settings of the user's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("VAST_", "S3_", "AWS_"))}
    return {**clean, **settings}


def started(settings, *arguments):
    """The process, which may still be waiting."""
    return subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        env=environ(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def refused(settings, exit_code, *words, arguments=("--port", "0", "--wait", "0")):
    """It ends by itself with one message that has the words, and neither a traceback nor a secret."""
    done = subprocess.run(
        [*COMMAND, *arguments], env=environ(**settings), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == exit_code, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr
    assert SECRET_KEY not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_and_stops(backends, number):
    """It makes what is missing, says where it listens, serves, and a signal ends it with exit code 0."""
    settings = {**backends, "S3_BUCKET_NAME": f"new-{uuid.uuid4()}"}
    process = started(settings, "--s3-public-url", "http://media.example:9")
    try:
        said = process.stdout.readline()
        address = said.split()[1]
        place = f"VAST DB {settings['VAST_ENDPOINT']} {settings['VAST_BUCKET']}/{settings['VAST_SCHEMA']}"
        assert said == f"tams: {address} on {place}, S3 {settings['S3_ENDPOINT_URL']} {settings['S3_BUCKET_NAME']}\n"
        assert httpx.get(f"{address}/-/ready", trust_env=False).json() == {"ready": True}
        assert httpx.get(f"{address}/-/faults", trust_env=False).status_code == 404
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert (process.returncode, out, err) == (0, "", "")


def test_waits_for_a_backend(backends, free_port):
    """It may be started before its backends are there."""
    port = free_port()
    process = started({**backends, "S3_ENDPOINT_URL": f"http://127.0.0.1:{port}"}, "--wait", "60")
    s3 = subprocess.Popen([sys.executable, "-m", "targets.s3", "--port", str(port)], stdout=subprocess.DEVNULL, env=environ())
    try:
        assert process.stdout.readline().startswith("tams: http://127.0.0.1:")
    finally:
        for one in (process, s3):
            one.terminate()
            one.communicate(timeout=60)


def test_one_line_a_failure(backends):
    """A backend that goes away while the server runs is one line for each request that needed it."""
    with vast_db() as vast:
        process = started({**backends, "VAST_ENDPOINT": vast.url})
        address = process.stdout.readline().split()[1]
    try:
        assert httpx.get(f"{address}/flows", trust_env=False, timeout=30).status_code == 503
    finally:
        process.terminate()
        _, told = process.communicate(timeout=60)
    of_the_janitor = "has to wait"  # its first round may still have been under way
    lines = [line for line in told.splitlines() if of_the_janitor not in line]
    assert lines == ["tams: VAST DB: no answer: Connection refused"]


def test_all_settings_missing():
    """Without settings all of them are named in one message."""
    refused({}, 2, "VAST_ENDPOINT: not set", "S3_BUCKET_NAME: not set")


def test_busy_port(backends):
    """A port that is taken is named, and no backend is asked."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        nowhere = {**backends, "VAST_ENDPOINT": "http://127.0.0.1:1"}
        refused(nowhere, 2, f"127.0.0.1:{port}", "in use", "another --port", arguments=("--port", str(port)))


UNUSABLE = {
    "no VAST": ({"VAST_ENDPOINT": "http://127.0.0.1:1"}, "VAST DB http://127.0.0.1:1: nothing answers there"),
    "no S3": ({"S3_ENDPOINT_URL": "http://127.0.0.1:1"}, "S3 http://127.0.0.1:1: nothing answers there"),
    "an S3 for VAST": ({"VAST_ENDPOINT": "{s3}"}, "what answers there is no VAST DB; mend VAST_ENDPOINT"),
    "no VAST bucket": ({"VAST_BUCKET": "no-bucket"}, "there is no bucket no-bucket; make it through S3, or mend VAST_BUCKET"),
    "wrong VAST key": ({"VAST_SECRET_KEY": "wrong"}, "it refuses the keys; mend VAST_ACCESS_KEY and VAST_SECRET_KEY"),
    "wrong S3 key": ({"S3_SECRET_ACCESS_KEY": "wrong"}, "it refuses the keys or the bucket; mend S3_ACCESS_KEY_ID"),
}


@pytest.mark.parametrize(("wrong", "words"), UNUSABLE.values(), ids=UNUSABLE)
def test_backend_of_no_use(backends, wrong, words):
    """A backend that cannot be used is named with what to do: exit code 4."""
    wrong = {name: value.replace("{s3}", backends["S3_ENDPOINT_URL"]) for name, value in wrong.items()}
    refused({**backends, **wrong}, 4, words)


def test_tables_of_another(backends):
    """A schema that has other tables by our names is refused, and left alone."""
    session = vastdb.connect(endpoint=backends["VAST_ENDPOINT"], access=ACCESS_KEY, secret=SECRET_KEY)
    with closing(session.api._session_get_or_create(session.api.endpoints[0])):
        with session.transaction() as tx:
            schema = tx.bucket(backends["VAST_BUCKET"]).create_schema("theirs")
            schema.create_table("flows", pa.schema([("id", pa.int64())]))
        refused({**backends, "VAST_SCHEMA": "theirs"}, 4, "table flows has other columns", "use another VAST_SCHEMA")


def test_bucket_is_kept(backends):
    """A bucket that is there is used as it is."""
    with closing(boto(backends["S3_ENDPOINT_URL"])) as client:
        client.put_object(Bucket=backends["S3_BUCKET_NAME"], Key="theirs", Body=b"x")
        process = started(backends)
        try:
            assert process.stdout.readline().startswith("tams: ")
        finally:
            process.terminate()
            process.communicate(timeout=60)
        assert client.get_object(Bucket=backends["S3_BUCKET_NAME"], Key="theirs")["Body"].read() == b"x"
