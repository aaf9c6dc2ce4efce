"""Any HTTP system as a target: what an operation of one's own asks through it, and what `check` says."""

import httpx
import pytest
from pydantic import SecretStr
from scripted_server import CLOSE, answer, scripted

from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.operations.http.backend import BACKEND
from steadyline.operations.http.client import HttpClient
from steadyline.outcome import Call, Reason, current_call
from steadyline.target import Target


@pytest.fixture
def far_end():
    """The user's own far_end."""
    with scripted() as server:
        yield server


@pytest.fixture
def client(far_end):
    """Connected to a path below it."""
    connected: HttpClient = BACKEND.connect(Target(backend="http", url=SecretStr(f"{far_end.url}/base")))
    yield connected
    connected.close()


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "503 Service Unavailable"])
def test_whatever_answers_is_there(far_end, client, status):
    """A system need not have anything at its root; whether it fails, its operations tell."""
    far_end.on("/base/", [answer(status=status)])
    client.check()


@pytest.mark.parametrize(
    ("step", "said"), [(answer(status="401 Unauthorized"), "it wants a user and a password"), (CLOSE, "HTTP system at")]
)
def test_what_refuses_is_told(far_end, client, step, said):
    """Or does not answer: one sentence with host and cure."""
    far_end.on("/base/", [step])
    with pytest.raises(UnreachableError, match=said):
        client.check()


def test_a_body_is_metered_and_marked(far_end, client):
    """Bytes and phases go into the call, and the request names the operation, as on every backend over HTTP."""
    far_end.on("/base/orders?state=open", [answer(b'[{"id": 1}]')])
    call = Call("http.open_orders")
    token = current_call.set(call)
    found = client.get("orders", state="open")
    current_call.reset(token)
    assert (found, call.bytes_received) == ([{"id": 1}], 11)
    assert "first_byte" in call.phases
    assert "http.open_orders" in far_end.asked[-1].headers.values()


def test_an_error_is_told_in_the_words_of_the_system(far_end, client):
    """And has a reason out of the closed list."""
    far_end.on("/base/orders", [answer(b'{"detail": "no database"}', "503 Service Unavailable")])
    with pytest.raises(httpx.HTTPStatusError, match="HTTP 503 no database") as caught:
        client.get("orders")
    assert BACKEND.classify(caught.value) is Reason.SERVER_ERROR


ELSEWHERE = ("http://127.0.0.1:1/x", "//127.0.0.1:1/x", "../up", "a/../../up", "%2e%2e/up", "..\\up", "HTTP://h/x")


@pytest.mark.parametrize("path", ELSEWHERE)
def test_no_path_leads_away(far_end, client, path):
    """A password goes to its target alone, and nothing is asked beside the target's URL."""
    with pytest.raises(ConfigurationError, match="the path leads away from the target's URL"):
        client.get(path)
    assert far_end.asked == []


@pytest.mark.parametrize("path", ["orders", "/orders", "orders?next=http://h/", "orders/a..b", "orders/%2e", "v1/orders:list"])
def test_other_paths_do_not(far_end, client, path):
    """Dots and colons are what many paths have."""
    far_end.otherwise = lambda _path: (answer(b"[]"),)
    assert client.get(path) == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "delete"])
def test_a_read_only_target_is_not_written_to(far_end, client, method):
    """Whatever the operation says of itself."""
    with pytest.raises(ConfigurationError, match=f"target is read-only; give it allow_writes to send it {method.upper()}"):
        client.answer(method, "orders/1")
    assert far_end.asked == []


def test_one_that_may_be_written_to_is(far_end):
    """With allow_writes."""
    far_end.on("/base/orders/1", [answer(b"{}")])
    writer = BACKEND.connect(Target(backend="http", url=SecretStr(f"{far_end.url}/base"), allow_writes=True))
    writer.put("orders/1", {"state": "open"})
    writer.close()
    assert far_end.asked[-1].method == "PUT"
