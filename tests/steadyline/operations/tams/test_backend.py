"""What the TAMS backend refuses before it connects, what `check` says, and how a client ends."""

import httpx
import pytest
from pydantic import SecretStr
from tams_client import connected, target

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.operations.renewal import ClientClosedError
from steadyline.operations.tams.backend import BACKEND
from steadyline.operations.tams.client import MOST_REMEMBERED
from steadyline.outcome import Reason

BAD_URLS = {
    "empty": "",
    "no scheme": "127.0.0.1:8001",
    "query": "http://u:hunter22@h/?a=b",
    "port": "http://u:hunter22@h:99999",
    "no name": "http://u:hunter22@xn--",
}


@pytest.mark.parametrize("url", BAD_URLS.values(), ids=BAD_URLS)
def test_url_of_no_use(url):
    """A URL of no use that no settings have refused is one configuration error, without its secret."""
    bad = target("http://h").model_copy(update={"url": SecretStr(url)})
    with pytest.raises(ConfigurationError, match="tams target: url: write http://host:port") as caught:
        BACKEND.connect(bad)
    assert "hunter22" not in str(caught.value)
    assert "hunter22" not in BACKEND.redact(f"cannot use {url}", bad)


def said_of(to):
    """What `check` says: one line that names the host and no password."""
    with connected(to) as client, pytest.raises(UnreachableError) as caught:
        client.check()
    assert "\n" not in str(caught.value)
    assert "hunter22" not in str(caught.value)
    return str(caught.value)


ANSWERS = {
    "wrong password": ({"status": 401}, "user:hunter22@", "refuses user 'user'"),
    "no password": ({"status": 403}, "", "wants a user and a password"),
    "no TAMS": ({"status": 404}, "", "not as the TAMS API does"),
    "a web page": ({"body": b"<html>"}, "", "not as the TAMS API does"),
    "another API": ({"body": b'{"items": 3}'}, "", "not as the TAMS API does"),
    "no list of flows": ({"body": b'{"type": "urn:x", "api_version": "8.1"}'}, "", "not as the TAMS API does"),
    "a failing one": ({"status": 500}, "", "look into its log"),
    "a throttling one": ({"status": 429}, "", "ask its owner for more"),
}


@pytest.mark.parametrize(("facts", "user", "words"), ANSWERS.values(), ids=ANSWERS)
def test_check_says(far_end, facts, user, words):
    """Each far end that cannot be measured is named with what to do."""
    there = far_end(**facts)
    said = said_of(target(there.url.replace("//", f"//{user}")))
    assert said.startswith(f"TAMS API at {there.url}: ")
    assert words in said


def test_check_of_nothing(free_port):
    """A host that does not answer is named, and one whose name is not known too."""
    port = free_port()
    assert f"http://127.0.0.1:{port}: nothing answers there" in said_of(target(f"http://u:hunter22@127.0.0.1:{port}"))
    assert "nohost.invalid: the host's name is not known" in said_of(target("http://u:hunter22@nohost.invalid"))


def test_read_only_check_writes_nothing(system):
    """Checking and sweeping a read-only target writes nothing."""
    before = system.writes_seen()
    client = system.client(allow_writes=False)
    client.check()
    assert client.sweep() == 0
    assert client.leaked() == 0
    assert system.writes_seen() == before


def test_close_without_the_target(free_port):
    """A client whose target has gone closes without an error, and its later attempts are cancelled."""
    client = BACKEND.connect(target(f"http://127.0.0.1:{free_port()}"))
    assert Attempt(BACKEND, client)(catalogue.named("tams.flow_put")).reason is Reason.CONNECT
    client.close()
    client.close()
    for operation in catalogue.operations(["tams"]).values():
        assert Attempt(BACKEND, client)(operation).reason is Reason.CANCELLED


def test_target_that_is_gone_for_long(free_port):
    """Attempts at a target that does not answer are not remembered without end."""
    with connected(target(f"http://127.0.0.1:{free_port()}")) as client:
        attempt, operation = Attempt(BACKEND, client), catalogue.named("tams.flow_put")
        assert {attempt(operation).reason for _ in range(MOST_REMEMBERED + 20)} == {Reason.CONNECT}
        assert len(client._attempts) == MOST_REMEMBERED


def test_closing_deletes_what_attempts_left(system):
    """What an attempt could not clean up goes when the client is closed."""
    client = system.client()
    flow = client.new_flow()
    client.api.put_flow(flow)
    client.close()
    assert system.artefacts() == system.nothing
    with pytest.raises(ClientClosedError):
        client.api.wire.send("GET", "flows")


def test_target_below_a_path(far_end):
    """A base URL may have a path; the API is below it."""
    there = far_end(body=b"[]")
    for path in ("", "/", "/tams/v8", "/tams/v8/"):
        with connected(target(there.url + path)) as client:
            assert client.api.wire.send("GET", "flows") == []
    assert [request.url.path for request in there.requests] == ["/flows"] * 2 + ["/tams/v8/flows"] * 2


def test_redirect_is_not_followed(far_end):
    """A target that has moved is told as such; whom it names is not asked in its place."""
    elsewhere = far_end(body=b"[]")
    there = far_end(status=302, headers={"location": f"{elsewhere.url}/flows"})
    with connected(target(there.url)) as client, pytest.raises(httpx.HTTPStatusError):
        client.api.wire.send("GET", "flows")
    assert not elsewhere.requests
