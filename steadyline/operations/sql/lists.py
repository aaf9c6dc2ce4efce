"""Lists: all items of a project, and those that a filter leaves; on the same 1000 items each time."""

from collections.abc import Sequence

from sqlalchemy import select

from steadyline.operations.dataset import DATASET_ITEMS, FILTER_STATUS, FILTERED_ITEMS, TYPES, title_of
from steadyline.operations.renewal import Scoped
from steadyline.operations.sql.answers import numbers_where, query, require_items
from steadyline.operations.sql.client import SqlClient
from targets.trace.model import Item

_TYPE = TYPES[1]
_URGENT = 3
_TITLE = title_of(500).removesuffix("00")
"""What a hundred titles begin with."""


def _verify_all(_client: SqlClient, dataset: Scoped, items: Sequence[Item]) -> None:
    require_items(dataset, items, range(DATASET_ITEMS))


@query("sql.query_all_1000", items=DATASET_ITEMS, verify=_verify_all)
def query_all_1000(client: SqlClient, dataset: Scoped) -> Sequence[Item]:
    """How long loading all 1000 items of a project takes: mostly rows through the driver and into objects."""
    with client.session() as session:
        return session.scalars(select(Item).where(Item.project_id == dataset.id, Item.deleted_at.is_(None))).all()


def _verify_filtered(_client: SqlClient, dataset: Scoped, items: Sequence[Item]) -> None:
    require_items(dataset, items, range(1, DATASET_ITEMS, 3))


@query("sql.query_filtered", items=FILTERED_ITEMS, verify=_verify_filtered)
def query_filtered(client: SqlClient, dataset: Scoped) -> Sequence[Item]:
    """How long the 333 of 1000 items with one status take: whether the index on project and status still serves."""
    asked = select(Item).where(Item.project_id == dataset.id, Item.status == FILTER_STATUS, Item.deleted_at.is_(None))
    with client.session() as session:
        return session.scalars(asked).all()


def _verify_type(_client: SqlClient, dataset: Scoped, items: Sequence[Item]) -> None:
    require_items(dataset, items, numbers_where(lambda content: content["type"] == _TYPE))


@query("sql.query_by_type", items=DATASET_ITEMS // len(TYPES), verify=_verify_type)
def query_by_type(client: SqlClient, dataset: Scoped) -> Sequence[Item]:
    """How long the 250 of 1000 items of one type take: what opening one of the application's views costs."""
    asked = select(Item).where(Item.project_id == dataset.id, Item.type == _TYPE, Item.deleted_at.is_(None))
    with client.session() as session:
        return session.scalars(asked).all()


def _verify_several(_client: SqlClient, dataset: Scoped, items: Sequence[Item]) -> None:
    meant = numbers_where(
        lambda content: (
            content["status"] == FILTER_STATUS and content["priority"] >= _URGENT and content["title"].startswith(_TITLE)
        )
    )
    require_items(dataset, items, meant)


@query("sql.query_several_filters", items=13, verify=_verify_several)
def query_several_filters(client: SqlClient, dataset: Scoped) -> Sequence[Item]:
    """How long a search by status, priority and title takes: an index finds 333 items, and each is looked at for the rest."""
    asked = select(Item).where(
        Item.project_id == dataset.id,
        Item.status == FILTER_STATUS,
        Item.priority >= _URGENT,
        Item.title.startswith(_TITLE),
        Item.deleted_at.is_(None),
    )
    with client.session() as session:
        return session.scalars(asked).all()
