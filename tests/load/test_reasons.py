"""Reasons of the requests that users' own flows make."""

import socket
import ssl
from types import SimpleNamespace

import pytest

from load.reasons import reason_of
from steadyline.outcome import Reason


class CatchResponseError(Exception):
    """As Locust's, which a user's own check of the answer raises."""


def wrapped(cause):
    """As a client wraps what the system said."""
    error = RuntimeError("the client's own")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (socket.gaierror(-2, "Name or service not known"), 0, Reason.DNS),
        (ConnectionRefusedError(111, "refused"), 0, Reason.CONNECT),
        (wrapped(ConnectionResetError(104, "reset")), 0, Reason.CONNECT),
        (RuntimeError(ConnectionRefusedError(111, "refused")), 0, Reason.CONNECT),
        (wrapped(ssl.SSLError(1, "certificate")), 0, Reason.TLS),
        (TimeoutError("timed out"), 0, Reason.TIMEOUT),
        (RuntimeError("bad status"), 500, Reason.SERVER_ERROR),
        (RuntimeError("bad status"), 503, Reason.SERVER_ERROR),
        (RuntimeError("bad status"), 429, Reason.THROTTLED),
        (RuntimeError("bad status"), 401, Reason.AUTH),
        (RuntimeError("bad status"), 409, Reason.CONFLICT),
        (RuntimeError("bad status"), 404, Reason.CLIENT_ERROR),
        (CatchResponseError("wrong item"), 200, Reason.INTEGRITY),
        (RuntimeError("something else"), 0, Reason.OTHER),
    ],
)
def test_each_failure_has_a_reason_of_the_closed_list(error, status, reason):
    """By what the system said, else by the status, else by who refused it."""
    assert reason_of(error, SimpleNamespace(status_code=status)) is reason
