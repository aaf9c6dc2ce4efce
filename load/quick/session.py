"""A user's HTTP client: FastHttpSession's interface for what flows need, and one exchange without events below it."""

import ssl
from collections.abc import Mapping
from functools import cache

from load.quick.answer import Answer
from load.quick.connection import Waits
from load.quick.connections import Connections
from load.quick.request import compose, headers_of, is_absolute, place_of, split, target, verb

WAITS = Waits(connect=60.0, part=60.0)
"""FastHttpUser's."""


@cache
def trusting() -> ssl.SSLContext:
    """TLS that believes any certificate, made once."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@cache
def verifying() -> ssl.SSLContext:
    """TLS that believes what the system trusts, made once: reading the certificates takes 20 ms."""
    return ssl.create_default_context()


class QuickSession:
    """One user's requests."""

    def __init__(
        self,
        base_url: str,
        *,
        waits: Waits = WAITS,
        context: ssl.SSLContext | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._place = place_of(base_url)
        self.base_url = self._place.url
        self._connections = Connections(waits, context or trusting())
        self._default_headers = headers or {}

    def exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Send one request, follow nothing, fire no event; any status is an answer.

        Args:
            method: GET, HEAD, POST, …
            path: put behind the base URL; or an absolute URL, which has a connection of its own and is not told the
                base URL's credentials.
            body: or None for none.
            headers: beside the user's default headers.

        Raises:
            RefusedError: a request that cannot be sent; the caller's bug.
            OSError: no answer, or none that could be used; load.quick.errors lists them.
        """
        method = verb(method)
        place, sent_path = self._place, path
        if is_absolute(path):
            base, sent_path = split(path)
            place = place_of(base)
        authorization = place.authorization
        credentials = {"Authorization": authorization} if authorization else None
        lines = headers_of(self._default_headers, credentials, headers)
        request = compose(method, target(place.path + sent_path), place.host, lines, body)
        return self._connections.exchange(place.origin, method, request)

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()
