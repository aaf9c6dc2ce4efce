"""The SQL backend: SQLite embedded, PostgreSQL by URL, both through SQLAlchemy 2 and the Trace tables."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from steadyline.database_url import secrets_of
from steadyline.errors import ConfigurationError
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.connection import WAITS, Waits, engine_of, url_of
from steadyline.operations.sql.failures import reason_of
from steadyline.outcome import Reason
from steadyline.redaction import redact
from steadyline.target import Target


@dataclass(frozen=True, slots=True)
class SqlBackend:
    """Makes clients for SQL targets and knows their errors.

    Attributes:
        waits: the longest that each kind of wait may take.
        now: Unix time, by which run-scoped projects are renewed.
    """

    waits: Waits = WAITS
    now: Callable[[], float] = time.time
    name: str = "sql"

    def connect(self, target: Target) -> SqlClient:
        """Make a client; the database is first asked by `check` or by an operation.

        Raises:
            ConfigurationError: a URL that cannot be used, or a password file that is missing or empty.
        """
        engine = engine_of(target, self.waits)
        return SqlClient(engine, url_of(target), allow_writes=target.allow_writes, now=self.now)

    def classify(self, error: Exception) -> Reason | None:
        """Say which reason a database error is, or None where the exception is not the database's."""
        return reason_of(error)

    def redact(self, text: str, target: Target) -> str:
        """Answer the text without the target's password, wherever it stands."""
        try:
            secrets = secrets_of(url_of(target))
        except ConfigurationError:
            secrets = []
        return redact(text, secrets)


BACKEND = SqlBackend()
