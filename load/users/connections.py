"""The catalogue's HTTP clients over a load user's own sockets: the same questions, several times as many of them per core.

Failures become the HTTP exceptions that operations and `reason_of` know; requests and responses as objects are made then only.
"""

import json as notation
from base64 import b64encode
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import httpx
from gevent import GreenletExit

from load.quick.answer import Answer
from load.quick.connection import Waits
from load.quick.errors import AnswerError, RefusedError
from load.quick.session import QuickSession
from load.quick.trust import trusting, verifying
from steadyline.operations.http.connection import WAITS, Place
from steadyline.operations.http.exchange import Query
from steadyline.operations.renewal import ClientClosedError
from steadyline.outcome import current_call

_KINDS: tuple[tuple[type[OSError], type[httpx.TransportError]], ...] = (
    (TimeoutError, httpx.ReadTimeout),
    (AnswerError, httpx.RemoteProtocolError),
    (OSError, httpx.ConnectError),
)
"""The first that fits decides; names that are not known and broken TLS are told apart by the cause."""
_JSON = {"Content-Type": "application/json"}
_NO_HOST = "http://none"
"""The base of connections that are told whole URLs."""


class QuickAnswer:
    """An answer as the catalogue's clients read it (`steadyline.operations.http.exchange.Answer`)."""

    __slots__ = ("_answer", "_method", "_url")

    def __init__(self, answer: Answer, method: str, url: str) -> None:
        """Keep what came, and what was asked."""
        self._answer = answer
        self._method = method
        self._url = url

    @property
    def request(self) -> httpx.Request:
        """What was asked."""
        return httpx.Request(self._method, self._url)

    @property
    def status_code(self) -> int:
        """The status."""
        return self._answer.status

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self._answer.status < 300  # noqa: PLR2004 - as RFC 9110 has it

    @property
    def headers(self) -> Mapping[str, str]:
        """By name, in whichever case."""
        headers: Mapping[str, str] = self._answer.headers
        return headers

    @property
    def content(self) -> bytes:
        """The body."""
        return self._answer.content

    def json(self) -> Any:
        """The body as JSON; a ValueError where it is none."""
        return notation.loads(self._answer.content)


class QuickConnections:
    """One user's connections, each kept open; another is opened only while that one is busy.

    Args:
        place: the target; without one, whichever hosts the URLs name are asked, without credentials.
        on_cut: called where a request is cut off in the middle, because its user was killed.
    """

    def __init__(self, place: Place | None = None, on_cut: Callable[[], None] = lambda: None) -> None:
        """Open nothing yet."""
        secure = place is None or place.url.scheme == "https"
        self._base = str(place.url).rstrip("/") if place else ""
        credentials = place.credentials if place else None
        self._session = QuickSession(
            self._base or _NO_HOST,
            waits=Waits(WAITS.connect, WAITS.answer),
            context=verifying() if secure else trusting(),  # the system's certificates are read only where they are asked
            headers={"Authorization": _basic(*credentials)} if credentials else None,
        )
        self._on_cut = on_cut
        self._closed = False

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
    ) -> QuickAnswer:
        """Send one request and read its answer; as `steadyline.operations.http.exchange.Connections.exchange`.

        Raises:
            httpx.HTTPError: no answer.
            ClientClosedError: the connections were closed.
        """
        if self._closed:
            raise ClientClosedError("the client was closed")
        path = f"{url}?{_query(params)}" if params else url
        if self._base:
            path = f"/{path}"
        body, said = content, headers or {}
        if json is not None:
            body, said = _written(json), {**said, **_JSON}
        call = current_call.get()
        if call is not None and marked:
            said = {**said, **call.mark()}
        start = perf_counter()
        try:
            answer = self._session.exchange(method, path, body, said)
        except RefusedError as error:
            raise httpx.UnsupportedProtocol(str(error)) from error
        except OSError as error:
            kind = next(kind for cause, kind in _KINDS if isinstance(error, cause))
            raise kind(str(error), request=httpx.Request(method, self._base + path)) from error
        except GreenletExit:
            self._on_cut()
            raise
        if call is not None:
            call.bytes_sent += len(body or b"")
            call.bytes_received += answer.received
            before = answer.first_byte_seconds
            if answer.connect_seconds is not None:
                call.add_phase("connect", answer.connect_seconds)
                before += answer.connect_seconds
            call.add_phase("first_byte", answer.first_byte_seconds)
            call.add_phase("transfer", perf_counter() - start - before)
        return QuickAnswer(answer, method, self._base + path)

    def refuse(self) -> None:
        """Send nothing more; what is under way ends as it does."""
        self._closed = True

    def close(self) -> None:
        """Close them all."""
        self._closed = True
        self._session.close()


class Fuse:
    """Connections that, once nobody answered, fail alike for a while without asking: many may be waiting for the same answer.

    Args:
        connections: to the target.
        seconds: how long.
        clock: seconds, monotonic.
    """

    def __init__(self, connections: QuickConnections, seconds: float, clock: Callable[[], float] = perf_counter) -> None:
        """Ask nobody yet."""
        self._connections = connections
        self._seconds = seconds
        self._clock = clock
        self._blown: httpx.TransportError | None = None
        self._until = 0.0

    def exchange(self, method: str, url: str, **request: Any) -> QuickAnswer:
        """Send one request, unless nobody answered lately.

        Raises:
            httpx.HTTPError: no answer, or none lately.
        """
        if self._blown is not None and self._clock() < self._until:
            raise type(self._blown)(str(self._blown)) from self._blown.__cause__
        try:
            answer = self._connections.exchange(method, url, **request)
        except (httpx.ConnectError, httpx.TimeoutException) as error:
            self._blown, self._until = error, self._clock() + self._seconds
            raise
        self._blown = None
        return answer

    def close(self) -> None:
        """Close them all."""
        self._connections.close()


def _basic(user: str, password: str) -> str:
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def _written(document: Any) -> bytes:
    return notation.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _query(params: Query) -> str:
    return urlencode({name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()})
