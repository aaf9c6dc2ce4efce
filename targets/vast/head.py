"""The head of a plain HTTP request, read in one go; whatever is unusual is left to a whole parser.

A parser with a callback for each header costs a small request more than its answer does.
"""

from typing import NamedTuple

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE"})
_UNUSUAL = ("transfer-encoding", "upgrade", "expect", "trailer", "te")
_MOST_DIGITS = 12


class Head(NamedTuple):
    """What a request says before its body.

    Attributes:
        path: still percent-encoded.
        query: still percent-encoded, without the question mark.
        headers: by lower-case name.
        size: bytes of the head, its empty line included.
        length: bytes of the body.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    size: int
    length: int


def read(data: bytes) -> Head | None:
    """The head with which the data begins; None where it is not whole, or anything about it is out of the ordinary.

    Ordinary is HTTP/1.1 on a kept connection, a target that begins with a slash, each header once and on one line, and a
    body of a stated length.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = data[:end].decode("latin-1").split("\r\n")
    method, _, target = first.partition(" ")
    target, _, version = target.partition(" ")
    if method not in _METHODS or version != "HTTP/1.1" or target[:1] != "/" or "#" in target:
        return None
    headers = _headers(lines) if target.isascii() and target.isprintable() else None
    if headers is None or headers.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdecimal() and len(length) <= _MOST_DIGITS):
        return None
    path, _, query = target.partition("?")
    return Head(method, path, query, headers, end + 4, int(length))


def _headers(lines: list[str]) -> dict[str, str] | None:
    """The headers by lower-case name; None where a line is no header or is the second of its name."""
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.replace("-", "").isalnum() or not name.isascii() or not value.isprintable():
            return None
        headers[name.lower()] = value.strip()
    if len(headers) != len(lines) or any(name in headers for name in _UNUSUAL):
        return None
    return headers
