"""Webhooks: whom a client wants told of which events. They are kept and listed; no events are sent (see `service`)."""

import uuid
from typing import Any

from targets.tams.answers import Webhook
from targets.tams.database import Transaction, equals
from targets.tams.endpoint import Answer, Asked, Refusal, Stores
from targets.tams.paging import Listing, cut, page_headers
from targets.tams.schema import NewWebhook, TaggedPage
from targets.tams.tables import Row, packed, unpacked
from targets.tams.tags import has_tags, tag_conditions


def _shown(row: Row) -> Webhook:
    """A webhook as the API says it, without the key's value."""
    return Webhook(
        id=row["id"],
        url=row["url"],
        events=unpacked(row["events"]),
        status=row["status"],
        api_key_name=row["api_key_name"],
        tags=unpacked(row["tags"]),
        **unpacked(row["document"]),
    )


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
    """A webhook; it stays at `created`, which says that no events are being sent."""
    wish: NewWebhook = asked.body
    limits: dict[str, Any] = {name: getattr(wish, name) for name in ("flow_ids", "source_ids")}
    row = {
        **wish.model_dump(include={"url", "api_key_name", "api_key_value"}),
        "id": str(uuid.uuid4()),
        "events": packed(wish.events),
        "document": packed({name: ids for name, ids in limits.items() if ids is not None}),
        "tags": packed(wish.tags),
        "status": "created",
        "created": asked.at,
    }
    stores.tx.insert("webhooks", [row])
    return Answer(_shown(row), 201)


def deleted(stores: Stores, asked: Asked) -> Answer:
    """The webhook is gone."""
    stores.tx.delete("webhooks", [_require(stores.tx, asked.path["webhook_id"])])
    return Answer(status=204)
