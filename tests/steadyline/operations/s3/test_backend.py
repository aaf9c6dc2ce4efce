"""What the S3 backend refuses before it connects, and what `check` says of a target that cannot be worked with."""

import pytest
from pydantic import SecretStr
from s3_client import connected, outcome_of, target
from s3_target import ACCESS_KEY, SECRET_KEY, embedded_s3, new_bucket

from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.operations.renewal import ClientClosedError
from steadyline.operations.s3.backend import BACKEND

NO_KEYS = {"access_key": None, "secret_key": None}
LISTING = b"<ListBucketResult><Name>bucket</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"


@pytest.mark.parametrize("content", [None, b"", b"\nsecond line", b"\xff"], ids=["missing", "empty", "empty line", "binary"])
def test_secret_file_of_no_use(tmp_path, content):
    """A secret key's file of no use is one configuration error that names it."""
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
    to = target("http://127.0.0.1", secret_key=None, secret_key_file=secret)
    with pytest.raises(ConfigurationError, match=str(secret)):
        BACKEND.connect(to)
    assert BACKEND.redact("text", to) == "text"


def test_secret_file(url, bucket, tmp_path):
    """The secret key may stand in a file."""
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET_KEY}\nsecond line\n")
    assert outcome_of(target(url, bucket, secret_key=None, secret_key_file=secret)).ok


REFUSED = {
    "region": ({"region": "us west"}, "us west"),
    "host": ({"url": SecretStr("http://my_host:9000")}, "my_host"),
    "profile": (NO_KEYS, "nobody"),
}


@pytest.mark.parametrize(("facts", "named"), REFUSED.values(), ids=REFUSED)
def test_settings_that_the_sdk_refuses(monkeypatch, facts, named):
    """What the SDK makes no client of is one configuration error that names it, since one target must not end all."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    to = target("http://127.0.0.1").model_copy(update=facts)
    with pytest.raises(ConfigurationError, match=f"s3 target: .*{named}"):
        BACKEND.connect(to)


def test_bucket_that_cannot_be(far_end):
    """A bucket that the SDK does not even ask for is named with its setting."""
    assert "no bucket can be called 'a/b'; mend the setting bucket" in said_of(target(far_end(body=LISTING).url, "a/b"))


def test_secret_shows_nowhere(url, bucket):
    """The secret key stands in no failure and in no redacted text, and a presigned URL's signature in none either."""
    to = target(url, bucket, secret_key=SecretStr("hunter22/+"))
    outcome = outcome_of(to)
    with connected(target(url, bucket)) as client:
        place = client.bucket.presigned_put("a")
    signature = place.partition("X-Amz-Signature=")[2]
    for text in (outcome.detail, "signed with hunter22/+", place):
        shown = BACKEND.redact(text, to)
        assert "hunter22" not in shown
        assert signature not in shown
    assert "hunter22" not in repr(BACKEND.connect(to).__dict__)


def said_of(to):
    """What `check` says: one line without the secret."""
    with connected(to) as client, pytest.raises(UnreachableError) as caught:
        client.check()
    assert "\n" not in str(caught.value)
    assert SECRET_KEY not in str(caught.value)
    return str(caught.value)


def error(code):
    """An error as S3 words it."""
    return f"<Error><Code>{code}</Code><Message>because</Message></Error>".encode()


ANSWERS = {
    "refused": ({"status": 403, "body": error("AccessDenied")}, f"refuses access key {ACCESS_KEY!r}"),
    "no bucket": ({"status": 404, "body": error("NoSuchBucket")}, "no bucket 'bucket'; make it, or mend the setting bucket"),
    "another region": ({"status": 301, "body": error("PermanentRedirect")}, "mend the setting region"),
    "a web page": ({"body": b"<html><br></html>"}, "not as S3 does"),
    "a web page that is XML": ({"body": b"<html></html>"}, "not as S3 does"),
    "nothing": ({"status": 204}, "not as S3 does"),
    "a missing page": ({"status": 404, "body": b"<html><br></html>"}, "not as S3 does"),
    "another API": ({"body": b"{}"}, "not as S3 does"),
    "a failing one": ({"status": 500, "body": error("InternalError")}, "look into its log"),
    "a throttling one": ({"status": 503, "body": error("SlowDown")}, "ask its owner for more"),
}


@pytest.mark.parametrize(("facts", "words"), ANSWERS.values(), ids=ANSWERS)
def test_check_says(far_end, facts, words):
    """Each far end that cannot be worked with is named with what to do."""
    there = far_end(**facts)
    said = said_of(target(there.url))
    assert said.startswith(f"S3 at {there.url}: ")
    assert words in said


def test_check_of_nothing(free_port):
    """A host that does not answer is named, and one whose name is not known too."""
    port = free_port()
    assert f"http://127.0.0.1:{port}: nothing answers there" in said_of(target(f"http://127.0.0.1:{port}"))
    assert "nohost.invalid: the host's name is not known" in said_of(target("http://nohost.invalid"))


def test_check_without_keys(url, bucket, monkeypatch, tmp_path):
    """Where neither the target nor the SDK has keys, the cure names both ways."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    said = said_of(target(url, bucket, **NO_KEYS))
    assert "secret_key_file" in said
    assert "AWS_ACCESS_KEY_ID" in said


def test_keys_of_the_sdk(url, bucket, monkeypatch):
    """Without keys of its own the target goes by the SDK's."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    with connected(target(url, bucket, **NO_KEYS)) as client:
        client.check()


def test_nothing_of_the_users_aws_setup(url, bucket, monkeypatch, tmp_path):
    """With keys of its own the target goes by nothing of the user's AWS files and variables, a missing profile included."""
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-north-1\nendpoint_url = http://127.0.0.1:1\nmax_attempts = 9\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    assert outcome_of(target(url, bucket)).ok


def test_no_proxy_of_the_environment(url, bucket, monkeypatch):
    """What is measured is the target, whatever proxy the environment names."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("s3.bucket_list", "s3.presigned_put"):
        assert outcome_of(target(url, bucket), name=name).ok


def test_read_only_check_writes_nothing(far_end):
    """Checking and sweeping a read-only target ask for its listing alone."""
    there = far_end(body=LISTING)
    with connected(target(there.url, allow_writes=False)) as client:
        client.check()
        assert client.sweep() == 0
    assert {request.method for request in there.requests} == {"GET"}


def test_close_without_the_target():
    """A client whose target has gone closes without an error; what it wrote is swept later."""
    with embedded_s3() as url:
        client = BACKEND.connect(target(url, new_bucket()))
        assert client.working.items
    client.close()
    client.close()
    with pytest.raises(ClientClosedError):
        client.bucket.page()
