"""Counting and deleting run-scoped projects, from outside: by their names and ages, whoever made them."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from steadyline.backend import RUN_LIFETIME_SECONDS, RUN_PREFIX
from steadyline.operations.renewal import is_run_scoped
from targets.trace.model import Item, Link, Project


def left_by_a_crash(session: Session, ours: Collection[str]) -> list[str]:
    """Ids of run-scoped projects past twice their lifetime; a younger one may be another live run's on the same database.

    Age is by the database's clock alone, which dates them too: the clocks of two hosts may differ by more than that.

    Args:
        session: to ask with.
        ours: ids of projects that are in use, however old a stopped schedule let them become.
    """
    named = Project.name.startswith(RUN_PREFIX, autoescape=True)
    old = Project.created_at < _ago(session, 2 * RUN_LIFETIME_SECONDS)
    found = session.execute(select(Project.name, Project.id).where(and_(named, old, Project.id.notin_(ours))))
    return [project_id for name, project_id in found if is_run_scoped(name, project_id)]


def _ago(session: Session, seconds: float) -> ColumnElement[Any]:
    """The moment so many seconds before the database's present; SQLite keeps moments as text and has its own arithmetic."""
    if session.get_bind().dialect.name == "sqlite":
        return func.datetime("now", f"-{seconds:.0f} seconds")
    return func.now() - timedelta(seconds=seconds)


def count_rows(session: Session, ids: Collection[str]) -> int:
    """How many rows the projects of these ids have: project, items (soft-deleted ones too) and links."""
    if not ids:
        return 0
    counts = (
        select(func.count()).select_from(Project).where(Project.id.in_(ids)),
        select(func.count()).select_from(Item).where(Item.project_id.in_(ids)),
        select(func.count()).select_from(Link).where(Link.project_id.in_(ids)),
    )
    return sum(session.scalars(count).one() for count in counts)


def delete_project(session: Session, project_id: str) -> int:
    """Delete a project and all in it for good; answer how many rows went."""
    rows = count_rows(session, [project_id])
    session.execute(delete(Project).where(Project.id == project_id))
    session.commit()
    return rows
