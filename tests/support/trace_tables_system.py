"""The backends over the Trace tables, sql and trace, each over SQLite and over a real PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, func, select, text
from system import Case, Clock, System
from trace_target import trace_api

from steadyline.backend import RUN_PREFIX
from steadyline.operations.sql.backend import SqlBackend
from steadyline.operations.trace.backend import TraceBackend
from steadyline.target import Target
from targets.trace.model import Base, make_engine, make_tables

GARBLED = (
    "UPDATE items SET title = 'garbled', priority = -1, deleted_at = NULL",
    "UPDATE links SET source_item_id = target_item_id",
)
FEWER = ("DELETE FROM items WHERE id = (SELECT min(id) FROM items WHERE title LIKE 'Steadyline item%')",)
FIRST_LOST = ("DELETE FROM items WHERE title = 'Steadyline item 0000'",)
LOST = ("DELETE FROM items WHERE title = 'Steadyline item 0099'",)
DAMAGE = {
    "item_browse": ("UPDATE items SET title = ''",),
    "query_project_by_name": ("UPDATE projects SET name = 'garbled-' || id",),
    "query_unlinked": LOST,
    "query_count": FEWER,
    "query_count_by_status": FEWER,
    **dict.fromkeys(("bulk_create_100", "bulk_create_500", "bulk_create_1000", "bulk_insert_1000", "bulk_memory_2500"), LOST),
    **dict.fromkeys(("bulk_delete_100", "bulk_delete_500"), LOST),
    "bulk_link_delete_100": ("DELETE FROM links",),
    **dict.fromkeys(("scale_create_50", "scale_create_200", "scale_create_800"), FIRST_LOST),
    **dict.fromkeys(("concurrent_create_10", "concurrent_create_100", "concurrent_create_500"), FIRST_LOST),
}
"""What makes an operation's answer wrong, where garbling what is there does not."""


@dataclass
class TraceTables(System):
    """A backend with a database behind it.

    Attributes:
        url: where the backend's target is.
        database: SQLAlchemy URL of the database behind, which for SQL is the target itself.
    """

    url: str
    database: str
    _engine: Engine = field(init=False)
    _watcher: Connection = field(init=False)

    def __post_init__(self) -> None:
        """Connect from outside, and make the tables."""
        self._engine = make_engine(self.database)
        make_tables(self._engine)
        self._watcher = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def target(self, *, allow_writes: bool = True) -> Target:
        """The target as the settings would have it."""
        return Target(backend=self.backend.name, url=SecretStr(self.url), allow_writes=allow_writes)

    def artefacts(self) -> dict[str, int]:
        """How many rows each table has, soft-deleted ones too."""
        with self._engine.connect() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in Base.metadata.sorted_tables
            }

    def scopes(self) -> set[str]:
        """The projects' names."""
        return set(self.column("SELECT name FROM projects"))

    def column(self, question: str) -> list[Any]:
        """The first column of an answer, asked from outside."""
        with self._engine.connect() as connection:
            return list(connection.execute(text(question)).scalars())

    def writes_seen(self) -> Any:
        """A mark that changes exactly when another connection commits a write."""
        sqlite = self._engine.dialect.name == "sqlite"
        question = "PRAGMA data_version" if sqlite else "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
        return self._watcher.execute(text(question)).scalar_one()

    def add_users_data(self) -> None:
        """A project that is not ours, though its name begins so, with three items (one of them soft-deleted) and a link."""
        item = "INSERT INTO items (id, project_id, title, type, status, priority, metadata, version, deleted_at) VALUES"
        self.execute(
            f"INSERT INTO projects (id, name, created_at) VALUES ('p', '{RUN_PREFIX}roadmap', '2020-01-01 00:00:00')",
            f"{item} ('a', 'p', 'first', 'task', 'todo', 0, '{{}}', 1, NULL)",
            f"{item} ('b', 'p', 'second', 'task', 'done', 0, '{{}}', 1, NULL)",
            f"{item} ('c', 'p', 'gone', 'task', 'done', 0, '{{}}', 1, '2020-01-01 00:00:00')",
            "INSERT INTO links (id, project_id, source_item_id, target_item_id, link_type, metadata)"
            " VALUES ('l', 'p', 'a', 'b', 'blocks', '{}')",
        )

    def damage(self, operation: str) -> None:
        """Garble what the operation answers."""
        self.execute(*DAMAGE.get(operation.partition(".")[2], GARBLED))

    def empty(self) -> None:
        """Delete every project and all in it."""
        self.execute("DELETE FROM projects")

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the client and for what dates its projects: the database, or the API by the test's clock."""
        self.clock.seconds += seconds
        if self.backend.name == "sql":
            self.age_rows(seconds)

    def age_rows(self, seconds: float) -> None:
        """Date what is there back, as if it had been made so much earlier by the database's clock, which no test can move."""
        sqlite = self._engine.dialect.name == "sqlite"
        earlier = "datetime(created_at, '{} seconds')" if sqlite else "created_at + interval '{} seconds'"
        self.execute(f"UPDATE projects SET created_at = {earlier.format(-seconds)}")

    def execute(self, *statements: str) -> None:
        """Change the database from outside."""
        with self._engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def close(self) -> None:
        """Close what the test left open."""
        self.close_clients()
        self._watcher.close()
        self._engine.dispose()


@contextmanager
def _over_sql(database: str) -> Iterator[TraceTables]:
    clock = Clock()
    system = TraceTables(SqlBackend(now=clock), clock, "sql.item_create", 2, database, database)
    yield system
    system.close()


@contextmanager
def _over_api(database: str) -> Iterator[TraceTables]:
    """The server's clock is the test's too."""
    clock = Clock()
    with trace_api(database, moment=lambda: datetime.fromtimestamp(clock(), UTC)) as url:
        system = TraceTables(TraceBackend(now=clock), clock, "trace.item_create", 2, url, database)
        yield system
        system.close()


def _file(request: pytest.FixtureRequest) -> str:
    folder: Path = request.getfixturevalue("tmp_path")
    return f"sqlite:///{folder / 'trace.db'}"


def _postgresql(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("postgres").new_database())


CASES = {
    "sqlite": Case("sql", lambda request: _over_sql(_file(request))),
    "postgresql": Case("sql", lambda request: _over_sql(_postgresql(request)), (pytest.mark.stack,)),
    "trace": Case("trace", lambda request: _over_api(_file(request))),
    "trace-postgresql": Case("trace", lambda request: _over_api(_postgresql(request)), (pytest.mark.stack,)),
}
