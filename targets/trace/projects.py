"""Projects: list with their counts, make, read, delete for good."""

from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, delete, func, select
from sqlalchemy.orm import Session

from targets.trace.endpoint import Answer, Asked, Refusal
from targets.trace.model import Item, Link, Project, new_id
from targets.trace.schema import NewProject, ProjectPage


def require(session: Session, project_id: str) -> None:
    """Raise a 404 unless the project is there."""
    if session.scalar(select(Project.id).where(Project.id == project_id)) is None:
        raise Refusal(404, f"no project {project_id}")


def _shown(project: Project, items: int, links: int, at: datetime) -> dict[str, Any]:
    """A project; `items` counts the soft-deleted ones too, `age_seconds` is by this server's clock alone."""
    return {
        "id": project.id,
        "name": project.name,
        "created_at": project.created_at.isoformat(),
        "age_seconds": (at - project.created_at).total_seconds(),
        "items": items,
        "links": links,
    }


def _rows_of(table: type[Item | Link]) -> ScalarSelect[int]:
    return select(func.count()).where(table.project_id == Project.id).correlate(Project).scalar_subquery()


_COUNTED = select(Project, _rows_of(Item), _rows_of(Link))


def listed(session: Session, asked: Asked) -> Answer:
    """A page of projects by name, with the number of all projects that match."""
    page: ProjectPage = asked.said
    matching = Project.name.startswith(page.prefix, autoescape=True)
    rows = session.execute(_COUNTED.where(matching).order_by(Project.name).offset(page.skip).limit(page.limit))
    projects = [_shown(*row, asked.at) for row in rows]
    total = session.scalar(select(func.count()).select_from(Project).where(matching))
    return Answer({"projects": projects, "total": total})


def made(session: Session, asked: Asked) -> Answer:
    """A new project; a taken name or id is a 409."""
    wish: NewProject = asked.said
    project = Project(id=wish.id or new_id(), name=wish.name, created_at=asked.at)
    session.add(project)
    session.flush()
    return Answer(_shown(project, 0, 0, asked.at), 201)


def read(session: Session, asked: Asked) -> Answer:
    """One project."""
    row = session.execute(_COUNTED.where(Project.id == asked.id)).one_or_none()
    if row is None:
        raise Refusal(404, f"no project {asked.id}")
    return Answer(_shown(*row, asked.at))


def deleted(session: Session, asked: Asked) -> Answer:
    """The project, its items and links are gone for good."""
    gone = session.execute(delete(Project).where(Project.id == asked.id).returning(Project.id)).all()
    if not gone:
        raise Refusal(404, f"no project {asked.id}")
    return Answer(None, 204)
