"""Who a request goes to: a URL taken apart, its credentials out of sight."""

import re
from base64 import b64encode
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from load.quick.errors import RefusedError

_ABSOLUTE = re.compile(r"https?://", re.IGNORECASE)
_UNSAFE = re.compile(r"[^!-~]")
_PORTS = {"http": 80, "https": 443}
MOST_KEPT = 512
"""How many of anything derived from a request are kept: a run's hosts and headers, not each of a million URLs."""


class Origin(NamedTuple):
    """Who is connected to."""

    secure: bool
    host: str
    port: int


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


@lru_cache(MOST_KEPT)
def place_of(base: str) -> Place:
    """A base URL, or any URL's scheme and host, taken apart.

    Raises:
        RefusedError: no http or https URL with a host.
    """
    try:
        parts = urlsplit(base)
        name, port = parts.hostname or "", parts.port
        name = name.encode("idna").decode("ascii")  # a name with a label that is too long or empty is none, too
    except ValueError:
        parts, name, port = urlsplit(""), "", None
    if not name or parts.scheme not in _PORTS or _UNSAFE.search(name) or parts.query or parts.fragment:
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
