"""How the SQL operations connect: one engine per target, every wait bounded, and a read-only target unable to write."""

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, event

from steadyline.errors import ConfigurationError
from steadyline.operation import OPERATION_BUDGET_SECONDS
from steadyline.operations.sql.silence import SILENCE_SECONDS, connection_class
from steadyline.secret_file import first_line
from steadyline.target import Target
from targets.trace.model import DatabaseUrlError, database_url, make_engine


@dataclass(frozen=True, slots=True)
class Waits:
    """The longest that each kind of wait may take, seconds; what takes longer is a failure with a reason.

    Attributes:
        pool: for a free connection of the pool.
        statement: for one statement on PostgreSQL, or another's write lock on SQLite.
    """

    pool: float = 10.0
    statement: float = OPERATION_BUDGET_SECONDS


WAITS = Waits()


def url_of(target: Target) -> URL:
    """The target's URL with the password of its file, psycopg 3 for PostgreSQL.

    Raises:
        ConfigurationError: a URL that cannot be used, or a password file that is missing or empty.
    """
    try:
        url = database_url(target.url.get_secret_value())
    except DatabaseUrlError as error:
        raise ConfigurationError(f"sql target: url: {error}") from None
    if target.password_file is None:
        return url
    return url.set(password=first_line(target.password_file, "sql target: password_file", "the password"))


def engine_of(target: Target, waits: Waits) -> Engine:
    """An engine for the target, one pooled connection per allowed concurrency; it connects when first used.

    Raises:
        ConfigurationError: as `url_of`.
    """
    url = url_of(target)
    if url.get_backend_name() == "postgresql":
        return _postgresql(url, target, waits)
    return _sqlite(url, target, waits)


def _postgresql(url: URL, target: Target, waits: Waits) -> Engine:
    engine = make_engine(url, connections=target.concurrency, wait_seconds=waits.pool)
    options = f"-c statement_timeout={round(waits.statement * 1000)}"
    if not target.allow_writes:
        options += " -c default_transaction_read_only=on"

    bounded = connection_class(waits.statement + SILENCE_SECONDS)

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: Any, _record: Any, args: Any, parameters: dict[str, Any]) -> Any:
        # The user's own options come last, and so they win.
        parameters["options"] = f"{options} {parameters.get('options', '')}".strip()
        parameters.setdefault("application_name", "steadyline")
        return bounded.connect(*args, **parameters)

    return engine


def _sqlite(url: URL, target: Target, waits: Waits) -> Engine:
    if target.allow_writes:
        engine = make_engine(url, connections=target.concurrency, wait_seconds=waits.pool)
        event.listen(engine, "connect", _pragma(f"busy_timeout = {round(waits.statement * 1000)}"))
        return engine
    # mode=rw does not create a missing file; the model's own engine would turn the user's journal to WAL, which writes.
    file = f"file:{quote(os.fspath(Path(str(url.database)).absolute()))}"
    engine = create_engine(
        url.set(database=file, query={**url.query, "mode": "rw", "uri": "true"}),
        connect_args={"timeout": waits.statement},
        pool_size=target.concurrency,
        max_overflow=0,
        pool_timeout=waits.pool,
    )
    event.listen(engine, "connect", _pragma("query_only = ON"))
    return engine


def _pragma(setting: str) -> Any:
    def on_connect(connection: Any, _record: Any) -> None:
        try:
            with closing(connection.cursor()) as cursor:
                cursor.execute(f"PRAGMA {setting}")
        except Exception:
            connection.close()  # it never reaches the pool, which would close it
            raise

    return on_connect
