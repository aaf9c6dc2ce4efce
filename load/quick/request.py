"""A request as bytes, in one piece; what must not be sent is refused here, before anything is."""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from load.quick.connection import Origin
from load.quick.errors import RefusedError

_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
_UNSAFE = re.compile(r"[^!-~]")
_SAFE = "!#$%&'()*+,/:;=?@[]~"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BROKEN_VALUE = re.compile(r"[^\t -~\x80-\xff]")
_FRAMING = frozenset(("transfer-encoding", "expect", "upgrade", "trailer", "te"))
"""What these ask for is not done here."""
_ALWAYS_FRAMED = frozenset(("POST", "PUT", "PATCH"))
_PORTS = {"http": 80, "https": 443}
_MOST_KEPT = 512
AGENT = ("User-Agent", "steadyline")
Lines = tuple[tuple[str, str], ...]


class Place(NamedTuple):
    """A base URL taken apart.

    Attributes:
        url: the base without its credentials.
        origin: who is connected to.
        host: the Host line's value.
        path: what stands before each path; "" where nothing does.
        authorization: the credentials as a header's value, or None.
    """

    url: str
    origin: Origin
    host: str
    path: str
    authorization: str | None


def is_absolute(url: str) -> bool:
    """Whether the URL says its host itself."""
    return _ABSOLUTE.match(url) is not None


@lru_cache(_MOST_KEPT)
def place_of(base: str) -> Place:
    """A base URL, or any URL's scheme and host, taken apart.

    Raises:
        RefusedError: no http or https URL with a host.
    """
    try:
        parts = urlsplit(base)
        name, port = parts.hostname or "", parts.port
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except ValueError:
        parts, name, port = urlsplit(""), "", None
    if not name or parts.scheme not in _PORTS or _UNSAFE.search(name):
        shown = base.rpartition("@")[2][:200]
        raise RefusedError(f"no URL to send a request to: {shown!r}; write http://host:port or https://host:port")
    netloc = parts.netloc.rpartition("@")[2]
    bracketed = f"[{name}]" if ":" in name else name
    shown_port = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    authorization = None
    if parts.username and parts.password:
        authorization = basic(unquote(parts.username), unquote(parts.password))
    url = parts._replace(netloc=netloc).geturl()
    return Place(
        url,
        Origin(parts.scheme == "https", name, port or _PORTS[parts.scheme]),
        bracketed + shown_port,
        parts.path,
        authorization,
    )


def split(url: str) -> tuple[str, str]:
    """An absolute URL's scheme and host, and its path with the query."""
    end = len(url)
    start = url.index("//") + 2
    for mark in "/?#":
        found = url.find(mark, start)
        end = found if 0 <= found < end else end
    return url[:end], url[end:]


def basic(user: str | bytes, password: str | bytes) -> str:
    """A basic credential as a header's value."""
    both = b":".join(part.encode("latin-1") if isinstance(part, str) else part for part in (user, password))
    return f"Basic {b64encode(both).decode('ascii')}"


@lru_cache(_MOST_KEPT)
def target(path: str) -> str:
    """A path and query as a request's first line has them: quoted where they were not, without a fragment."""
    path = path.partition("#")[0]
    if not path.startswith("/"):
        path = f"/{path}"
    return quote(path, safe=_SAFE) if _UNSAFE.search(path) else path


@lru_cache(_MOST_KEPT)
def lines(host: str, headers: Lines) -> str:
    """The header lines; a later one of a name wins over an earlier one.

    Raises:
        RefusedError: a header that is none, or that asks for what is not done here.
    """
    found: dict[str, tuple[str, str]] = {"host": ("Host", host)}
    for name, value in headers:
        if not isinstance(name, str) or not _TOKEN.fullmatch(name):
            raise RefusedError(f"no header's name: {name!r}")
        if not isinstance(value, str) or _BROKEN_VALUE.search(value):
            raise RefusedError(f"header {name}: its value is no text of one line")
        if name.lower() in _FRAMING:
            raise RefusedError(f"header {name}: not done by this client")
        found[name.lower()] = (name, value)
    found.pop("content-length", None)  # counted, never believed
    return "".join(f"{name}: {value}\r\n" for name, value in found.values())


@lru_cache(_MOST_KEPT)
def verb(method: str) -> str:
    """A method as it is sent.

    Raises:
        RefusedError: no method, or one that is not done here.
    """
    found = method.upper()
    if not _TOKEN.fullmatch(found) or found in ("CONNECT", "TRACE"):
        raise RefusedError(f"method {method!r}: not done by this client")
    return found


def headers_of(*given: Mapping[str, str] | Iterable[tuple[str, str]] | None) -> Lines:
    """Several sets of headers as one; later ones win."""
    found: list[tuple[str, str]] = [AGENT]
    for headers in given:
        if headers:
            found.extend(headers.items() if isinstance(headers, Mapping) else headers)
    return tuple(found)


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
