"""Items: pages, one by one, several at once, and their count by status. Deleted items stay as rows but are not seen."""

from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.orm import Session

from targets.trace import projects
from targets.trace.endpoint import Answer, Asked, Refusal
from targets.trace.model import Item, new_id
from targets.trace.schema import Deletion, ItemChange, ItemContent, ItemPage, ItemsChange, NewItem, NewItems, ProjectOnly

_SHOWN = tuple(column for column in Item.__table__.columns if column.name != "deleted_at")
_LIVE = Item.deleted_at.is_(None)


def _shown(item: Item) -> dict[str, Any]:
    shown = {column.name: getattr(item, column.name) for column in _SHOWN if column.name != "metadata"}
    return {**shown, "metadata": item.attributes}


def _live(session: Session, item_id: str) -> Item:
    item = session.scalar(select(Item).where(Item.id == item_id, _LIVE))
    if item is None:
        raise Refusal(404, f"no item {item_id}")
    return item


def require_in_project(session: Session, project_id: str, *item_ids: str) -> None:
    """Raise a 404 unless every item is there, live, in the project."""
    wanted = set(item_ids)
    there = set(session.scalars(select(Item.id).where(Item.id.in_(wanted), Item.project_id == project_id, _LIVE)))
    if missing := sorted(wanted - there):
        raise Refusal(404, f"no item {missing[0]} in project {project_id}")


def _narrowed(page: ItemPage) -> Select[Any]:
    query = select(*_SHOWN) if page.with_deleted else select(*_SHOWN).where(_LIVE)
    wanted = (
        (Item.project_id, page.project_id),
        (Item.type, page.view),
        (Item.status, page.status),
        (Item.parent_id, page.parent_id),
    )
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    return query.order_by(Item.id)


def listed(session: Session, asked: Asked) -> Answer:
    """A page of items in the order of their ids; `more` says whether another follows."""
    page: ItemPage = asked.said
    if page.project_id is not None:
        projects.require(session, page.project_id)
    rows = session.execute(_narrowed(page).offset(page.skip).limit(page.limit + 1)).mappings().all()
    return Answer({"items": [dict(row) for row in rows[: page.limit]], "more": len(rows) > page.limit})


def summary(session: Session, asked: Asked) -> Answer:
    """How many items of a project stand at each status."""
    wish: ProjectOnly = asked.said
    projects.require(session, wish.project_id)
    counts = session.execute(
        select(Item.status, func.count()).where(Item.project_id == wish.project_id, _LIVE).group_by(Item.status)
    )
    by_status = {status: count for status, count in counts}  # noqa: C416 - rows are no pairs to a type checker
    return Answer({"total": sum(by_status.values()), "by_status": by_status})


def _fields(content: ItemContent, project_id: str) -> dict[str, Any]:
    fields = content.model_dump(exclude={"id", "project_id", "metadata"})
    return {**fields, "project_id": project_id, "attributes": content.metadata}


def _check_parents(session: Session, project_id: str, *parents: str | None) -> None:
    named = [parent for parent in parents if parent is not None]
    if named:
        require_in_project(session, project_id, *named)


def made(session: Session, asked: Asked) -> Answer:
    """A new item."""
    wish: NewItem = asked.said
    projects.require(session, wish.project_id)
    _check_parents(session, wish.project_id, wish.parent_id)
    item = Item(id=wish.id or new_id(), **_fields(wish, wish.project_id))
    session.add(item)
    session.flush()
    return Answer(_shown(item), 201)


def made_in_bulk(session: Session, asked: Asked) -> Answer:
    """New items in one project, all or none; answers their ids in the order given."""
    wish: NewItems = asked.said
    projects.require(session, wish.project_id)
    _check_parents(session, wish.project_id, *(item.parent_id for item in wish.items))
    rows = [{**_fields(item, wish.project_id), "id": new_id(), "version": 1} for item in wish.items]
    session.execute(insert(Item), rows)
    return Answer({"ids": [row["id"] for row in rows]}, 201)


def read(session: Session, asked: Asked) -> Answer:
    """One item."""
    row = session.execute(select(*_SHOWN).where(Item.id == asked.id, _LIVE)).mappings().one_or_none()
    if row is None:
        raise Refusal(404, f"no item {asked.id}")
    return Answer(dict(row))


def changed(session: Session, asked: Asked) -> Answer:
    """The item with the named fields changed and its version one up; a 409 when it is at another version."""
    wish: ItemChange = asked.said
    item = _live(session, asked.id)
    if item.version != wish.version:
        raise Refusal(409, f"item {asked.id} is at version {item.version}, not {wish.version}; read it again")
    if wish.parent_id == asked.id:
        raise Refusal(422, "parent_id: an item cannot be its own parent")
    _check_parents(session, item.project_id, wish.parent_id)
    for name, value in wish.changes().items():
        setattr(item, name, value)
    session.flush()
    return Answer(_shown(item))


def deleted(session: Session, asked: Asked) -> Answer:
    """The item is not seen any more; its row stays until its project goes, unless the deletion is permanent."""
    wish: Deletion = asked.said
    if not wish.permanent:
        _live(session, asked.id).deleted_at = asked.at
    elif not session.execute(delete(Item).where(Item.id == asked.id).returning(Item.id)).all():
        raise Refusal(404, f"no item {asked.id}")
    return Answer(None, 204)


def changed_in_bulk(session: Session, asked: Asked) -> Answer:
    """The same change for several items, all or none, whatever their versions; answers how many."""
    wish: ItemsChange = asked.said
    found = session.execute(select(Item.id, Item.project_id).where(Item.id.in_(wish.ids), _LIVE))
    owners = {item_id: project_id for item_id, project_id in found}  # noqa: C416 - rows are no pairs to a type checker
    if missing := [item_id for item_id in wish.ids if item_id not in owners]:
        raise Refusal(404, f"no item {missing[0]}")
    if wish.change.parent_id in owners:
        raise Refusal(422, "parent_id: an item cannot be its own parent")
    for project_id in set(owners.values()):
        _check_parents(session, project_id, wish.change.parent_id)
    change = {**wish.change.changes(), "version": Item.version + 1}
    session.execute(
        update(Item).where(Item.id.in_(owners), _LIVE).values(change), execution_options={"synchronize_session": False}
    )
    return Answer({"updated": len(owners)})
