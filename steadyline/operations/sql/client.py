"""The connection to one SQL target: sessions, run-scoped projects, and the janitor's questions."""

import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import URL, Engine, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from steadyline.operations.renewal import RenewedProject, Scoped
from steadyline.operations.scoped_client import ScopedClient
from steadyline.operations.sql.artefacts import count_rows, delete_project, left_by_a_crash
from steadyline.operations.sql.dataset import fill_with_dataset, fill_with_working_items
from steadyline.operations.sql.projects import Fill, ProjectStore
from steadyline.operations.sql.reachability import check
from targets.trace.model import Item, Link, make_tables


class SqlClient(ScopedClient):
    """One target; safe for several threads, each of which takes its own session.

    Operations write into `working`, whose first items stay; queries ask `dataset`, which nobody writes to.

    Args:
        engine: how to reach the database.
        url: where it is, as the settings name it.
        allow_writes: without it, whatever needs a run-scoped project is refused.
        now: Unix time.
    """

    def __init__(self, engine: Engine, url: URL, *, allow_writes: bool, now: Callable[[], float] = time.time) -> None:
        """Connect to nothing yet."""
        self.engine = engine
        self._url = url
        self.session = sessionmaker(engine, expire_on_commit=False)
        super().__init__(allow_writes=allow_writes, now=now)
        self._working = self._project("working", fill_with_working_items)
        self._dataset = self._project("dataset", fill_with_dataset)

    def _project(self, kind: str, fill: Fill) -> RenewedProject:
        return RenewedProject(ProjectStore(f"sql-{kind}", self.engine, self.session, fill), self._now)

    @property
    def working(self) -> Scoped:
        """The run-scoped project that operations write into."""
        self._require_writes()
        return self._working.current()

    @property
    def dataset(self) -> Scoped:
        """The run-scoped project that queries are asked of."""
        self._require_writes()
        return self._dataset.current()

    def check(self) -> None:
        """Ask whether the target answers, has the tables, and may be written to where it should be.

        Raises:
            UnreachableError: it does not, or it refuses; the text says what to do.
        """
        check(self.engine, self._url, allow_writes=self._allow_writes)

    def sweep(self) -> int:
        """Delete what crashed runs left, and own predecessors that are overdue; answer how many rows went."""
        if not self._allow_writes:
            return 0
        make_tables(self.engine)
        rows = sum(project.delete_overdue() for project in self._projects)
        with self.session() as session:
            left = left_by_a_crash(session, self._ours)
            return rows + sum(delete_project(session, project_id) for project_id in left)

    def leaked(self) -> int:
        """Count rows that should be gone: of crashed runs, of overdue predecessors, and what attempts left in ours."""
        overdue = set().union(*(project.overdue for project in self._projects))
        with self.session() as session:
            left = left_by_a_crash(session, self._ours)
            return count_rows(session, {*left, *overdue}) + self._left_by_attempts(session)

    def _left_by_attempts(self, session: Session) -> int:
        """Rows in the working project that were there at an earlier count too, so no attempt under way needs them."""
        held = self._working.held
        found: set[str] = set()
        if held:
            found.update(session.scalars(select(Item.id).where(Item.project_id == held.id)))
            found.difference_update(held.items)
            found.update(session.scalars(select(Link.id).where(Link.project_id == held.id)))
        return len(self._lingering(found))

    @property
    def _projects(self) -> tuple[RenewedProject, RenewedProject]:
        return self._working, self._dataset

    @property
    def _ours(self) -> set[str]:
        return self._working.ids | self._dataset.ids

    def close(self) -> None:
        """Delete all that this client wrote, and disconnect; what cannot be deleted now is left to a later sweep."""
        for project in self._projects:
            with suppress(SQLAlchemyError):
                project.close()
        self.engine.dispose()
