"""One request and its answer, metered into the call while an operation's body is timed, whoever the request goes to."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from steadyline.outcome import Call, current_call

Clock = Callable[[], float]


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


def exchange(
    http: httpx.Client,
    method: str,
    url: str,
    *,
    marked: bool = False,
    clock: Clock = time.perf_counter,
    headers: Mapping[str, str] | None = None,
    **request: Any,
) -> httpx.Response:
    """Send one request and read its answer, whatever its status.

    Args:
        http: the connections.
        method: GET, PUT …
        url: below the client's base URL, or absolute.
        marked: whether it may carry the header that names the operation; only a body's first such request does.
        clock: seconds, monotonic; for the phases.
        headers: beside those of the mark.
        request: anything else that httpx takes of a request.

    Raises:
        httpx.HTTPError: no answer.
    """
    call = current_call.get()
    if call is None:
        return http.request(method, url, headers=headers, **request)
    named = {**(headers or {}), **(call.mark() if marked else {})}
    extensions = {"trace": Phases(call, clock)}
    response = http.request(method, url, headers=named, extensions=extensions, **request)
    call.bytes_sent += len(response.request.content)
    call.bytes_received += response.num_bytes_downloaded
    return response
