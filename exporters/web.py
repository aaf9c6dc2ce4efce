"""The exporter's HTTP pages: metrics, probe, health, readiness, reload."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from html import escape

from anyio import to_thread
from prometheus_client import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from exporters.exporter import Exporter
from exporters.negotiation import negotiated
from exporters.single import Single
from steadyline.errors import ConfigurationError, UnreachableError
from steadyline.operation import OPERATION_BUDGET_SECONDS

TIMEOUT_HEADER = "x-prometheus-scrape-timeout-seconds"
TIMEOUT_OFFSET_SECONDS = 0.5
"""Kept back of the scrape's timeout, so that the answer is there before Prometheus hangs up (as blackbox_exporter does)."""
MINIMUM_SECONDS = 0.1
PROBE_PARAMETERS = frozenset({"operation", "target", "debug"})
PAGES = ("/metrics", "/-/healthy", "/-/ready")


class Refused(Exception):  # noqa: N818 - not an error of ours but an answer to the client
    """A question that gets 400 and one sentence."""


def application(exporter: Exporter) -> Starlette:
    """The application over one exporter; the handlers are plain functions and run off the event loop."""

    def page(handler: Callable[[Exporter, Request], Response]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:  # abandoned when the server ends, so that a probe that hangs does not keep the end waiting
                return await to_thread.run_sync(handler, exporter, request, abandon_on_cancel=True)
            except Refused as refused:
                return PlainTextResponse(f"{refused}\n", 400)
            except asyncio.CancelledError:
                return PlainTextResponse("the exporter is ending\n", 503)

        return answer

    return Starlette(
        routes=[
            Route("/", page(_index)),
            Route("/metrics", page(_metrics)),
            Route("/probe", page(_probe)),
            Route("/-/healthy", page(_healthy)),
            Route("/-/ready", page(_ready)),
            Route("/-/reload", page(_reload), methods=["POST"]),
        ]
    )


def seconds_left(request: Request) -> float | None:
    """How long an answer may take by the scrape's own timeout, or None where it names none.

    Raises:
        Refused: the header is no positive number.
    """
    text = request.headers.get(TIMEOUT_HEADER)
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise Refused(f"{TIMEOUT_HEADER}: a positive number of seconds, not {text!r}")
    return max(seconds - TIMEOUT_OFFSET_SECONDS, MINIMUM_SECONDS)


def _metrics(exporter: Exporter, request: Request) -> Response:
    left = seconds_left(request)
    with nullcontext() if left is None else exporter.unscraped.scraped():  # Prometheus alone says how long it waits
        return negotiated(request, lambda openmetrics: exporter.page.render(openmetrics=openmetrics, deadline_seconds=left))


def _probe(exporter: Exporter, request: Request) -> Response:
    asked = request.query_params
    for name in asked:
        if name not in PROBE_PARAMETERS:
            raise Refused(f"unknown parameter {name!r}; there are operation, target and debug")
        if len(asked.getlist(name)) > 1:
            raise Refused(f"give {name} once")
    if not asked.get("operation"):
        raise Refused("name an operation: /probe?operation=sql.item_read&target=embedded")
    if asked.get("debug", "false") not in ("true", "false"):
        raise Refused("debug: true or false")
    try:
        single = exporter.probe(asked["operation"], asked.get("target"), seconds_left(request) or OPERATION_BUDGET_SECONDS)
    except ConfigurationError as error:
        raise Refused(str(error)) from None
    except UnreachableError as error:
        return PlainTextResponse(f"{error}\n", 503)
    if asked.get("debug") == "true":
        return PlainTextResponse("\n".join(single.lines()) + "\n")
    return negotiated(request, lambda openmetrics: _text(single, openmetrics=openmetrics))


def _text(single: Single, *, openmetrics: bool) -> bytes:
    if openmetrics:
        return generate_openmetrics(single)  # type: ignore[no-untyped-call, no-any-return]
    return generate_latest(single)


def _healthy(exporter: Exporter, _request: Request) -> Response:
    if not exporter.schedule.alive():
        return PlainTextResponse("the schedule has ended; restart the exporter\n", 503)
    return PlainTextResponse("healthy\n")


def _ready(exporter: Exporter, _request: Request) -> Response:
    if not exporter.schedule.begun():
        return PlainTextResponse("not yet: a target has not had its first attempt\n", 503)
    return PlainTextResponse("ready\n")


def _reload(exporter: Exporter, _request: Request) -> Response:
    try:
        exporter.reload()
    except ConfigurationError as error:
        return PlainTextResponse("refused, the earlier settings hold:\n" + "\n".join(error.faults) + "\n", 422)
    return PlainTextResponse("reloaded\n")


def _index(exporter: Exporter, _request: Request) -> Response:
    links = [*PAGES, *(f"/probe?operation={job.operation.name}&target={job.alias}&debug=true" for job in exporter.plan.jobs)]
    items = "".join(f'<li><a href="{escape(link)}">{escape(link)}</a></li>' for link in links)
    return HTMLResponse(
        f'<!doctype html><html lang="en"><title>Steadyline exporter</title><h1>Steadyline exporter</h1><ul>{items}</ul></html>'
    )
