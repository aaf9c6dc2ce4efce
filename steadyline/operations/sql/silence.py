"""A PostgreSQL connection that gives up on a server that says nothing: statement_timeout is kept by the server itself."""

import time
from collections.abc import Generator
from typing import Any

import psycopg

SILENCE_SECONDS = 5.0
"""How long after the statement timeout a server may stay silent: stopped, swapped out, or behind a dead tunnel."""


class SilentServerError(psycopg.OperationalError):
    """The server neither answered nor closed the connection within its time."""


def connection_class(limit_seconds: float) -> "type[psycopg.Connection[Any]]":
    """A connection each of whose waits for the server ends after so many seconds, closed for good."""

    class Bounded(psycopg.Connection[Any]):
        def wait(self, gen: Any, *args: Any, **facts: Any) -> Any:
            try:
                return super().wait(_until(gen, time.monotonic() + limit_seconds), *args, **facts)
            except SilentServerError:
                self.pgconn.finish()  # in the middle of an answer; the pool drops what is closed
                raise

    return Bounded


def _until(gen: Generator[Any, Any, Any], deadline: float) -> Generator[Any, Any, Any]:
    """The same generator until the deadline; psycopg resumes it with 0 when nothing came for a tenth of a second."""
    try:
        wanted = next(gen)
        while True:
            came = yield wanted
            if not came and time.monotonic() > deadline:
                raise SilentServerError("the server did not answer in time, not even with an error")
            wanted = gen.send(came)
    except StopIteration as done:
        return done.value
