"""How the tests ask a TAMS target, and what an object store is told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from pydantic import SecretStr

from steadyline.attempt import Attempt
from steadyline.operation import operation
from steadyline.operations.http.connection import WAITS, Waits, connect, connect_anywhere, place_of
from steadyline.operations.http.exchange import HttpxConnections
from steadyline.operations.http.presigned import Upload
from steadyline.operations.tams.api import Room, TamsApi, reaching
from steadyline.operations.tams.backend import BACKEND, TamsBackend
from steadyline.operations.tams.client import TamsClient
from steadyline.outcome import Outcome
from steadyline.target import Target

SECRET = "X-Amz-Signature=0123456789abcdef"


def target(url: str, **facts: Any) -> Target:
    """A TAMS target that may be written to."""
    return Target(backend="tams", url=SecretStr(url), **{"allow_writes": True, **facts})


@contextmanager
def connected(to: Target, backend: TamsBackend = BACKEND) -> Iterator[TamsClient]:
    """A client, closed afterwards."""
    client = backend.connect(to)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def api_of(url: str, pause: Callable[[float], None] = lambda _seconds: None, waits: Waits = WAITS) -> Iterator[TamsApi]:
    """The requests to a far end, without a client around them."""
    api = reaching(
        lambda: HttpxConnections(connect(place_of(target(url)), 4, waits)),
        lambda scheme: HttpxConnections(connect_anywhere(scheme, 4, waits)),
        pause,
    )()
    try:
        yield api
    finally:
        api.close()


@operation("tams.asking")
def asking(client, _prepared):
    """Ask for the flows."""
    return client.api.wire.send("GET", "flows")


def outcome_of(to: Target, backend: TamsBackend = BACKEND, asked: Any = asking) -> Outcome:
    """What one question comes to."""
    with connected(to, backend) as client:
        return Attempt(backend, client)(asked)


def uploading(url: str, content: bytes = b"media", headers: dict[str, str] | None = None) -> Any:
    """An operation that uploads to a URL."""
    room = Room("an object", Upload(f"{url}/bucket/key?{SECRET}", headers or {}))

    @operation("tams.uploading")
    def upload(client, _prepared):
        """Upload."""
        client.api.upload(room, content)

    return upload


def fault_document(summary: str) -> bytes:
    """The specification's error document."""
    return json.dumps({"type": "oops", "summary": summary, "time": "2026-01-01T00:00:00Z"}).encode()


def put_fault(url: str, name: str, takes: float) -> None:
    """Slow an operation's marked requests."""
    fault = {"header": "X-Steadyline-Operation", "value": name, "takes_seconds": takes, "expires_seconds": 60}
    httpx.put(f"{url}/-/faults/slow", json=fault, trust_env=False).raise_for_status()
