"""What the VAST DB backend refuses before it connects, and what `check` says of a target that cannot be measured."""

import pytest
from pydantic import SecretStr
from vast_system import connected, target, vast_db

from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.operations.renewal import ClientClosedError
from steadyline.operations.vast.backend import BACKEND

SECRET = "hunter22"


@pytest.mark.parametrize("content", [None, b"", b"\nsecond line"], ids=["missing", "empty", "empty line"])
def test_secret_file_of_no_use(tmp_path, content):
    """A secret key file of no use is one configuration error that names it."""
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_bytes(content)
    with pytest.raises(ConfigurationError, match=str(secret)):
        BACKEND.connect(target("http://127.0.0.1", secret_key=None, secret_key_file=secret))


def test_secret_is_redacted(tmp_path):
    """The secret key goes out of every text, wherever it stands and however it was given."""
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    for to in (target("http://h", secret_key=SecretStr(SECRET)), target("http://h", secret_key=None, secret_key_file=file)):
        assert BACKEND.redact(f"refused {SECRET}, http://h?key={SECRET}", to) == "refused ***, http://h?key=***"


def said_of(to):
    """What `check` says: one line that names the endpoint and bucket, and no secret."""
    with connected(to) as client, pytest.raises(UnreachableError) as caught:
        client.check()
    said = str(caught.value)
    assert said.startswith(f"VAST DB at {to.url.get_secret_value()}, bucket {to.bucket}: ")
    assert "\n" not in said
    assert SECRET not in said
    return said


ANSWERS = {
    "another server": ({"server": "nginx"}, "not as a VAST DB does"),
    "a web page": ({"server": None, "body": b"<html>"}, "not as a VAST DB does"),
    "garbage": ({"body": b"garbage"}, "not as a VAST DB does"),
    "a failing one": ({"status": 500}, "look into its log"),
    "an unavailable one": ({"status": 503}, "look into its log"),
    "a proxy's": ({"status": 429}, "ask its owner for more"),
    "without the bucket": ({"status": 404}, "has no such bucket"),
    "a refusing one": ({"status": 403}, "refuses access key 'steady'"),
}


@pytest.mark.parametrize(("facts", "words"), ANSWERS.values(), ids=ANSWERS)
def test_check_says(far_end, facts, words):
    """Each far end that cannot be measured is named with what to do."""
    assert words in said_of(target(far_end(**facts).url))


FAULTS = {
    "wrong secret": ({"secret_key": SecretStr(SECRET)}, "refuses access key 'steady'; mend the key or its secret"),
    "wrong key": ({"access_key": "nobody"}, "refuses access key 'nobody'"),
    "wrong bucket": ({"bucket": "other"}, "has no such bucket; make it, or mend the bucket"),
}


@pytest.mark.parametrize("allow_writes", [True, False], ids=["writable", "read-only"])
@pytest.mark.parametrize(("facts", "words"), FAULTS.values(), ids=FAULTS)
def test_check_of_an_endpoint(endpoint, facts, words, allow_writes):
    """A wrong secret, a wrong key and a missing bucket are told apart, by whoever may write or not."""
    assert words in said_of(endpoint.target(allow_writes=allow_writes, **facts))


def test_check_of_nothing(free_port):
    """A host that does not answer is told apart from one whose name is not known."""
    assert "nothing answers there" in said_of(target(f"http://127.0.0.1:{free_port()}"))
    assert "the host's name is not known" in said_of(target("http://nohost.invalid"))


@pytest.mark.parametrize("allow_writes", [True, False], ids=["writable", "read-only"])
def test_check_leaves_nothing(endpoint, allow_writes):
    """Checking a good target says nothing and changes nothing, though it tries to write where that is allowed."""
    before = endpoint.transactions.newest
    with connected(endpoint.target(allow_writes=allow_writes)) as client:
        client.check()
        assert client.sweep() == client.leaked() == 0
    assert endpoint.transactions.newest is before
    assert (("POST", "schema", None) in endpoint.requests) == allow_writes


def test_close_without_the_target():
    """A client whose target has gone closes without an error; what it wrote is swept later."""
    with vast_db() as served:
        client = BACKEND.connect(served.target())
        assert client.working.row_ids
    client.close()
    client.close()
    with pytest.raises(ClientClosedError), client.transaction():
        pass
    with pytest.raises(UnreachableError, match="the client was closed"):
        client.check()
