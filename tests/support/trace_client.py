"""How the tests ask a Trace target, and a far end that answers whatever a test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from steadyline.attempt import Attempt
from steadyline.operation import operation
from steadyline.operations.trace.backend import BACKEND, TraceBackend
from steadyline.operations.trace.client import TraceClient
from steadyline.outcome import Outcome
from steadyline.target import Target


def target(url: str, **facts: Any) -> Target:
    """A Trace target that may be written to."""
    return Target(backend="trace", url=SecretStr(url), **{"allow_writes": True, **facts})


@contextmanager
def connected(to: Target, backend: TraceBackend = BACKEND) -> Iterator[TraceClient]:
    """A client, closed afterwards."""
    client = backend.connect(to)
    try:
        yield client
    finally:
        client.close()


@operation("trace.asking")
def asking(client, _prepared):
    """Ask for the items."""
    return client.get("items")


def outcome_of(to: Target, backend: TraceBackend = BACKEND) -> Outcome:
    """What one question comes to."""
    with connected(to, backend) as client:
        return Attempt(backend, client)(asking)


@dataclass
class FarEnd:
    """A server that answers every request alike, and remembers what it was asked.

    Attributes:
        status: of its answers.
        body: of its answers.
        headers: of its answers.
        requests: what came.
    """

    status: int = 200
    body: bytes = b'{"items": [], "projects": []}'
    headers: dict[str, str] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        self.requests.append(Request(scope))
        await Response(self.body, self.status, self.headers)(scope, receive, send)
