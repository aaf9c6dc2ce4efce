"""Presigned URLs: media that goes straight to an object store on another host, without the target's credentials.

The URL is the credential, so no message repeats its query.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from steadyline.operations.http.exchange import Answer, Connections, refusal
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
        connect: makes the connections for a scheme when the first URL of it comes.
    """

    def __init__(self, connect: Callable[[str], Connections]) -> None:
        """Send nothing yet."""
        self._connect = connect
        self._connections: dict[str, Connections] = {}
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

    def _send(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b"") -> Answer:
        parts = _parts(url)
        answer = self._to(parts.scheme).exchange(method, url, headers=headers, content=content)
        if not answer.is_success:
            place = f"{parts.scheme}://{parts.netloc.decode()}{parts.path}"
            raise refusal(f"{method} {place}: HTTP {answer.status_code} {_code(answer)}", answer)
        return answer

    def _to(self, scheme: str) -> Connections:
        with self._lock:
            if self._closed:
                raise ClientClosedError("the client was closed")
            if scheme not in self._connections:
                self._connections[scheme] = self._connect(scheme)
            return self._connections[scheme]

    def close(self) -> None:
        """Close the connections; later requests are refused."""
        with self._lock:
            self._closed = True
            for connections in self._connections.values():
                connections.close()


def _parts(url: str) -> httpx.URL:
    try:
        parts = httpx.URL(url)
        usable = parts.scheme in ("http", "https") and parts.host
    except (httpx.InvalidURL, TypeError, UnicodeError):  # UnicodeError: a host that is no name, as xn--
        usable = False
    if not usable:
        raise IntegrityError("a presigned URL is none: http:// or https:// and a host are missing")
    return parts


def _code(answer: Answer) -> str:
    found = _CODE.search(answer.content[:2000])
    return found[1].decode() if found else ""
