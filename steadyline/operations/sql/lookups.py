"""Lookups: the few rows that a key leads to, primary or not."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from steadyline.operations.dataset import DATASET_ITEMS, PAGE_ITEMS, content_of
from steadyline.operations.sql.answers import Asked, in_turn, query, require, require_items
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.dataset import DATASET_LINKS, FAN_OUT, children_of, parent_of
from targets.trace.model import Item, Link, Project

ANY = range(DATASET_ITEMS)
SOURCES = range(DATASET_LINKS // FAN_OUT)
"""Numbers of the items that links lead away from."""
_TARGETS = range(1, DATASET_LINKS + 1)


def _batch(asked: Asked) -> list[int]:
    return [(asked.number + n) % DATASET_ITEMS for n in range(PAGE_ITEMS)]


def _verify_ids(_client: SqlClient, asked: Asked, items: Sequence[Item]) -> None:
    require_items(asked.dataset, items, _batch(asked))


@query("sql.query_by_ids_20", items=PAGE_ITEMS, prepare=in_turn(ANY), verify=_verify_ids)
def query_by_ids_20(client: SqlClient, asked: Asked) -> Sequence[Item]:
    """How long fetching 20 items by their ids in one statement takes: what spares an application 20 single reads."""
    ids = [asked.dataset.items[number] for number in _batch(asked)]
    with client.session() as session:
        return session.scalars(select(Item).where(Item.id.in_(ids))).all()


def _verify_external(_client: SqlClient, asked: Asked, items: Sequence[Item]) -> None:
    require_items(asked.dataset, items, [asked.number])


@query("sql.query_by_external_id", prepare=in_turn(ANY), verify=_verify_external)
def query_by_external_id(client: SqlClient, asked: Asked) -> Sequence[Item]:
    """How long finding an item by the id that another system gave it takes: how a synchronization begins each of its steps."""
    known = content_of(asked.number)["external_id"]
    found = select(Item).where(Item.project_id == asked.dataset.id, Item.external_id == known, Item.deleted_at.is_(None))
    with client.session() as session:
        return session.scalars(found).all()


def _verify_children(_client: SqlClient, asked: Asked, items: Sequence[Item]) -> None:
    require_items(asked.dataset, items, children_of(asked.number))


@query("sql.query_children", items=FAN_OUT, prepare=in_turn(SOURCES), verify=_verify_children)
def query_children(client: SqlClient, asked: Asked) -> Sequence[Item]:
    """How long the 10 children of an item take: what unfolding one branch of a tree costs."""
    with client.session() as session:
        return session.scalars(select(Item).where(Item.parent_id == asked.item, Item.deleted_at.is_(None))).all()


@dataclass(frozen=True, slots=True)
class Named:
    """A project that is looked for: its id, and the name it is known by."""

    id: str
    name: str


def _named(client: SqlClient) -> Named:
    with client.session() as session:
        project = session.get_one(Project, client.dataset.id)
    return Named(project.id, project.name)


def _verify_project(_client: SqlClient, named: Named, project: Project | None) -> None:
    require(
        project is not None and (project.id, project.name) == (named.id, named.name), "the project was not found by its name"
    )


@query("sql.query_project_by_name", prepare=_named, verify=_verify_project)
def query_project_by_name(client: SqlClient, named: Named) -> Project | None:
    """How long finding a project by its unique name takes: what a user's first click waits for."""
    with client.session() as session:
        return session.scalars(select(Project).where(Project.name == named.name)).one_or_none()


def _require_links(asked: Asked, links: Sequence[Link], ends: set[tuple[int, int]]) -> None:
    """Require exactly the links between the items of these numbers."""
    ids = asked.dataset.items
    found = {(link.source_item_id, link.target_item_id) for link in links}
    right = len(links) == len(ends) and found == {(ids[source], ids[target]) for source, target in ends}
    require(right, f"{len(links)} links came, not the {len(ends)} asked for")


def _verify_leaving(_client: SqlClient, asked: Asked, links: Sequence[Link]) -> None:
    _require_links(asked, links, {(asked.number, child) for child in children_of(asked.number)})


@query("sql.query_links_from", items=FAN_OUT, prepare=in_turn(SOURCES), verify=_verify_leaving)
def query_links_from(client: SqlClient, asked: Asked) -> Sequence[Link]:
    """How long the 10 links that lead away from an item take: what an item's own page shows beside it."""
    with client.session() as session:
        return session.scalars(select(Link).where(Link.source_item_id == asked.item)).all()


def _verify_arriving(_client: SqlClient, asked: Asked, links: Sequence[Link]) -> None:
    _require_links(asked, links, {(parent_of(asked.number), asked.number)})


@query("sql.query_links_to", prepare=in_turn(_TARGETS), verify=_verify_arriving)
def query_links_to(client: SqlClient, asked: Asked) -> Sequence[Link]:
    """How long the links that lead to an item take: what hangs on it, asked before it is changed or deleted."""
    with client.session() as session:
        return session.scalars(select(Link).where(Link.target_item_id == asked.item)).all()
