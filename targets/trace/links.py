"""Links between items of one project: pages, one by one, and their count by type."""

from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from targets.trace import items, projects
from targets.trace.endpoint import Answer, Asked, Refusal
from targets.trace.model import Link, new_id
from targets.trace.schema import LinkChange, LinkPage, NewLink, ProjectOnly

_SHOWN = tuple(Link.__table__.columns)


def _shown(link: Link) -> dict[str, Any]:
    shown = {column.name: getattr(link, column.name) for column in _SHOWN if column.name != "metadata"}
    return {**shown, "metadata": link.attributes}


def listed(session: Session, asked: Asked) -> Answer:
    """A page of links in the order of their ids; `more` says whether another follows."""
    page: LinkPage = asked.said
    if page.project_id is not None:
        projects.require(session, page.project_id)
    query = select(*_SHOWN).order_by(Link.id)
    wanted = page.model_dump(exclude={"skip", "limit"}, exclude_none=True)
    for name, value in wanted.items():
        query = query.where(getattr(Link, name) == value)
    rows = session.execute(query.offset(page.skip).limit(page.limit + 1)).mappings().all()
    return Answer({"links": [dict(row) for row in rows[: page.limit]], "more": len(rows) > page.limit})


def grouped(session: Session, asked: Asked) -> Answer:
    """How many links of a project there are of each type."""
    wish: ProjectOnly = asked.said
    projects.require(session, wish.project_id)
    counts = session.execute(
        select(Link.link_type, func.count()).where(Link.project_id == wish.project_id).group_by(Link.link_type)
    )
    by_type = {link_type: count for link_type, count in counts}  # noqa: C416 - rows are no pairs to a type checker
    return Answer({"total": sum(by_type.values()), "by_link_type": by_type})


def made(session: Session, asked: Asked) -> Answer:
    """A new link."""
    wish: NewLink = asked.said
    projects.require(session, wish.project_id)
    items.require_in_project(session, wish.project_id, wish.source_item_id, wish.target_item_id)
    link = Link(id=wish.id or new_id(), attributes=wish.metadata, **wish.model_dump(exclude={"id", "metadata"}))
    session.add(link)
    session.flush()
    return Answer(_shown(link), 201)


def changed(session: Session, asked: Asked) -> Answer:
    """The link with the named fields changed."""
    wish: LinkChange = asked.said
    link = session.get(Link, asked.id)
    if link is None:
        raise Refusal(404, f"no link {asked.id}")
    for name, value in wish.changes().items():
        setattr(link, name, value)
    session.flush()
    return Answer(_shown(link))


def deleted(session: Session, asked: Asked) -> Answer:
    """The link is gone."""
    gone = session.execute(delete(Link).where(Link.id == asked.id).returning(Link.id)).all()
    if not gone:
        raise Refusal(404, f"no link {asked.id}")
    return Answer(None, 204)
