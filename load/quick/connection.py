"""One keep-alive connection to one origin: a request goes out, its answer comes in, and nothing is ever left half done."""

import ssl
from time import perf_counter
from typing import NamedTuple

from gevent.timeout import Timeout

from load.quick.answer import Answer, decoded
from load.quick.channel import Channel, SecureChannel
from load.quick.errors import UnansweredError
from load.quick.parsing import Parsing
from load.quick.place import Origin


class Waits(NamedTuple):
    """The longest waits, seconds: until connected, TLS included, and between two parts of a request or an answer."""

    connect: float
    part: float


class Connection:
    """An open connection; who gets an exception from it closes it.

    Attributes:
        used: whether an answer came on it before.
        reusable: whether it may be used for another request.
    """

    __slots__ = ("_channel", "_connect_seconds", "_parsing", "_view", "reusable", "used")

    def __init__(self, origin: Origin, waits: Waits, context: ssl.SSLContext | None) -> None:
        """Connect.

        Raises:
            OSError: no connection.
        """
        start = perf_counter()
        late = TimeoutError(f"timed out connecting to {origin.host}:{origin.port}")
        with Timeout(waits.connect, late):
            if context is None:
                self._channel = Channel(origin.host, origin.port, waits.part)
            else:
                self._channel = SecureChannel(origin.host, origin.port, waits.part, context)
        self._view = memoryview(self._channel.buffer)
        self._parsing = Parsing()
        self._connect_seconds: float | None = perf_counter() - start
        self.used = self.reusable = False

    def is_stale(self) -> bool:
        """Whether it ended, or said something, while nobody asked."""
        try:
            return self._channel.is_stale()
        except OSError:
            return True

    def exchange(self, request: bytes, *, bodiless: bool = False) -> Answer:
        """Send a whole request; wait for its answer.

        Args:
            request: head and body.
            bodiless: the answer has no body: to a HEAD.

        Raises:
            UnansweredError: the far end had closed; no byte of an answer came.
            OSError: no answer, or none that could be used.
        """
        self.reusable = False
        channel, parsing, view = self._channel, self._parsing, self._view
        parsing.begin(bodiless=bodiless)
        start = perf_counter()
        try:  # noqa: SIM105 - a context manager costs more than all of this method's own work
            channel.send(request)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it may have answered before it closed, as on a body too large
        try:
            count = channel.receive()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise UnansweredError(f"the connection ended before any byte of an answer: {error.strerror}") from None
        first_byte_seconds = perf_counter() - start
        while count:
            if parsing.feed(view[:count]):
                break
            count = channel.receive()
        else:
            parsing.finish(ragged=channel.ragged)
        head, body = parsing.take()
        content = decoded(head, body)
        connect_seconds, self._connect_seconds = self._connect_seconds, None
        self.reusable, self.used = parsing.keep, True
        return Answer(parsing.status, head, content, connect_seconds, first_byte_seconds, len(body))

    def close(self) -> None:
        """Close at once."""
        self._channel.close()
