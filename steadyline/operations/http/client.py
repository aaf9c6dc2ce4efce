"""The connection to any HTTP system of the user's own: JSON requests, and nothing assumed of what it holds."""

from typing import Any

import httpx

from steadyline.operations.http.connection import Place
from steadyline.operations.http.exchange import Answer, Connections, Query, refusal
from steadyline.operations.http.reachability import require_answers
from steadyline.operations.http.wire import Wire

_SAYS = ("detail", "message", "error")
"""Where the error documents of common frameworks say what is wrong."""


def error_of(document: Any) -> str:
    """What the system says is wrong, "" where it says it in a way of its own."""
    return str(next((document[key] for key in _SAYS if key in document), "")) if isinstance(document, dict) else ""


class HttpClient:
    """One target; safe for several threads. Paths are below the target's URL.

    It has no run-scoped place: what an operation writes, its cleanup deletes, and nothing is swept or counted here.

    Args:
        connections: to the target.
        place: where it is.
    """

    def __init__(self, connections: Connections, place: Place) -> None:
        """Send nothing yet."""
        self.wire = Wire(connections, "", error_of)
        self._connections = connections
        self._place = place

    def get(self, path: str, **query: str | int) -> Any:
        """GET; the JSON answered."""
        return self.wire.send("GET", path, query=query)

    def post(self, path: str, body: Any) -> Any:
        """POST; the JSON answered."""
        return self.wire.send("POST", path, body=body)

    def put(self, path: str, body: Any) -> Any:
        """PUT; the JSON answered."""
        return self.wire.send("PUT", path, body=body)

    def delete(self, path: str) -> bool:
        """DELETE; False where it was gone already."""
        return self.wire.delete(path)

    def answer(self, method: str, path: str, *, body: Any = None, query: Query | None = None) -> Answer:
        """Send one request of any kind and answer what came, a success: for what is no JSON."""
        return self.wire.answer(method, path, body=body, query=query)

    def check(self) -> None:
        """Ask for the target's URL; any answer will do but one that refuses who asks.

        Raises:
            UnreachableError: it does not answer, or refuses; the text says what to do.
        """

        def ask() -> None:
            answer = self._connections.exchange("GET", "")
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                raise refusal(f"GET /: HTTP {answer.status_code}", answer)

        require_answers("HTTP system", self._place, ask)

    def sweep(self) -> int:
        """Nothing is known to be ours."""
        return 0

    def leaked(self) -> int:
        """Nothing is known to be ours."""
        return 0

    def close(self) -> None:
        """Disconnect."""
        self.wire.close()
