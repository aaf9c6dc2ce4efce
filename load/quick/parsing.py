"""One connection's answers, taken apart by llhttp (httptools).

No header is made a Python object here: llhttp checks them all, and the head is kept as it came until someone reads it.
"""

import httptools

from load.quick.errors import CutAnswerError, MalformedAnswerError, UnansweredError

HEAD_BYTES = 65536
"""The largest head that is taken, interim answers included."""
_END = b"\r\n\r\n"
_FIRST_FINAL = 200
_SWITCHING = 101


class Parsing:
    """What has come of the answer to one request after the other.

    Attributes:
        status: the answer's.
        keep: whether the connection may be used again.
    """

    __slots__ = ("_bodiless", "_complete", "_headed", "_interim", "_parser", "_parts", "_raw", "keep", "on_body", "status")

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.on_body = self._parts.append
        self._parser = httptools.HttpResponseParser(self)
        self.begin(bodiless=False)

    def begin(self, *, bodiless: bool) -> None:
        """Expect an answer.

        Args:
            bodiless: the answer has no body, whatever its head says: to a HEAD.
        """
        self._bodiless = bodiless
        self._interim = self.status = 0
        self._headed = self._complete = self.keep = False
        self._raw = b""

    def on_message_begin(self) -> None:
        """llhttp's: the first byte of an answer."""
        if self._complete:
            raise MalformedAnswerError("more came than was asked for")  # ends the parsing; the answer stands

    def on_headers_complete(self) -> None:
        """llhttp's: the head was read."""
        self.status = self._parser.get_status_code()
        self.keep = self._parser.should_keep_alive()
        self._headed = self.status >= _FIRST_FINAL
        if self._headed and self._bodiless:
            self._complete = True

    def on_message_complete(self) -> None:
        """llhttp's: the answer's last byte."""
        if self._headed:
            self._complete = True
        else:
            self._interim += 1

    def feed(self, part: memoryview) -> bool:
        """Take what came; whether the answer is complete.

        Raises:
            MalformedAnswerError: it is no HTTP answer.
        """
        if not self._headed:
            self._raw += part
        try:
            self._parser.feed_data(part)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self._complete:
                raise MalformedAnswerError(f"malformed answer: {error}") from None
            self.keep = False
        if not self._headed:
            if len(self._raw) > HEAD_BYTES:
                raise MalformedAnswerError(f"malformed answer: its head is larger than {HEAD_BYTES} bytes")
            if self.status == _SWITCHING:
                raise MalformedAnswerError("malformed answer: the far end switched protocols, which nobody asked for")
        return self._complete

    def finish(self, *, ragged: bool) -> None:
        """The far end closed before the answer was complete.

        Raises:
            UnansweredError: nothing had come.
            CutAnswerError: something is missing.
        """
        if not self._raw:
            raise UnansweredError("the far end closed the connection before any byte of an answer")
        if ragged or not self._headed or not self._ends_with_connection():
            raise CutAnswerError("the far end closed the connection in the middle of its answer")

    def _ends_with_connection(self) -> bool:
        """Whether the head says nothing of the body's end (RFC 9112, 6.3)."""
        names = {line.partition(b":")[0].lower(): line for line in self._head().split(b"\r\n")[1:]}
        coding = names.get(b"transfer-encoding")
        if coding is None:
            return b"content-length" not in names
        return not coding.lower().rstrip().endswith(b"chunked")

    def _head(self) -> bytes:
        """The final answer's head, without what came before and after it."""
        return self._raw.split(_END, self._interim + 1)[self._interim]

    def take(self) -> tuple[bytes, bytes]:
        """The answer's head and body as they came; the next answer may be expected then."""
        parts = self._parts
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        parts.clear()
        if self._bodiless:
            self.keep = self.keep and not body
            body = b""
            self._parser = httptools.HttpResponseParser(self)  # the old one waits for the body that its length promised
        return self._head(), body
