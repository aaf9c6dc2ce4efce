"""One client's HTTP connection: that of every target, with a short way for tabular requests.

uvicorn makes a scope, a task and several events for each request, which is most of what a small one costs. A tabular
request is read whole and answered at once instead, without the parser where its head is a plain one; anything else, and
everything while a fault is under way, takes uvicorn's way to the ASGI application, which gives the same answers.
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE
from uvicorn.server import ServerState

from targets import connections
from targets.crowd import Crowd
from targets.faults import Faults
from targets.vast.app import LARGEST_BODY_BYTES
from targets.vast.endpoint import VERSION, Endpoint
from targets.vast.exchange import Answer, Request
from targets.vast.head import Head, read

_SERVER = f"server: {VERSION}\r\n".encode()
_JOINED_BYTES = 1 << 16
"""An answer up to this size is copied into one piece: one system call."""


class Connection(connections.Connection):
    """A connection.

    Attributes:
        endpoint: answers tabular requests.
        faults: while some are under way, every request goes to the application.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        crowd: Crowd,
        endpoint: Endpoint,
        faults: Faults | None,
    ) -> None:
        """As uvicorn makes one."""
        super().__init__(config, server_state, app_state, _loop, crowd=crowd)
        self.endpoint = endpoint
        self.faults = faults
        self._request: Request | None = None
        self._body: list[bytes] = []
        self._waiting: asyncio.Task[None] | None = None
        self._is_last = False
        self._missing = 0
        self._is_parsing = False

    def data_received(self, data: bytes) -> None:
        """A piece of a request, or a whole one."""
        if self._missing:
            self.heard = time.monotonic()
            self._more(data)
            return
        head = None if self._waiting is not None or self._is_parsing or not self._is_free() else read(data)
        if head is None or len(data) - head.size > head.length or not self._is_short(head):
            super().data_received(data)
            return
        self.heard = time.monotonic()
        self.take_short()
        self._request = Request(head.method, head.path, head.query, head.headers, None)
        self._missing = head.length
        self._more(data[head.size :])

    def _more(self, body: bytes) -> None:
        """A piece of the body of a request whose head was read without the parser; the last one completes it."""
        rest = body[self._missing :]
        self._body.append(body[: self._missing] if rest else body)
        self._missing -= len(self._body[-1])
        if self._missing:
            return
        self._complete(is_last=False)
        if rest:
            self.data_received(rest)

    def _is_short(self, head: Head) -> bool:
        return head.length <= LARGEST_BODY_BYTES and self.endpoint.is_tabular(head.method, head.path, head.query)

    def on_message_begin(self) -> None:
        """A request begins; one that comes before the last answer is not read, and the client asks again elsewhere."""
        self._is_parsing = True
        if self._waiting is not None:
            self._is_last = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Take the short way, or uvicorn's."""
        if self._waiting is not None:
            self.take_short()
            return
        self._request = self._tabular()
        if self._request is None:
            super().on_headers_complete()
        else:
            self.take_head()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if self._waiting is not None:
            return
        if self._request is None:
            super().on_body(body)
        else:
            self.take_body(body)
            self._body.append(body)

    def on_message_complete(self) -> None:
        """The request is whole: answer it."""
        self._is_parsing = False
        if self._waiting is not None:
            return
        if self._request is None:
            super().on_message_complete()
        else:
            self.take_end()
            self._complete(is_last=not self.parser.should_keep_alive())

    def _complete(self, *, is_last: bool) -> None:
        """Answer the request of the short way, at once or later."""
        request = self._request
        assert request is not None
        request.body = b"".join(self._body) if len(self._body) != 1 else self._body[0]
        self._request, self._body = None, []
        self._is_last = is_last
        handled = self.endpoint.answer(request)
        if isinstance(handled, Answer):
            self._write(request.method, handled)
        else:
            self._waiting = self.loop.create_task(self._answer(request.method, handled))
            self.tasks.add(self._waiting)
            self._waiting.add_done_callback(self.tasks.discard)

    def shutdown(self) -> None:
        """End the connection, after the answer that is waited for."""
        if self._waiting is None:
            super().shutdown()
        else:
            self._is_last = True

    def is_answering(self) -> bool:
        """Whether a request of it is being answered."""
        return self._waiting is not None or super().is_answering()

    def _is_free(self) -> bool:
        """Whether no request is on uvicorn's way, and none has to go there."""
        return (self.cycle is None or self.cycle.response_complete) and not (self.faults is not None and self.faults.effects)

    def _tabular(self) -> Request | None:
        """The request, where it is one for the short way."""
        if not self._is_free() or self.expect_100_continue:
            return None
        path, _, query = self.url.decode("latin-1").partition("?")
        method = self.parser.get_method().decode("ascii")
        if self.parser.get_http_version() != "1.1" or not path.startswith("/"):
            return None
        if not self.endpoint.is_tabular(method, path, query):
            return None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.headers}
        length = headers.get("content-length", "0")
        if (
            "transfer-encoding" in headers
            or "upgrade" in headers
            or not length.isdecimal()
            or int(length) > LARGEST_BODY_BYTES
        ):
            return None
        return Request(method, path, query, headers, None)

    async def _answer(self, method: str, handled: Awaitable[Answer]) -> None:
        answer = await handled
        self._waiting = None
        self._write(method, answer)

    def _write(self, method: str, answer: Answer) -> None:
        if self.transport.is_closing():
            return
        head = [STATUS_LINE[answer.status], _SERVER]
        for name, value in (*self.server_state.default_headers, *answer.headers):
            head += (name, b": ", value, b"\r\n")
        length = answer.length
        head.append(
            b"connection: close\r\ncontent-length: %d\r\n\r\n" % length
            if self._is_last
            else b"content-length: %d\r\n\r\n" % length
        )
        parts = () if method == "HEAD" else answer.parts
        if length <= _JOINED_BYTES:
            self.transport.write(b"".join((*head, *parts)))
        else:
            self.transport.write(b"".join(head))
            self.transport.writelines(parts)
        self._end()

    def _end(self) -> None:
        """After an answer: wait for the next request, but not for ever."""
        self.crowd.know(self)
        self.server_state.total_requests += 1
        if self._is_last:
            self.transport.close()
            return
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection if nothing was heard for so long; else look again: one timer serves many requests."""
        quiet_seconds = time.monotonic() - self.heard
        if self._waiting is None and quiet_seconds >= (self.limits.body_seconds if self._missing else self.timeout_keep_alive):
            super().timeout_keep_alive_handler()
            return
        left = self.timeout_keep_alive - quiet_seconds
        self.timeout_keep_alive_task = self.loop.call_later(max(left, 1.0), self.timeout_keep_alive_handler)
