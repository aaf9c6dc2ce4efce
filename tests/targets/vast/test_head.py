"""Heads of requests: what is read without the parser is what the parser reads, and all that is unusual is left to it."""

import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from targets.vast.head import Head, read

PLAIN = b"POST /b/s/t?rows&x=%20 HTTP/1.1\r\nHost: h:1\r\nContent-Length: 5\r\nX-Amz-Date:  d e \r\n\r\nhello"


class Parsed:
    """What the parser says of the same bytes."""

    def __init__(self, data):
        """Parse; raises where it is no HTTP."""
        self.url, self.headers, self.begun, self.body = b"", [], 0, b""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.feed_data(data)

    def on_message_begin(self):
        """Count."""
        self.begun += 1

    def on_url(self, url):
        """Keep."""
        self.url += url

    def on_header(self, name, value):
        """Keep."""
        self.headers.append((name.lower().decode("latin-1"), value.decode("latin-1").strip(" \t")))

    def on_body(self, body):
        """Keep."""
        self.body += body


def test_plain():
    """The request of a client is read whole."""
    headers = {"host": "h:1", "content-length": "5", "x-amz-date": "d e"}
    assert read(PLAIN) == Head("POST", "/b/s/t", "rows&x=%20", headers, len(PLAIN) - 5, 5)


UNUSUAL = {
    "not whole": PLAIN[:40],
    "HTTP/1.0": PLAIN.replace(b"HTTP/1.1", b"HTTP/1.0"),
    "another method": PLAIN.replace(b"POST", b"PATCH"),
    "an absolute target": PLAIN.replace(b" /b", b" http://h/b"),
    "a fragment": PLAIN.replace(b"%20", b"#f"),
    "closing": PLAIN.replace(b"X-Amz-Date:  d e ", b"Connection: close"),
    "upgrading": PLAIN.replace(b"X-Amz-Date:  d e ", b"Upgrade: h2c"),
    "chunked": PLAIN.replace(b"Content-Length: 5", b"Transfer-Encoding: chunked"),
    "asking leave": PLAIN.replace(b"X-Amz-Date:  d e ", b"Expect: 100-continue"),
    "two lengths": PLAIN.replace(b"X-Amz-Date:  d e ", b"Content-length: 4"),
    "a negative length": PLAIN.replace(b"Length: 5", b"Length: -5"),
    "no such length": PLAIN.replace(b"Length: 5", "Length: \u00b2".encode("latin-1")),
    "a folded line": PLAIN.replace(b"d e ", b"d\r\n e"),
    "a space before the colon": PLAIN.replace(b"Host:", b"Host :"),
    "a bare line feed": PLAIN.replace(b"d e ", b"d\nx: y"),
    "a bare carriage return": PLAIN.replace(b"d e ", b"d\rx: y"),
    "a NUL": PLAIN.replace(b"d e ", b"\0"),
    "no header": PLAIN.replace(b"Host: h:1", b"nothing"),
}


@pytest.mark.parametrize("data", UNUSUAL.values(), ids=UNUSUAL)
def test_unusual(data):
    """Whatever two readers could take in two ways is left to the parser."""
    assert read(data) is None


PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b":",
    b" ",
    b"\t",
    b"\0",
    b"GET",
    b"HTTP/1.1",
    b"Content-Length: 9\r\n",
    b"a: b\r\n",
    b"\xff",
    b"?",
    b"%",
]


@st.composite
def bent(draw):
    """The request with a few pieces put in or over."""
    data = bytearray(PLAIN)
    for _ in range(draw(st.integers(0, 3))):
        at, piece = draw(st.integers(0, len(data))), draw(st.sampled_from(PIECES) | st.binary(min_size=1, max_size=3))
        data[at : at + draw(st.sampled_from([0, len(piece)]))] = piece
    return bytes(data)


@given(bent())
@settings(max_examples=1500, deadline=None)
def test_as_the_parser(data):
    """Of any bytes: either the head is left to the parser, or both read the same."""
    head = read(data)
    if head is None:
        return
    parsed = Parsed(data[: head.size + head.length])
    assert parsed.begun == 1
    assert parsed.parser.get_method().decode() == head.method
    assert parsed.url.decode() == f"{head.path}?{head.query}" if head.query else head.path
    assert dict(parsed.headers) == head.headers
    assert parsed.body == data[head.size : head.size + head.length]
