"""Several at once: what contention for connections, locks and the log of the database costs."""

from collections.abc import Sequence
from functools import partial

from steadyline.operation import DEAR_SECONDS, PARALLEL_BUDGET_SECONDS, operation
from steadyline.operations.dataset import PAGE_ITEMS
from steadyline.operations.renewal import Scoped
from steadyline.operations.sql.answers import require_page, the_dataset
from steadyline.operations.sql.bulk import Batch, delete_batch, make_batch, verify_batch
from steadyline.operations.sql.bulk_changes import change, verify_changed, written_batch
from steadyline.operations.sql.bulk_links import Links, delete_links, new_links, verify_links
from steadyline.operations.sql.client import SqlClient
from steadyline.operations.sql.dataset import make_item
from steadyline.operations.sql.pages import FIRST_PAGE, page_numbers
from steadyline.operations.sql.threads import on_threads
from steadyline.target import DEFAULT_CONCURRENCY
from targets.trace.model import Item, Link

THREADS = 10
MANY_THREADS = 50
"""More than a target has connections: the others wait for the pool, as an application's would."""
TIMES = 100
"""Source: the Trace seed, "100 items / 10 threads"."""

concurrent = partial(
    operation,
    writes=True,
    concurrency=THREADS,
    probe_every_seconds=None,
    budget_seconds=PARALLEL_BUDGET_SECONDS,
    timeout_seconds=PARALLEL_BUDGET_SECONDS,
)
"""`operation` for what takes several threads."""
_creating = partial(concurrent, verify=verify_batch, cleanup=delete_batch)


def create_one(client: SqlClient, project_id: str, item_id: str) -> None:
    """One item, durable by a commit of its own."""
    with client.session() as session:
        session.add(make_item(project_id, item_id=item_id))
        session.commit()


def _create_each(client: SqlClient, batch: Batch, threads: int) -> None:
    on_threads(threads, partial(create_one, client, batch.project_id), batch.ids)


@_creating(
    "sql.concurrent_create_10",
    items=THREADS,
    probe_every_seconds=DEAR_SECONDS,
    prepare=lambda client: make_batch(client, THREADS),
)
def concurrent_create_10(client: SqlClient, batch: Batch) -> None:
    """How long 10 creates on 10 threads take until the last is durable: what writers cost each other."""
    _create_each(client, batch, THREADS)


@_creating("sql.concurrent_create_100", items=TIMES, prepare=lambda client: make_batch(client, TIMES))
def concurrent_create_100(client: SqlClient, batch: Batch) -> None:
    """How long 100 creates on 10 threads take: the throughput of writers side by side, each with a commit of its own."""
    _create_each(client, batch, THREADS)


@_creating(
    "sql.concurrent_create_500",
    items=500,
    concurrency=DEFAULT_CONCURRENCY,
    prepare=lambda client: make_batch(client, 500),
)
def concurrent_create_500(client: SqlClient, batch: Batch) -> None:
    """How long 500 creates on 50 threads take: what threads cost that wait for a connection before they wait for locks."""
    _create_each(client, batch, MANY_THREADS)


def update_one(client: SqlClient, item_id: str) -> None:
    """One item read, and changed under its optimistic lock."""
    with client.session() as session:
        change(session.get_one(Item, item_id))
        session.commit()


@concurrent(
    "sql.concurrent_update_100",
    items=TIMES,
    prepare=lambda client: written_batch(client, TIMES),
    verify=verify_changed,
    cleanup=delete_batch,
)
def concurrent_update_100(client: SqlClient, batch: Batch) -> None:
    """How long changing 100 items on 10 threads takes: each reads and writes a row of its own, and waits for nobody's row."""
    on_threads(THREADS, partial(update_one, client), batch.ids)


def first_page(client: SqlClient, project_id: str) -> Sequence[Item]:
    """The first page of a project."""
    with client.session() as session:
        return session.scalars(FIRST_PAGE.where(Item.project_id == project_id)).all()


def _verify_pages(_client: SqlClient, dataset: Scoped, pages: Sequence[Sequence[Item]]) -> None:
    expected = page_numbers(dataset)
    for page in pages:
        require_page(dataset, page, expected)


@concurrent("sql.concurrent_query_100", items=TIMES * PAGE_ITEMS, prepare=the_dataset, verify=_verify_pages)
def concurrent_query_100(client: SqlClient, dataset: Scoped) -> list[Sequence[Item]]:
    """How long 100 first pages on 10 threads take: whether readers pass each other, and what our own process makes of it."""
    return on_threads(THREADS, partial(first_page, client), [dataset.id] * TIMES)


def add_link(client: SqlClient, link: Link) -> None:
    """One link, durable by a commit of its own."""
    with client.session() as session:
        session.add(link)
        session.commit()


@concurrent(
    "sql.concurrent_link_100",
    items=TIMES,
    prepare=lambda client: new_links(client, TIMES),
    verify=verify_links,
    cleanup=delete_links,
)
def concurrent_link_100(client: SqlClient, links: Links) -> None:
    """How long 100 links made on 10 threads take, to items they share: PostgreSQL locks the items' keys, SQLite everything."""
    on_threads(THREADS, partial(add_link, client), links.made())
