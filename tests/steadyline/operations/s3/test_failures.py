"""Every failure of an S3 target has its reason, found on real far ends."""

import contextlib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from pydantic import SecretStr
from s3_client import connected, outcome_of, target
from s3_target import new_bucket
from versitygw import MARKS

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.operations.http.connection import Waits
from steadyline.operations.s3.backend import BACKEND, S3Backend
from steadyline.outcome import IntegrityError, Reason

LIST = catalogue.named("s3.bucket_list")
LISTING = b"<ListBucketResult><Name>bucket</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"


def error(code):
    """An error as S3 words it."""
    return f"<Error><Code>{code}</Code><Message>because</Message></Error>".encode()


ANSWERS = {
    "moved": (301, error("PermanentRedirect"), Reason.CLIENT_ERROR),
    "bad request": (400, error("InvalidArgument"), Reason.CLIENT_ERROR),
    "broken on the way": (400, error("BadDigest"), Reason.INTEGRITY),
    "too slow": (400, error("RequestTimeout"), Reason.TIMEOUT),
    "expired": (400, error("ExpiredToken"), Reason.AUTH),
    "denied": (403, error("AccessDenied"), Reason.AUTH),
    "no bucket": (404, error("NoSuchBucket"), Reason.CLIENT_ERROR),
    "conflict": (409, error("OperationAborted"), Reason.CONFLICT),
    "many requests": (429, error("TooManyRequests"), Reason.THROTTLED),
    "internal": (500, error("InternalError"), Reason.SERVER_ERROR),
    "slow down": (503, error("SlowDown"), Reason.THROTTLED),
    "unavailable": (503, error("ServiceUnavailable"), Reason.SERVER_ERROR),
    "a web page": (200, b"<html><body><br></body></html>", Reason.SERVER_ERROR),
    "JSON": (200, b"{}", Reason.SERVER_ERROR),
    "no XML": (502, b"Bad Gateway", Reason.SERVER_ERROR),
    "a web page that is XML": (200, b"<html></html>", Reason.INTEGRITY),
    "nothing": (200, b"", Reason.INTEGRITY),
    "another success": (204, b"", Reason.INTEGRITY),
}


@pytest.mark.parametrize(("status", "body", "reason"), ANSWERS.values(), ids=ANSWERS)
def test_answer(far_end, status, body, reason):
    """An answer that is no success has the reason of its code or status, and is asked for once: nothing is retried."""
    there = far_end(status=status, body=body)
    assert outcome_of(target(there.url)).reason is reason
    assert len(there.requests) == 1


def test_success_that_says_nothing(far_end):
    """Where an upload is answered with a success that is not S3's, it is not stored, and that is no bug of ours."""
    with connected(target(far_end(body=b"<html></html>").url)) as client:
        for ask in (partial(client.bucket.put, "a", b""), partial(client.bucket.begin, "a")):
            with pytest.raises(IntegrityError, match="not S3's"):
                ask()


def test_sdk_counts_no_retry(far_end):
    """The SDK itself says that it tried once."""
    there = far_end(status=503, body=error("SlowDown"))
    with connected(target(there.url)) as client:
        with pytest.raises(Exception, match="SlowDown") as caught:
            client.bucket.page()
        assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


@pytest.mark.parametrize("listed", [b"<Key>a</Key><Size>1</Size>", b'<Key>a</Key><ETag>""</ETag><Size>1</Size>'])
def test_listing_without_etags(far_end, listed):
    """A listing that says less of an object than S3 does is no success."""
    there = far_end(body=LISTING.replace(b"<KeyCount>", b"<Contents>" + listed + b"</Contents><KeyCount>"))
    assert outcome_of(target(there.url, allow_writes=False)).reason is Reason.INTEGRITY


def test_object_listed_twice(far_end):
    """A listing that has an object twice is no success."""
    one = b'<Contents><Key>a</Key><ETag>"e"</ETag><Size>1</Size></Contents>'
    there = far_end(body=LISTING.replace(b"<KeyCount>", one * 2 + b"<KeyCount>"))
    assert outcome_of(target(there.url, allow_writes=False)).reason is Reason.INTEGRITY


def test_nothing_listens(free_port):
    """A refused connection is told as one."""
    assert outcome_of(target(f"http://127.0.0.1:{free_port()}")).reason is Reason.CONNECT


def test_unknown_host():
    """A host whose name is not known is told apart from one that refuses."""
    assert outcome_of(target("http://nohost.invalid")).reason is Reason.DNS


def test_tls_where_there_is_none(far_end):
    """HTTPS to a server that speaks none is a failure of TLS."""
    assert outcome_of(target(far_end().url.replace("http:", "https:"))).reason is Reason.TLS


@contextlib.contextmanager
def _far_end_that(does):
    """A socket that does something with the first connection; its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                does(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


FAR_ENDS = {
    "closed without an answer": (b"", Reason.SERVER_ERROR),
    "no HTTP": (b"220 ftp\r\n\r\n", Reason.SERVER_ERROR),
    "a truncated listing": (b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n" + LISTING, Reason.INTEGRITY),
    "a truncated chunk": (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3E8\r\n" + LISTING, Reason.INTEGRITY),
}


@pytest.mark.parametrize(("says", "reason"), FAR_ENDS.values(), ids=FAR_ENDS)
def test_answer_that_ends_early(says, reason):
    """An answer that never begins is the server's failure; one that breaks off is not the answer."""
    with _far_end_that(lambda connection: connection.sendall(says)) as place:
        assert outcome_of(target(place)).reason is reason


def test_truncated_object(outside, bucket, url):
    """An object that comes back shorter than its length says is an integrity failure, though the SDK streams it."""
    with connected(target(url, bucket)) as client:
        assert Attempt(BACKEND, client)(catalogue.named("s3.segment_download")).ok
        says = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 1000
        with _far_end_that(lambda connection: connection.sendall(says)) as place, connected(target(place, bucket)) as other:
            body = catalogue.named("s3.segment_download").body
            prepared = catalogue.named("s3.segment_download").prepare(client)
            with pytest.raises(Exception, match="IncompleteRead") as caught:
                body(other, prepared)
        assert BACKEND.classify(caught.value) is Reason.INTEGRITY
    assert "Contents" not in outside.list_objects_v2(Bucket=bucket)


def test_silent_server():
    """A server that takes the request and says nothing is a timeout."""
    done = threading.Event()
    with _far_end_that(lambda _connection: done.wait(30)) as place:
        outcome = outcome_of(target(place), S3Backend(waits=Waits(answer=0.05)))
        done.set()
    assert outcome.reason is Reason.TIMEOUT


def test_pool_exhausted():
    """An attempt that finds all allowed connections taken says so, and does not open another."""
    asked, done = threading.Event(), threading.Event()

    def hold(_connection):
        asked.set()
        done.wait(30)

    backend = S3Backend(waits=Waits(pool=0.05, answer=30))
    with (
        _far_end_that(hold) as place,
        connected(target(place, concurrency=1), backend) as client,
        ThreadPoolExecutor(1) as thread,
    ):
        attempt = Attempt(backend, client)
        first = thread.submit(attempt, LIST)
        asked.wait(30)
        assert attempt(LIST).reason is Reason.POOL_EXHAUSTED
        done.set()
        assert first.result().reason is Reason.SERVER_ERROR


WRONG_KEYS = {
    "wrong secret": {"secret_key": SecretStr("wrong")},
    "nobody": {"access_key": "nobody"},
}


@pytest.mark.parametrize("facts", WRONG_KEYS.values(), ids=WRONG_KEYS)
@pytest.mark.parametrize("name", ["s3.bucket_list", "s3.store_init", "s3.segment_upload"])
def test_wrong_keys(url, bucket, facts, name):
    """Keys that the store refuses are a failure of authentication, whatever is asked."""
    assert outcome_of(target(url, bucket, **facts), name=name).reason is Reason.AUTH


GATEWAY_KEYS = [pytest.param(facts, id=name, marks=MARKS) for name, facts in WRONG_KEYS.items()]


@pytest.mark.parametrize("facts", GATEWAY_KEYS)
def test_wrong_keys_on_a_real_gateway(versitygw, facts):
    """A real gateway's refusal has the same reason."""
    keys = {"access_key": versitygw.access_key, "secret_key": SecretStr(versitygw.secret_key), **facts}
    assert outcome_of(target(versitygw.url, versitygw.new_bucket(), **keys)).reason is Reason.AUTH


@pytest.mark.parametrize("name", ["s3.bucket_list", "s3.segment_upload"])
def test_vanished_bucket(url, outside, name):
    """A bucket that vanishes under a running client is the client's error, and checking names it."""
    bucket = new_bucket()
    with connected(target(url, bucket)) as client:
        attempt = Attempt(BACKEND, client)
        assert attempt(LIST).ok
        outside.delete_bucket(Bucket=bucket)
        assert attempt(catalogue.named(name)).reason is Reason.CLIENT_ERROR


def test_refused_presigned_upload(url, bucket):
    """A presigned upload that the store refuses has the reason of its code."""
    with connected(target(url, bucket)) as client:
        place = client.bucket.presigned_put(client.new_key())
        with pytest.raises(Exception, match="HTTP 403 SignatureDoesNotMatch") as caught:
            client.bucket.put_presigned(place.replace("X-Amz-Signature=", "X-Amz-Signature=0"), b"x")
        assert BACKEND.classify(caught.value) is Reason.AUTH


def test_no_keys(far_end, monkeypatch, tmp_path):
    """A target without keys, where the SDK finds none either, is a failure of authentication, and nothing is sent."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    there = far_end(body=LISTING)
    assert outcome_of(target(there.url, access_key=None, secret_key=None)).reason is Reason.AUTH
    assert there.requests == []


def test_bug_is_loud():
    """An exception that is no client's is a bug, and has no reason."""
    for bug in (ZeroDivisionError(), RuntimeError("closed"), KeyError("ETag")):
        assert BACKEND.classify(bug) is None
