"""Presigned URLs: media that goes straight to an object store on another host, without the target's credentials.

The URL is the credential, so no message repeats its query.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from steadyline.operations.http.exchange import exchange
from steadyline.operations.renewal import ClientClosedError
from steadyline.outcome import IntegrityError

_CODE = re.compile(rb"<Code>([\w.-]{1,80})</Code>")
"""What S3 says is wrong, in its XML."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One PUT that an object store has agreed to.

    Attributes:
        url: presigned; a secret.
        headers: those that must go with it, the content type among them; without one, none is sent.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str]


class Presigned:
    """Requests to presigned URLs; metered like any other while a body is timed, and never marked: others' hosts are asked.

    Args:
        connect: makes the client for a scheme when the first URL of it comes, as `connection.connect_anywhere` does.
    """

    def __init__(self, connect: Callable[[str], httpx.Client]) -> None:
        """Send nothing yet."""
        self._connect = connect
        self._clients: dict[str, httpx.Client] = {}
        self._lock = threading.Lock()
        self._closed = False

    def put(self, upload: Upload, content: bytes) -> None:
        """Upload.

        Raises:
            httpx.HTTPError: no answer, or one that is no success; its text names host, path and status.
            IntegrityError: the URL cannot be used.
            ClientClosedError: the client was closed.
        """
        self._send("PUT", upload.url, headers=upload.headers, content=content)

    def get(self, url: str) -> bytes:
        """Download; raises as `put` does."""
        return self._send("GET", url).content

    def _send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> httpx.Response:
        parts = _parts(url)
        response = exchange(self._client(parts.scheme), method, url, headers=headers, content=content)
        if not response.is_success:
            place = f"{parts.scheme}://{parts.netloc.decode()}{parts.path}"
            said = f"{method} {place}: HTTP {response.status_code} {_code(response)}"
            raise httpx.HTTPStatusError(said.rstrip(), request=response.request, response=response)
        return response

    def _client(self, scheme: str) -> httpx.Client:
        with self._lock:
            if self._closed:
                raise ClientClosedError("the client was closed")
            if scheme not in self._clients:
                self._clients[scheme] = self._connect(scheme)
            return self._clients[scheme]

    def close(self) -> None:
        """Close the connections; later requests are refused."""
        with self._lock:
            self._closed = True
            for client in self._clients.values():
                client.close()


def _parts(url: str) -> httpx.URL:
    try:
        parts = httpx.URL(url)
        usable = parts.scheme in ("http", "https") and parts.host
    except (httpx.InvalidURL, TypeError, UnicodeError):  # UnicodeError: a host that is no name, as xn--
        usable = False
    if not usable:
        raise IntegrityError("a presigned URL is none: http:// or https:// and a host are missing")
    return parts


def _code(response: httpx.Response) -> str:
    found = _CODE.search(response.content[:2000])
    return found[1].decode() if found else ""
