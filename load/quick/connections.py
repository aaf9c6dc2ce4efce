"""A user's connections: one to each origin, kept open; another only while that one is busy in another greenlet."""

import ssl

from load.quick.answer import Answer
from load.quick.connection import Connection, Waits
from load.quick.errors import UnansweredError
from load.quick.place import Origin

REPEATABLE = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "DELETE"))
"""Methods that may be sent again where no byte of an answer came (RFC 9110, 9.2.2)."""


class Connections:
    """The idle connections of one user, by origin."""

    def __init__(self, waits: Waits, context: ssl.SSLContext) -> None:
        """Open nothing yet.

        Args:
            waits: the longest waits.
            context: how TLS trusts.
        """
        self._waits = waits
        self._context = context
        self._idle: dict[Origin, list[Connection]] = {}

    def exchange(self, origin: Origin, method: str, request: bytes) -> Answer:
        """Send a whole request and wait for its answer.

        A kept connection may have been closed by the far end meanwhile. One that shows it is replaced before anything
        is sent. One that ends before any byte of an answer is replaced, and the request sent once more, only where
        the method may be repeated.

        Raises:
            OSError: no answer, or none that could be used.
        """
        idle = self._idle.get(origin)
        if idle is None:
            idle = self._idle[origin] = []
        connection = self._kept(idle) or self._open(origin)
        again = connection.used and method in REPEATABLE
        bodiless = method == "HEAD"
        try:
            answer = connection.exchange(request, bodiless=bodiless)
        except UnansweredError:
            connection.close()
            if not again:
                raise
            connection = self._open(origin)
            try:
                answer = connection.exchange(request, bodiless=bodiless)
            except BaseException:
                connection.close()
                raise
        except BaseException:  # a killed greenlet's too: what is half done is never used again
            connection.close()
            raise
        if connection.reusable:
            idle.append(connection)
        else:
            connection.close()
        return answer

    def _kept(self, idle: list[Connection]) -> Connection | None:
        while idle:
            connection = idle.pop()
            if not connection.is_stale():
                return connection
            connection.close()
        return None

    def _open(self, origin: Origin) -> Connection:
        return Connection(origin, self._waits, self._context if origin.secure else None)

    def close(self) -> None:
        """Close what is idle."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()
