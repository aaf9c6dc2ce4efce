"""Run-scoped projects: made when first needed, renewed at least hourly, deleted for good."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from steadyline.backend import RUN_LIFETIME_SECONDS, RUN_PREFIX
from steadyline.operation import PARALLEL_BUDGET_SECONDS
from steadyline.operations.sql.artefacts import delete_project
from steadyline.operations.sql.failures import ClientClosedError
from targets.trace.model import Project, new_id

GRACE_SECONDS = 2 * PARALLEL_BUDGET_SECONDS
"""A renewed project's predecessor stays this long: attempts that were prepared in it may still be under way."""
RECHECK_SECONDS = 60.0
"""How often it is asked whether the project is still there; a database that was restored or emptied costs a minute."""
RETRY_SECONDS = 600.0
"""How long after a failed deletion the next one is tried."""

Fill = Callable[[Session, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Scoped:
    """One run-scoped project.

    Attributes:
        id: of the project.
        born: when it was made, Unix time.
        items: ids of the items that it was filled with, by number.
    """

    id: str
    born: float
    items: tuple[str, ...]


class RenewedProject:
    """The present run-scoped project of one kind; safe for several threads.

    Args:
        kind: a word in its name.
        sessions: how to reach the database.
        make_tables: makes what is missing of the tables; asked before each check, because a database may be emptied.
        fill: adds what it is to hold.
        now: Unix time.
    """

    def __init__(
        self,
        kind: str,
        sessions: sessionmaker[Session],
        make_tables: Callable[[], None],
        fill: Fill,
        now: Callable[[], float],
    ) -> None:
        """Touch nothing yet."""
        self._kind = kind
        self._sessions = sessions
        self._make_tables = make_tables
        self._fill = fill
        self._now = now
        self._lock = threading.Lock()
        self._held: Scoped | None = None
        self._seen = 0.0
        self._retired: dict[str, float] = {}
        self._next_deletion = 0.0
        self._closed = False

    @property
    def held(self) -> Scoped | None:
        """The project in use, or None before the first need."""
        return self._held

    @property
    def ids(self) -> set[str]:
        """Ids of all projects that are ours: the one in use, and predecessors not yet deleted."""
        with self._lock:
            return {*self._retired, *([self._held.id] if self._held else [])}

    @property
    def overdue(self) -> set[str]:
        """Ids of predecessors that should be gone by now."""
        with self._lock:
            return {project_id for project_id, due in self._retired.items() if self._now() > due + GRACE_SECONDS}

    def current(self) -> Scoped:
        """The project to work in, made or renewed now where that is due."""
        held = self._held
        if held and self._is_settled(held):
            return held
        with self._lock:
            if self._closed:
                raise ClientClosedError("the client was closed")
            self._make_tables()
            self._delete_retired()
            if not (self._held and self._is_young(self._held) and self._is_there(self._held)):
                fresh = self._make()
                if self._held:
                    self._retired[self._held.id] = self._now() + GRACE_SECONDS
                self._held = fresh
            return self._held

    def _is_young(self, held: Scoped) -> bool:
        return self._now() < held.born + RUN_LIFETIME_SECONDS

    def _is_settled(self, held: Scoped) -> bool:
        seen_lately = self._now() < self._seen + RECHECK_SECONDS
        return not self._closed and seen_lately and self._is_young(held) and not self._is_deletion_due()

    def _is_there(self, held: Scoped) -> bool:
        with self._sessions() as session:
            found = session.get(Project, held.id) is not None
        self._seen = self._now()
        return found

    def _make(self) -> Scoped:
        born = self._now()
        project_id = new_id()
        with self._sessions.begin() as session:
            name = f"{RUN_PREFIX}sql-{self._kind}-{project_id}"
            session.add(Project(id=project_id, name=name, created_at=datetime.fromtimestamp(born, UTC)))
            session.flush()
            items = self._fill(session, project_id)
        self._seen = born
        return Scoped(project_id, born, items)

    def _is_deletion_due(self) -> bool:
        return self._now() >= self._next_deletion and any(due <= self._now() for due in list(self._retired.values()))

    def _delete_retired(self) -> None:
        """Delete predecessors; one that cannot be deleted now is counted as leaked, and fails nobody's attempt."""
        if not self._is_deletion_due():
            return
        try:
            self._delete([project_id for project_id, due in self._retired.items() if due <= self._now()])
        except SQLAlchemyError:
            self._next_deletion = self._now() + RETRY_SECONDS

    def _delete(self, ids: list[str]) -> int:
        rows = 0
        for project_id in ids:
            with self._sessions() as session:
                rows += delete_project(session, project_id)
            self._retired.pop(project_id, None)
        return rows

    def delete_overdue(self) -> int:
        """Delete predecessors that should be gone by now; answer how many rows went."""
        overdue = self.overdue
        with self._lock:
            return self._delete([project_id for project_id in overdue if project_id in self._retired])

    def close(self) -> None:
        """Delete all projects that are ours for good; later calls of `current` are refused."""
        with self._lock:
            self._closed = True
            if self._held:
                self._retired[self._held.id] = self._now()
            self._held = None
            self._delete(list(self._retired))
