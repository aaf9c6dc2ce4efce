"""What a run-scoped project is filled with: a few items to work on, or the data set that the queries are asked of."""

from sqlalchemy.orm import Session

from targets.trace.model import Item, Link, new_id

DATASET_ITEMS = 1000
"""Source: the Trace seed's query baselines are over 1000 items."""
FILTER_STATUS = "in_progress"
_STATUSES = ("todo", FILTER_STATUS, "done")
FILTERED_ITEMS = 333
"""Source: the Trace seed, "query filtered 333": every third item."""
DATASET_LINKS = 500
PAGE_ITEMS = 20
WORKING_ITEMS = 100
"""Items to update and to link: more than attempts under way at once, so that no two meet on one row."""


def title_of(number: int) -> str:
    """The title of a data set's item; what a read is verified against."""
    return f"Steadyline item {number:04d}"


def make_item(project_id: str, number: int = 0, item_id: str | None = None) -> Item:
    """One item of ordinary size (about 300 bytes)."""
    return Item(
        id=item_id or new_id(),
        project_id=project_id,
        title=title_of(number),
        description="An item that a measurement made; it is deleted by itself. " * 3,
        external_id=f"steadyline-{number}",
        status=_STATUSES[number % len(_STATUSES)],
        priority=number % 5,
        attributes={"number": number},
    )


def fill_with_dataset(session: Session, project_id: str) -> tuple[str, ...]:
    """Add the data set: 1000 items, 333 of them in progress, and 500 links; answer the items' ids by number."""
    items = [make_item(project_id, number) for number in range(DATASET_ITEMS)]
    session.add_all(items)
    session.flush()
    session.add_all(
        Link(project_id=project_id, source_item_id=items[n].id, target_item_id=items[-1 - n].id, link_type="relates_to")
        for n in range(DATASET_LINKS)
    )
    return tuple(item.id for item in items)


def fill_with_working_items(session: Session, project_id: str) -> tuple[str, ...]:
    """Add the items that single operations work on; answer their ids by number."""
    items = [make_item(project_id, number) for number in range(WORKING_ITEMS)]
    session.add_all(items)
    return tuple(item.id for item in items)
