"""What the Trace backend refuses before it connects, and what `check` says of a target that cannot be measured."""

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from trace_client import connected, target
from trace_target import trace_api

from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.operations.renewal import ClientClosedError
from steadyline.operations.trace.backend import BACKEND

BAD_URLS = {
    "empty": "",
    "no scheme": "127.0.0.1:8000",
    "other scheme": "ftp://u:hunter22@h",
    "no host": "http://",
    "bad port": "http://u:hunter22@h:port",
    "large port": "http://u:hunter22@h:99999",
    "query": "http://u:hunter22@h/?a=b",
    "fragment": "http://u:hunter22@h/#a",
    "half an address": "http://u:hunter22@[::1",
}


@pytest.mark.parametrize("url", BAD_URLS.values(), ids=BAD_URLS)
def test_url_of_no_use(url):
    """A URL of no use that no settings have refused is one configuration error, without its secret."""
    bad = target("http://h").model_copy(update={"url": SecretStr(url)})
    with pytest.raises(ConfigurationError, match="write http://host:port") as caught:
        BACKEND.connect(bad)
    assert len(caught.value.faults) == 1
    assert "hunter22" not in str(caught.value)
    assert "hunter22" not in BACKEND.redact(f"cannot use {url}", bad)


@pytest.mark.parametrize("content", [None, b"", b"\nsecond line", b"\xff"], ids=["missing", "empty", "empty line", "binary"])
def test_password_file_of_no_use(tmp_path, content):
    """A password file of no use is one configuration error that names it."""
    secret = tmp_path / "password"
    if content is not None:
        secret.write_bytes(content)
    with pytest.raises(ConfigurationError, match=str(secret)):
        BACKEND.connect(target("http://user@127.0.0.1", password_file=secret))


def said_of(to):
    """What `check` says: one line that names the host and no password."""
    with connected(to) as client, pytest.raises(UnreachableError) as caught:
        client.check()
    assert "\n" not in str(caught.value)
    assert "hunter22" not in str(caught.value)
    return str(caught.value)


ANSWERS = {
    "wrong password": ({"status": 401}, "user:hunter22@", "refuses user 'user'"),
    "no password": ({"status": 401}, "", "wants a user and a password"),
    "no Trace API": ({"status": 404}, "", "not as the Trace API does"),
    "a web page": ({"body": b"<html>"}, "", "not as the Trace API does"),
    "another API": ({"body": b'{"items": 3}'}, "", "not as the Trace API does"),
    "a redirect": ({"status": 301, "headers": {"location": "/"}}, "", "not as the Trace API does"),
    "a failing one": ({"status": 500}, "", "look into its log"),
    "a throttling one": ({"status": 429}, "", "ask its owner for more"),
}


@pytest.mark.parametrize(("facts", "user", "words"), ANSWERS.values(), ids=ANSWERS)
def test_check_says(far_end, facts, user, words):
    """Each far end that cannot be measured is named with what to do."""
    there = far_end(**facts)
    said = said_of(target(there.url.replace("//", f"//{user}")))
    assert said.startswith(f"Trace API at {there.url}: ")
    assert words in said


def test_check_of_nothing(free_port):
    """A host that does not answer is named, and one whose name is not known too."""
    port = free_port()
    assert f"http://127.0.0.1:{port}: nothing answers there" in said_of(target(f"http://u:hunter22@127.0.0.1:{port}"))
    assert "nohost.invalid: the host's name is not known" in said_of(target("http://u:hunter22@nohost.invalid"))


def test_check_asks_the_database(api, tmp_path):
    """A Trace API whose database fails is found by checking."""
    with connected(target(api)) as client:
        client.check()
    engine = create_engine(f"sqlite:///{tmp_path / 'trace.db'}")
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE links"))
        connection.execute(text("DROP TABLE items"))
    engine.dispose()
    assert "it fails; look into its log" in said_of(target(api))


def test_read_only_check_writes_nothing(far_end):
    """Checking a read-only target asks for items alone: it may not have projects to show."""
    there = far_end(body=b'{"items": []}')
    with connected(target(there.url, allow_writes=False)) as client:
        client.check()
        assert client.sweep() == 0
    assert [(request.method, request.url.path) for request in there.requests] == [("GET", "/api/v1/items")]


def test_close_without_the_target(tmp_path):
    """A client whose target has gone closes without an error; what it wrote is swept later."""
    with trace_api(f"sqlite:///{tmp_path / 'trace.db'}") as url:
        client = BACKEND.connect(target(url))
        project = client.working.id
        assert httpx.get(f"{url}/api/v1/projects/{project}", trust_env=False).status_code == 200
    client.close()
    client.close()
    with pytest.raises(ClientClosedError):
        client.get("items")
