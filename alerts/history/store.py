"""The history: every run of this folder, or of a team's database, kept and read again; nothing is ever changed in it."""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, inspect, literal, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateIndex, CreateTable

from alerts.history.database import READING, engine_of, told, url_of
from alerts.history.kept import KeptRun
from alerts.history.schema import READ, RESULTS, RUNS, SCHEMA, TABLES, VERSION, result_of, result_row, run_of, run_row
from steadyline.database_url import SQLITE, place
from steadyline.errors import ConfigurationError
from steadyline.settings import Settings

FETCHED = 2000
"""Rows that are fetched at once."""
SHORTEST_REVISION = 7
"""Digits by which git names a commit at the shortest."""
P = ParamSpec("P")
Found = TypeVar("Found")


class History:
    """The kept runs.

    Args:
        settings: they say where.

    Raises:
        ConfigurationError: a URL that cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        """Connect to nothing yet."""
        self._url = url_of(settings)
        self._engine = engine_of(self._url)

    @property
    def place(self) -> str:
        """Where it is, in words and without secrets."""
        return place(self._url)

    def keep(self, run: KeptRun) -> None:
        """Keep a run, wholly or not at all.

        Raises:
            ConfigurationError: it cannot be written there, is damaged or of a newer version; or the run is kept already.
            UnreachableError: its database does not answer.
        """
        with told(self._url):
            self._make_folder()
            try:
                self._make_tables()
            except DBAPIError:  # another writer made them at the same moment: now they are there
                self._make_tables()
            with self._engine.begin() as connection:
                if self._has(connection, run):
                    raise ConfigurationError(f"history in {self.place}: run {run.id} is kept already")
                (number,) = connection.execute(insert(RUNS).values(run_row(run))).inserted_primary_key or (0,)
                rows = [result_row(number, result) for result in run.results]
                if rows:
                    connection.execute(insert(RESULTS), rows)

    def runs(
        self,
        *,
        operation: str | None = None,
        target: str | None = None,
        driver: str | None = None,
        revision: str | None = None,
        host: str | None = None,
        since: float | None = None,
        damaged: list[str] | None = None,
    ) -> Iterator[KeptRun]:
        """The runs that fit, oldest first, read as they are asked for; each with the results that fit.

        Args:
            operation: its full name.
            target: alias.
            driver: probe, load or bench.
            revision: as it was kept, or a commit's hash, shortened or not; without `-dirty` only clean ones.
            host: coarse host fingerprint.
            since: Unix time.
            damaged: takes a sentence for each row that was not written by us and is left out; without it that is an error.

        Raises:
            ConfigurationError: it cannot be read, is damaged or of a newer version.
            UnreachableError: its database does not answer.
        """
        asked = {"operation": operation, "target": target, "driver": driver, "host": host}
        wanted = [
            (RESULTS if name in RESULTS.c else RUNS).c[name] == value for name, value in asked.items() if value is not None
        ]
        wanted += [RUNS.c.started >= since] if since is not None else []
        wanted += [_of_revision(revision)] if revision is not None else []
        with told(self._url):
            if not self._is_there():
                return
            with self._engine.connect().execution_options(**{READING: True}) as connection:
                if self._version(connection) is not None:
                    yield from _read(connection, wanted, damaged)

    def _is_there(self) -> bool:
        """Reading makes no file."""
        return self._url.get_backend_name() != SQLITE or bool(self._url.query) or Path(str(self._url.database)).exists()

    def _make_folder(self) -> None:
        if self._url.get_backend_name() == SQLITE and not self._url.query:
            folder = Path(str(self._url.database)).parent
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise ConfigurationError(f"history in {self.place}: {folder}: {error.strerror}") from None

    def _make_tables(self) -> None:
        with self._engine.begin() as connection:
            if self._version(connection) is not None:
                return
            for table in TABLES:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in table.indexes:
                    connection.execute(CreateIndex(index, if_not_exists=True))
            connection.execute(insert(SCHEMA).values(version=VERSION))

    def _version(self, connection: Connection) -> int | None:
        """Of the tables that are there; None where none are.

        Raises:
            ConfigurationError: they are newer than we know.
        """
        if not inspect(connection).has_table(SCHEMA.name):
            return None
        found = connection.scalar(select(func.max(SCHEMA.c.version)))
        if found is not None and found > VERSION:
            raise ConfigurationError(
                f"history in {self.place}: version {found} is newer than {VERSION}; use a newer steadyline, or set history_url"
            )
        return found  # type: ignore[no-any-return]

    @staticmethod
    def _has(connection: Connection, run: KeptRun) -> bool:
        found = select(RUNS.c.number).where(RUNS.c.id == run.id, RUNS.c.side == run.side)
        return connection.scalar(found) is not None


def _of_revision(asked: str) -> ColumnElement[bool]:
    """A commit has many names of different length; `-dirty` is no part of them."""
    kept = RUNS.c.revision
    hashes = and_(kept.not_like("%-dirty"), kept != "unknown", func.length(kept) >= SHORTEST_REVISION)
    longer, shorter = kept.startswith(asked, autoescape=True), literal(asked).startswith(kept)
    return or_(kept == asked, and_(hashes, or_(longer if len(asked) >= SHORTEST_REVISION else kept == asked, shorter)))


def _read(connection: Connection, wanted: list[ColumnElement[bool]], damaged: list[str] | None) -> Iterator[KeptRun]:
    """The circumstances first, which are few; then the results in one stream."""
    about: Mapping[int, Row[Any]] = {
        row.number: row for row in connection.execute(select(RUNS).where(RUNS.c.number.in_(_numbers(wanted)))).all()
    }
    asked = select(RESULTS.c.run, *READ).join(RUNS).where(*wanted)
    ordered = asked.order_by(RUNS.c.started, RESULTS.c.run, RESULTS.c.operation, RESULTS.c.target)
    found = connection.execution_options(yield_per=FETCHED).execute(ordered)
    for number, rows in groupby(found, key=lambda row: row[0]):
        read = (_sound(damaged, result_of, row[1:]) for row in rows)
        results = tuple(one for one in read if one is not None)
        run = _sound(damaged, run_of, about[number], results) if results else None
        if run is not None:
            yield run


def _sound(damaged: list[str] | None, read: Callable[P, Found], *row: P.args, **none: P.kwargs) -> Found | None:
    """What a row holds; None where that was not written by us, and somebody wants to know."""
    try:
        return read(*row, **none)
    except (ValueError, KeyError, TypeError) as error:
        if damaged is None:
            raise
        damaged.append(str(error))
        return None


def _numbers(wanted: list[ColumnElement[bool]]) -> Any:
    return select(RESULTS.c.run).join(RUNS).where(*wanted)
