"""What came back for one request, as it was on the wire: the head is read when someone asks for it."""

import zlib
from dataclasses import dataclass

from geventhttpclient.header import Headers

from load.quick.errors import MalformedAnswerError

_ENCODING = b"content-encoding:"
_COOKIE = b"\r\nset-cookie:"
_AS_IT_IS = frozenset(("", "identity", "aws-chunked"))
"""aws-chunked: S3 servers hand back the name of an upload's framing, which they have taken off."""
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


@dataclass(slots=True)
class Answer:
    """One answer.

    Attributes:
        status: its code.
        head: status line and header lines.
        content: the body, decoded where the answer says that it is compressed.
        connect_seconds: what connecting took (name, TCP, TLS), None on a connection that was open already.
        first_byte_seconds: from sending the request to the answer's first bytes.
        received: the body's bytes as they came.
    """

    status: int
    head: bytes
    content: bytes
    connect_seconds: float | None
    first_byte_seconds: float
    received: int

    @property
    def sets_cookies(self) -> bool:
        """Whether it has a Set-Cookie line."""
        return _COOKIE in self.head.lower()

    @property
    def headers(self) -> Headers:
        """By name in any case; a name that came several times has a list of values."""
        found = Headers()
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            found.add(name, value.strip(" \t"))
        return found


def decoded(head: bytes, body: bytes) -> bytes:
    """The body as it was before it was compressed.

    Raises:
        MalformedAnswerError: an encoding that is not read here, or a body that is not in it.
    """
    if not body or _ENCODING not in head.lower():
        return body
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    named = b",".join(value for name, _, value in lines if name == b"content-encoding").decode("latin-1")
    for encoding in reversed([name.strip() for name in named.split(",")]):
        body = _without(encoding, body)
    return body


def _without(encoding: str, body: bytes) -> bytes:
    if encoding in _AS_IT_IS:
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise MalformedAnswerError(f"the answer is encoded with {encoding[:40]!r}, which is not read: ask for gzip or deflate")
    bare = encoding == "deflate" and body[0] & 0x0F != zlib.DEFLATED  # some send deflate without zlib's two bytes
    unzip = zlib.decompressobj(-zlib.MAX_WBITS if bare else _GZIP_OR_ZLIB)
    try:
        plain = unzip.decompress(body) + unzip.flush()
    except zlib.error as error:
        raise MalformedAnswerError(f"malformed answer: its body is not {encoding}: {error}") from None
    if not unzip.eof:
        raise MalformedAnswerError(f"malformed answer: its {encoding} body is cut")
    return plain
