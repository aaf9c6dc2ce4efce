"""A request as bytes, in one piece; what must not be sent is refused here, before anything is."""

import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from load.quick.errors import RefusedError
from load.quick.place import MOST_KEPT

_UNSAFE = re.compile(r"[^!-~]")
_SAFE = "!#$%&'()*+,/:;=?@[]~"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BROKEN_VALUE = re.compile(r"[^\t -~\x80-\xff]")
_FRAMING = frozenset(("transfer-encoding", "expect", "upgrade", "trailer", "te"))
"""What these ask for is not done here."""
_ALWAYS_FRAMED = frozenset(("POST", "PUT", "PATCH"))
_OTHER_METHODS = frozenset(("CONNECT", "TRACE"))
AGENT = ("User-Agent", "steadyline")
Lines = tuple[tuple[str, Any], ...]
"""Headers, in order; of two with one name the later one is sent. A value is text, or a whole number."""


@lru_cache(MOST_KEPT)
def target(path: str) -> str:
    """A path and query as a request's first line has them: quoted where they were not, without a fragment."""
    path = path.partition("#")[0]
    if not path.startswith("/"):
        path = f"/{path}"
    return quote(path, safe=_SAFE) if _UNSAFE.search(path) else path


@lru_cache(MOST_KEPT)
def lines(host: str, headers: Lines) -> str:
    """The header lines; a later one of a name wins over an earlier one.

    Raises:
        RefusedError: a header that is none, or that asks for what is not done here.
    """
    found: dict[str, tuple[str, str]] = {"host": ("Host", host)}
    for name, value in headers:
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise RefusedError(f"no header's name: {name!r}")
        if isinstance(value, int):
            value = str(value)  # noqa: PLW2901
        if not isinstance(value, str) or _BROKEN_VALUE.search(value):
            raise RefusedError(f"header {name}: its value is no text of one line")
        if name.lower() in _FRAMING:
            raise RefusedError(f"header {name}: not done by this client")
        found[name.lower()] = (name, value)
    found.pop("content-length", None)  # counted, never believed
    return "".join(f"{name}: {value}\r\n" for name, value in found.values())


@lru_cache(MOST_KEPT)
def verb(method: str) -> str:
    """A method as it is sent.

    Raises:
        RefusedError: no method, or one that is not done here.
    """
    found = method.upper()
    if not _TOKEN.fullmatch(found) or found in _OTHER_METHODS:
        raise RefusedError(f"method {method!r}: not done by this client")
    return found


def compose(method: str, path: str, host: str, headers: Lines, body: bytes | None) -> bytes:
    """A whole request.

    Args:
        method: as `verb` has it.
        path: as `target` has it.
        host: the Host line's value.
        headers: all others.
        body: or None for none.
    """
    if body is None:
        length = "Content-Length: 0\r\n" if method in _ALWAYS_FRAMED else ""
        return f"{method} {path} HTTP/1.1\r\n{lines(host, headers)}{length}\r\n".encode("latin-1")
    head = f"{method} {path} HTTP/1.1\r\n{lines(host, headers)}Content-Length: {len(body)}\r\n\r\n"
    return head.encode("latin-1") + body
