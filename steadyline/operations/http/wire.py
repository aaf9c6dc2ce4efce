"""The wire to one HTTP target: one JSON request at a time, metered and marked while an operation's body is timed."""

from collections.abc import Callable
from typing import Any

import httpx

from steadyline.operations.http.exchange import Answer, Connections, Query, refusal
from steadyline.operations.renewal import ClientClosedError
from steadyline.outcome import IntegrityError
from steadyline.printable import shortened


class Wire:
    """Requests to one target.

    Args:
        connections: to the target.
        root: where the API begins below the target's URL, as in `api/v1/`.
        said: how the target words its errors: what its error document says, from the parsed JSON.
    """

    def __init__(self, connections: Connections, root: str, said: Callable[[Any], str]) -> None:
        """Send nothing yet."""
        self._connections = connections
        self._root = root
        self._said = said
        self._closed = False

    def send(self, method: str, path: str, *, body: Any = None, query: Query | None = None) -> Any:
        """Send one request and answer its JSON, or None where the answer has no body.

        Raises:
            httpx.HTTPError: no answer, or one that is no success; its text names method, path and status.
            IntegrityError: a success that is not JSON.
            ClientClosedError: the client was closed.
        """
        return json_of(self.answer(method, path, body=body, query=query))

    def answer(self, method: str, path: str, *, body: Any = None, query: Query | None = None) -> Answer:
        """Send one request and answer what came, a success, with its headers.

        Raises:
            httpx.HTTPError: no answer, or one that is no success; its text names method, path and status.
            ClientClosedError: the client was closed.
        """
        if self._closed:
            raise ClientClosedError("the client was closed")
        url = f"{self._root}{path}"
        answer = self._connections.exchange(method, url, marked=True, json=body, params=query)
        if not answer.is_success:
            raise refusal(f"{method} /{url}: HTTP {answer.status_code} {self._message(answer)}", answer)
        return answer

    def find(self, path: str) -> Any:
        """GET; None where there is nothing. Any failure but a 404 is raised."""
        found = self._unless_missing("GET", path)
        return None if found is None else json_of(found)

    def is_there(self, path: str) -> bool:
        """Whether a GET finds something."""
        return self._unless_missing("GET", path) is not None

    def delete(self, path: str, **query: bool) -> bool:
        """Delete; False where it was gone already."""
        return self._unless_missing("DELETE", path, query) is not None

    def _unless_missing(self, method: str, path: str, query: Query | None = None) -> Answer | None:
        try:
            return self.answer(method, path, query=query)
        except httpx.HTTPStatusError as error:
            if not is_missing(error):
                raise
            return None

    def _message(self, answer: Answer) -> str:
        """What the target says is wrong, short; "" where it does not say it in its own way."""
        try:
            return shortened(str(self._said(answer.json())))
        except (ValueError, LookupError, TypeError):
            return ""

    def close(self) -> None:
        """Close the connections; later requests are refused."""
        self._closed = True
        self._connections.close()


def is_missing(error: httpx.HTTPStatusError) -> bool:
    """Whether the target says that there is no such thing."""
    return error.response.status_code == httpx.codes.NOT_FOUND


def json_of(answer: Answer) -> Any:
    """The JSON of an answer, or None where it has no body.

    Raises:
        IntegrityError: it is not JSON.
    """
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError:
        request = answer.request
        raise IntegrityError(f"{request.method} {request.url.path}: the answer is not JSON") from None
