"""The publisher's HTTP pages: metrics, health, which run, and an index."""

from collections.abc import Awaitable, Callable
from html import escape
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from exporters.negotiation import negotiated
from load.publisher.port import STATE_PATH

PAGES = ("/metrics", "/-/healthy", STATE_PATH)


def application(render: Callable[[bool], bytes], state: Callable[[], dict[str, Any]]) -> Starlette:
    """The application; all of it runs on the event loop, so that a page never shows half a delta.

    Args:
        render: the page of metrics, given whether it is to be OpenMetrics.
        state: which run, and whether this publisher is about to go.
    """

    async def metrics(request: Request) -> Response:
        return negotiated(request, render)

    async def healthy(_request: Request) -> Response:
        return PlainTextResponse("healthy\n")

    async def run(_request: Request) -> Response:
        return JSONResponse(state())

    async def index(_request: Request) -> Response:
        said = state()
        told = f"run {escape(said['run'])}" if said["run"] else "no run under way"
        items = "".join(f'<li><a href="{page}">{page}</a></li>' for page in PAGES)
        return HTMLResponse(
            f'<!doctype html><html lang="en"><title>Steadyline load</title><h1>Steadyline load</h1><p>{told}</p>'
            f"<ul>{items}</ul></html>"
        )

    handlers: dict[str, Callable[[Request], Awaitable[Response]]] = dict(
        zip(("/", *PAGES), (index, metrics, healthy, run), strict=True)
    )
    return Starlette(routes=[Route(path, handler) for path, handler in handlers.items()])
