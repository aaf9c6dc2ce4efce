"""The HTTP backend: a system of the user's own behind a URL; all that is asked of it the user's own operations ask."""

from dataclasses import dataclass

from steadyline.operations.http.client import HttpClient
from steadyline.operations.http.connection import WAITS, Waits, connect, place_of, redacted
from steadyline.operations.http.exchange import HttpxConnections
from steadyline.operations.http.failures import reason_of
from steadyline.operations.http.fence import Fenced
from steadyline.outcome import Reason
from steadyline.target import Target


@dataclass(frozen=True, slots=True)
class HttpBackend:
    """Makes clients for HTTP targets and knows their errors.

    Attributes:
        waits: the longest that each kind of wait may take.
    """

    waits: Waits = WAITS
    name: str = "http"

    def connect(self, target: Target) -> HttpClient:
        """Make a client; the target is first asked by `check` or by an operation.

        Raises:
            ConfigurationError: a URL that cannot be used, or a password file that is missing or empty.
        """
        place = place_of(target)
        connections = HttpxConnections(connect(place, target.concurrency, self.waits))
        return HttpClient(Fenced(connections, allow_writes=target.allow_writes), place)

    def classify(self, error: Exception) -> Reason | None:
        """Say which reason an HTTP error is, or None where the exception is not the HTTP client's."""
        return reason_of(error)

    def redact(self, text: str, target: Target) -> str:
        """Answer the text without the target's password, wherever it stands, as a basic credential too."""
        return redacted(text, target)


BACKEND = HttpBackend()
