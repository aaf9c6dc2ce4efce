"""The Trace tables (projects, items, links) on SQLite and PostgreSQL, and the engine to reach them.

The one model of the house: the Trace API serves it, and the SQL operations measure it directly.
"""

import sqlite3
import time
import uuid
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    Index,
    String,
    Text,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_SECONDS = 10.0
"""How long a SQLite connection waits for another's write lock before "database is locked"."""
CONNECT_TIMEOUT_SECONDS = 5
"""How long PostgreSQL may take to accept a connection; libpq counts whole seconds."""
UNANSWERED_MILLISECONDS = 20_000
"""How long a PostgreSQL connection may leave sent data unacknowledged before it counts as broken."""
_TABLES_LOCK = 0x57EAD1
"""Key of the PostgreSQL advisory lock under which the tables are made; any number that all of us share."""


class DatabaseUrlError(ValueError):
    """The database URL cannot be used; the text says why and how to mend it, without the URL's credentials."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Answer the moment with its zone."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """A fresh id for a row: a UUID as 36 characters, so that both databases store it alike."""
    return str(uuid.uuid4())


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """The tables' registry: `Base.metadata` holds all of them."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own declaration
        datetime: UtcDateTime,
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
    }


class Project(Base):
    """What items and links belong to; deleting its row deletes all that is in it."""

    __tablename__ = "projects"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Item(Base):
    """One thing that is tracked. `deleted_at` hides it (soft delete); `version` is its optimistic lock."""

    __tablename__ = "items"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(500))
    description: Mapped[str | None] = mapped_column(Text)
    external_id: Mapped[str | None] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(50), default="task")
    status: Mapped[str] = mapped_column(String(50), default="todo")
    priority: Mapped[int] = mapped_column(default=0)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("items.id", ondelete="SET NULL"), index=True)
    attributes: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict)
    version: Mapped[int] = mapped_column()
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_items_project_status", "project_id", "status"),
        Index("ix_items_project_type", "project_id", "type"),
        Index("ix_items_project_page", "project_id", "id"),
        Index("ix_items_project_external_id", "project_id", "external_id"),
    )
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own declaration


class Link(Base):
    """A directed, typed connection between two items of one project."""

    __tablename__ = "links"

    id: Mapped[str] = mapped_column(String(36), primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), index=True)
    source_item_id: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
    target_item_id: Mapped[str] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
    link_type: Mapped[str] = mapped_column(String(50))
    attributes: Mapped[dict[str, Any]] = mapped_column("metadata", default=dict)


def database_url(text: str, password: str | None = None) -> URL:
    """Read a database URL; `postgresql://` means psycopg 3.

    Args:
        text: SQLAlchemy's form, `sqlite:////path/trace.db` or `postgresql://user@host:5432/name`.
        password: takes the place of one in the URL.

    Raises:
        DatabaseUrlError: no URL, or of another database.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise DatabaseUrlError(
            "not a database URL; write sqlite:////path/trace.db or postgresql://user@host:5432/name"
        ) from None
    if text.partition("?")[0].count("@") > 1:
        raise DatabaseUrlError("there is a second @; write %40 for one that is part of the password")
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise DatabaseUrlError(f"database {url.drivername!r} is not known; use sqlite or postgresql (psycopg)")
    if url.get_backend_name() == "sqlite" and url.query:
        raise DatabaseUrlError("a SQLite URL takes no parameters; leave out what follows the question mark")
    return url if password is None else url.set(password=password)


def make_engine(url: str | URL, *, connections: int = 16, wait_seconds: float = 10.0) -> Engine:
    """An engine that is set up for its database; it connects when first used.

    Args:
        url: text or what `database_url` answered.
        connections: most connections at once.
        wait_seconds: how long a thread waits for a free connection before sqlalchemy.exc.TimeoutError.

    Raises:
        DatabaseUrlError: as `database_url`.
    """
    url = url if isinstance(url, URL) else database_url(url)
    pool: dict[str, Any] = {"pool_size": connections, "max_overflow": 0, "pool_timeout": wait_seconds}
    if url.get_backend_name() == "postgresql":
        limits = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "tcp_user_timeout": UNANSWERED_MILLISECONDS}
        # A database without an encoding (SQL_ASCII) would answer bytes.
        encoding = {} if "client_encoding" in url.query else {"client_encoding": "utf8"}
        return create_engine(url, connect_args=limits | encoding, **pool)
    if url.database in (None, "", ":memory:"):
        raise DatabaseUrlError(
            "a SQLite database in memory is seen by one connection only; name a file: sqlite:////path/trace.db"
        )
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}, **pool)
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """WAL lets readers pass a writer; NORMAL is durable enough with it; foreign keys are off unless asked for.

    The driver's own transaction handling stays: it begins at the first write, so that reading and then writing in
    one session cannot fail with a stale snapshot, which no busy timeout would heal.
    """
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_SECONDS * 1000)}")
            _turn_to_wal(cursor)
            cursor.execute("PRAGMA synchronous = NORMAL")
            cursor.execute("PRAGMA foreign_keys = ON")
    except Exception:
        connection.close()  # it never reaches the pool, which would close it
        raise


def _turn_to_wal(cursor: sqlite3.Cursor) -> None:
    """Two connections that turn a new file to WAL at once are in each other's way, and SQLite refuses one without waiting.

    Trying again is what its busy timeout would do; afterwards the mode stands in the file, and this is a question only.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def make_tables(engine: Engine) -> None:
    """Make what is missing of the tables (and of a SQLite file's folder); safe when several processes do it at once.

    A SQLite file from before gets the indexes that have come since. Tables found on PostgreSQL stay as they are: they may
    be somebody else's, and an index that is built on a large table keeps all writers out meanwhile.
    """
    sqlite = engine.dialect.name == "sqlite"
    if sqlite and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with engine.begin() as connection:
        lock = "BEGIN IMMEDIATE" if sqlite else f"SELECT pg_advisory_xact_lock({_TABLES_LOCK})"
        connection.exec_driver_sql(lock)
        Base.metadata.create_all(connection)
        if sqlite:
            _make_indexes(connection)


def _make_indexes(connection: Connection) -> None:
    """`create_all` makes indexes together with their table only."""
    for table in Base.metadata.sorted_tables:
        for index in table.indexes:
            index.create(connection, checkfirst=True)
