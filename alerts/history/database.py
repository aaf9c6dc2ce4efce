"""The database of the history: its URL out of the settings, an engine, and its errors as one sentence with a cure."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError

from steadyline.database_url import SQLITE, place, secrets_of
from steadyline.errors import ConfigurationError, SteadylineError, UnreachableError
from steadyline.redaction import redact
from steadyline.secret_file import first_line
from steadyline.settings import Settings

BUSY_SECONDS = 30.0
"""How long a writer waits for another's file lock."""
CONNECT_SECONDS = 10
STATEMENT_MILLISECONDS = 60_000
READING = "steadyline_reading"
"""Execution option of a connection that writes nothing, and so waits for no writer."""
_EXAMPLE = "write sqlite:////path/history.db or postgresql://user@host:5432/name"
_LOCKED = "database is locked"
_DAMAGED = ("file is not a database", "malformed", "no such table", "no such column")


def url_of(settings: Settings) -> URL:
    """Where the history is: a file in the state folder where the settings do not say it.

    Raises:
        ConfigurationError: a URL that cannot be used, or a password file that is missing or empty.
    """
    if settings.history_url is None:
        return URL.create(SQLITE, database=str(settings.state.history))
    try:
        url = make_url(settings.history_url.get_secret_value())
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"history_url: not a database URL; {_EXAMPLE}") from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == SQLITE and url.database in (None, "", ":memory:"):
        raise ConfigurationError(f"history_url: SQLite needs a file that outlives the run; {_EXAMPLE}")
    if settings.history_password_file is None:
        return url
    return url.set(password=first_line(settings.history_password_file, "history_password_file", "the password"))


def engine_of(url: URL) -> Engine:
    """An engine that connects when it is used, and keeps no connection.

    Raises:
        ConfigurationError: there is no such database, or its driver is not installed.
    """
    limits: dict[str, Any] = {}
    if url.get_backend_name() == SQLITE:
        limits = {"timeout": BUSY_SECONDS, "isolation_level": None}
    elif url.drivername == "postgresql+psycopg":
        limits = {"connect_timeout": CONNECT_SECONDS}
        if "options" not in url.query:
            limits["options"] = f"-c statement_timeout={STATEMENT_MILLISECONDS}"
    try:
        engine = create_engine(url, connect_args=limits, poolclass=NullPool)
    except (ArgumentError, ImportError) as error:
        why = redact(str(error), secrets_of(url)).partition("\n")[0]
        raise ConfigurationError(f"history_url: {url.drivername} cannot be used: {why}; install its driver") from None
    if url.get_backend_name() == SQLITE:
        event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    """A writer takes the lock before it reads: two that had read first could not both go on to write."""
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def told(url: URL) -> Iterator[None]:
    """What the database refuses becomes one sentence that names it, without secrets.

    Raises:
        ConfigurationError: it refuses, its file is damaged, or what it holds was not written by us.
        UnreachableError: it does not answer.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise _sentence(url, error) from None
    except (ValueError, KeyError, TypeError) as error:
        why = redact(str(error), secrets_of(url)).partition("\n")[0]
        raise ConfigurationError(f"history in {place(url)}: damaged: {why}; restore it from a backup") from None


def _sentence(url: URL, error: SQLAlchemyError) -> SteadylineError:
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    said = redact(str(cause), secrets_of(url)).strip().partition("\n")[0]
    where = f"history in {place(url)}"
    if url.get_backend_name() == SQLITE:
        if any(words in said for words in _DAMAGED):
            return ConfigurationError(f"{where}: damaged ({said}); restore it, or move it away and a new one is begun")
        if _LOCKED in said:
            return ConfigurationError(f"{where}: another writer held it for {BUSY_SECONDS:g} s; see who does")
        return ConfigurationError(f"{where}: cannot be used: {said}; see to the folder's room and rights, or set history_url")
    if isinstance(error, OperationalError):
        return UnreachableError(f"{where}: no answer: {said}; start it, or mend history_url")
    return ConfigurationError(f"{where}: it refuses: {said}; mend history_url, or give its user the rights")
