"""The wire to one HTTP target: one JSON request at a time, metered and marked while an operation's body is timed."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from steadyline.operations.renewal import ClientClosedError
from steadyline.outcome import Call, IntegrityError, current_call

Clock = Callable[[], float]


class Phases:
    """What httpcore tells of one request, as seconds by phase in the call; a reused connection has no connect phase."""

    def __init__(self, call: Call, clock: Clock) -> None:
        """Begin with nothing seen."""
        self._call = call
        self._clock = clock
        self._connect = 0.0
        self._sent = 0.0
        self._answered = 0.0

    def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        """Take one event of httpcore's `trace` extension."""
        now = self._clock()
        if event == "connection.connect_tcp.started":
            self._connect = now
        elif event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._call.add_phase("connect", now - self._connect)
            self._connect = now
        elif event == "http11.send_request_headers.started":
            self._sent = now
        elif event == "http11.receive_response_headers.complete":
            self._answered = now
            self._call.add_phase("first_byte", now - self._sent)
        elif event == "http11.receive_response_body.complete":
            self._call.add_phase("transfer", now - self._answered)


class Wire:
    """Requests to one target.

    Args:
        http: as `connection.connect` makes it.
        root: where the API begins below the target's URL, as in `api/v1/`.
        said: how the target words its errors: what its error document says, from the parsed JSON.
        clock: seconds, monotonic; for the phases.
    """

    def __init__(self, http: httpx.Client, root: str, said: Callable[[Any], str], clock: Clock = time.perf_counter) -> None:
        """Send nothing yet."""
        self._http = http
        self._root = root
        self._said = said
        self._clock = clock
        self._closed = False

    def send(self, method: str, path: str, *, body: Any = None, query: Mapping[str, str | int | bool] | None = None) -> Any:
        """Send one request and answer its JSON, or None where the answer has no body.

        Raises:
            httpx.HTTPError: no answer, or one that is no success; its text names method, path and status.
            IntegrityError: a success that is not JSON.
            ClientClosedError: the client was closed.
        """
        if self._closed:
            raise ClientClosedError("the client was closed")
        response = self._http.request(method, f"{self._root}{path}", json=body, params=query, **self._marks())
        call = current_call.get()
        if call is not None:
            call.bytes_sent += len(response.request.content)
            call.bytes_received += response.num_bytes_downloaded
        if not response.is_success:
            said = f"{method} /{self._root}{path}: HTTP {response.status_code} {self._message(response)}"
            raise httpx.HTTPStatusError(said.rstrip(), request=response.request, response=response)
        return _json(response, f"{method} /{self._root}{path}")

    def _marks(self) -> dict[str, Any]:
        call = current_call.get()
        if call is None:
            return {}
        return {"headers": call.mark(), "extensions": {"trace": Phases(call, self._clock)}}

    def find(self, path: str) -> Any:
        """GET; None where there is nothing. Any failure but a 404 is raised."""
        return self._unless_missing("GET", path)

    def is_there(self, path: str) -> bool:
        """Whether a GET finds something."""
        return self.find(path) is not None

    def delete(self, path: str, **query: bool) -> bool:
        """Delete; False where it was gone already."""
        return self._unless_missing("DELETE", path, query, found=True) is not None

    def _unless_missing(self, method: str, path: str, query: Mapping[str, bool] | None = None, found: Any = None) -> Any:
        try:
            return self.send(method, path, query=query) or found
        except httpx.HTTPStatusError as error:
            if error.response.status_code != httpx.codes.NOT_FOUND:
                raise
            return None

    def _message(self, response: httpx.Response) -> str:
        """What the target says is wrong, short; "" where it does not say it in its own way."""
        try:
            return str(self._said(response.json()))[:200]
        except (ValueError, LookupError, TypeError):
            return ""

    def close(self) -> None:
        """Close the connections; later requests are refused."""
        self._closed = True
        self._http.close()


def _json(response: httpx.Response, question: str) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        raise IntegrityError(f"{question}: the answer is not JSON") from None
