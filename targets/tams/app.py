"""The TAMS API as an ASGI application over VAST DB and S3."""

import time
from collections.abc import Callable
from datetime import datetime

from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from targets.faults import Clock, Faults, Stretched
from targets.tams.database import Database
from targets.tams.endpoint import Answer, Asked, Backends, Operation, Stores, endpoint
from targets.tams.failures import failures
from targets.tams.janitor import Janitor
from targets.tams.media import Media
from targets.tams.moments import now
from targets.tams.openapi import document
from targets.tams.routes import OPERATIONS

THREADS = 8
"""Requests worked on at once. The SDK's work is CPU under Python's lock, so more would only wait for each other."""


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"healthy": True})


def _ready(stores: Stores, _asked: Asked) -> Answer:
    """Whether both backends answer; a failure becomes a 503 like any other."""
    stores.tx.select("service", limit=1)
    stores.media.check()
    return Answer({"ready": True})


def _routes(backends: Backends) -> list[BaseRoute]:
    described = document(OPERATIONS)

    async def openapi(_request: Request) -> Response:
        return JSONResponse(described)

    served = [*OPERATIONS, Operation("GET", "/-/ready", _ready, "Whether VAST DB and S3 answer")]
    paths = dict.fromkeys(operation.path for operation in served)
    return [
        *(_route(path, [operation for operation in served if operation.path == path], backends) for path in paths),
        Route("/-/healthy", _healthy, methods=["GET"]),
        Route("/openapi.json", openapi, methods=["GET"]),
    ]


def _route(path: str, operations: list[Operation], backends: Backends) -> Route:
    """One route for all methods of a path, so that a method it lacks is answered with those that it has."""
    served = {operation.method: endpoint(operation, backends) for operation in operations}

    async def serve(request: Request) -> Response:
        return await served["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, serve, methods=list(served))


def make_app(
    database: Database,
    media: Media,
    janitor: Janitor,
    *,
    allow_faults: bool = False,
    faults_from_anywhere: bool = False,
    clock: Clock = time.perf_counter,
    moment: Callable[[], datetime] = now,
) -> ASGIApp:
    """The application over tables and a bucket that are there.

    Args:
        database: as `database.connect` makes it.
        media: as `media.open_media` makes it.
        janitor: its locks are those of the requests, and it is woken for deletions that take longer than a request;
            its notifications get what happened.
        allow_faults: serve fault control, and hold matching requests back.
        faults_from_anywhere: control from other hosts too.
        clock: seconds, monotonic; for the faults.
        moment: the present in UTC without a zone; what rows are dated with.
    """
    backends = Backends(
        database, media, janitor.locks, CapacityLimiter(THREADS), moment, janitor.wake, janitor.notifications.publish
    )
    app = Starlette(routes=_routes(backends), exception_handlers=failures(moment))
    return Stretched(app, Faults(clock, faults_from_anywhere) if allow_faults else None)
