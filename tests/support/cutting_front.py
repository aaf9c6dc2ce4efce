"""An HTTP server before another one, which passes everything on and cuts each answer's body in the middle."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from trace_target import serving


class CutError(ConnectionError):
    """Makes the server break the connection."""


@contextmanager
def cutting(behind: str) -> Iterator[str]:
    """Serve before the server at that URL; its own URL. Bodies that a client sends pass whole, as do answers without one."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = scope["raw_path"].decode() + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            asked = client.build_request(
                request.method, behind + path, headers=request.headers.raw, content=await request.body()
            )
            answer = await client.send(asked)
        cut = StreamingResponse(_half(answer.content), answer.status_code)
        cut.raw_headers = [(name, value) for name, value in answer.headers.raw if name.lower() != b"connection"]
        await cut(scope, receive, send)

    with serving(app) as url:
        yield url


async def _half(body: bytes) -> AsyncIterator[bytes]:
    if body:
        yield body[: len(body) // 2]
        raise CutError("in the middle of a body")
