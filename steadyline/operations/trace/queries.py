"""Queries over HTTP: what a list, a filter, a page and a count cost, on the same 1000 items each time."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from steadyline.operation import DEAR_SECONDS, operation
from steadyline.operations.dataset import (
    DATASET_ITEMS,
    FILTER_STATUS,
    FILTERED_ITEMS,
    PAGE_ITEMS,
    STATUSES,
    content_of,
    title_of,
)
from steadyline.operations.renewal import Scoped
from steadyline.operations.trace.artefacts import rows_in
from steadyline.operations.trace.client import TraceClient
from steadyline.outcome import IntegrityError

ROW_BYTES = 600
"""Of one item in an answer, rounded up."""
_BY_STATUS = Counter(content_of(number)["status"] for number in range(DATASET_ITEMS))

Items = list[dict[str, Any]]


def _require(condition: bool, what: str) -> None:
    if not condition:
        raise IntegrityError(what)


def _verify_browsed(client: TraceClient, _prepared: None, items: Items) -> None:
    ids = [item.get("id") for item in items]
    _require(len(ids) <= PAGE_ITEMS and all(ids) and len(set(ids)) == len(ids), "the page is too long, or shows an item twice")
    _require(all(item.get("title") and item.get("project_id") for item in items), "the page holds an item without a title")
    if not items:  # a list may hide that the database fails; what else asks the database does not
        rows_in(client.get("projects", limit=1), "projects")


@operation("trace.item_browse", bytes_moved=PAGE_ITEMS * ROW_BYTES, verify=_verify_browsed)
def item_browse(client: TraceClient, _prepared: None) -> Items:
    """How long the first 20 items of whatever the target holds take; writes nothing, so it runs on any target."""
    return rows_in(client.get("items", limit=PAGE_ITEMS), "items")


def _dataset(client: TraceClient) -> Scoped:
    return client.dataset


def _require_items(dataset: Scoped, items: Items, numbers: Sequence[int]) -> None:
    """Require exactly the data set's items of these numbers, each with its own title."""
    expected = {dataset.items[number]: title_of(number) for number in numbers}
    found = {item.get("id"): item.get("title") for item in items}
    _require(len(items) == len(numbers) and found == expected, f"{len(items)} items came, not the {len(numbers)} asked for")


def _verify_all(_client: TraceClient, dataset: Scoped, items: Items) -> None:
    _require_items(dataset, items, range(DATASET_ITEMS))


@operation(
    "trace.query_all_1000",
    items=DATASET_ITEMS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=DATASET_ITEMS * ROW_BYTES,
    prepare=_dataset,
    verify=_verify_all,
)
def query_all_1000(client: TraceClient, dataset: Scoped) -> Items:
    """How long all 1000 items of a project take over HTTP: rows out of the database, into JSON and out of it again."""
    return rows_in(client.get("items", project_id=dataset.id, limit=DATASET_ITEMS), "items")


def _verify_filtered(_client: TraceClient, dataset: Scoped, items: Items) -> None:
    _require_items(dataset, items, range(STATUSES.index(FILTER_STATUS), DATASET_ITEMS, len(STATUSES)))


@operation(
    "trace.query_filtered",
    items=FILTERED_ITEMS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=FILTERED_ITEMS * ROW_BYTES,
    prepare=_dataset,
    verify=_verify_filtered,
)
def query_filtered(client: TraceClient, dataset: Scoped) -> Items:
    """How long the 333 of 1000 items with one status take over HTTP: whether the index still serves, and JSON."""
    return rows_in(client.get("items", project_id=dataset.id, status=FILTER_STATUS, limit=DATASET_ITEMS), "items")


def _verify_page(_client: TraceClient, dataset: Scoped, items: Items) -> None:
    first = sorted(range(DATASET_ITEMS), key=dataset.items.__getitem__)[:PAGE_ITEMS]
    _require_items(dataset, items, first)
    _require([item["id"] for item in items] == [dataset.items[number] for number in first], "the page is not in order")


@operation(
    "trace.query_page_20",
    items=PAGE_ITEMS,
    writes=True,
    probe_every_seconds=DEAR_SECONDS,
    bytes_moved=PAGE_ITEMS * ROW_BYTES,
    prepare=_dataset,
    verify=_verify_page,
)
def query_page_20(client: TraceClient, dataset: Scoped) -> Items:
    """How long the first page of 20 out of 1000 items takes over HTTP: what opening a list costs."""
    return rows_in(client.get("items", project_id=dataset.id, limit=PAGE_ITEMS), "items")


def _verify_count(_client: TraceClient, _dataset: Scoped, answer: Any) -> None:
    expected = {"total": DATASET_ITEMS, "by_status": dict(_BY_STATUS)}
    _require(answer == expected, f"the count is not that of the {DATASET_ITEMS} items")


@operation("trace.query_count", writes=True, probe_every_seconds=DEAR_SECONDS, prepare=_dataset, verify=_verify_count)
def query_count(client: TraceClient, dataset: Scoped) -> Any:
    """How long counting the 1000 items of a project by status takes over HTTP: the database, without rows to carry."""
    return client.get("items/summary", project_id=dataset.id)
