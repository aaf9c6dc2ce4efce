"""What the client shows of the wire, what it marks, and what it tells an object store."""

import httpx
import pytest
from metered import metered
from tams_client import SECRET, connected, outcome_of, put_fault, target, uploading

from steadyline.attempt import Attempt
from steadyline.operations.tams.backend import BACKEND
from steadyline.operations.tams.flow import MEDIA_BYTES
from steadyline.outcome import OPERATION_HEADER, Reason

MARK = OPERATION_HEADER.lower()
MEDIA = {"tams.segment_upload", "tams.ingest", "tams.concurrent_ingest_10"}


def test_bytes(system, name):
    """A payload is counted, and no more than declared, prepare's included; media that is downloaded again is declared too."""
    operation = system.operations()[name]
    system.add_users_data()
    outcome, moved = metered(system.attempt(system.client()), operation)
    assert outcome.ok, outcome.detail
    if name in MEDIA:
        assert MEDIA_BYTES <= outcome.bytes_sent < 1.1 * MEDIA_BYTES
        assert operation.bytes_moved == 2 * MEDIA_BYTES
    else:
        assert 0 <= moved <= max(operation.bytes_moved, 1000)


def test_marks(system, name):
    """While the body is timed, its first request to the API names the operation, and no other request does."""
    attempt = system.attempt(system.client())
    seen = system.servers.front.requests = []
    outcome = attempt(system.operations()[name])
    system.servers.front.requests = None
    assert outcome.ok, outcome.detail
    marked = [headers[MARK] for _method, _path, headers in seen if MARK in headers]
    assert marked == ([] if name == "tams.segment_upload" else [name])


def test_phases(system):
    """An upload over a new connection shows all its phases within its duration, the body going out as transfer."""
    outcome = system.attempt(system.client())(system.operations()["tams.segment_upload"])
    assert set(outcome.phases) == {"connect", "first_byte", "transfer"}
    assert all(seconds > 0 for seconds in outcome.phases.values())
    assert sum(outcome.phases.values()) <= outcome.duration_seconds


def test_side_by_side_has_no_phases(system):
    """Requests side by side show their bytes, but no phases that would come to more than the body took."""
    outcome = system.attempt(system.client())(system.operations()["tams.concurrent_ingest_10"])
    assert outcome.ok, outcome.detail
    assert outcome.bytes_sent > MEDIA_BYTES
    assert not outcome.phases


def test_first_answer_connects(system):
    """Reading the service takes a connection of its own each time, as a new client does."""
    attempt = system.attempt(system.client())
    for _ in range(2):
        assert "connect" in attempt(system.operations()["tams.service_read"]).phases


@pytest.mark.parametrize("takes", [0.3, 0.6])
def test_fault_reaches_one_operation(system, takes):
    """A fault slows each attempt at its operation once, to what was asked or more, and is met by no other request."""
    put_fault(system.servers.url, "tams.flow_put", takes)
    attempt = system.attempt(system.client())
    slowed = [attempt(system.operations()["tams.flow_put"]) for _ in range(3)]
    assert attempt(system.operations()["tams.flow_delete"]).ok
    assert all(outcome.ok and outcome.duration_seconds >= takes for outcome in slowed)
    with httpx.Client(base_url=system.servers.url, trust_env=False) as control:
        (effect,) = control.get("/-/faults").json()["faults"]
        control.delete("/-/faults/slow").raise_for_status()
    assert effect["matched_requests"] == 3


def test_store_gets_what_was_agreed(far_end):
    """An upload carries the headers that the API told, and neither the target's credentials nor the operation's name."""
    store, api = far_end(), far_end()
    to = target(api.url.replace("//", "//user:hunter22@"))
    headers = {"Content-Type": "video/mp2t", "x-amz-tagging": "a=b"}
    outcome = outcome_of(to, asked=uploading(store.url, headers=headers))
    assert outcome.ok, outcome.detail
    assert outcome.bytes_sent == len(b"media")
    (request,) = store.requests
    assert (request.method, request.url.path, request.url.query) == ("PUT", "/bucket/key", SECRET)
    assert all(request.headers[name] == value for name, value in headers.items())
    assert "authorization" not in request.headers
    assert MARK not in request.headers


def test_no_content_type_of_our_own(far_end):
    """Where the API tells no content type, the upload has none: a form's would make the store read it as one."""
    store = far_end()
    assert outcome_of(target(far_end().url), asked=uploading(store.url)).ok
    assert "content-type" not in store.requests[0].headers


def test_credentials(far_end, tmp_path):
    """User and password go to the API as basic authentication, and show in no failure."""
    secret = tmp_path / "password"
    secret.write_text("s3cret@/\n")
    there = far_end(status=401)
    to = target(there.url.replace("//", "//user@"), password_file=secret)
    outcome = outcome_of(to)
    sent = there.requests[0].headers["authorization"]
    assert outcome.reason is Reason.AUTH
    for text in (outcome.detail, f"{there.url} said {sent} for s3cret@/", to.url.get_secret_value()):
        shown = BACKEND.redact(text, to)
        assert not any(word in shown for word in ("s3cret", sent.removeprefix("Basic ")))


def test_no_proxy_of_the_environment(far_end, monkeypatch):
    """What is measured is the target and the store, whatever proxy the environment names."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert outcome_of(target(far_end().url), asked=uploading(far_end().url)).ok


def test_store_has_a_pool_of_its_own(far_end):
    """An upload does not wait for the API's connections to come free."""
    api, store = far_end(body=b"[]"), far_end()
    with connected(target(api.url, concurrency=1)) as client, client.api.wire._connections._http.stream("GET", "flows"):
        assert Attempt(BACKEND, client)(uploading(store.url)).ok  # while the only connection to the API is taken
