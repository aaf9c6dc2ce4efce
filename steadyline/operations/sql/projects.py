"""Run-scoped projects in a database: each is made and filled in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, func
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from steadyline.operations.sql.artefacts import delete_project
from targets.trace.model import Project, make_tables

Fill = Callable[[Session, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ProjectStore:
    """Where the run-scoped projects of one kind are kept.

    Attributes:
        kind: words for their names.
        engine: how to reach the database.
        sessions: its sessions.
        fill: adds what a project is to hold; answers the items' ids by number.
    """

    kind: str
    engine: Engine
    sessions: sessionmaker[Session]
    fill: Fill
    failures: tuple[type[Exception], ...] = (SQLAlchemyError,)

    def make(self, project_id: str, name: str) -> tuple[str, ...]:
        """Make and fill a project, and the tables where they are missing; the database dates it by its own clock."""
        make_tables(self.engine)
        with self.sessions.begin() as session:
            session.add(Project(id=project_id, name=name, created_at=func.now()))
            session.flush()
            return self.fill(session, project_id)

    def is_there(self, project_id: str) -> bool:
        """Ask whether the project still exists; a database without tables has none."""
        make_tables(self.engine)
        with self.sessions() as session:
            return session.get(Project, project_id) is not None

    def delete(self, project_id: str) -> int:
        """Delete a project and all in it for good; answer how many rows went."""
        with self.sessions() as session:
            return delete_project(session, project_id)
