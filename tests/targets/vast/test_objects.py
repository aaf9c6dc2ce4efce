"""The S3 store behind the endpoint: requests pass through unharmed, buckets are known on both sides, Parquet is imported."""

import io
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from botocore.exceptions import ClientError
from s3_target import boto, embedded_s3
from vast_endpoint import BUCKET, COLUMNS, KEYS, ROWS, Served, connected, serving, undone
from vastdb import errors

ACCESS_KEY, SECRET_KEY = KEYS.values()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An endpoint with an S3 store behind it that checks signatures by the same keys."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("s3_target.ACCESS_KEY", ACCESS_KEY)
        patch.setattr("s3_target.SECRET_KEY", SECRET_KEY)
        with embedded_s3() as store, serving(tmp_path_factory.mktemp("vast")) as serve:
            yield serve("--bucket", BUCKET, "--s3-url", store)


@pytest.fixture
def s3(both: Served) -> Iterator[Any]:
    """boto3, talking to the endpoint."""
    client = boto(both.url, ACCESS_KEY, SECRET_KEY)
    yield client
    client.close()


@pytest.fixture
def session(both: Served) -> Iterator[Any]:
    """The SDK, talking to it."""
    with connected(both.url) as session:
        yield session


def bucket(s3: Any, name: str) -> str:
    """A new bucket."""
    s3.create_bucket(Bucket=name)
    return name


def parquet(rows: pa.Table) -> bytes:
    """The rows as a Parquet file."""
    file = io.BytesIO()
    pq.write_table(rows, file)
    return file.getvalue()


@pytest.mark.parametrize("key", ["plain", "with space/and+plus", "a=b&c%20d", "ünï/\N{SNOWMAN}"])
def test_objects_pass_through(s3: Any, key: str) -> None:
    """Whatever an object is called, it comes back byte for byte, with its type; its signature holds at both ends."""
    name = bucket(s3, f"objects-{abs(hash(key))}")
    body = bytes(range(256)) * 5000
    s3.put_object(Bucket=name, Key=key, Body=body, ContentType="video/mp2t")
    found = s3.get_object(Bucket=name, Key=key, Range="bytes=1000-1999")
    assert found["ContentType"] == "video/mp2t"
    assert found["Body"].read() == body[1000:2000]
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=name)["Contents"]] == [key]
    s3.delete_object(Bucket=name, Key=key)


def test_error_of_the_store_passes_through(s3: Any) -> None:
    """What the store refuses is refused in its own words."""
    name = bucket(s3, "errors")
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=name, Key="missing")


def test_presigned_url(s3: Any) -> None:
    """A URL that was signed beforehand is met, and not when it was changed."""
    name = bucket(s3, "presigned")
    url = s3.generate_presigned_url("put_object", {"Bucket": name, "Key": "k"})
    assert httpx.put(url, content=b"body").status_code == 200
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"body"
    assert httpx.put(url.replace("/k?", "/other?"), content=b"body").status_code == 403


def test_bucket_that_s3_makes_and_drops(s3: Any, session: Any) -> None:
    """A bucket made by an S3 request can hold schemas; while it does it cannot be dropped; dropped, it is missing."""
    name = bucket(s3, "vanishing")
    with session.transaction() as tx:
        tx.bucket(name).create_schema("s")
    with pytest.raises(ClientError, match="Conflict"):
        s3.delete_bucket(Bucket=name)
    with session.transaction() as tx:
        tx.bucket(name).schema("s").drop()
    s3.delete_bucket(Bucket=name)
    with undone(session) as tx, pytest.raises(errors.MissingBucket):
        tx.bucket(name)


def test_import(s3: Any, session: Any) -> None:
    """Parquet objects become rows; each is noted, and an object is imported once."""
    name = bucket(s3, "imports")
    s3.put_object(Bucket=name, Key="a.parquet", Body=parquet(ROWS))
    s3.put_object(Bucket=name, Key="b.parquet", Body=parquet(pa.table({"name": ["d"]})))
    with undone(session) as tx:
        table = tx.bucket(BUCKET).create_schema("imports").create_table("t", COLUMNS)
        table.import_files([f"/{name}/a.parquet", f"/{name}/b.parquet"])
        table.import_files([f"/{name}/a.parquet"])
        found = table.select().read_all().to_pydict()
        assert sorted(found["name"]) == ["a", "b", "c", "d"]
        assert found["id"][found["name"].index("d")] is None
        noted = table.imports_table().select(["ObjectName"], config=None).read_all().column(0).to_pylist()
        assert sorted(noted) == ["a.parquet", "b.parquet"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "TabularNoSuchObject"),
        (b"no parquet", "TabularImportError"),
        (parquet(pa.table({"nonsense": [1]})), "TabularMismatchColumnName"),
        (parquet(pa.table({"id": ["text"]})), "TabularMismatchColumnType"),
    ],
)
def test_import_that_cannot_be(both: Served, s3: Any, session: Any, content: bytes | None, code: str) -> None:
    """An object that is missing, is no Parquet or does not fit is told by name, and in the log; nothing of it is kept."""
    name = bucket(s3, f"bad-{code.lower()}")
    if content is not None:
        s3.put_object(Bucket=name, Key="k", Body=content)
    with undone(session) as tx:
        table = tx.bucket(BUCKET).create_schema("bad").create_table("t", COLUMNS)
        with pytest.raises(errors.ImportFilesError) as raised:
            table.import_files([f"/{name}/k"])
        assert raised.value.error_dict["res"] == code
        assert raised.value.error_dict["object_name"] == "k"
        assert table.select().read_all().num_rows == 0
    assert f"POST /{BUCKET}/bad/t?data {code}: 1 of 1 objects\n" in both.log.read_text()


def test_without_a_store(endpoint: Served) -> None:
    """Without a store S3 requests are not implemented, but for the making and dropping of buckets."""
    client = boto(endpoint.url, ACCESS_KEY, SECRET_KEY)
    client.create_bucket(Bucket="alone")
    with pytest.raises(ClientError, match="AlreadyExists"):
        client.create_bucket(Bucket="alone")
    with pytest.raises(ClientError, match="NotImplemented"):
        client.put_object(Bucket="alone", Key="k", Body=b"")
    client.delete_bucket(Bucket="alone")
    with pytest.raises(ClientError, match="NoSuchBucket"):
        client.delete_bucket(Bucket="alone")
    client.close()


def test_store_that_does_not_answer(tmp_path: Path) -> None:
    """A store that is down is a service unavailable; the database goes on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listened on
        with serving(tmp_path) as serve:
            served = serve("--bucket", BUCKET, "--s3-url", f"http://127.0.0.1:{taken.getsockname()[1]}")
            client = boto(served.url, ACCESS_KEY, SECRET_KEY)
            with pytest.raises(ClientError, match="ServiceUnavailable"):
                client.list_objects_v2(Bucket=BUCKET)
            client.close()
            with connected(served.url) as session, session.transaction() as tx:
                assert tx.bucket(BUCKET).schemas() == []
