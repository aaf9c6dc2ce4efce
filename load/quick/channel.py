"""A connection's bytes: one system socket that waits cooperatively, and TLS over it.

gevent's own socket costs a Python call for each read and write, and a timer made anew for each wait. Here the socket
is the system's, the wait is the hub's, and one timer serves the whole connection.
"""

import socket
import ssl
from typing import Any
from weakref import WeakKeyDictionary

import gevent
import gevent.socket
from gevent.monkey import get_original

_SystemSocket = get_original("socket", "socket")
_poll = get_original("select", "poll")
_READ, _WRITE = 1, 2
BUFFER_BYTES = 65536

_buffers: WeakKeyDictionary[Any, bytearray] = WeakKeyDictionary()


def _buffer(hub: Any) -> bytearray:
    """What was read last on any connection of this hub: whoever reads takes what it needs before it waits again."""
    found = _buffers.get(hub)
    if found is None:
        found = _buffers[hub] = bytearray(BUFFER_BYTES)
    return found


class Channel:
    """A connected TCP socket.

    Attributes:
        buffer: holds what `receive` read; shared with the other connections.
        ragged: the far end left without saying so, where TLS wants it said.
    """

    __slots__ = ("_hub", "_poller", "_readable", "_socket", "_timer", "_writable", "buffer", "ragged")

    def __init__(self, host: str, port: int, timeout_seconds: float) -> None:
        """Connect.

        Args:
            host: a name or an address.
            port: its port.
            timeout_seconds: the longest wait for the next part of an answer, or until a part of the request is taken.

        Raises:
            OSError: no connection.
        """
        connected = gevent.socket.create_connection((host, port))
        self._socket = _SystemSocket(connected.family, connected.type, connected.proto, connected.detach())
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._hub = gevent.get_hub()
        loop, number = self._hub.loop, self._socket.fileno()
        self._readable, self._writable = loop.io(number, _READ), loop.io(number, _WRITE)
        self._timer = loop.timer(timeout_seconds, timeout_seconds)
        self._poller = _poll()
        self._poller.register(number, 1)  # POLLIN
        self.buffer = _buffer(self._hub)
        self.ragged = False

    def _wait(self, watcher: Any) -> None:
        self._timer.again(gevent.getcurrent().throw, TimeoutError, "timed out waiting for the far end")
        try:
            self._hub.wait(watcher)
        finally:
            self._timer.stop()

    def _fill(self) -> int:
        """Wait, and read into the buffer; 0 at the end."""
        while True:
            self._wait(self._readable)
            try:
                count: int = self._socket.recv_into(self.buffer)
            except BlockingIOError:  # woken for nothing
                continue
            return count

    def receive(self) -> int:
        """Wait for bytes; answer how many stand in `buffer` now, 0 at the end.

        Raises:
            TimeoutError: none came in time.
            OSError: the connection broke.
        """
        return self._fill()

    def send(self, data: bytes) -> None:
        """Send everything.

        Raises:
            TimeoutError: the far end took nothing for too long.
            OSError: the connection broke.
        """
        try:
            sent = self._socket.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._send_rest(memoryview(data)[sent:])

    def _send_rest(self, rest: memoryview) -> None:
        while rest:
            self._wait(self._writable)
            try:
                rest = rest[self._socket.send(rest) :]
            except BlockingIOError:
                continue

    def is_stale(self) -> bool:
        """Whether a connection that should be idle has something to read: its end, or bytes that nobody asked for."""
        return bool(self._poller.poll(0))

    def close(self) -> None:
        """Close at once; may be called twice."""
        for watcher in (self._readable, self._writable, self._timer):
            watcher.close()
        self._socket.close()


class SecureChannel(Channel):
    """TLS over a channel: records are taken from memory, so that a small answer costs one read of the system."""

    __slots__ = ("_incoming", "_outgoing", "_tls")

    def __init__(self, host: str, port: int, timeout_seconds: float, context: ssl.SSLContext) -> None:
        """Connect and shake hands.

        Raises:
            ssl.SSLError: no TLS, or a certificate that is not trusted.
            OSError: no connection.
        """
        super().__init__(host, port, timeout_seconds)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        try:
            self._shake_hands()
        except BaseException:
            self.close()
            raise

    def _shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                self._feed()
            else:
                self._flush()
                return

    def _feed(self) -> None:
        """Take the next bytes off the wire."""
        count = self._fill()
        if count:
            self._incoming.write(memoryview(self.buffer)[:count])
        else:
            self._incoming.write_eof()

    def _flush(self) -> None:
        """Send what TLS has to say."""
        if self._outgoing.pending:
            super().send(self._outgoing.read())

    def receive(self) -> int:
        """As Channel's."""
        while True:
            if self._incoming.pending or self._tls.pending():
                found = self._decrypted()
                if found is not None:
                    return found
            self._feed()
            if self._incoming.eof:
                found = self._decrypted()
                if found is not None:
                    return found

    def _decrypted(self) -> int | None:
        """How many plain bytes stand in `buffer`, 0 at the end, None where more has to come first."""
        try:
            return self._tls.read(BUFFER_BYTES, self.buffer)  # type: ignore[return-value]
        except ssl.SSLWantReadError:
            self._flush()
            return None
        except ssl.SSLEOFError:
            self.ragged = True
            return 0

    def send(self, data: bytes) -> None:
        """As Channel's."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._tls.write(rest) :]
            self._flush()

    def is_stale(self) -> bool:
        """As Channel's; a session ticket that came meanwhile is taken and is nothing to read."""
        if self._tls.pending():
            return True
        while super().is_stale():
            self._feed()
            if self._decrypted() is not None:
                return True
        return False
