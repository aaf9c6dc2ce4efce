"""Threads in each other's way: reads and writes mixed, and one row that all of them want to change."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm.exc import StaleDataError

from steadyline.operations.dataset import PAGE_ITEMS
from steadyline.operations.sql.answers import require
from steadyline.operations.sql.bulk import Batch, delete_batch, make_batch, verify_batch
from steadyline.operations.sql.bulk_changes import verify_changed, written_batch
from steadyline.operations.sql.bulk_links import Links, delete_links, new_links, verify_links
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.concurrent import THREADS, add_link, concurrent, create_one, first_page, update_one
from steadyline.operations.sql.threads import on_threads
from targets.trace.model import Item

EACH = 25
"""Of every kind in the mixture: 100 in all."""
UPDATES = 50


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a mixture is about: items to create, items to change, and links to make."""

    created: Batch
    changed: Batch
    links: Links


def _mixture(client: SqlClient) -> Mixture:
    created, links = make_batch(client, EACH), new_links(client, EACH)
    return Mixture(created, written_batch(client, EACH), links)  # what writes comes last: nothing stays of half a mixture


def _verify_mixture(client: SqlClient, mixture: Mixture, pages: list[int]) -> None:
    verify_batch(client, mixture.created, None)
    verify_changed(client, mixture.changed, None)
    verify_links(client, mixture.links, None)
    require(pages == [PAGE_ITEMS] * EACH, "a page that was read meanwhile is not full")


def _delete_mixture(client: SqlClient, mixture: Mixture, _result: object) -> None:
    delete_links(client, mixture.links, None)
    delete_batch(client, mixture.created, None)
    delete_batch(client, mixture.changed, None)


@concurrent("sql.concurrent_mixed_100", items=4 * EACH, prepare=_mixture, verify=_verify_mixture, cleanup=_delete_mixture)
def concurrent_mixed_100(client: SqlClient, mixture: Mixture) -> list[int]:
    """How long 100 creates, changes, links and pages take on 10 threads: whether readers and writers hinder each other."""
    project_id = mixture.created.project_id

    def page() -> int:
        return len(first_page(client, project_id))

    works: list[Callable[[], int | None]] = []
    for created, changed, link in zip(mixture.created.ids, mixture.changed.ids, mixture.links.made(), strict=True):
        works += [partial(create_one, client, project_id, created), partial(update_one, client, changed)]
        works += [partial(add_link, client, link), page]
    return [result for result in on_threads(THREADS, lambda work: work(), works) if result is not None]


def _count_up(client: SqlClient, item_id: str) -> int:
    """Add one to the item's priority, and try again where another was faster; answer how often one was."""
    conflicts = 0
    with client.session() as session:
        while True:
            session.get_one(Item, item_id).priority += 1
            try:
                session.commit()
            except StaleDataError:
                session.rollback()
                conflicts += 1
            else:
                return conflicts


def _verify_counted(client: SqlClient, batch: Batch, _conflicts: list[int]) -> None:
    with client.session() as session:
        item = session.get_one(Item, batch.ids[0])
    require((item.priority, item.version) == (UPDATES, UPDATES + 1), f"of {UPDATES} updates of one row, some were lost")


@concurrent(
    "sql.concurrent_contended_50",
    items=UPDATES,
    prepare=lambda client: written_batch(client, 1),
    verify=_verify_counted,
    cleanup=delete_batch,
)
def concurrent_contended_50(client: SqlClient, batch: Batch) -> list[int]:
    """How long 50 changes of one row take on 10 threads, tried again at each conflict: what a hot row costs."""
    return on_threads(THREADS, partial(_count_up, client), batch.ids * UPDATES)
