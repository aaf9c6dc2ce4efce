"""The Trace backend: items and links over HTTP, as an application's user meets them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from steadyline.operations.http.connection import WAITS, Waits, connect, place_of, redacted
from steadyline.operations.http.exchange import HttpxConnections
from steadyline.operations.http.failures import reason_of
from steadyline.operations.trace.client import TraceClient
from steadyline.outcome import Reason
from steadyline.target import Target


@dataclass(frozen=True, slots=True)
class TraceBackend:
    """Makes clients for Trace targets and knows their errors.

    Attributes:
        waits: the longest that each kind of wait may take.
        now: Unix time, by which run-scoped projects age.
    """

    waits: Waits = WAITS
    now: Callable[[], float] = time.time
    name: str = "trace"

    def connect(self, target: Target) -> TraceClient:
        """Make a client; the target is first asked by `check` or by an operation.

        Raises:
            ConfigurationError: a URL that cannot be used, or a password file that is missing or empty.
        """
        place = place_of(target)
        connections = HttpxConnections(connect(place, target.concurrency, self.waits))
        return TraceClient(connections, place, allow_writes=target.allow_writes, now=self.now)

    def classify(self, error: Exception) -> Reason | None:
        """Say which reason an HTTP error is, or None where the exception is not the HTTP client's."""
        return reason_of(error)

    def redact(self, text: str, target: Target) -> str:
        """Answer the text without the target's password, wherever it stands, as a basic credential too."""
        return redacted(text, target)


BACKEND = TraceBackend()
