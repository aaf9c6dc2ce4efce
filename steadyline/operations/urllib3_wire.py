"""What urllib3's connections show of the wire, for all clients built on it: boto3's, and requests' under the vastdb SDK.

A connection pool of these classes meters what is sent while an operation's body is timed, and marks its first request:

    manager = urllib3.PoolManager(…)
    manager.pool_classes_by_scheme = POOL_CLASSES        # requests: `adapter.poolmanager` after mounting the adapter

Phases: `connect` (TLS included; none on a connection that was there), `transfer` (the request's body going out and the
answer's coming in), `first_byte` (from the last byte sent to the answer's headers). Only what runs in the body's own thread,
or in a copy of its context, is seen. Requests that share one `Call` must not run at the same time.
"""

import http.client
import time
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse

from steadyline.operations.http.connection import IDLE_SECONDS, WAITS
from steadyline.outcome import Call, current_call

_clock = time.perf_counter


class _MeteredStream:
    """The stream of an answer's body: adds its bytes, and the time spent waiting for them, to the call."""

    def __init__(self, stream: Any, call: Call) -> None:
        self._stream = stream
        self._call = call

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def read(self, size: int = -1) -> bytes:
        start = _clock()
        found: bytes = self._stream.read(size)
        return self._received(start, found)

    def read1(self, size: int = -1) -> bytes:
        start = _clock()
        found: bytes = self._stream.read1(size)
        return self._received(start, found)

    def readinto(self, buffer: Any) -> int:
        start = _clock()
        size: int = self._stream.readinto(buffer)
        self._add(start, size)
        return size

    def readline(self, size: int = -1) -> bytes:
        """The size of a chunk, which is no payload; waiting for it is."""
        start = _clock()
        found: bytes = self._stream.readline(size)
        self._add(start, 0)
        return found

    def _received(self, start: float, found: bytes) -> bytes:
        self._add(start, len(found))
        return found

    def _add(self, start: float, size: int) -> None:
        if current_call.get() is self._call:  # read after the body was timed, it is none of its number
            self._call.bytes_received += size
            self._call.add_phase("transfer", _clock() - start)


class _MeteredAnswer(http.client.HTTPResponse):
    """An answer whose body is metered when it belongs to a timed body."""

    fp: Any

    def begin(self) -> None:
        super().begin()
        call = current_call.get()
        if call is not None and self.fp is not None:
            self.fp = _MeteredStream(self.fp, call)


class MeteredConnection(HTTPConnection):
    """A connection that meters and marks; one that was idle for long is opened anew instead of met by its closing."""

    response_class = _MeteredAnswer

    def __init__(self, *args: Any, **facts: Any) -> None:
        """As urllib3's own."""
        super().__init__(*args, **facts)
        self._call: Call | None = None
        self._in_headers = False
        self._sent = 0.0

    def __str__(self) -> str:
        """How urllib3's errors name it."""
        return f"{self.host}:{self.port}"

    @property
    def is_connected(self) -> bool:
        """Whether it may be used again; the pool asks before each request."""
        return _clock() - self._sent < IDLE_SECONDS and super().is_connected

    def connect(self) -> None:
        """Open it; sending may then take longer than connecting may."""
        start, call = _clock(), current_call.get()
        super().connect()
        if call is not None:
            call.add_phase("connect", _clock() - start)

    def endheaders(self, *args: Any, **facts: Any) -> None:
        """Send the headers; the first request of a timed body is marked here, after it was signed."""
        call = self._call = current_call.get()
        for name, value in call.mark().items() if call else ():
            self.putheader(name, value)
        if self.sock is None:
            self.connect()
        # urllib3 sends under the time to connect, which Python counts for a whole body: megabytes may well take longer.
        self.sock.settimeout(WAITS.answer)
        self._in_headers = True
        try:
            super().endheaders(*args, **facts)
        finally:
            self._in_headers = False
        self._sent = _clock()

    def send(self, data: Any) -> None:
        """Send headers, or a part of the body."""
        if self._in_headers:
            super().send(data)
            return
        start = _clock()
        super().send(data)
        self._sent = _clock()
        if self._call is not None:
            self._call.bytes_sent += len(data)
            self._call.add_phase("transfer", self._sent - start)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as in urllib3's own
        """Wait for the answer's headers."""
        answer = super().getresponse()
        if self._call is not None:
            self._call.add_phase("first_byte", _clock() - self._sent)
        return answer


class MeteredTlsConnection(MeteredConnection, HTTPSConnection):
    """The same over TLS."""


class MeteredPool(HTTPConnectionPool):
    """A pool of metered connections."""

    ConnectionCls = MeteredConnection


class MeteredTlsPool(HTTPSConnectionPool):
    """A pool of metered connections over TLS."""

    ConnectionCls = MeteredTlsConnection


POOL_CLASSES = {"http": MeteredPool, "https": MeteredTlsPool}
"""What a urllib3 PoolManager's `pool_classes_by_scheme` is to be."""
