"""The Trace API as an ASGI application: which path is served by what."""

import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from targets.faults import Clock, Faults, Stretched
from targets.trace import items, links, projects, schema
from targets.trace.endpoint import FAILURES, Answer, Asked, endpoint
from targets.trace.model import Project, now

API = "/api/v1"


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"healthy": True})


def _ready(session: Session, _asked: Asked) -> Answer:
    """Whether the database answers for a table of ours; a failure becomes a 503 like any other."""
    session.execute(select(Project.id).limit(1)).all()
    return Answer({"ready": True})


def _routes() -> list[BaseRoute]:
    return [
        Route(f"{API}/projects", endpoint(projects.listed, query=schema.ProjectPage), methods=["GET"]),
        Route(f"{API}/projects", endpoint(projects.made, body=schema.NewProject), methods=["POST"]),
        Route(f"{API}/projects/{{id}}", endpoint(projects.read), methods=["GET"]),
        Route(f"{API}/projects/{{id}}", endpoint(projects.deleted), methods=["DELETE"]),
        Route(f"{API}/items", endpoint(items.listed, query=schema.ItemPage), methods=["GET"]),
        Route(f"{API}/items", endpoint(items.made, body=schema.NewItem), methods=["POST"]),
        Route(f"{API}/items/bulk-create", endpoint(items.made_in_bulk, body=schema.NewItems), methods=["POST"]),
        Route(f"{API}/items/bulk-update", endpoint(items.changed_in_bulk, body=schema.ItemsChange), methods=["POST"]),
        Route(f"{API}/items/summary", endpoint(items.summary, query=schema.ProjectOnly), methods=["GET"]),
        Route(f"{API}/items/{{id}}", endpoint(items.read), methods=["GET"]),
        Route(f"{API}/items/{{id}}", endpoint(items.changed, body=schema.ItemChange), methods=["PUT"]),
        Route(f"{API}/items/{{id}}", endpoint(items.deleted, query=schema.Deletion), methods=["DELETE"]),
        Route(f"{API}/links", endpoint(links.listed, query=schema.LinkPage), methods=["GET"]),
        Route(f"{API}/links", endpoint(links.made, body=schema.NewLink), methods=["POST"]),
        Route(f"{API}/links/grouped", endpoint(links.grouped, query=schema.ProjectOnly), methods=["GET"]),
        Route(f"{API}/links/{{id}}", endpoint(links.changed, body=schema.LinkChange), methods=["PUT"]),
        Route(f"{API}/links/{{id}}", endpoint(links.deleted), methods=["DELETE"]),
        Route("/-/healthy", _healthy, methods=["GET"]),
        Route("/-/ready", endpoint(_ready), methods=["GET"]),
    ]


def make_app(
    engine: Engine,
    *,
    allow_faults: bool = False,
    faults_from_anywhere: bool = False,
    clock: Clock = time.perf_counter,
    moment: Callable[[], datetime] = now,
) -> ASGIApp:
    """The application over a database whose tables are there.

    Args:
        engine: as `model.make_engine` makes it.
        allow_faults: serve fault control, and hold matching requests back.
        faults_from_anywhere: control from other hosts too.
        clock: seconds, monotonic; for the faults.
        moment: the present in UTC; what rows are dated with.
    """
    app = Starlette(routes=_routes(), exception_handlers=FAILURES)
    app.state.sessions = sessionmaker(engine, expire_on_commit=False)
    app.state.now = moment
    return Stretched(app, Faults(clock, faults_from_anywhere) if allow_faults else None)
