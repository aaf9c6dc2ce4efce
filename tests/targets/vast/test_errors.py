"""Refusals: each is raised by the SDK as its own matching exception, with the code and the message that were meant."""

import pytest
import requests
from vastdb import errors as sdk

from targets.vast import errors

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Refusal)]
RAISED = {
    400: sdk.BadRequest,
    403: sdk.Forbidden,
    404: sdk.NotFound,
    405: sdk.MethodNotAllowed,
    409: sdk.Conflict,
    500: sdk.InternalServerError,
    501: sdk.NotImplemented,
    503: sdk.ServiceUnavailable,
    507: sdk.InsufficientCapacity,
}


def received(refusal):
    """What the SDK makes of a refusal."""
    response = requests.Response()
    response.status_code = refusal.status
    response._content = errors.xml(refusal)
    response.request = requests.Request("GET", "http://127.0.0.1/").prepare()
    try:
        return sdk.from_response(response)
    except sdk.HttpError as raised:  # 503 is raised at once
        return raised


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind(kind):
    """Each refusal becomes the SDK's exception for its status, and names its code."""
    error = received(kind("why"))
    if kind is errors.UnsupportedColumnType:
        assert isinstance(error, sdk.NotSupportedSchema)
        error = error.cause
    assert type(error) is (sdk.Slowdown if kind is errors.SlowDown else RAISED[kind.status])
    assert (error.code, error.message) == (kind.code, "why")


def test_escaped():
    """What a client sent in comes back in the message as text, whatever it holds."""
    said = "<Code>&\"'</Code>\x00\x1b\ud800 ß"
    error = received(errors.InvalidArgument(said))
    assert error.message == "<Code>&\"'</Code>\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} ß"


def test_bounded():
    """A message does not grow with what was sent."""
    assert len(errors.xml(errors.InvalidArgument("x" * 10_000_000))) < 2000
