"""Joins: items over the links between them."""

from collections.abc import Sequence

from sqlalchemy import Row, exists, func, select
from sqlalchemy.orm import aliased

from steadyline.operations.dataset import DATASET_ITEMS, title_of
from steadyline.operations.renewal import Scoped
from steadyline.operations.sql.answers import Asked, in_turn, query, require, require_items
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.dataset import DATASET_LINKS, FAN_OUT, children_of, parent_of
from steadyline.operations.sql.lookups import SOURCES
from targets.trace.model import Item, Link

_SOURCE, _TARGET = aliased(Item), aliased(Item)
_FIRST, _SECOND = aliased(Link), aliased(Link)
_TWICE = [number for number in SOURCES if children_of(number)[-1] in SOURCES]
"""Numbers of the items from which two hops lead everywhere: their children are sources too."""


def _verify_joined(_client: SqlClient, _dataset: Scoped, rows: Sequence[Row[str, str, str]]) -> None:
    expected = {(title_of(parent_of(number)), title_of(number)) for number in range(1, DATASET_LINKS + 1)}
    found = {(source, target) for _, source, target in rows}
    require(len(rows) == DATASET_LINKS and found == expected, f"{len(rows)} joined rows, not the {DATASET_LINKS} made")


@query("sql.query_join_links", items=DATASET_LINKS, verify=_verify_joined)
def query_join_links(client: SqlClient, dataset: Scoped) -> Sequence[Row[str, str, str]]:
    """How long 500 links with the titles of both their items take: two joins over the primary key."""
    asked = (
        select(Link.link_type, _SOURCE.title, _TARGET.title)
        .join(_SOURCE, Link.source_item_id == _SOURCE.id)
        .join(_TARGET, Link.target_item_id == _TARGET.id)
        .where(Link.project_id == dataset.id)
    )
    with client.session() as session:
        return session.execute(asked).all()


def _verify_neighbours(_client: SqlClient, asked: Asked, items: Sequence[Item]) -> None:
    require_items(asked.dataset, items, children_of(asked.number))


@query("sql.query_neighbours", items=FAN_OUT, prepare=in_turn(SOURCES), verify=_verify_neighbours)
def query_neighbours(client: SqlClient, asked: Asked) -> Sequence[Item]:
    """How long the 10 items that one item is linked to take: one hop, by the index on where links come from."""
    found = (
        select(Item)
        .join(Link, Link.target_item_id == Item.id)
        .where(Link.source_item_id == asked.item, Item.deleted_at.is_(None))
    )
    with client.session() as session:
        return session.scalars(found).all()


def _verify_two_hops(_client: SqlClient, asked: Asked, items: Sequence[Item]) -> None:
    require_items(asked.dataset, items, [end for child in children_of(asked.number) for end in children_of(child)])


@query("sql.query_two_hops", items=FAN_OUT**2, prepare=in_turn(_TWICE), verify=_verify_two_hops)
def query_two_hops(client: SqlClient, asked: Asked) -> Sequence[Item]:
    """How long the 100 items two links away from one take: what an impact analysis asks, and how it grows with each hop."""
    found = (
        select(Item)
        .join(_SECOND, _SECOND.target_item_id == Item.id)
        .join(_FIRST, _FIRST.target_item_id == _SECOND.source_item_id)
        .where(_FIRST.source_item_id == asked.item, Item.deleted_at.is_(None))
    )
    with client.session() as session:
        return session.scalars(found).all()


def _verify_unlinked(_client: SqlClient, _dataset: Scoped, count: int) -> None:
    expected = DATASET_ITEMS - len(SOURCES)
    require(count == expected, f"{count} items without a link were counted, not {expected}")


@query("sql.query_unlinked", verify=_verify_unlinked)
def query_unlinked(client: SqlClient, dataset: Scoped) -> int:
    """How long counting the items that no link leads away from takes: 1000 looks into the index of links for nothing."""
    leads_away = exists().where(Link.source_item_id == Item.id)
    asked = select(func.count()).select_from(Item).where(Item.project_id == dataset.id, Item.deleted_at.is_(None), ~leads_away)
    with client.session() as session:
        return session.scalars(asked).one()
