"""What a run-scoped project is filled with: a few items to work on, or the data set that the queries are asked of."""

from typing import Any

from sqlalchemy.orm import Session

from steadyline.operations.dataset import DATASET_ITEMS, WORKING_ITEMS, content_of
from targets.trace.model import Item, Link, new_id

DATASET_LINKS = 500
FAN_OUT = 10
"""The data set is a tree: the item of number n is the parent of 10n+1 to 10n+10, and linked to them while there are links."""


def item_values(project_id: str, number: int = 0, item_id: str | None = None) -> dict[str, Any]:
    """What one item of ordinary size (about 300 bytes) holds, by the names of the model."""
    content = content_of(number)
    attributes = content.pop("metadata")  # the attribute's name in the API; SQLAlchemy keeps `metadata` to itself
    return {"id": item_id or new_id(), "project_id": project_id, "attributes": attributes, **content}


def make_item(project_id: str, number: int = 0, item_id: str | None = None) -> Item:
    """One item of ordinary size."""
    return Item(**item_values(project_id, number, item_id))


def make_link(project_id: str, source: str, target: str, link_id: str | None = None) -> Link:
    """One link from item to item."""
    return Link(
        id=link_id or new_id(), project_id=project_id, source_item_id=source, target_item_id=target, link_type="relates_to"
    )


def parent_of(number: int) -> int:
    """The number of the parent of a data set's item; every one has one but the first."""
    return (number - 1) // FAN_OUT


def children_of(number: int) -> range:
    """The numbers of the items whose parent it is, of an item in the upper half of the tree."""
    return range(FAN_OUT * number + 1, FAN_OUT * number + FAN_OUT + 1)


def fill_with_dataset(session: Session, project_id: str) -> tuple[str, ...]:
    """Add the data set: 1000 items, 333 of them in progress, and 500 links; answer the items' ids by number."""
    items = [make_item(project_id, number) for number in range(DATASET_ITEMS)]
    for number in range(1, DATASET_ITEMS):
        items[number].parent_id = items[parent_of(number)].id
    session.add_all(items)
    session.flush()
    session.add_all(
        make_link(project_id, items[parent_of(number)].id, items[number].id) for number in range(1, DATASET_LINKS + 1)
    )
    return tuple(item.id for item in items)


def fill_with_working_items(session: Session, project_id: str) -> tuple[str, ...]:
    """Add the items that single operations work on; answer their ids by number."""
    items = [make_item(project_id, number) for number in range(WORKING_ITEMS)]
    session.add_all(items)
    return tuple(item.id for item in items)
