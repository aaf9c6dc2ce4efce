"""Queries: what a list, a filter, a page and a count cost, on the same 1000 items each time."""

from collections.abc import Sequence

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.dataset import DATASET_ITEMS, FILTER_STATUS, FILTERED_ITEMS, PAGE_ITEMS, title_of
from steadyline.operations.renewal import Scoped
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.dataset import DATASET_LINKS
from steadyline.outcome import IntegrityError
from targets.trace.model import Item, Link

_FIRST_PAGE = select(Item).where(Item.deleted_at.is_(None)).order_by(Item.id).limit(PAGE_ITEMS)


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise IntegrityError(what)


def _verify_browsed(_client: SqlClient, _prepared: None, items: Sequence[Item]) -> None:
    ids = [item.id for item in items]
    _require(len(ids) <= PAGE_ITEMS and ids == sorted(set(ids)), "the page is not the first one in the order of the ids")
    whole = all(item.title and item.project_id and item.deleted_at is None for item in items)
    _require(whole, "the page holds an item without a title, or a deleted one")


@operation("sql.item_browse", verify=_verify_browsed)
def item_browse(client: SqlClient, _prepared: None) -> Sequence[Item]:
    """How long the first 20 items of whatever the database holds take; writes nothing, so it runs on any target."""
    with client.session() as session:
        return session.scalars(_FIRST_PAGE).all()


def _dataset(client: SqlClient) -> Scoped:
    return client.dataset


def _require_items(dataset: Scoped, items: Sequence[Item], numbers: Sequence[int]) -> None:
    """Require exactly the data set's items of these numbers, each with its own title."""
    expected = {dataset.items[number]: title_of(number) for number in numbers}
    found = {item.id: item.title for item in items}
    _require(len(items) == len(numbers) and found == expected, f"{len(items)} items came, not the {len(numbers)} asked for")


def _verify_all(_client: SqlClient, dataset: Scoped, items: Sequence[Item]) -> None:
    _require_items(dataset, items, range(DATASET_ITEMS))


@operation(
    "sql.query_all_1000",
    items=DATASET_ITEMS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    prepare=_dataset,
    verify=_verify_all,
)
def query_all_1000(client: SqlClient, dataset: Scoped) -> Sequence[Item]:
    """How long loading all 1000 items of a project takes: mostly rows through the driver and into objects."""
    with client.session() as session:
        return session.scalars(select(Item).where(Item.project_id == dataset.id, Item.deleted_at.is_(None))).all()


def _verify_filtered(_client: SqlClient, dataset: Scoped, items: Sequence[Item]) -> None:
    _require_items(dataset, items, range(1, DATASET_ITEMS, 3))


@operation(
    "sql.query_filtered",
    items=FILTERED_ITEMS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    prepare=_dataset,
    verify=_verify_filtered,
)
def query_filtered(client: SqlClient, dataset: Scoped) -> Sequence[Item]:
    """How long the 333 of 1000 items with one status take: whether the index on project and status still serves."""
    asked = select(Item).where(Item.project_id == dataset.id, Item.status == FILTER_STATUS, Item.deleted_at.is_(None))
    with client.session() as session:
        return session.scalars(asked).all()


def _verify_page(_client: SqlClient, dataset: Scoped, items: Sequence[Item]) -> None:
    first = sorted(range(DATASET_ITEMS), key=dataset.items.__getitem__)[:PAGE_ITEMS]
    _require_items(dataset, items, first)
    _require([item.id for item in items] == [dataset.items[number] for number in first], "the page is not in order")


@operation(
    "sql.query_page_20",
    items=PAGE_ITEMS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    prepare=_dataset,
    verify=_verify_page,
)
def query_page_20(client: SqlClient, dataset: Scoped) -> Sequence[Item]:
    """How long the first page of 20 out of 1000 items takes: what opening a list costs."""
    with client.session() as session:
        return session.scalars(_FIRST_PAGE.where(Item.project_id == dataset.id)).all()


def _verify_count(_client: SqlClient, _dataset: Scoped, count: int) -> None:
    _require(count == DATASET_ITEMS, f"{count} items were counted, not {DATASET_ITEMS}")


@operation("sql.query_count", writes=True, probe_every_seconds=DEAR_SECONDS, prepare=_dataset, verify=_verify_count)
def query_count(client: SqlClient, dataset: Scoped) -> int:
    """How long counting the 1000 items of a project takes: the database alone, without rows to carry."""
    asked = select(func.count()).select_from(Item).where(Item.project_id == dataset.id, Item.deleted_at.is_(None))
    with client.session() as session:
        return session.scalars(asked).one()


_SOURCE, _TARGET = aliased(Item), aliased(Item)


def _verify_joined(_client: SqlClient, _dataset: Scoped, rows: Sequence[Row[str, str, str]]) -> None:
    expected = {(title_of(number), title_of(DATASET_ITEMS - 1 - number)) for number in range(DATASET_LINKS)}
    found = {(source, target) for _, source, target in rows}
    _require(len(rows) == DATASET_LINKS and found == expected, f"{len(rows)} joined rows, not the {DATASET_LINKS} made")


@operation(
    "sql.query_join_links",
    items=DATASET_LINKS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    prepare=_dataset,
    verify=_verify_joined,
)
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
