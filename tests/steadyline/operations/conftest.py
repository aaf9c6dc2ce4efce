"""The systems that the contract suite runs over; a new backend is one fixture here and its name in SYSTEMS."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, func, select, text
from trace_target import trace_api

from steadyline import catalogue
from steadyline.attempt import Attempt
from steadyline.backend import Backend, Client
from steadyline.operation import Operation
from steadyline.operations.sql.backend import SqlBackend
from steadyline.operations.trace.backend import TraceBackend
from steadyline.target import Target
from targets.trace.model import Base, make_engine, make_tables

SYSTEMS = {
    "sqlite": pytest.param("sqlite_system", id="sqlite"),
    "postgresql": pytest.param("postgresql_system", id="postgresql", marks=pytest.mark.stack),
    "trace": pytest.param("trace_system", id="trace"),
    "trace-postgresql": pytest.param("trace_postgresql_system", id="trace-postgresql", marks=pytest.mark.stack),
}
"""Fixture by system."""
CATALOGUE_OF = {"sqlite": "sql", "postgresql": "sql", "trace": "trace", "trace-postgresql": "trace"}
"""Which backend's operations a system is asked."""


@dataclass
class Clock:
    """Unix time that a test moves by hand."""

    seconds: float = 1_800_000_000.0

    def __call__(self) -> float:
        """The present moment."""
        return self.seconds


@dataclass
class System:
    """One backend with a database behind it that is looked at from outside.

    Attributes:
        backend: with the clock injected.
        clock: what run-scoped data ages by.
        url: where the backend's target is.
        database: SQLAlchemy URL of the database behind, which for SQL is the target itself.
    """

    backend: Backend
    clock: Clock
    url: str
    database: str
    _engine: Engine = field(init=False)
    _watcher: Connection = field(init=False)
    _clients: list[Client] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Connect from outside, and make the tables."""
        self._engine = make_engine(self.database)
        make_tables(self._engine)
        self._watcher = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    def target(self, *, allow_writes: bool = True) -> Target:
        """The target as the settings would have it."""
        return Target(backend=self.backend.name, url=SecretStr(self.url), allow_writes=allow_writes)

    def client(self, *, allow_writes: bool = True) -> Client:
        """A client that is closed at the test's end, if the test has not done so."""
        made = self.backend.connect(self.target(allow_writes=allow_writes))
        self._clients.append(made)
        return made

    def attempt(self, client: Client, **facts: Any) -> Attempt:
        """What a driver makes of a client."""
        return Attempt(self.backend, client, **facts)

    def operations(self) -> Mapping[str, Operation]:
        """What the backend is asked."""
        return catalogue.operations([self.backend.name])

    def execute(self, *statements: str) -> None:
        """Change the database from outside."""
        with self._engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def age_rows(self, seconds: float) -> None:
        """Date what is there back, as if it had been made so much earlier by the database's clock, which no test can move."""
        sqlite = self._engine.dialect.name == "sqlite"
        earlier = "datetime(created_at, '{} seconds')" if sqlite else "created_at + interval '{} seconds'"
        self.execute(f"UPDATE projects SET created_at = {earlier.format(-seconds)}")

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the client and for what dates its projects: the database, or the API by the test's clock."""
        self.clock.seconds += seconds
        if self.backend.name == "sql":
            self.age_rows(seconds)

    def rows(self) -> dict[str, int]:
        """How many rows each table has, soft-deleted ones too."""
        with self._engine.connect() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in Base.metadata.sorted_tables
            }

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
        """A project that is not ours, with three items (one of them soft-deleted) and a link."""
        item = "INSERT INTO items (id, project_id, title, type, status, priority, metadata, version, deleted_at) VALUES"
        self.execute(
            "INSERT INTO projects (id, name, created_at) VALUES ('p', 'steady', '2020-01-01 00:00:00')",
            f"{item} ('a', 'p', 'first', 'task', 'todo', 0, '{{}}', 1, NULL)",
            f"{item} ('b', 'p', 'second', 'task', 'done', 0, '{{}}', 1, NULL)",
            f"{item} ('c', 'p', 'gone', 'task', 'done', 0, '{{}}', 1, '2020-01-01 00:00:00')",
            "INSERT INTO links (id, project_id, source_item_id, target_item_id, link_type, metadata)"
            " VALUES ('l', 'p', 'a', 'b', 'blocks', '{}')",
        )

    def close(self) -> None:
        """Close what the test left open."""
        for client in self._clients:
            client.close()
        self._watcher.close()
        self._engine.dispose()


@pytest.fixture
def sqlite_system(tmp_path: Path):
    """The SQL backend on a SQLite file."""
    clock = Clock()
    url = f"sqlite:///{tmp_path / 'trace.db'}"
    system = System(SqlBackend(now=clock), clock, url, url)
    yield system
    system.close()


@pytest.fixture
def postgresql_system(postgres):
    """The SQL backend on a database of a real PostgreSQL."""
    clock = Clock()
    url = postgres.new_database()
    system = System(SqlBackend(now=clock), clock, url, url)
    yield system
    system.close()


@pytest.fixture
def trace_system(tmp_path: Path):
    """The Trace backend on an API over a SQLite file; the server's clock is the test's too."""
    yield from _trace_system(f"sqlite:///{tmp_path / 'trace.db'}")


@pytest.fixture
def trace_postgresql_system(postgres):
    """The Trace backend on an API over a database of a real PostgreSQL."""
    yield from _trace_system(postgres.new_database())


def _trace_system(database: str) -> Iterator[System]:
    clock = Clock()
    with trace_api(database, moment=lambda: datetime.fromtimestamp(clock(), UTC)) as url:
        system = System(TraceBackend(now=clock), clock, url, database)
        yield system
        system.close()


@pytest.fixture
def system(request):
    """The system of this test: indirect, by the name of its fixture."""
    return request.getfixturevalue(request.param)


def _systems_of(metafunc: pytest.Metafunc) -> dict[str, Any]:
    """All systems, or for a test in a backend's own folder those of that backend."""
    folder = metafunc.definition.path.parent.name
    return {name: param for name, param in SYSTEMS.items() if folder in (CATALOGUE_OF[name], Path(__file__).parent.name)}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what asks for `system` over all systems, and what asks for `name` too over all operations of each."""
    systems = _systems_of(metafunc)
    if "name" in metafunc.fixturenames and "system" in metafunc.fixturenames:
        cases = [
            pytest.param(*parameter.values, name, id=f"{parameter.id}-{name}", marks=parameter.marks)
            for system, parameter in systems.items()
            for name in catalogue.operations([CATALOGUE_OF[system]])
        ]
        metafunc.parametrize(("system", "name"), cases, indirect=["system"])
    elif "system" in metafunc.fixturenames:
        metafunc.parametrize("system", systems.values(), indirect=True)
