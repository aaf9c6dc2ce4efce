"""One request and its answer, metered into the call while an operation's body is timed, whoever the request goes to."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import httpx

from steadyline.outcome import Call, current_call

Clock = Callable[[], float]
Query = Mapping[str, str | int | bool]


class Answer(Protocol):
    """What came back, whatever its status; httpx's responses are such."""

    @property
    def request(self) -> httpx.Request:
        """What was asked."""

    @property
    def status_code(self) -> int:
        """The status."""

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""

    @property
    def headers(self) -> Mapping[str, str]:
        """By name, in whichever case."""

    @property
    def content(self) -> bytes:
        """The body."""

    def json(self) -> Any:
        """The body as JSON; a ValueError where it is none."""


class Connections(Protocol):
    """Connections to one target, or to whichever hosts URLs name; every driver brings its own kind."""

    def exchange(
        self,
        method: str,
        url: str,
        *,
        marked: bool = False,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | None = None,
        params: Query | None = None,
    ) -> Answer:
        """Send one request and read its answer, whatever its status; metered into the call while a body is timed.

        Args:
            method: GET, PUT …
            url: below the target's, or absolute.
            marked: whether it may carry the header that names the operation; only a body's first such request does.
            headers: beside those of the mark.
            json: what is sent as JSON.
            content: what is sent as it is, instead.
            params: what is asked for, as the URL's query.

        Raises:
            httpx.HTTPError: no answer.
        """

    def close(self) -> None:
        """Close them all."""


class Phases:
    """What httpcore tells of one request, as seconds by phase in the call.

    `connect` (TLS included; none on a connection that was there), `transfer` (the request's body going out and the answer's
    coming in), `first_byte` (from the last byte sent to the answer's headers).
    """

    def __init__(self, call: Call, clock: Clock) -> None:
        """Begin with nothing seen."""
        self._call = call
        self._clock = clock
        self._since = 0.0

    def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        """Take one event of httpcore's `trace` extension."""
        now = self._clock()
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._add("connect", now)
        elif event in ("http11.send_request_body.complete", "http11.receive_response_body.complete"):
            self._add("transfer", now)
        elif event == "http11.receive_response_headers.complete":
            self._add("first_byte", now)
        elif event in ("connection.connect_tcp.started", "http11.send_request_body.started"):
            self._since = now

    def _add(self, phase: str, now: float) -> None:
        self._call.add_phase(phase, now - self._since)
        self._since = now


class HttpxConnections:
    """Those of an httpx client.

    Args:
        http: as `connection.connect` makes it.
        clock: seconds, monotonic; for the phases.
    """

    def __init__(self, http: httpx.Client, clock: Clock = time.perf_counter) -> None:
        """Send nothing yet."""
        self._http = http
        self._clock = clock

    def exchange(
        self, method: str, url: str, *, marked: bool = False, headers: Mapping[str, str] | None = None, **request: Any
    ) -> httpx.Response:
        """Send one request and read its answer; as `Connections.exchange`."""
        call = current_call.get()
        if call is None:
            return self._http.request(method, url, headers=headers, **request)
        named = {**(headers or {}), **(call.mark() if marked else {})}
        extensions = {"trace": Phases(call, self._clock)}
        response = self._http.request(method, url, headers=named, extensions=extensions, **request)
        call.bytes_sent += len(response.request.content)
        call.bytes_received += response.num_bytes_downloaded
        return response

    def close(self) -> None:
        """Close them all."""
        self._http.close()


def refusal(said: str, answer: Answer) -> httpx.HTTPStatusError:
    """The error of an answer that is no success."""
    told = answer if isinstance(answer, httpx.Response) else httpx.Response(answer.status_code, request=answer.request)
    return httpx.HTTPStatusError(said.rstrip(), request=answer.request, response=told)
