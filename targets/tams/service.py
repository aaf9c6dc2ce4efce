"""The service itself: what there is to ask, what it is called, where it keeps media."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from targets.tams.answers import API_VERSION, Service
from targets.tams.database import Transaction
from targets.tams.endpoint import Answer, Asked, Stores
from targets.tams.media import URL_SECONDS
from targets.tams.schema import ServiceChange
from targets.tams.tables import ROW_ID, Row
from targets.tams.timeranges import SECOND, timestamp_text
from targets.tams.urls import backend

OBJECT_SECONDS = URL_SECONDS
"""How long an object may wait for its first segment: no shorter than its upload URL is good for, no longer either."""


def root(_stores: Stores, _asked: Asked) -> Answer:
    """The paths to start from."""
    return Answer(["service", "flows", "sources", "flow-delete-requests"])


def _named(tx: Transaction) -> Row:
    found = tx.select("service", row_ids=True)
    return found[0] if found else {}


def read(stores: Stores, _asked: Asked) -> Answer:
    """What the service is, and how long clients may take."""
    named = _named(stores.tx)
    return Answer(
        Service(
            name=named.get("name"),
            description=named.get("description"),
            type="urn:x-tams:service.steadyline",
            api_version=API_VERSION,
            service_version=_own_version(),
            min_object_timeout=timestamp_text(OBJECT_SECONDS * SECOND),
            min_presigned_url_timeout=timestamp_text(URL_SECONDS * SECOND),
            event_stream_mechanisms=[{"name": "webhooks"}],
        )
    )


def changed(stores: Stores, asked: Asked) -> Answer:
    """The service by another name or description; what is not said stays."""
    wish: ServiceChange = asked.body
    changes: dict[str, Any] = wish.model_dump(exclude_unset=True)
    named = _named(stores.tx)
    if named and changes:
        stores.tx.update("service", [{ROW_ID: named[ROW_ID], **changes}])
    elif changes:
        stores.tx.insert("service", [changes])
    return Answer({})


def storage_backends(stores: Stores, _asked: Asked) -> Answer:
    """The one place where media is kept."""
    return Answer([backend(stores.media.place)])


def _own_version() -> str:
    try:
        return f"steadyline-{version('steadyline')}"
    except PackageNotFoundError:
        return "steadyline"
