"""The catalogue over a load user's own connections: the same questions and answers as over the HTTP client of every day."""

import socket
import threading
from contextlib import ExitStack

import httpx
import pytest
import tams_client
from quick_outcomes import outcomes
from tams_system import tams_servers
from trace_client import FarEnd, asking, outcome_of, target
from trace_target import serving, trace_api

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.operation import Suite
from steadyline.operations.tams.backend import BACKEND as TAMS
from steadyline.operations.trace.backend import BACKEND as TRACE
from steadyline.outcome import OPERATION_HEADER

OPERATIONS = {name: one for name, one in catalogue.shipped(["trace", "tams"]).items() if one.suite is Suite.PERFORMANCE}


def _compare(backend, to):
    """Each operation of a backend over both kinds of connections."""
    names = [name for name, one in OPERATIONS.items() if one.backend == backend.name]
    quick = dict(zip(names, outcomes([(name, to.url.get_secret_value()) for name in names]), strict=True))
    client = backend.connect(to)
    usual = {name: Attempt(backend, client)(OPERATIONS[name]) for name in names}
    client.close()
    for name, found in quick.items():
        assert found["reason"] is None, (name, found)
        assert found["items"] == usual[name].items
        assert found["bytes_sent"] == pytest.approx(usual[name].bytes_sent, abs=20), name
        assert found["bytes_received"] == pytest.approx(usual[name].bytes_received, abs=200), name
        assert set(found["phases"]) - {"connect"} == set(usual[name].phases) - {"connect"}
        if OPERATIONS[name].concurrency == 1:  # side by side they would come to more than the body took
            assert 0 < sum(found["phases"].values()) <= found["duration_seconds"]


def test_trace(tmp_path):
    """Every operation of the Trace API succeeds, with the same bytes, and its phases are within its duration."""
    with trace_api(f"sqlite:///{tmp_path / 'trace.db'}") as url:
        _compare(TRACE, target(url))


def test_tams():
    """Every operation of the TAMS succeeds, those with requests side by side too."""
    with tams_servers() as servers:
        _compare(TAMS, tams_client.target(servers.url))
        assert not servers.stored()


def test_marks_only_what_is_timed(tmp_path):
    """A fault finds each timed body once, and nothing before or after it."""
    with trace_api(f"sqlite:///{tmp_path / 'trace.db'}", allow_faults=True) as url:
        fault = {"header": OPERATION_HEADER, "value": "trace.item_delete", "takes_seconds": 0.05, "expires_seconds": 60}
        httpx.put(f"{url}/-/faults/slow", json=fault, trust_env=False).raise_for_status()
        slowed = outcomes([("trace.item_delete", url)] * 4 + [("trace.item_create", url)])[:4]
        (effect,) = httpx.get(f"{url}/-/faults", trust_env=False).json()["faults"]
    assert all(outcome["duration_seconds"] >= 0.05 for outcome in slowed)
    assert effect["matched_requests"] == 4


def _far_end_that(does):
    """A socket that does something with each of its connections; its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                does(connection)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def _answer(body, head=b"HTTP/1.1 200 OK"):
    return lambda connection: connection.sendall(head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def test_failures(free_port):
    """Whatever goes wrong on the way has the reason that it has over the HTTP client of every day."""
    statuses = (302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 503, 599)
    with ExitStack() as stack:
        far_ends = [FarEnd(status=status, body=b'{"error": "because"}') for status in statuses]
        urls = [stack.enter_context(serving(one)) for one in far_ends]
        urls += [
            f"http://127.0.0.1:{free_port()}",
            "http://nohost.invalid",
            urls[0].replace("http:", "https:"),
            _far_end_that(lambda _connection: None),
            _far_end_that(lambda connection: connection.sendall(b"220 ftp\r\n\r\n")),
            _far_end_that(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")),
            *map(_far_end_that, [_answer(b"<html>"), _answer(b"{"), _answer(b"\xff")]),
        ]
        quick = outcomes([(asking.name, url) for url in urls])
        usual = [outcome_of(target(url)) for url in urls]
    assert [found["reason"] for found in quick] == [found.reason for found in usual]
    assert [found["detail"] for found in quick[: len(statuses)]] == [found.detail for found in usual[: len(statuses)]]
    assert all(len(one.requests) == 2 for one in far_ends[1:])


def test_credentials():
    """User and password go as basic authentication, and show in no failure."""
    far_end = FarEnd(status=401)
    with serving(far_end) as url:
        (outcome,) = outcomes([(asking.name, url.replace("//", "//us%20er:s3cret@"))])
    expected = next(httpx.BasicAuth("us er", "s3cret").auth_flow(httpx.Request("GET", "http://h"))).headers["authorization"]
    assert far_end.requests[0].headers["authorization"] == expected
    assert outcome["reason"] == "auth"
    assert "s3cret" not in outcome["detail"]
