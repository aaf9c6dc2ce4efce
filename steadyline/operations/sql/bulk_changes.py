"""Many items that are there, changed or deleted at once."""

from functools import partial

from sqlalchemy import select, update

from steadyline.operations.sql.answers import require
from steadyline.operations.sql.bulk import Batch, bulk, delete_batch, insert_batch, make_batch
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.rows import count_those, delete_those
from targets.trace.model import Item

CHANGED_PRIORITY = 9
"""None of the items has it before."""


def written_batch(client: SqlClient, size: int) -> Batch:
    """As many items that are in the database, for this attempt alone."""
    batch = make_batch(client, size)
    insert_batch(client, batch)
    return batch


def change(item: Item) -> None:
    """What the updates change of an item."""
    item.priority = CHANGED_PRIORITY


def verify_changed(client: SqlClient, batch: Batch, _result: object) -> None:
    """Require all of the batch's items to be changed, each once by its version."""
    once = Item.version == 2  # noqa: PLR2004 - the one after the first
    found = count_those(client, Item, batch.ids, Item.priority == CHANGED_PRIORITY, once)
    require(found == len(batch.ids), f"{found} of {len(batch.ids)} items are changed in the database")


_updates = partial(bulk, prepare=written_batch, verify=verify_changed, cleanup=delete_batch)


@_updates("sql.bulk_update", 100, 500)
def bulk_update(client: SqlClient, batch: Batch) -> None:
    """How long changing {size} items in one transaction takes: all are read, and each is updated under its optimistic lock."""
    with client.session() as session:
        for item in session.scalars(select(Item).where(Item.id.in_(batch.ids))):
            change(item)
        session.commit()


@_updates("sql.bulk_update_statement", 500)
def bulk_update_statement(client: SqlClient, batch: Batch) -> None:
    """How long changing {size} items by a single statement takes: the database's part of bulk_update_{size}."""
    changed = update(Item).where(Item.id.in_(batch.ids)).values(priority=CHANGED_PRIORITY, version=Item.version + 1)
    with client.session.begin() as session:
        session.execute(changed)


def _verify_deleted(client: SqlClient, batch: Batch, deleted: int) -> None:
    left = count_those(client, Item, batch.ids)
    require((deleted, left) == (len(batch.ids), 0), f"{deleted} of {len(batch.ids)} items were deleted, and {left} are left")


@bulk("sql.bulk_delete", 100, 500, prepare=written_batch, verify=_verify_deleted, cleanup=delete_batch)
def bulk_delete(client: SqlClient, batch: Batch) -> int:
    """How long deleting {size} items for good takes: rows and index entries, and for each a look for links and children."""
    return delete_those(client, Item, batch.ids)
