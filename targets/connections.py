"""A client's HTTP connection that costs the others nothing: uvicorn's own, with limits in size, time and number.

With the crowd that it is one of, this is what Steadyline's own servers use of targets too, so that there is one set of
limits and one way to hold them. Where there are too many connections the one that has been silent longest is closed: a
server that answers everybody 503 instead answers Prometheus 503 as well.
"""

import asyncio
import http
import time
from typing import Any, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from targets.crowd import Crowd

_PIPELINED = 16
"""Requests that may wait behind an unanswered one on its connection; clients that do this at all send a few."""


class _Refused(Exception):  # noqa: N818 - an answer to the client
    """Ends the parsing of a request that is not taken."""


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
