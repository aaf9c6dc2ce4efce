"""Serving an application over HTTP, for what Prometheus scrapes."""

import contextlib
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

from exporters.ending import ANSWER_SECONDS

KEEP_ALIVE_SECONDS = 15
"""Longer than the scrape interval, so that Prometheus keeps its connection."""
CONNECTIONS = 64
"""More at a time are answered 503: a flood costs no attempt its punctuality."""


class _Server(uvicorn.Server):
    """Uvicorn with our signals: its own would end the process before the targets are cleaned."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server(application: Starlette) -> uvicorn.Server:
    """The web server over an application; it leaves signals and the log alone."""
    return _Server(
        uvicorn.Config(
            application,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=ANSWER_SECONDS,
            limit_concurrency=CONNECTIONS,
        )
    )
