"""The TAMS backend: flows and segments over HTTP, and their media at presigned URLs, as whoever ingests meets them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from steadyline.operations.http.connection import WAITS, Waits, connect, connect_anywhere, place_of, redacted
from steadyline.operations.http.exchange import HttpxConnections
from steadyline.operations.http.failures import reason_of
from steadyline.operations.tams.api import reaching
from steadyline.operations.tams.client import TamsClient
from steadyline.outcome import Reason
from steadyline.target import Target


@dataclass(frozen=True, slots=True)
class TamsBackend:
    """Makes clients for TAMS targets and knows their errors.

    Attributes:
        waits: the longest that each kind of wait may take.
        now: Unix time, by which run-scoped flows are renewed.
    """

    waits: Waits = WAITS
    now: Callable[[], float] = time.time
    name: str = "tams"

    def connect(self, target: Target) -> TamsClient:
        """Make a client; the target is first asked by `check` or by an operation.

        Raises:
            ConfigurationError: a URL that cannot be used, or a password file that is missing or empty.
        """
        place = place_of(target)

        def to_target() -> HttpxConnections:
            return HttpxConnections(connect(place, target.concurrency, self.waits))

        def to_store(scheme: str) -> HttpxConnections:
            return HttpxConnections(connect_anywhere(scheme, target.concurrency, self.waits))

        return TamsClient(reaching(to_target, to_store), place, allow_writes=target.allow_writes, now=self.now)

    def classify(self, error: Exception) -> Reason | None:
        """Say which reason an HTTP error is, or None where the exception is not the HTTP client's."""
        return reason_of(error)

    def redact(self, text: str, target: Target) -> str:
        """Answer the text without the target's password, wherever it stands, as a basic credential too."""
        return redacted(text, target)


BACKEND = TamsBackend()
