"""Pages of 20 items: the first, one far down, the one after an item, and the most urgent."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from steadyline.operation import operation
from steadyline.operations.dataset import DATASET_ITEMS, FILTER_STATUS, PAGE_ITEMS, content_of
from steadyline.operations.renewal import Scoped
from steadyline.operations.sql.answers import numbers_where, query, require, require_page
from steadyline.operations.sql.client import SqlClient
from targets.trace.model import Item

DEEP_OFFSET = 900
FIRST_PAGE = select(Item).where(Item.deleted_at.is_(None)).order_by(Item.id).limit(PAGE_ITEMS)


def _verify_browsed(_client: SqlClient, _prepared: None, items: Sequence[Item]) -> None:
    ids = [item.id for item in items]
    require(len(ids) <= PAGE_ITEMS and ids == sorted(set(ids)), "the page is not the first one in the order of the ids")
    whole = all(item.title and item.project_id and item.deleted_at is None for item in items)
    require(whole, "the page holds an item without a title, or a deleted one")


@operation("sql.item_browse", verify=_verify_browsed)
def item_browse(client: SqlClient, _prepared: None) -> Sequence[Item]:
    """How long the first 20 items of whatever the database holds take; writes nothing, so it runs on any target."""
    with client.session() as session:
        return session.scalars(FIRST_PAGE).all()


def page_numbers(dataset: Scoped, skipped: int = 0) -> list[int]:
    """The numbers of the data set's items that are on the page after so many."""
    return sorted(range(DATASET_ITEMS), key=dataset.items.__getitem__)[skipped : skipped + PAGE_ITEMS]


def _verify_first(_client: SqlClient, dataset: Scoped, items: Sequence[Item]) -> None:
    require_page(dataset, items, page_numbers(dataset))


@query("sql.query_page_20", items=PAGE_ITEMS, verify=_verify_first)
def query_page_20(client: SqlClient, dataset: Scoped) -> Sequence[Item]:
    """How long the first page of 20 out of 1000 items takes: what opening a list costs."""
    with client.session() as session:
        return session.scalars(FIRST_PAGE.where(Item.project_id == dataset.id)).all()


def _verify_deep(_client: SqlClient, dataset: Scoped, items: Sequence[Item]) -> None:
    require_page(dataset, items, page_numbers(dataset, DEEP_OFFSET))


@query("sql.query_page_deep", items=PAGE_ITEMS, verify=_verify_deep)
def query_page_deep(client: SqlClient, dataset: Scoped) -> Sequence[Item]:
    """How long the page after 900 items takes by its offset: the database walks over all that it skips."""
    with client.session() as session:
        return session.scalars(FIRST_PAGE.where(Item.project_id == dataset.id).offset(DEEP_OFFSET)).all()


@dataclass(frozen=True, slots=True)
class After:
    """A page by its predecessor: the data set, and the id of the last item before."""

    dataset: Scoped
    last: str


def _after(client: SqlClient) -> After:
    dataset = client.dataset
    return After(dataset, sorted(dataset.items)[DEEP_OFFSET - 1])


def _verify_after(_client: SqlClient, after: After, items: Sequence[Item]) -> None:
    require_page(after.dataset, items, page_numbers(after.dataset, DEEP_OFFSET))


@query("sql.query_page_keyset", items=PAGE_ITEMS, prepare=_after, verify=_verify_after)
def query_page_keyset(client: SqlClient, after: After) -> Sequence[Item]:
    """How long that same page takes when it is asked for by the last id before it: no longer than the first one."""
    with client.session() as session:
        return session.scalars(FIRST_PAGE.where(Item.project_id == after.dataset.id, Item.id > after.last)).all()


def _verify_urgent(_client: SqlClient, dataset: Scoped, items: Sequence[Item]) -> None:
    open_ones = numbers_where(lambda content: content["status"] == FILTER_STATUS)
    ranked = sorted(open_ones, key=lambda number: (-content_of(number)["priority"], dataset.items[number]))
    require_page(dataset, items, ranked[:PAGE_ITEMS])


@query("sql.query_page_urgent", items=PAGE_ITEMS, verify=_verify_urgent)
def query_page_urgent(client: SqlClient, dataset: Scoped) -> Sequence[Item]:
    """How long the 20 most urgent items of one status take: an order that no index has, so 333 items are sorted for it."""
    asked = (
        select(Item)
        .where(Item.project_id == dataset.id, Item.status == FILTER_STATUS, Item.deleted_at.is_(None))
        .order_by(Item.priority.desc(), Item.id)
        .limit(PAGE_ITEMS)
    )
    with client.session() as session:
        return session.scalars(asked).all()
