"""Serving an application over HTTP within limits: one way for the exporter, the load run's page and the receiver."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from steadyline.web.connection import Connection
from steadyline.web.exposure import Exposure
from steadyline.web.guard import Guard
from targets.crowd import BACKLOG, Crowd, Limits

LIMITS = Limits(connections=256, head_bytes=16 * 1024, head_seconds=10, body_seconds=30, body_bytes=64 * 1024)
"""Of the exporter, the load run's page and the receiver; Prometheus needs one connection."""
KEEP_ALIVE_SECONDS = 15
"""Longer than the scrape interval, so that Prometheus keeps its connection."""


class _Server(uvicorn.Server):
    """Uvicorn with our signals: its own would end the process before the targets are cleaned."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server(
    application: ASGIApp, exposure: Exposure, end_seconds: int, body_bytes: int = LIMITS.body_bytes or 0
) -> uvicorn.Server:
    """The web server over an application; it leaves signals and the log alone.

    Args:
        application: what answers.
        exposure: to whom.
        end_seconds: how long answers under way may take at the end.
        body_bytes: of the largest request.
    """
    crowd = Crowd(replace(LIMITS, body_bytes=body_bytes))
    return _Server(
        uvicorn.Config(
            Guard(application, exposure.held, exposure.names),
            http=partial(Connection, crowd=crowd, held=exposure.held),  # type: ignore[arg-type] # whatever makes one will do
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=end_seconds,
        )
    )
