"""A client's HTTP connection that costs the others nothing: uvicorn's own, with limits in size, time and number.

The one module of targets that Steadyline's own servers use too, so that there is one set of limits and one way to hold
them. Where there are too many connections the one that has been silent longest is closed: a server that answers everybody
503 instead answers Prometheus 503 as well.
"""

import asyncio
import http
import resource
import time
from dataclasses import dataclass, field
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

BACKLOG = 256
"""Connections that the kernel keeps, and asyncio accepts in one go: few enough to have file descriptors for all of them."""
_OWN_FILES = 128
"""File descriptors that a server needs for other things."""
_PIPELINED = 16
"""Requests that may wait behind an unanswered one on its connection; clients that do this at all send a few."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take of a server.

    Attributes:
        connections: at a time; fewer where the process may open fewer files.
        head_bytes: request line and headers.
        head_seconds: from the connection to the end of its first head, with TLS; for a later one from its first byte.
        body_seconds: from the head to the end of the body.
        body_bytes: of a body; None leaves it to the application.
    """

    connections: int = 4096
    head_bytes: int = 32 * 1024
    head_seconds: float = 10.0
    body_seconds: float = 300.0
    body_bytes: int | None = None


class _Refused(Exception):  # noqa: N818 - an answer to the client
    """Ends the parsing of a request that is not taken."""


@dataclass(slots=True)
class Crowd:
    """The connections of one server.

    Attributes:
        limits: for each and for all of them.
    """

    limits: Limits
    _strangers: dict["Connection", None] = field(default_factory=dict)
    _known: set["Connection"] = field(default_factory=set)
    _most: int = 0

    def __post_init__(self) -> None:
        """Find how many there may be."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        known = files != resource.RLIM_INFINITY
        self._most = max(1, min(self.limits.connections, files - _OWN_FILES)) if known else self.limits.connections

    def enter(self, connection: "Connection") -> bool:
        """Whether the connection may stay; another one may have had to go."""
        if len(self._strangers) + len(self._known) >= self._most and not self._shed():
            return False
        self._strangers[connection] = None
        return True

    def know(self, connection: "Connection") -> None:
        """It had an answer."""
        if connection in self._strangers:
            del self._strangers[connection]
            self._known.add(connection)

    def leave(self, connection: "Connection") -> None:
        """It is closed."""
        self._strangers.pop(connection, None)
        self._known.discard(connection)

    def _shed(self) -> bool:
        """Close the oldest that never asked anything, else the longest silent one; what is being answered stays."""
        longest = next((one for one in self._strangers if not one.is_answering()), None)
        if longest is None:
            longest = min((one for one in self._known if not one.is_answering()), key=lambda one: one.heard, default=None)
        if longest is None:
            return False
        self.leave(longest)
        longest.abort()
        return True


class Connection(HttpToolsProtocol):
    """A connection within limits.

    Attributes:
        crowd: it is one of.
        limits: that it keeps.
        heard: when a byte came last, monotonic.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        crowd: Crowd,
    ) -> None:
        """As uvicorn makes one."""
        super().__init__(config, server_state, app_state, _loop)
        self.crowd = crowd
        self.limits = crowd.limits
        self.heard = time.monotonic()
        self._has_begun = False
        self._wire: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timed: float | None = None
        self._is_in_head = True
        self._is_in_body = False
        self._received = self._delivered = self._head = 0
        self._refusal = http.HTTPStatus.BAD_REQUEST

    def enter(self, transport: asyncio.BaseTransport) -> bool:
        """Take a place among the others, and begin to wait for a request; False where there is none."""
        self._wire = cast("asyncio.Transport", transport)  # uvloop's has no base class in common
        if not self.crowd.enter(self):
            self.abort()
            return False
        self.connections.add(self)  # so that the server's end finds it, whatever it has come to
        self._watch()
        return True

    def abort(self) -> None:
        """Close it at once; what was not sent yet is not."""
        if self._wire is not None:
            self._wire.abort()

    def is_answering(self) -> bool:
        """Whether a request of it is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody connected."""
        if self.enter(transport):
            self.begin(transport)

    def begin(self, transport: asyncio.BaseTransport) -> None:
        """Read requests, over what may be another transport than the one that was accepted."""
        self._has_begun = True
        super().connection_made(cast("asyncio.Transport", transport))

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whomever."""
        self.crowd.leave(self)
        self.connections.discard(self)
        self._stop_timer()
        if self._has_begun:
            super().connection_lost(exc)

    def shutdown(self) -> None:
        """End the connection, after the answer under way."""
        if self._has_begun:
            super().shutdown()
        else:
            self.abort()

    def data_received(self, data: bytes) -> None:
        """A piece of a request, or several requests."""
        if self.transport.is_closing():
            return
        self.heard = time.monotonic()
        self._received += len(data)
        super().data_received(data)
        # What is neither head nor body, such as trailers, is bounded by the head's limit and the body's own length.
        if (self._is_in_head or self._is_in_body) and self._received - 2 * self._delivered > self.limits.head_bytes:
            self._refusal = http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self.send_400_response("")
        self._watch()

    def on_message_begin(self) -> None:
        """A request begins."""
        if len(self.pipeline) >= _PIPELINED:
            self._refuse(http.HTTPStatus.TOO_MANY_REQUESTS)
        self._is_in_head = True
        self._head = self._delivered = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A piece of the request line."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer."""
        self._count_head(len(name) + len(value) + len(": \r\n"))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        self.take_head()
        super().on_headers_complete()

    def take_head(self) -> None:
        """The head is there: the body is waited for; a length that is over the limit is refused at once."""
        self._is_in_head, self._is_in_body = False, True
        most = self.limits.body_bytes
        if most is not None:
            said = next((value for name, value in self.headers if name == b"content-length"), b"0")
            if not said.isdigit() or int(said) > most:
                self._refuse(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def take_short(self) -> None:
        """A head was read without the parser: its first one is not waited for any more."""
        self._is_in_head = False
        if self._timer is not None:
            self._stop_timer()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self.take_body(body)
        super().on_body(body)

    def take_body(self, body: bytes) -> None:
        """Count a piece of the body."""
        self._delivered += len(body)
        if self.limits.body_bytes is not None and self._delivered > self.limits.body_bytes:
            self._refuse(http.HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self.take_end()
        super().on_message_complete()

    def take_end(self) -> None:
        """The request is whole: nothing is waited for while it is answered."""
        self._is_in_body = False
        self._received = self._delivered = 0

    def on_response_complete(self) -> None:
        """The answer is on its way."""
        self.crowd.know(self)
        super().on_response_complete()

    def timeout_keep_alive_handler(self) -> None:
        """Nothing came for so long; who did not even read the answer is not waited for."""
        if self.transport.get_write_buffer_size():
            self.abort()
        else:
            super().timeout_keep_alive_handler()

    def send_400_response(self, msg: str) -> None:
        """Tell why the request is not taken, and close; uvicorn calls this when the parser has stopped."""
        if self.transport.is_closing():
            return
        if self.is_answering() and self.cycle.response_started:
            self.abort()
            return
        if self._refusal is http.HTTPStatus.BAD_REQUEST:
            super().send_400_response(msg)
            return
        told = f"{self._refusal.phrase}\n".encode()
        head = b"content-type: text/plain; charset=utf-8\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % len(told)
        self.transport.write(STATUS_LINE[self._refusal] + head + told)
        self.transport.close()

    def _count_head(self, size: int) -> None:
        self._head += size
        if self._head > self.limits.head_bytes:
            self._refuse(http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _refuse(self, status: http.HTTPStatus) -> None:
        self._refusal = status
        raise _Refused

    def _watch(self) -> None:
        """Have one timer while something is to come, and none while an answer is made: a request in one piece needs none."""
        wanted = self._waiting_seconds()
        if wanted == self._timed:
            return
        self._stop_timer()
        if wanted is not None and self._wire is not None and not self._wire.is_closing():
            self._timed = wanted
            self._timer = self.loop.call_later(wanted, self.abort)

    def _waiting_seconds(self) -> float | None:
        if self._is_in_body:
            return self.limits.body_seconds
        if self._is_in_head or (self.timeout_keep_alive_task is None and not self.is_answering()):
            return self.limits.head_seconds
        return None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._timed = None
