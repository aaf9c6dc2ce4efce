"""Whether a SQL target can be measured, asked once at the start: one message that names the place and the cure."""

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from steadyline.database_url import place, secrets_of
from steadyline.errors import UnreachableError
from steadyline.operations.sql.failures import reason_of
from steadyline.outcome import Reason
from steadyline.redaction import redact
from targets.trace.model import Base, make_tables

_CURES = {
    Reason.DNS: "its host name is not known; mend the host in the URL",
    Reason.CONNECT: "it does not answer; start it, or mend host and port in the URL",
    Reason.AUTH: "it refuses the user; mend user and password, or give the user the rights",
    Reason.TLS: "the encrypted connection failed; mend sslmode or sslrootcert in the URL",
    Reason.THROTTLED: "it takes no more connections; raise its max_connections, or lower the target's concurrency",
    Reason.POOL_EXHAUSTED: "all connections allowed to this target are taken; raise its concurrency",
    Reason.TIMEOUT: "it is locked or too slow to answer; see who holds it, and try again",
    Reason.CLIENT_ERROR: "it refuses the question; see that the database of the URL is there and open to this user",
    Reason.SERVER_ERROR: "it fails by itself; look into its log",
}
_FILE_CURES = {
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; see that its folder is there and that this user may read both",
    sqlite3.SQLITE_READONLY: "it or its folder is read-only; make both writable (its WAL needs the folder even to read)",
    sqlite3.SQLITE_NOTADB: "is no SQLite database; name another file",
}


def check(engine: Engine, url: URL, *, allow_writes: bool) -> None:
    """See that the target answers and has the tables; make them where that is allowed.

    Args:
        engine: how to reach it.
        url: where it is, as the settings name it.
        allow_writes: whether operations may write there.

    Raises:
        UnreachableError: it cannot be measured; the text names host or file, and no secret.
    """
    if engine.dialect.name == "sqlite":
        _check_file(Path(str(url.database)), allow_writes=allow_writes)
    try:
        if allow_writes:
            make_tables(engine)
        with engine.connect() as connection:
            _check_tables(connection, url)
            if allow_writes:
                _check_writable(connection, url)
    except OSError as error:
        raise UnreachableError(f"{place(url)}: {error.strerror}: {error.filename}; mend the path or its mode") from None
    except SQLAlchemyError as error:
        raise UnreachableError(_sentence(url, error)) from None


def _check_file(path: Path, *, allow_writes: bool) -> None:
    if path.is_dir():
        raise UnreachableError(f"SQLite file {path}: is a folder; name a file in it")
    if not (allow_writes or path.exists()):
        raise UnreachableError(f"SQLite file {path}: no such file; mend the path, or set allow_writes to have it made")


def _check_tables(connection: Connection, url: URL) -> None:
    """Another application's `items` is found here, not in the middle of a measurement."""
    there = inspect(connection)
    missing = []
    for table in Base.metadata.sorted_tables:
        columns = {c["name"] for c in there.get_columns(table.name)} if there.has_table(table.name) else set()
        missing += [f"{table.name}.{c.name}" for c in table.columns if c.name not in columns] if columns else [table.name]
    if missing:
        raise UnreachableError(
            f"{place(url)}: has no {', '.join(missing)}; name a database with the Trace tables, "
            "or an empty one with allow_writes to have them made"
        )


def _check_writable(connection: Connection, url: URL) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # passes on a read-only file too, so one write is tried
        connection.exec_driver_sql("CREATE TABLE steadyline_tries_to_write (id INTEGER)")
        connection.rollback()
        return
    tables = [table.name for table in Base.metadata.sorted_tables]
    refused = [
        table
        for table in tables
        if not connection.exec_driver_sql(
            "SELECT has_table_privilege(%s, 'SELECT') AND has_table_privilege(%s, 'INSERT')"
            " AND has_table_privilege(%s, 'UPDATE') AND has_table_privilege(%s, 'DELETE')",
            (table,) * 4,
        ).scalar()
    ]
    if refused:
        raise UnreachableError(
            f"{place(url)}: user {url.username} may not write to {', '.join(refused)}; grant it, or unset allow_writes"
        )
    if connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on":
        raise UnreachableError(f"{place(url)}: is read-only (a standby?); name the primary, or unset allow_writes")


def _sentence(url: URL, error: SQLAlchemyError) -> str:
    driver = getattr(error, "orig", None) or error
    cure = _FILE_CURES.get(getattr(driver, "sqlite_errorcode", 0) & 0xFF) or _CURES.get(
        reason_of(error) or Reason.OTHER, "it cannot be used"
    )
    said = redact(str(driver), secrets_of(url)).strip().partition("\n")[0]
    return f"{place(url)}: {cure} ({said})"
