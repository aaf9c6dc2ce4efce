"""How cost grows: the same work at growing sizes, of the batch, of the table around, and of what is skipped."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from steadyline.operation import growing
from steadyline.operations.dataset import PAGE_ITEMS, title_of
from steadyline.operations.renewal import Scoped
from steadyline.operations.sql.answers import require, require_page
from steadyline.operations.sql.bulk import Batch, create_batch, delete_batch, insert_values, make_batch, verify_batch
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.pages import FIRST_PAGE, page_numbers
from targets.trace.model import Item, new_id


@growing(
    "sql.scale_create",
    (50, 200, 800),
    items=lambda size: size,
    writes=True,
    prepare=make_batch,
    verify=verify_batch,
    cleanup=delete_batch,
)
def scale_create(client: SqlClient, batch: Batch) -> None:
    """How an import grows with its items: a little less than in proportion, while its one commit is shared by all."""
    create_batch(client, batch)


@dataclass(frozen=True, slots=True)
class Found:
    """A few items of one status that no other has, among many more.

    Attributes:
        batch: all of them, the few first.
        status: the few's.
    """

    batch: Batch
    status: str


def _surrounded(client: SqlClient, size: int) -> Found:
    found = Found(make_batch(client, size), f"sought-{new_id()}")
    few = update(Item).where(Item.id.in_(found.batch.ids[:PAGE_ITEMS])).values(status=found.status)
    with client.session.begin() as session:  # one transaction: nothing stays of what cannot be made whole
        insert_values(session, found.batch)
        session.execute(few)
    return found


def _verify_found(_client: SqlClient, found: Found, items: Sequence[Item]) -> None:
    expected = {item_id: title_of(number) for number, item_id in enumerate(found.batch.ids[:PAGE_ITEMS])}
    require({item.id: item.title for item in items} == expected, f"{len(items)} items came, not the {len(expected)} sought")


def _delete_surrounded(client: SqlClient, found: Found, _result: object) -> None:
    delete_batch(client, found.batch, None)


@growing(
    "sql.scale_filter",
    (125, 500, 2000),
    items=PAGE_ITEMS,
    writes=True,
    prepare=_surrounded,
    verify=_verify_found,
    cleanup=_delete_surrounded,
)
def scale_filter(client: SqlClient, found: Found) -> Sequence[Item]:
    """How finding 20 items by their status grows with the items around them: hardly at all, while the index serves."""
    asked = select(Item).where(
        Item.project_id == found.batch.project_id, Item.status == found.status, Item.deleted_at.is_(None)
    )
    with client.session() as session:
        return session.scalars(asked).all()


@dataclass(frozen=True, slots=True)
class Depth:
    """A page of the data set that begins after so many items."""

    dataset: Scoped
    offset: int


def _verify_depth(_client: SqlClient, depth: Depth, items: Sequence[Item]) -> None:
    require_page(depth.dataset, items, page_numbers(depth.dataset, depth.offset))


@growing(
    "sql.scale_offset",
    (100, 300, 900),
    items=PAGE_ITEMS,
    writes=True,
    prepare=lambda client, size: Depth(client.dataset, size),
    verify=_verify_depth,
)
def scale_offset(client: SqlClient, depth: Depth) -> Sequence[Item]:
    """How a page of 20 grows with the items that its offset skips: each of them is walked over, and none is answered."""
    with client.session() as session:
        return session.scalars(FIRST_PAGE.where(Item.project_id == depth.dataset.id).offset(depth.offset)).all()
