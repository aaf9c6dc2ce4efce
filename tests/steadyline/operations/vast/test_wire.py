"""What the client shows of the wire, and what it marks."""

import httpx
import pytest
from metered import metered
from s3_target import ACCESS_KEY, SECRET_KEY
from vast_system import asking, connected, outcome_of, target

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.operations.vast.backend import BACKEND
from steadyline.outcome import OPERATION_HEADER

OPERATIONS = catalogue.operations(["vast"])
QUERIES = ("vast.row_select", "vast.range_select")


@pytest.mark.parametrize("name", OPERATIONS)
def test_bytes(endpoint_with_s3, name):
    """An operation's payload is counted, and no more than it declares, its prepare's included."""
    operation = OPERATIONS[name]
    with connected(endpoint_with_s3.target()) as client:
        assert client.dataset.row_ids  # so that there is something to browse
        outcome, moved = metered(Attempt(BACKEND, client), operation)
    assert outcome.ok, outcome.detail
    least = 50 if name == "vast.schema_browse" else operation.bytes_moved / 4  # of 100 schemas at most, two are there
    assert least < moved <= operation.bytes_moved


@pytest.mark.parametrize("name", OPERATIONS)
def test_first_request_is_marked(endpoint_with_s3, name):
    """The operation is named on the first request of its body, and on no other, whichever thread of the SDK sends it."""
    with connected(endpoint_with_s3.target()) as client:
        attempt = Attempt(BACKEND, client)
        assert attempt(OPERATIONS[name]).ok
        endpoint_with_s3.requests.clear()
        assert attempt(OPERATIONS[name]).ok
    marked = [(method, command) for method, command, mark in endpoint_with_s3.requests if mark == name]
    assert marked == [("GET" if name == "vast.session_init" else "POST", "transaction")]
    assert {mark for *_, mark in endpoint_with_s3.requests} == {None, name}


def test_phases(endpoint):
    """A body shows its phases within its duration; over a connection that is there it has no connect phase."""
    with connected(endpoint.target()) as client:
        first, second = (Attempt(BACKEND, client)(asking) for _ in range(2))
    assert set(first.phases) == {"connect", "first_byte", "transfer"}
    assert set(second.phases) == {"first_byte", "transfer"}
    for outcome in (first, second):
        assert all(seconds > 0 for seconds in outcome.phases.values())
        assert sum(outcome.phases.values()) <= outcome.duration_seconds


@pytest.mark.parametrize("name", QUERIES)
def test_query_opens_a_connection(endpoint, name):
    """The SDK asks each query over a new connection, in a thread of its own: both are seen."""
    with connected(endpoint.target()) as client:
        attempt = Attempt(BACKEND, client)
        outcomes = [attempt(OPERATIONS[name]) for _ in range(3)]
    for outcome in outcomes:
        assert set(outcome.phases) == {"connect", "first_byte", "transfer"}
        assert sum(outcome.phases.values()) <= outcome.duration_seconds
        assert outcome.bytes_sent > 500  # the query itself
        assert outcome.bytes_received > 1000


def test_parallel_bodies_show_no_phases(endpoint):
    """Requests side by side show their bytes, and no phases that would add up to more than they took."""
    with connected(endpoint.target()) as client:
        one = Attempt(BACKEND, client)(OPERATIONS["vast.insert_1"])
        ten = Attempt(BACKEND, client)(OPERATIONS["vast.concurrent_insert_10"])
    assert ten.bytes_sent >= 10 * one.bytes_sent
    assert ten.bytes_received == 10 * one.bytes_received
    assert ten.phases == {}


@pytest.mark.parametrize("takes", [0.05, 0.1])
def test_fault_reaches_one_operation(endpoint, takes):
    """A fault slows each attempt at its operation to what was asked or more, and is met by no other request."""
    fault = {"header": OPERATION_HEADER, "value": "vast.row_select", "takes_seconds": takes, "expires_seconds": 60}
    httpx.put(f"{endpoint.url}/-/faults/slow", json=fault, trust_env=False).raise_for_status()
    with connected(endpoint.target()) as client:
        attempt = Attempt(BACKEND, client)
        slowed = [attempt(OPERATIONS["vast.row_select"]) for _ in range(3)]
        assert attempt(OPERATIONS["vast.insert_1"]).ok
    assert all(outcome.ok and outcome.duration_seconds >= takes for outcome in slowed)
    (effect,) = httpx.get(f"{endpoint.url}/-/faults", trust_env=False).json()["faults"]
    assert effect["matched_requests"] == 3


def test_no_proxy_of_the_environment(endpoint, monkeypatch):
    """What is measured is the target, whatever proxy the environment names; queries and objects too."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with connected(endpoint.target()) as client:
        assert Attempt(BACKEND, client)(OPERATIONS["vast.row_select"]).ok


def test_keys_of_the_settings(endpoint, monkeypatch):
    """The settings say who asks, whatever the environment says."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setenv("AWS_S3_ENDPOINT_URL", "http://127.0.0.1:1")
    assert outcome_of(target(endpoint.url, access_key=ACCESS_KEY)).ok
    assert SECRET_KEY not in repr(BACKEND.connect(endpoint.target()).database.place)
