"""What the embedded S3 keeps, and what it refuses."""

import contextlib
import hashlib
import http.client
import logging
import time
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from s3_target import ACCESS_KEY, boto, embedded_s3
from trace_target import serving

from targets.s3 import app, store
from targets.s3.app import make_app

PART = 5 * 2**20
BODY = b"".join(hashlib.sha256(bytes([number % 251, number // 251])).digest() for number in range(4000))
"""Not compressible, and not text."""
SECONDS = 300


def code_of(caught):
    """The error as S3 names it."""
    return caught.value.response["Error"]["Code"]


@pytest.mark.parametrize("key", ["a", "a/b/c", "with space", "ü/日本", "100%41", "a+b", "//double", "q?x=1&y", "~-_.!*'()"])
def test_round_trip(s3, bucket, key):
    """An object of any name comes back with its bytes, its type and its metadata, and is gone once deleted."""
    s3.put_object(Bucket=bucket, Key=key, Body=BODY, ContentType="video/mp2t", Metadata={"my-key": "b"})
    found = s3.get_object(Bucket=bucket, Key=key)
    assert found["Body"].read() == BODY
    assert (found["ContentType"], found["Metadata"]) == ("video/mp2t", {"my-key": "b"})
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_metadata_keeps_its_underscores(s3, bucket):
    """A metadata key with an underscore is told apart from one with a hyphen."""
    s3.put_object(Bucket=bucket, Key="a", Body=b"", Metadata={"my_key": "a"})
    assert s3.head_object(Bucket=bucket, Key="a")["Metadata"] == {"my_key": "a"}


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "video/mp2t", None])
@pytest.mark.parametrize("body", [BODY, b"Action=x&Version=2009-04-15", b""], ids=["binary", "form", "empty"])
def test_presigned_put(s3, bucket, http, content_type, body):
    """A presigned upload is stored as it is, whatever the client says of its type."""
    place = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a"}, ExpiresIn=60)
    headers = {"content-type": content_type} if content_type else {}
    assert http.put(place, content=body, headers=headers).status_code == 200
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == body


def test_upload_in_chunks(s3, bucket, http):
    """An upload that does not tell its length beforehand is stored whole."""
    place = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a"}, ExpiresIn=60)
    chunks = (BODY[start : start + 1000] for start in range(0, len(BODY), 1000))
    assert http.put(place, content=chunks).status_code == 200
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == BODY


def test_large_object(s3, bucket):
    """64 MB go up and come back in one piece."""
    body = BODY * (64 * 2**20 // len(BODY) + 1)
    s3.put_object(Bucket=bucket, Key="a", Body=body)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == body


def test_multipart(s3, bucket):
    """An upload in parts is one object once it is completed, and nothing when it is aborted."""
    parts = [BODY * (PART // len(BODY) + 1), BODY]
    for key, completes in (("kept", True), ("aborted", False)):
        upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
        sent = [
            {"PartNumber": n, "ETag": s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=n, Body=part)["ETag"]}
            for n, part in enumerate(parts, 1)
        ]
        if completes:
            s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": sent})
        else:
            s3.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["kept"]
    assert s3.get_object(Bucket=bucket, Key="kept")["Body"].read() == b"".join(parts)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_range(s3, bucket):
    """A range comes back alone; one behind the end is refused."""
    s3.put_object(Bucket=bucket, Key="a", Body=BODY)
    assert s3.get_object(Bucket=bucket, Key="a", Range="bytes=1000-1999")["Body"].read() == BODY[1000:2000]
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=bucket, Key="a", Range=f"bytes={len(BODY)}-")
    assert code_of(refused) == "InvalidRange"


KEYS = {"wrong secret": (ACCESS_KEY, "wrong", "SignatureDoesNotMatch"), "nobody": ("nobody", "wrong", "InvalidAccessKeyId")}


@pytest.mark.parametrize(("access", "secret", "code"), KEYS.values(), ids=KEYS)
def test_wrong_keys(url, bucket, access, secret, code):
    """What other keys signed is refused, and nothing of it is stored."""
    with contextlib.closing(boto(url, access, secret)) as stranger:
        for ask in (stranger.list_buckets, lambda: stranger.put_object(Bucket=bucket, Key="a", Body=b"x")):
            with pytest.raises(ClientError) as refused:
                ask()
            assert (code_of(refused), refused.value.response["ResponseMetadata"]["HTTPStatusCode"]) == (code, 403)
    with contextlib.closing(boto(url)) as owner:
        assert "Contents" not in owner.list_objects_v2(Bucket=bucket)


def test_unsigned(url, bucket, http):
    """What nobody signed is refused."""
    assert http.get(f"{url}/{bucket}").status_code == 403


def test_any_keys(bucket):
    """Without keys of its own the store goes by no signature."""
    with serving(make_app()) as open_url, contextlib.closing(boto(open_url, "any", "thing")) as client:
        client.put_object(Bucket=bucket, Key="a", Body=b"x")
        assert client.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


def test_expired_url(bucket, http):
    """A presigned URL is refused after its time."""
    with embedded_s3(now=lambda: time.time() + SECONDS) as later, contextlib.closing(boto(later)) as client:
        place = client.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a"}, ExpiresIn=60)
        assert http.put(place, content=b"x").status_code == 403


def test_body_that_was_not_signed(s3, bucket, http):
    """A body that is not the one whose hash was signed is refused."""
    sent = {}
    s3.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.update(request=request))
    s3.put_object(Bucket=bucket, Key="a", Body=b"signed")
    request = sent["request"]
    headers = {name: value if isinstance(value, str) else value.decode() for name, value in request.headers.items()}
    answer = http.put(request.url, content=b"forged", headers=headers)
    assert (answer.status_code, "XAmzContentSHA256Mismatch" in answer.text) == (400, True)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"signed"


def test_missing_bucket(s3):
    """A bucket that is not there is named as S3 names it."""
    with pytest.raises(ClientError) as refused:
        s3.list_objects_v2(Bucket="nothing-here")
    assert code_of(refused) == "NoSuchBucket"


def test_broken_off_upload(s3, bucket):
    """An upload whose client goes away in the middle stores nothing."""
    place = urlsplit(s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "a"}, ExpiresIn=60))
    connection = http.client.HTTPConnection(place.netloc)
    connection.putrequest("PUT", f"{place.path}?{place.query}")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b"x" * 500)
    connection.close()
    assert s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_too_large(s3, bucket, monkeypatch):
    """A body over the limit is refused before it is held."""
    monkeypatch.setattr(app, "LARGEST_BODY_BYTES", 1000)
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="a", Body=b"x" * 1001)
    assert code_of(refused) == "EntityTooLarge"


def test_what_moto_cannot_do(s3, bucket, caplog):
    """A failure of moto's is one line in the log and one NotImplemented; the next request is served."""
    place = store._backend()
    broken, place.buckets = place.buckets, None
    try:
        with caplog.at_level(logging.WARNING), pytest.raises(ClientError) as failed:
            s3.list_objects_v2(Bucket=bucket)
    finally:
        place.buckets = broken
    assert code_of(failed) == "NotImplemented"
    (line,) = [one for one in caplog.records if one.name == "targets.s3.store"]
    assert line.exc_info is None
    assert "\n" not in line.getMessage()
    s3.list_objects_v2(Bucket=bucket)


def test_no_other_service(url, http):
    """A request that moto would give to another service is S3's all the same."""
    answer = http.post(url, headers={"x-amz-target": "DynamoDB_20120810.ListTables"}, content=b"{}")
    assert (answer.status_code, "AccessDenied" in answer.text) == (403, True)
    assert http.get(f"{url}/moto-api/").status_code == 403


def test_health(url, http):
    """Health and readiness are asked without a signature; other paths there are named."""
    assert http.get(f"{url}/-/healthy").json() == {"healthy": True}
    assert http.get(f"{url}/-/ready").json()["ready"] is True
    assert http.get(f"{url}/-/metrics").status_code == 404


def test_faults(s3, bucket, url, http):
    """A request that carries a fault's header takes its time."""
    fault = {"header": "X-Steadyline-Operation", "value": "s3.slow", "takes_seconds": 0.1, "expires_seconds": 60}
    assert http.put(f"{url}/-/faults/slow", json=fault).status_code == 200
    s3.meta.events.register("before-send.s3", lambda request, **_: request.headers.update({fault["header"]: fault["value"]}))
    start = time.perf_counter()
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    assert time.perf_counter() - start >= 0.1
    assert http.delete(f"{url}/-/faults/slow").json()["matched_requests"] == 1
