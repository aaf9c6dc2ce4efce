"""Media objects: who refers to one, where it can be had, and its instances elsewhere."""

from typing import Any

from targets.tams.answers import MediaObject
from targets.tams.database import Transaction, equals
from targets.tams.endpoint import Answer, Asked, Refusal, Stores
from targets.tams.paging import page_headers
from targets.tams.schema import ControlledInstance, InstanceChoice, ObjectPage
from targets.tams.tables import ROW_ID, Row, packed, unpacked
from targets.tams.tags import has_tags
from targets.tams.urls import LABEL, backend, get_urls

_MOST_INSTANCES = 20


def require(tx: Transaction, object_id: str) -> Row:
    """The object's row with its `$row_id`; 404 when there is none, or no segment has referred to it yet."""
    row = tx.one("objects", equals("id", object_id))
    if row is None or row["first_referenced_by_flow"] is None:
        raise Refusal(404, f"there is no object {object_id} that a segment refers to")
    return row


def read(stores: Stores, asked: Asked) -> Answer:
    """One object with its URLs and a page of the flows that refer to it."""
    page: ObjectPage = asked.query
    row = require(stores.tx, asked.path["object_id"])
    referring = _referring(stores.tx, row["id"], page)
    shown = [flow_id for flow_id in referring if page.page is None or flow_id > page.page][: page.size + 1]
    next_key = shown[page.size - 1] if len(shown) > page.size else None
    content = MediaObject(
        id=row["id"],
        referenced_by_flows=shown[: page.size],
        first_referenced_by_flow=row["first_referenced_by_flow"],
        timerange=row["timerange"],
        get_urls=get_urls(stores.media, row["storage_key"], unpacked(row["get_urls"]) or [], page),
        key_frame_count=row["key_frame_count"],
    )
    return Answer(content, headers=page_headers(asked.url, page.size, next_key))


def _referring(tx: Transaction, object_id: str, page: ObjectPage) -> list[str]:
    """The flows that refer to an object, by id; those with the tags asked for."""
    ids = {row["flow_id"] for row in tx.select("segments", equals("object_id", object_id), ["flow_id"])}
    if page.tag_values or page.tag_presence:
        ids = {row["id"] for row in tx.select_in("flows", "id", ids, ["id", "tags"]) if has_tags(page, row)}
    return sorted(ids)


def instance_added(stores: Stores, asked: Asked) -> Answer:
    """Another URL of the object, outside this service. There is one storage backend, so no copy can be made."""
    row = require(stores.tx, asked.path["object_id"])
    if isinstance(asked.body, ControlledInstance):
        raise Refusal(400, _no_copy(stores, row, asked.body.storage_id))
    urls: list[dict[str, Any]] = unpacked(row["get_urls"]) or []
    new = asked.body.model_dump(exclude_none=True)
    if new.get("label") == LABEL:
        raise Refusal(400, f"label: {LABEL} is that of a storage backend")
    if new.get("label") is not None and any(url.get("label") == new["label"] for url in urls):
        raise Refusal(400, f"label: the object has an instance {new['label']} already")
    if len(urls) >= _MOST_INSTANCES:
        raise Refusal(400, f"the object has {_MOST_INSTANCES} instances elsewhere already; delete one")
    stores.tx.update("objects", [{ROW_ID: row[ROW_ID], "get_urls": packed([*urls, new])}])
    return Answer(status=201)


def _no_copy(stores: Stores, row: Row, storage_id: str) -> str:
    if storage_id != backend(stores.media.place).id:
        return f"storage_id: there is no storage backend {storage_id}"
    if row["storage_key"] is not None:
        return "storage_id: the object has an instance there already"
    return "storage_id: this service fetches nothing from elsewhere; upload the object, and register it as a new one"


def instance_deleted(stores: Stores, asked: Asked) -> Answer:
    """An instance of the object outside this service is forgotten; never the last instance, nor this service's own."""
    choice: InstanceChoice = asked.query
    if (choice.storage_id is None) == (choice.label is None):
        raise Refusal(400, "give storage_id or label, and not both")
    row = require(stores.tx, asked.path["object_id"])
    urls: list[dict[str, Any]] = unpacked(row["get_urls"]) or []
    if choice.label == LABEL or choice.storage_id is not None:
        raise Refusal(400, "this service's own instance goes with the last segment that refers to the object")
    left = [url for url in urls if url.get("label") != choice.label]
    if len(left) == len(urls):
        raise Refusal(404, f"the object has no instance {choice.label}")
    if not left and row["storage_key"] is None:
        raise Refusal(400, f"{choice.label} is the object's last instance; delete the segments that refer to it instead")
    stores.tx.update("objects", [{ROW_ID: row[ROW_ID], "get_urls": packed(left) if left else None}])
    return Answer(status=204)
