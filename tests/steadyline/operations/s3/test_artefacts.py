"""What crashed runs left in a bucket is counted from outside, unfinished uploads too, and nothing else is."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from s3_client import connected, target

from steadyline.operations.s3 import bucket as bucket_module
from steadyline.operations.s3.artefacts import left, run_scoped
from steadyline.operations.s3.bucket import Bucket
from targets.s3 import store

PART = b"x" * 1000
HOUR = timedelta(hours=1)
OLD, YOUNG, GONE = (f"steadyline-s3-{uuid4()}" for _ in range(3))


@pytest.fixture
def crashed(outside, bucket):
    """`crashed(name, ago)` stores an object and begins an upload under a prefix, so long ago."""

    def leave(name, ago, *, keys=("born", "work/a"), uploads=("work/b",)):
        for key in keys:
            outside.put_object(Bucket=bucket, Key=f"{name}/{key}", Body=PART)
            store._backend().buckets[bucket].keys[f"{name}/{key}"].last_modified -= ago
        for key in uploads:
            upload = outside.create_multipart_upload(Bucket=bucket, Key=f"{name}/{key}")["UploadId"]
            outside.upload_part(Bucket=bucket, Key=f"{name}/{key}", UploadId=upload, PartNumber=1, Body=PART)

    return leave


def test_sweep_takes_unfinished_uploads(url, bucket, outside, crashed):
    """A crashed run's objects and unfinished uploads are counted and swept; a young run's are not."""
    crashed(OLD, 3 * HOUR)
    crashed(YOUNG, HOUR)
    outside.create_multipart_upload(Bucket=bucket, Key="users/upload")
    with connected(target(url, bucket)) as client:
        assert client.leaked() == 3
        assert client.sweep() == 3
        assert client.leaked() == 0
    assert [one["Key"] for one in outside.list_objects_v2(Bucket=bucket)["Contents"]] == [
        f"{YOUNG}/born",
        f"{YOUNG}/work/a",
    ]
    uploads = {one["Key"] for one in outside.list_multipart_uploads(Bucket=bucket)["Uploads"]}
    assert uploads == {f"{YOUNG}/work/b", "users/upload"}


def test_nothing_else_is_swept(url, bucket, outside, crashed):
    """What only begins like our prefixes is somebody else's: it is not counted, and no sweep touches it."""
    names = ("steadyline-backups", "steadyline-s3-notes", f"steadyline-vast-{uuid4()}", f"x{OLD}", f"{OLD}x")
    for name in names:
        crashed(name, 100 * HOUR)
    outside.put_object(Bucket=bucket, Key=OLD, Body=PART)
    store._backend().buckets[bucket].keys[OLD].last_modified -= 100 * HOUR
    with connected(target(url, bucket)) as client:
        assert (client.leaked(), client.sweep()) == (0, 0)
    assert len(outside.list_objects_v2(Bucket=bucket)["Contents"]) == 2 * len(names) + 1
    assert len(outside.list_multipart_uploads(Bucket=bucket)["Uploads"]) == len(names)


def test_one_that_stays(url, bucket, outside, crashed, monkeypatch):
    """What may not be deleted is told, and keeps no other prefix alive."""
    kept, other = sorted((OLD, GONE))
    for name in (kept, other):
        crashed(name, 3 * HOUR, uploads=())
    with connected(target(url, bucket)) as client:
        delete = client.bucket.delete

        def refused(key):
            if key.startswith(kept):
                raise ClientError({"Error": {"Code": "AccessDenied"}}, "DeleteObject")
            delete(key)

        monkeypatch.setattr(client.bucket, "delete", refused)
        with pytest.raises(ClientError, match="AccessDenied"):
            client.sweep()
    assert {one["Key"].partition("/")[0] for one in outside.list_objects_v2(Bucket=bucket)["Contents"]} == {kept}


def test_age_is_the_first_objects(url, bucket, crashed):
    """A live run's unfinished upload is as young as its prefix, whatever the store says of the upload (moto: 2010)."""
    crashed(YOUNG, HOUR)
    with connected(target(url, bucket)) as client:
        (found,) = run_scoped(client.bucket).values()
        assert found.artefacts == 3
        assert found.age_seconds == pytest.approx(HOUR.total_seconds(), abs=60)
        assert left([found], set()) == []
        assert client.leaked() == 0


def test_upload_alone(url, bucket, crashed):
    """An old upload whose prefix has no objects any more is swept too."""
    crashed(GONE, HOUR, keys=())
    with connected(target(url, bucket)) as client:
        assert client.sweep() == 1


def test_many_pages(url, bucket, outside, crashed, monkeypatch):
    """What does not fit one page of a listing is counted and swept too."""
    monkeypatch.setattr(bucket_module, "PAGE", 3)
    crashed(OLD, 3 * HOUR, keys=[f"work/{number}" for number in range(8)], uploads=())
    with connected(target(url, bucket)) as client:
        assert [len(page["Contents"]) for page in client.bucket.pages("")] == [3, 3, 2]
        assert client.leaked() == 8
        assert client.sweep() == 8
    assert "Contents" not in outside.list_objects_v2(Bucket=bucket)


def test_stores_clock():
    """Age is by the store's clock, which its answers carry: the client's may be years off."""
    stored = datetime(2001, 9, 9, tzinfo=UTC)
    page = {
        "Name": "bucket",
        "Contents": [{"Key": f"{OLD}/born", "LastModified": stored}],
        "ResponseMetadata": {"HTTPHeaders": {"date": "Sun, 09 Sep 2001 01:00:00 GMT"}},
    }
    (found,) = run_scoped(Bucket("bucket", Answers(page), None)).values()
    assert (found.age_seconds, found.keys) == (3600, [f"{OLD}/born"])


class Answers:
    """The far end of a bucket: one page of objects, no uploads."""

    def __init__(self, page):
        self.page = page

    def list_objects_v2(self, **_facts):
        """The page."""
        return self.page

    def list_multipart_uploads(self, **_facts):
        """None."""
        return {}
