"""S3 as an ASGI application: whole bodies, health, and the store in threads behind them."""

import time
from collections.abc import Callable
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from targets.bodies import TooLargeError, read_body
from targets.faults import Faults, Stretched
from targets.s3.store import Store, bucket_names
from targets.vast.errors import CONTENT_TYPE, EntityTooLarge, xml
from targets.vast.signature import Keys

LARGEST_BODY_BYTES = 256 * 2**20
"""One request's body, which is held in memory; larger objects go up in parts."""
THREADS = 16
"""Requests at once; the others wait."""


class WholeBodies:
    """ASGI middleware: takes a request's body in before the store is asked.

    An upload that its client broke off would else be stored as far as it came, and a slow one would hold a thread.
    """

    def __init__(self, store: ASGIApp) -> None:
        """Wrap the store."""
        self._store = store

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve health, or the store."""
        if scope["type"] != "http":
            await self._store(scope, receive, send)
        elif scope["path"].startswith("/-/"):
            await _health(scope["path"])(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(Request(scope, receive), LARGEST_BODY_BYTES)
        except ClientDisconnect:
            return
        except TooLargeError:
            refusal = EntityTooLarge(f"the body is over {LARGEST_BODY_BYTES} bytes; upload it in parts")
            await Response(xml(refusal), refusal.status, media_type=CONTENT_TYPE)(scope, receive, send)
            return
        await self._store({**scope, "body": body}, _nothing, send)


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _health(path: str) -> Response:
    answers: dict[str, Callable[[], Any]] = {
        "/-/healthy": lambda: {"healthy": True},
        "/-/ready": lambda: {"ready": True, "buckets": len(bucket_names())},
    }
    if path not in answers:
        return JSONResponse({"error": f"there is {' and '.join(answers)}"}, 404)
    return JSONResponse(answers[path]())


def make_app(
    keys: Keys | None = None,
    *,
    allow_faults: bool = False,
    clock: Callable[[], float] = time.perf_counter,
    now: Callable[[], float] = time.time,
) -> ASGIApp:
    """The application; what it stores is the process's.

    Args:
        keys: whose signatures count; None takes any.
        allow_faults: serve fault control, and hold matching requests back.
        clock: seconds, monotonic; for the faults.
        now: Unix time, for the age of signatures.
    """
    store = cast("ASGIApp", WSGIMiddleware(cast("Any", Store(keys, now)), workers=THREADS))
    return Stretched(WholeBodies(store), Faults(clock) if allow_faults else None)
