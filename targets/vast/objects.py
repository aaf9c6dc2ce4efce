"""The S3 store behind the endpoint: requests that are not tabular are passed on to it, and imports read from it.

A request is passed on as it came, its Host header too, so that its signature stays valid.
"""

import hashlib
import hmac
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote, urlsplit

import httpcore

from targets.vast.errors import ImportRefused, NoSuchObject, ServiceUnavailable
from targets.vast.signature import Keys

LARGEST_IMPORT_BYTES = 256 << 20
"""A larger object is not imported: it is held in memory meanwhile."""
_CONNECTIONS = 32
_TIMEOUTS = {"connect": 5.0, "read": 60.0, "write": 60.0, "pool": 60.0}
_OF_ONE_CONNECTION = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect"}
)
_OK = 200
_NOT_FOUND = 404

RawHeaders = list[tuple[bytes, bytes]]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Passed:
    """An answer of the store, its body still to be read; `close` ends it."""

    status: int
    headers: RawHeaders
    response: httpcore.Response

    def body(self) -> AsyncIterator[bytes]:
        """The body, piece by piece."""
        return cast("AsyncIterable[bytes]", self.response.stream).__aiter__()

    async def close(self) -> None:
        """Give the connection back."""
        await self.response.aclose()


class ObjectStore:
    """A client of the store; used from one event loop."""

    def __init__(self, url: str, keys: Keys, clock: Clock = time.time) -> None:
        """Connect to nothing yet.

        Args:
            url: scheme, host and port.
            keys: one of them reads objects to import; the store has to know it.
            clock: seconds since the epoch.
        """
        parts = urlsplit(url)
        self._scheme = parts.scheme.encode()
        self._host = (parts.hostname or "").encode()
        self._port = parts.port
        self._authority = parts.netloc
        self._keys = keys
        self._clock = clock
        self._pool = httpcore.AsyncConnectionPool(max_connections=_CONNECTIONS, keepalive_expiry=30.0)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def passed(
        self, method: str, target: bytes, headers: Iterable[tuple[bytes, bytes]], body: AsyncIterable[bytes]
    ) -> Passed:
        """The store's answer to a request that is passed on; to be closed.

        Raises:
            ServiceUnavailable: the store does not answer.
        """
        kept = [header for header in headers if header[0].lower() not in _OF_ONE_CONNECTION]
        if any(name.lower() == b"transfer-encoding" for name, _ in headers):
            kept.append((b"transfer-encoding", b"chunked"))
        url = httpcore.URL(scheme=self._scheme, host=self._host, port=self._port, target=target)
        request = httpcore.Request(method, url, headers=kept, content=body, extensions={"timeout": _TIMEOUTS})
        try:
            response = await self._pool.handle_async_request(request)
        except (
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
        ) as error:
            raise ServiceUnavailable(f"the S3 store behind the endpoint does not answer: {type(error).__name__}") from None
        answered = [(name.lower(), value) for name, value in response.headers if name.lower() not in _OF_ONE_CONNECTION]
        return Passed(response.status, answered, response)

    async def read(self, bucket: str, name: str) -> bytes:
        """An object, to import it.

        Raises:
            NoSuchObject: it is not there.
            ImportRefused: it cannot be read, or is too large.
            ServiceUnavailable: the store does not answer.
        """
        path = f"/{quote(bucket)}/{quote(name, safe='/-_.~')}"
        passed = await self.passed("GET", path.encode(), self._signed(path), _nothing())
        try:
            if passed.status == _NOT_FOUND:
                raise NoSuchObject(f"there is no object {name} in the bucket {bucket}")
            if passed.status != _OK:
                raise ImportRefused(f"the S3 store answers {passed.status} for the object {name}")
            content = bytearray()
            async for piece in passed.body():
                content += piece
                if len(content) > LARGEST_IMPORT_BYTES:
                    raise ImportRefused(f"the object {name} is larger than {LARGEST_IMPORT_BYTES} bytes")
            return bytes(content)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
            raise ServiceUnavailable("the S3 store behind the endpoint broke off") from None
        finally:
            await passed.close()

    def _signed(self, path: str) -> RawHeaders:
        """The headers of a GET without a body, signed with AWS signature version 4."""
        access_key, secret = next(iter(self._keys.secrets.items()))
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._clock()))
        payload = hashlib.sha256(b"").hexdigest()
        headers = {"host": self._authority, "x-amz-content-sha256": payload, "x-amz-date": stamp}
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        canonical = f"GET\n{path}\n\n{lines}\n{names}\n{payload}"
        scope = f"{stamp[:8]}/us-east-1/s3/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        said = f"AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        headers["authorization"] = said
        return [(name.encode(), value.encode()) for name, value in headers.items()]


async def _nothing() -> AsyncIterator[bytes]:
    for piece in tuple[bytes, ...]():
        yield piece
