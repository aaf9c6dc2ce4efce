"""Single items and links: what a user of the Trace database waits for with each click."""

from dataclasses import dataclass

from sqlalchemy import delete

from steadyline.operation import in_run_scope, operation
from steadyline.operations.dataset import DATASET_ITEMS, WORKING_ITEMS, title_of
from steadyline.operations.sql.answers import require
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.dataset import make_item, make_link
from steadyline.outcome import IntegrityError
from targets.trace.model import Item, Link, new_id, now


@dataclass(frozen=True, slots=True)
class Row:
    """One row that an attempt is about.

    Attributes:
        id: the row's; chosen before it is written, so that cleaning up finds what a failed attempt left.
        project_id: the run-scoped project it lies in.
        number: whatever tells this attempt from the others.
    """

    id: str
    project_id: str
    number: int


def _new_row(client: SqlClient) -> Row:
    return Row(new_id(), client.working.id, client.turn())


def _working_row(client: SqlClient) -> Row:
    working, number = client.working, client.turn()
    return Row(working.items[number % WORKING_ITEMS], working.id, number)


def _dataset_row(client: SqlClient) -> Row:
    dataset, number = client.dataset, client.turn() % DATASET_ITEMS
    return Row(dataset.items[number], dataset.id, number)


def _stored_item(client: SqlClient, row: Row) -> Item:
    """The item as the database has it now, read by a session of its own."""
    with client.session() as session:
        item = session.get(Item, row.id)
    if item is None:
        raise IntegrityError("the item is not in the database")
    return item


def _delete_item(client: SqlClient, row: Row, _result: object) -> None:
    with client.session.begin() as session:
        session.execute(delete(Item).where(Item.id == row.id))


def _verify_created(client: SqlClient, row: Row, _result: object) -> None:
    item = _stored_item(client, row)
    require(item.title == title_of(row.number) and item.project_id == row.project_id, "the item is not what was written")


@operation("sql.item_create", writes=True, prepare=_new_row, verify=_verify_created, cleanup=_delete_item)
def item_create(client: SqlClient, row: Row) -> None:
    """How long adding one item takes: one insert with its index entries, made durable by a commit."""
    with client.session() as session:
        session.add(make_item(row.project_id, row.number, row.id))
        session.commit()


def _verify_read(_client: SqlClient, row: Row, item: Item | None) -> None:
    right = item is not None and (item.id, item.title, item.project_id) == (row.id, title_of(row.number), row.project_id)
    require(right, "the item read is not the one asked for")


@operation("sql.item_read", writes=True, prepare=_dataset_row, verify=_verify_read)
def item_read(client: SqlClient, row: Row) -> Item | None:
    """How long fetching one item by its id takes: the shortest way through pool, driver and primary key."""
    with client.session() as session:
        return session.get(Item, row.id)


def _verify_updated(client: SqlClient, row: Row, version: int) -> None:
    item = _stored_item(client, row)
    require(item.priority == row.number and item.version == version, "the update is not in the database")


@operation("sql.item_update", writes=True, prepare=_working_row, verify=_verify_updated, cleanup=in_run_scope)
def item_update(client: SqlClient, row: Row) -> int:
    """How long changing one item takes: a read, an update under the optimistic lock, and a commit."""
    with client.session() as session:
        item = session.get_one(Item, row.id)
        item.status = "done" if item.status == "todo" else "todo"
        item.priority = row.number
        session.commit()
        return item.version


def _written_row(client: SqlClient) -> Row:
    row = _new_row(client)
    with client.session.begin() as session:
        session.add(make_item(row.project_id, row.number, row.id))
    return row


def _verify_deleted(client: SqlClient, row: Row, _result: object) -> None:
    require(_stored_item(client, row).deleted_at is not None, "the item is not marked as deleted")


@operation("sql.item_delete", writes=True, prepare=_written_row, verify=_verify_deleted, cleanup=_delete_item)
def item_delete(client: SqlClient, row: Row) -> None:
    """How long deleting one item takes, as the application does it: a read, the mark that hides it, and a commit."""
    with client.session() as session:
        session.get_one(Item, row.id).deleted_at = now()
        session.commit()


@dataclass(frozen=True, slots=True)
class Ends:
    """A link to be made, and the two items it connects."""

    id: str
    project_id: str
    source: str
    target: str


def _ends(client: SqlClient) -> Ends:
    working, number = client.working, client.turn()
    return Ends(new_id(), working.id, working.items[number % WORKING_ITEMS], working.items[(number + 1) % WORKING_ITEMS])


def _verify_linked(client: SqlClient, ends: Ends, _result: object) -> None:
    with client.session() as session:
        link = session.get(Link, ends.id)
    right = link is not None and (link.source_item_id, link.target_item_id) == (ends.source, ends.target)
    require(right, "the link is not in the database as it was made")


def _delete_link(client: SqlClient, ends: Ends, _result: object) -> None:
    with client.session.begin() as session:
        session.execute(delete(Link).where(Link.id == ends.id))


@operation("sql.link_create", writes=True, prepare=_ends, verify=_verify_linked, cleanup=_delete_link)
def link_create(client: SqlClient, ends: Ends) -> None:
    """How long connecting two items takes: one insert that three foreign keys are checked for, and a commit."""
    with client.session() as session:
        session.add(make_link(ends.project_id, ends.source, ends.target, ends.id))
        session.commit()
