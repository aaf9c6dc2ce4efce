"""The wire to one S3 target: the SDK's requests over our own connections, metered and marked while a body is timed."""

import ssl
from collections.abc import Mapping
from typing import Any

import urllib3
from botocore.awsrequest import AWSResponse

from steadyline.operations.http.connection import Waits
from steadyline.operations.renewal import ClientClosedError
from steadyline.operations.urllib3_wire import POOL_CLASSES


class Wire:
    """Connections to one target: no more than allowed, none through a proxy, nothing sent twice.

    The SDK's own connections would open more than the cap without a word, and follow the environment's proxies.

    Args:
        secure: whether the target speaks TLS; the system's certificates are loaded only then.
        concurrency: most connections.
        waits: the longest that each kind of wait may take.
    """

    def __init__(self, *, secure: bool, concurrency: int, waits: Waits) -> None:
        """Send nothing yet."""
        self._waits = waits
        self._closed = False
        self._pool = urllib3.PoolManager(
            maxsize=concurrency,
            block=True,
            timeout=urllib3.Timeout(connect=waits.connect, read=waits.answer),
            ssl_context=ssl.create_default_context() if secure else None,
        )
        self._pool.pool_classes_by_scheme = POOL_CLASSES

    def send(self, request: Any) -> AWSResponse:
        """Send a request that the SDK has prepared and signed; its answer as the SDK expects it.

        Raises:
            urllib3.exceptions.HTTPError: no answer.
            ClientClosedError: the client was closed.
        """
        answer = self._ask(request.method, request.url, request.body, request.headers)
        response = AWSResponse(request.url, answer.status, answer.headers, answer)
        if not request.stream_output:
            response.content  # noqa: B018 - reads it, which gives the connection back
        return response

    def put(self, url: str, body: bytes, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """PUT to a presigned URL, as a client without the SDK does; its answer, whole. Raises as `send` does."""
        answer = self._ask("PUT", url, body, headers)
        answer.read(cache_content=True)
        return answer

    def _ask(self, method: str, url: str, body: Any, headers: Mapping[str, Any]) -> urllib3.BaseHTTPResponse:
        if self._closed:
            raise ClientClosedError("the client was closed")
        return self._pool.urlopen(
            method,
            url,
            body=body,
            headers=headers,
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
            pool_timeout=self._waits.pool,
        )

    def close(self) -> None:
        """Close the connections; later requests are refused."""
        self._closed = True
        self._pool.clear()
