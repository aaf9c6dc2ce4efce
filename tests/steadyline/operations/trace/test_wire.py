"""What the client shows of the wire, and what it marks."""

import httpx
import pytest
from trace_client import asking, connected, outcome_of, target

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.operations.trace.backend import BACKEND
from steadyline.outcome import OPERATION_HEADER, Reason

OPERATIONS = catalogue.operations(["trace"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_bytes(api, name):
    """An operation's payload is counted, and no more than it declares; deletions and counts declare nothing to speak of."""
    operation = OPERATIONS[name]
    with connected(target(api)) as client:
        assert client.dataset.items  # so that there is something to browse
        outcome = Attempt(BACKEND, client)(operation)
    assert outcome.ok, outcome.detail
    moved = outcome.bytes_sent + outcome.bytes_received
    if operation.bytes_moved:
        assert operation.bytes_moved / 4 < moved <= operation.bytes_moved
    else:
        assert moved < 100


def test_phases(far_end):
    """A request shows its phases within its duration; one over a connection that is there has no connect phase."""
    with connected(target(far_end(body=b"{}").url)) as client:
        first, second = (Attempt(BACKEND, client)(asking) for _ in range(2))
    assert set(first.phases) == {"connect", "first_byte", "transfer"}
    assert set(second.phases) == {"first_byte", "transfer"}
    for outcome in (first, second):
        assert all(seconds > 0 for seconds in outcome.phases.values())
        assert sum(outcome.phases.values()) <= outcome.duration_seconds


def test_marks_only_what_is_timed(api):
    """The header that names the operation is sent while the body is timed, and neither before nor after."""
    marked = []
    with connected(target(api)) as client:
        http = client.wire._connections._http
        send = http.send

        def watched(request, **facts):
            marked.append((request.method, request.headers.get(OPERATION_HEADER)))
            return send(request, **facts)

        http.send = watched
        assert Attempt(BACKEND, client)(OPERATIONS["trace.item_delete"]).ok
    during = [(method, mark) for method, mark in marked if mark]
    assert during == [("DELETE", "trace.item_delete")]
    assert len(marked) > 4


@pytest.mark.parametrize("takes", [0.03, 0.08])
def test_fault_reaches_one_operation(api, takes):
    """A fault slows each attempt at its operation to what was asked or more, and is met by no other request."""
    fault = {"header": OPERATION_HEADER, "value": "trace.item_create", "takes_seconds": takes, "expires_seconds": 60}
    httpx.put(f"{api}/-/faults/slow", json=fault, trust_env=False).raise_for_status()
    with connected(target(api)) as client:
        attempt = Attempt(BACKEND, client)
        slowed = [attempt(OPERATIONS["trace.item_create"]) for _ in range(5)]
        assert all(attempt(operation).ok for name, operation in OPERATIONS.items() if name != "trace.item_create")
    assert all(outcome.duration_seconds >= takes for outcome in slowed)
    (effect,) = httpx.get(f"{api}/-/faults", trust_env=False).json()["faults"]
    assert effect["matched_requests"] == 5


def test_credentials(far_end, tmp_path):
    """User and password go as basic authentication, and show in no failure."""
    secret = tmp_path / "password"
    secret.write_text("s3cret@/\nsecond line\n")
    there = far_end(status=401)
    to = target(there.url.replace("//", "//user@"), password_file=secret)
    outcome = outcome_of(to)
    sent = there.requests[0].headers["authorization"]
    assert (
        next(httpx.BasicAuth("user", "s3cret@/").auth_flow(httpx.Request("GET", "http://h"))).headers["authorization"] == sent
    )
    assert outcome.reason is Reason.AUTH
    for text in (outcome.detail, f"{there.url} said {sent} for s3cret@/", to.url.get_secret_value()):
        shown = BACKEND.redact(text, to)
        assert not any(word in shown for word in ("s3cret", sent.removeprefix("Basic ")))


def test_no_proxy_of_the_environment(far_end, monkeypatch):
    """What is measured is the target, whatever proxy the environment names."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert outcome_of(target(far_end().url)).ok


def test_path_of_the_url(far_end):
    """A base URL may have a path; the API is below it."""
    there = far_end()
    for path in ("", "/", "/trace", "/trace/"):
        assert outcome_of(target(there.url + path)).ok
    assert [request.url.path for request in there.requests] == ["/api/v1/items"] * 2 + ["/trace/api/v1/items"] * 2
