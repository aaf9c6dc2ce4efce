"""Room for media objects: where a client may put what it will register as segments of a flow."""

import uuid
from collections.abc import Iterable
from typing import Any

from targets.tams import flows
from targets.tams.answers import HttpRequest, Storage, StorageLocation
from targets.tams.database import Transaction
from targets.tams.endpoint import Answer, Asked, Refusal, Stores
from targets.tams.media import storage_key
from targets.tams.schema import MOST_AT_ONCE, StorageRequest
from targets.tams.tables import Row
from targets.tams.urls import backend

DEFAULT_OBJECTS = 1


def objects_locked(asked: Asked) -> Iterable[str]:
    """The ids that the client chose: each may be given out once."""
    return asked.body.object_ids or ()


def allocated(stores: Stores, asked: Asked) -> Answer:
    """URLs to put new objects of a flow at."""
    wish: StorageRequest = asked.body
    flow_id = asked.path["flow_id"]
    flow = flows.require_writable(stores.tx, flow_id, ["container"])
    if flow["container"] is None:
        raise Refusal(400, f"flow {flow_id} has no container, so that no media belongs to it; put one first")
    if wish.storage_id is not None and wish.storage_id != backend(stores.media.place).id:
        raise Refusal(400, f"storage_id: there is no storage backend {wish.storage_id}")
    rows = [_row(flow_id, object_id, asked) for object_id in _ids(stores.tx, wish)]
    stores.tx.insert("objects", rows)
    content_type = wish.content_type or flow["container"]
    return Answer(Storage(media_objects=[_location(stores, row, content_type) for row in rows]), 201)


def _ids(tx: Transaction, wish: StorageRequest) -> list[str]:
    if wish.object_ids is None:
        return [str(uuid.uuid4()) for _ in range(min(wish.limit or DEFAULT_OBJECTS, MOST_AT_ONCE))]
    taken = tx.select_in("objects", "id", wish.object_ids, ["id"])
    if taken:
        raise Refusal(400, f"object_ids: there is an object {taken[0]['id']} already")
    return wish.object_ids


def _row(flow_id: str, object_id: str, asked: Asked) -> dict[str, Any]:
    key = storage_key(flow_id, object_id, asked.at)
    return {"id": object_id, "flow_id": flow_id, "storage_key": key, "segment_count": 0, "created": asked.at}


def _location(stores: Stores, row: Row, content_type: str) -> StorageLocation:
    request = HttpRequest(url=stores.media.put_url(row["storage_key"], content_type), content_type=content_type)
    return StorageLocation(object_id=row["id"], put_url=request)
