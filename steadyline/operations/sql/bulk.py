"""Many items at once: what an import waits for, and how much memory it takes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from steadyline.operation import DEAR_SECONDS, Body, Operation, operation
from steadyline.operations.sql.answers import require
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.dataset import item_values, make_item
from steadyline.operations.sql.rows import count_those, delete_those
from targets.trace.model import Item, new_id

PROBED_ITEMS = 100
"""Most items of a bulk that is probed continuously; larger ones are run when they are asked for."""


def bulk(
    family: str, *sizes: int, prepare: Callable[[SqlClient, int], Any], **facts: Any
) -> Callable[[Body], tuple[Operation, ...]]:
    """Turn a function over a batch into one operation for each size, `family_size`; its docstring is formatted with `size`.

    Args:
        family: `backend.name`, without the size.
        sizes: items or links of the batch.
        prepare: is given the client and one of these.
        facts: as to `operation`.
    """

    def decorate(body: Body) -> tuple[Operation, ...]:
        return tuple(_sized(f"{family}_{size}", size, prepare, facts)(body) for size in sizes)

    return decorate


def _sized(
    name: str, size: int, prepare: Callable[[SqlClient, int], Any], facts: dict[str, Any]
) -> Callable[[Body], Operation]:
    every_seconds = DEAR_SECONDS if size <= PROBED_ITEMS else None

    def decorate(body: Body) -> Operation:
        made = operation(
            name,
            items=size,
            writes=True,
            probe_every_seconds=every_seconds,
            prepare=lambda client: prepare(client, size),
            **facts,
        )(body)
        return replace(made, tells=made.tells.format(size=size))

    return decorate


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
    found = count_those(client, Item, batch.ids, Item.project_id == batch.project_id)
    require(found == len(batch.ids), f"{found} of {len(batch.ids)} items are in the database")


def delete_batch(client: SqlClient, batch: Batch, _result: object) -> None:
    """Delete what is there of the batch for good, also when only a part was written."""
    delete_those(client, Item, batch.ids)


_creates = partial(bulk, prepare=make_batch, verify=verify_batch, cleanup=delete_batch)


def create_batch(client: SqlClient, batch: Batch) -> None:
    """Add the batch's items as objects of one session, in one transaction."""
    with client.session() as session:
        session.add_all(make_item(batch.project_id, number, item_id) for number, item_id in enumerate(batch.ids))
        session.commit()


@_creates("sql.bulk_create", 100, 500, 1000)
def bulk_create(client: SqlClient, batch: Batch) -> None:
    """How long adding {size} items in one transaction takes: the throughput of an import."""
    create_batch(client, batch)


@_creates("sql.bulk_memory", 2500)
def bulk_memory(client: SqlClient, batch: Batch) -> None:
    """What memory a large import takes: {size} items are objects of one session until its commit."""
    create_batch(client, batch)


def insert_values(session: Session, batch: Batch) -> None:
    """Insert the batch's items as plain values, in the session's transaction."""
    values = [item_values(batch.project_id, number, item_id) for number, item_id in enumerate(batch.ids)]
    session.execute(insert(Item), values)


def insert_batch(client: SqlClient, batch: Batch) -> None:
    """The same, in one of their own."""
    with client.session.begin() as session:
        insert_values(session, batch)


@_creates("sql.bulk_insert", 1000)
def bulk_insert(client: SqlClient, batch: Batch) -> None:
    """How long inserting {size} items as plain values takes: an import without the objects, beside bulk_create_{size}."""
    insert_batch(client, batch)
