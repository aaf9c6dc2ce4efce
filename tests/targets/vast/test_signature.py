"""Signatures: what the VAST SDK, boto3 and presigned URLs sign is accepted, and nothing that was changed afterwards."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
import requests
from aws_requests_auth.aws_auth import AWSRequestsAuth
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from targets.vast import errors
from targets.vast.signature import Keys, verify

KEYS = Keys({"access/key": "hush hush", "other": "tell nobody"})
HOST = "127.0.0.1:9001"


def now():
    """The signers take the time from the clock."""
    return dt.datetime.now(dt.UTC).timestamp()


def by_sdk(method="GET", target="/b/s/t?data", body=b"", access="access/key", secret="hush hush"):
    """A request as the VAST SDK signs it."""
    auth = AWSRequestsAuth(access, secret, HOST, aws_region="", aws_service="s3")
    prepared = requests.Request(method, f"http://{HOST}{target}", data=body, auth=auth).prepare()
    headers = {name.lower(): value for name, value in prepared.headers.items()} | {"host": HOST}
    return arguments(method, prepared.url, headers, body)


def by_boto(signer, method="PUT", target="/b/key?partNumber=1&uploadId=x", body=b"abc", headers=None):
    """A request as botocore signs it."""
    request = AWSRequest(method, f"http://{HOST}{target}", headers=headers, data=body)
    request.context["client_config"] = None
    signer(Credentials("access/key", "hush hush"), "s3", "us-east-1").add_auth(request)
    prepared = request.prepare()
    sent = {name.lower(): value for name, value in prepared.headers.items()} | {"host": HOST}
    return arguments(method, prepared.url, sent, body)


def presigned(seconds=60):
    """A presigned PUT."""

    def signer(*given):
        return S3SigV4QueryAuth(*given, expires=seconds)

    return by_boto(signer, body=b"", headers={"content-type": "video/mp2t"}) | {"body": b"media"}


def arguments(method, url, headers, body):
    """What `verify` is asked with."""
    parts = urlsplit(url)
    return {"method": method, "raw_path": parts.path, "query_string": parts.query, "headers": headers, "body": body}


TARGETS = [
    "/",
    "/?transaction",
    "/b",
    "/b/s?schema&tabular-new-schema-name=a%20b%2Fc",
    "/b/s%20x/t%C3%9F?table",
    "/b/s/t?projection&name=a+b&z",
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("body", [b"", b"rows"], ids=["empty", "body"])
def test_sdk(target, body):
    """Every shape of request is accepted as the SDK signs it, its path encoded twice included."""
    verify(KEYS, **by_sdk("POST", target, body), now=now())


@pytest.mark.parametrize("target", [*TARGETS, "/b/a%2Bb/%E2%82%AC?prefix=a%2Fb&list-type=2"])
def test_boto(target):
    """And as boto3 signs it."""
    verify(KEYS, **by_boto(S3SigV4Auth, target=target), now=now())


def test_presigned():
    """A presigned URL is good without any header of its own, until it expires."""
    asked = presigned(60)
    verify(KEYS, **asked, now=now())
    with pytest.raises(errors.AccessDenied, match="expired"):
        verify(KEYS, **asked, now=now() + 61)
    with pytest.raises(errors.RequestTimeTooSkewed):
        verify(KEYS, **asked, now=now() - 3600)


def test_streamed_body():
    """Where the body is not at hand, what the client says of it is what is signed."""
    asked = by_boto(S3SigV4Auth) | {"body": None}
    verify(KEYS, **asked, now=now())


@pytest.mark.parametrize("word", ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"])
def test_words_for_the_body(word):
    """A client may sign a word in place of the body's hash, and then the body may be any."""

    class Signer(S3SigV4Auth):
        def payload(self, _request):
            return word

        def _should_sha256_sign_payload(self, _request):
            return True

        def _inject_signature_to_request(self, request, signature):
            request.headers["X-Amz-Content-SHA256"] = word
            return super()._inject_signature_to_request(request, signature)

        def _set_necessary_date_headers(self, request):
            super()._set_necessary_date_headers(request)
            request.headers["X-Amz-Content-SHA256"] = word

    asked = by_boto(Signer)
    assert asked["headers"]["x-amz-content-sha256"] == word
    verify(KEYS, **asked | {"body": b"other"}, now=now())


def changed(**changes):
    """A good request of the SDK, changed after it was signed."""
    return lambda: by_sdk(body=b"rows") | changes


def header(name, value):
    """A good request with one header changed, or left out."""

    def change():
        asked = by_sdk(body=b"rows")
        headers = {key: kept for key, kept in asked["headers"].items() if key != name}
        return asked | {"headers": headers | ({} if value is None else {name: value})}

    return change


def authorization(old, new):
    """A good request with part of its Authorization replaced."""

    def change():
        asked = by_sdk()
        said = asked["headers"]["authorization"]
        assert old in said
        return asked | {"headers": asked["headers"] | {"authorization": said.replace(old, new)}}

    return change


def query(old, new):
    """A presigned URL with part of its query string replaced."""

    def change():
        asked = presigned()
        assert old in asked["query_string"]
        return asked | {"query_string": asked["query_string"].replace(old, new)}

    return change


REFUSED = {
    "wrong secret": (lambda: by_sdk(secret="wrong"), errors.SignatureDoesNotMatch),
    "another's secret": (lambda: by_sdk(access="other"), errors.SignatureDoesNotMatch),
    "unknown key": (lambda: by_sdk(access="nobody"), errors.InvalidAccessKeyId),
    "other method": (changed(method="PUT"), errors.SignatureDoesNotMatch),
    "other path": (changed(raw_path="/b/s/u"), errors.SignatureDoesNotMatch),
    "other query": (changed(query_string="rows"), errors.SignatureDoesNotMatch),
    "other body": (changed(body=b"other"), errors.ContentMismatch),
    "other body, its hash too": (
        lambda: (
            by_sdk(body=b"rows")
            | {"body": b"other", "headers": {k: v for k, v in by_sdk(body=b"rows")["headers"].items() if "sha256" not in k}}
        ),
        errors.SignatureDoesNotMatch,
    ),
    "other host": (header("host", "elsewhere"), errors.SignatureDoesNotMatch),
    "unsigned": (header("authorization", None), errors.AccessDenied),
    "no date": (header("x-amz-date", None), errors.MalformedSignature),
    "no such date": (header("x-amz-date", "20269902T030405Z"), errors.MalformedSignature),
    "another scheme": (header("authorization", "Basic eDp5"), errors.AccessDenied),
    "empty": (header("authorization", ""), errors.AccessDenied),
    "no parts": (header("authorization", "AWS4-HMAC-SHA256 "), errors.MalformedSignature),
    "host not signed": (authorization("host;", ""), errors.MalformedSignature),
    "signature cut": (authorization("Signature=", "Signature=0"), errors.SignatureDoesNotMatch),
    "signature no hex": (authorization("Signature=", "Signature=ß\udcff"), errors.SignatureDoesNotMatch),
    "other service": (authorization("/s3/", "/ec2/"), errors.SignatureDoesNotMatch),
    "no scope": (authorization("aws4_request", "aws5_request"), errors.MalformedSignature),
    "longer": (query("X-Amz-Expires=60", "X-Amz-Expires=600"), errors.SignatureDoesNotMatch),
    "for ever": (query("X-Amz-Expires=60", "X-Amz-Expires=9999999"), errors.MalformedSignature),
    "no expiry": (query("X-Amz-Expires=60&", ""), errors.MalformedSignature),
    "other part": (query("partNumber=1", "partNumber=2"), errors.SignatureDoesNotMatch),
    "version 2": (query("AWS4-HMAC-SHA256", "AWS2"), errors.AccessDenied),
}


@pytest.mark.parametrize(("make", "refusal"), REFUSED.values(), ids=REFUSED)
def test_refused(make, refusal):
    """Whatever was changed or left out is refused under its own name, without the secret or the right signature in it."""
    with pytest.raises(errors.Refusal) as caught:
        verify(KEYS, **make(), now=now())
    assert type(caught.value) is refusal
    assert not any(secret in caught.value.message for secret in KEYS.secrets.values())


@pytest.mark.parametrize("off", [-901, 901])
def test_skew(off):
    """A clock that is off by more than 15 minutes is told so."""
    asked = by_sdk()
    with pytest.raises(errors.RequestTimeTooSkewed):
        verify(KEYS, **asked, now=now() + off)
    verify(KEYS, **asked, now=now() + (off - 2 if off > 0 else off + 2) * 0.99)


def test_keys_keep_their_secrets():
    """Keys can be shown."""
    assert repr(KEYS) == "Keys('access/key', 'other')"
    assert not any(secret in str(KEYS) for secret in KEYS.secrets.values())
