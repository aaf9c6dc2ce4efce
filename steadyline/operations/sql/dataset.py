"""What a run-scoped project is filled with: a few items to work on, or the data set that the queries are asked of."""

from sqlalchemy.orm import Session

from steadyline.operations.dataset import DATASET_ITEMS, WORKING_ITEMS, content_of
from targets.trace.model import Item, Link, new_id

DATASET_LINKS = 500


def make_item(project_id: str, number: int = 0, item_id: str | None = None) -> Item:
    """One item of ordinary size (about 300 bytes)."""
    content = content_of(number)
    attributes = content.pop("metadata")  # the attribute's name in the API; SQLAlchemy keeps `metadata` to itself
    return Item(id=item_id or new_id(), project_id=project_id, attributes=attributes, **content)


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
