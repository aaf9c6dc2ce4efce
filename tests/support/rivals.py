"""Other clients of a database, which are in the way of the operations there."""

from contextlib import ExitStack, suppress
from typing import Any

import postgresql
import psycopg
import pyarrow as pa
import vast_endpoint
from fault_alerts import until
from vastdb import errors


class Taker:
    """Takes all connections that a PostgreSQL has, those of the target too."""

    def __init__(self, server: postgresql.PostgreSql, url: str) -> None:
        self._server = server
        self._url = url
        self._held: list[psycopg.Connection[Any]] = []

    def begin(self) -> None:
        """Until nothing of the target's is left and nobody gets in.

        The superuser's own connection is held too: closed, it would leave room for one.
        """
        superuser = psycopg.connect(self._server.url(), autocommit=True)
        self._held.append(superuser)
        until("all connections are taken", lambda: not self._takes_any() and not _ended_theirs(superuser))

    def _takes_any(self) -> bool:
        before = len(self._held)
        with suppress(psycopg.OperationalError):
            while True:
                self._held.append(psycopg.connect(self._url, autocommit=True))
        return len(self._held) > before

    def end(self) -> None:
        """Give them back."""
        for connection in self._held:
            connection.close()


def _ended_theirs(superuser: psycopg.Connection[Any]) -> int:
    """End the target's connections; how many there were."""
    theirs = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'steadyline'"
    return len(superuser.execute(theirs).fetchall())


class Writer:
    """Another client of a VAST DB, in whose open transactions every table of ours is changed."""

    def __init__(self, url: str, bucket: str) -> None:
        self._url = url
        self._bucket = bucket
        self._open = ExitStack()

    def begin(self) -> None:
        """Change each of them, and go on; the first writer wins, so it may take some tries."""
        session = self._open.enter_context(vast_endpoint.connected(self._url))
        with session.transaction() as tx:
            schemas = tx.bucket(self._bucket).schemas()
            tables = [(schema.name, table.name) for schema in schemas for table in schema.tables()]
        for schema, table in tables:
            until(f"{schema}/{table} is ours", lambda s=schema, t=table: self._takes(session, s, t))  # type: ignore[misc]

    def _takes(self, session: Any, schema: str, table: str) -> bool:
        with ExitStack() as ours:
            tx = ours.enter_context(vast_endpoint.undone(session))
            try:
                tx.bucket(self._bucket).schema(schema).table(table).add_column(pa.schema([("rival", pa.int64())]))
            except (errors.Conflict, errors.Missing):
                return False
            self._open.push(ours.pop_all())
            return True

    def end(self) -> None:
        """Take it all back."""
        self._open.close()
