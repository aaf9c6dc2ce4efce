"""The head of a plain HTTP request, read in one go; whatever is unusual is left to a whole parser.

A parser with a callback for each header costs a small request more than its answer does.
"""

from typing import NamedTuple

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE"})
_UNUSUAL = frozenset({"transfer-encoding", "upgrade", "expect", "trailer", "te"})
_MOST_DIGITS = 12
_MOST_NAMES = 512
_NAMES: dict[str, str] = {}
"""Header names that were seen, in lower case: clients send the same few. Filled up to a bound."""


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
    text = data[:end].decode("latin-1")
    first, *lines = text.split("\r\n")
    method, _, target = first.partition(" ")
    target, _, version = target.partition(" ")
    if method not in _METHODS or version != "HTTP/1.1" or target[:1] != "/" or "#" in target or not target.isascii():
        return None
    headers = _headers(lines) if text.replace("\r\n", "").isprintable() else None
    if headers is None or headers.get("connection", "keep-alive").lower() != "keep-alive":
        return None
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdecimal() and len(length) <= _MOST_DIGITS):
        return None
    path, _, query = target.partition("?")
    return Head(method, path, query, headers, end + 4, int(length))


def _headers(lines: list[str]) -> dict[str, str] | None:
    """The headers by lower-case name; None where a line is no header, is the second of its name, or is unusual."""
    headers = {}
    for line in lines:
        said, colon, value = line.partition(":")
        name = _NAMES.get(said) or _name(said)
        if not colon or name is None:
            return None
        headers[name] = value.strip()
    return headers if len(headers) == len(lines) else None


def _name(said: str) -> str | None:
    """A header's name in lower case; None where it is none, or not one of a plain request."""
    if not said.replace("-", "").isalnum() or not said.isascii() or said.lower() in _UNUSUAL:
        return None
    if len(_NAMES) < _MOST_NAMES:
        _NAMES[said] = said.lower()
    return said.lower()
