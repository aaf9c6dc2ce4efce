"""What operations of the user's own may ask of a target: its own URLs alone, and nothing that writes where it is read-only."""

from typing import Any
from urllib.parse import unquote

import httpx

from steadyline.errors import ConfigurationError
from steadyline.operations.http.exchange import Answer, Connections

_READS = ("GET", "HEAD", "OPTIONS")


class Fenced:
    """Connections that send a target's password to nobody else.

    Args:
        connections: to the target.
        allow_writes: whether it may be asked by methods that write.
    """

    def __init__(self, connections: Connections, *, allow_writes: bool) -> None:
        """Send nothing yet."""
        self._connections = connections
        self._allow_writes = allow_writes

    def exchange(self, method: str, url: str, **request: Any) -> Answer:
        """Send one request and read its answer; as `Connections.exchange`.

        Raises:
            ConfigurationError: it leads elsewhere, or may write; nothing was sent.
        """
        if not self._allow_writes and method.upper() not in _READS:
            raise ConfigurationError(f"this target is read-only; give it allow_writes to send it {method.upper()}")
        if not _is_below(url):
            raise ConfigurationError("the path leads away from the target's URL; name another target for what is there")
        return self._connections.exchange(method, url, **request)

    def close(self) -> None:
        """Close them all."""
        self._connections.close()


def _is_below(url: str) -> bool:
    asked = httpx.URL(url)
    raw = unquote(url.partition("?")[0].partition("#")[0]).replace("\\", "/")
    return not asked.scheme and not asked.host and ".." not in raw.split("/")
