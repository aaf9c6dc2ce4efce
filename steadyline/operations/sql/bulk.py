"""Many items at once: what an import waits for."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.dataset import make_item
from steadyline.outcome import IntegrityError
from targets.trace.model import Item, new_id

BULK_ITEMS = 100


@dataclass(frozen=True, slots=True)
class Batch:
    """Items to be written: their ids, chosen before, and the run-scoped project they go to."""

    ids: tuple[str, ...]
    project_id: str


def make_batch(client: SqlClient, size: int) -> Batch:
    """Choose the ids of as many items."""
    return Batch(tuple(new_id() for _ in range(size)), client.working.id)


def verify_batch(client: SqlClient, batch: Batch, _result: object) -> None:
    """Require all of the batch's items to be in the database, counted by a session of its own."""
    written = select(func.count()).select_from(Item).where(Item.id.in_(batch.ids), Item.project_id == batch.project_id)
    with client.session() as session:
        found = session.scalars(written).one()
    if found != len(batch.ids):
        raise IntegrityError(f"{found} of {len(batch.ids)} items are in the database")


def delete_batch(client: SqlClient, batch: Batch, _result: object) -> None:
    """Delete what is there of the batch for good, also when only a part was written."""
    with client.session.begin() as session:
        session.execute(delete(Item).where(Item.id.in_(batch.ids)))


@operation(
    "sql.bulk_create_100",
    items=BULK_ITEMS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    prepare=lambda client: make_batch(client, BULK_ITEMS),
    verify=verify_batch,
    cleanup=delete_batch,
)
def bulk_create_100(client: SqlClient, batch: Batch) -> None:
    """How long adding 100 items in one transaction takes: the throughput of an import."""
    with client.session() as session:
        session.add_all(make_item(batch.project_id, number, item_id) for number, item_id in enumerate(batch.ids))
        session.commit()
