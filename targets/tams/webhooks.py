"""Webhooks: whom a client wants told of which events (sent by `notifications`)."""

import uuid
from typing import Any

from targets.tams.answers import Webhook
from targets.tams.database import Transaction, equals
from targets.tams.endpoint import Answer, Asked, Refusal, Stores
from targets.tams.events import WEBHOOKS_CHANGED, Event
from targets.tams.notifications import ERROR
from targets.tams.paging import Listing, cut, page_headers
from targets.tams.schema import ChangedWebhook, NewWebhook, TaggedPage
from targets.tams.tables import ROW_ID, Row, packed, unpacked
from targets.tams.tags import has_tags, tag_conditions

_LIMITS = ("flow_ids", "source_ids")


def _shown(row: Row) -> Webhook:
    """A webhook as the API says it, without the key's value."""
    return Webhook(
        id=row["id"],
        url=row["url"],
        events=unpacked(row["events"]),
        status=row["status"],
        error=unpacked(row.get("error")),
        api_key_name=row["api_key_name"],
        tags=unpacked(row["tags"]),
        **unpacked(row["document"]),
    )


def _columns(wish: NewWebhook) -> Row:
    limits: dict[str, Any] = {name: getattr(wish, name) for name in _LIMITS}
    return {
        "url": wish.url,
        "api_key_name": wish.api_key_name,
        "events": packed(wish.events),
        "document": packed({name: ids for name, ids in limits.items() if ids is not None}),
        "tags": packed(wish.tags),
    }


def _changed(stores: Stores, asked: Asked) -> None:
    """Have it noticed, once it is committed, that there are other webhooks."""
    stores.events.append(Event(WEBHOOKS_CHANGED, asked.at))


def listed(stores: Stores, asked: Asked) -> Answer:
    """A page of webhooks in the order of their ids."""
    page: TaggedPage = asked.query
    listing = Listing("webhooks", "id", tag_conditions(page), lambda row: has_tags(page, row), ("id", "tags"))
    found = cut(stores.tx, listing, page.size, page.page)
    return Answer([_shown(row) for row in found.rows], headers=page_headers(asked.url, page.size, found.next_key))


def _require(tx: Transaction, webhook_id: str) -> Row:
    row = tx.one("webhooks", equals("id", webhook_id))
    if row is None:
        raise Refusal(404, f"there is no webhook {webhook_id}")
    return row


def read(stores: Stores, asked: Asked) -> Answer:
    """One webhook."""
    return Answer(_shown(_require(stores.tx, asked.path["webhook_id"])))


def made(stores: Stores, asked: Asked) -> Answer:
    """A webhook that is told of events from now on."""
    wish: NewWebhook = asked.body
    own = {"id": str(uuid.uuid4()), "api_key_value": wish.api_key_value, "status": "created", "created": asked.at}
    row = {**_columns(wish), **own}
    stores.tx.insert("webhooks", [row])
    _changed(stores, asked)
    return Answer(_shown(row), 201)


def put(stores: Stores, asked: Asked) -> Answer:
    """The webhook as it is said to be now; one that was given up can be started again, but not disabled."""
    wish: ChangedWebhook = asked.body
    row = _require(stores.tx, asked.path["webhook_id"])
    if wish.id != row["id"]:
        raise Refusal(400, f"id: is {wish.id}, but the path says {row['id']}")
    if row["status"] == ERROR and wish.status != "created":
        raise Refusal(400, "status: a webhook in error can only be created again")
    key = row["api_key_value"] if wish.api_key_value is None else wish.api_key_value
    changes = {**_columns(wish), "api_key_value": key, "status": wish.status, "error": None}
    stores.tx.update("webhooks", [{ROW_ID: row[ROW_ID], **changes}])
    _changed(stores, asked)
    return Answer(_shown({**row, **changes}), 201)


def deleted(stores: Stores, asked: Asked) -> Answer:
    """The webhook is gone."""
    stores.tx.delete("webhooks", [_require(stores.tx, asked.path["webhook_id"])])
    _changed(stores, asked)
    return Answer(status=204)
