"""Sources: what flows are renderings of; one arises with its first flow and goes with its last."""

from datetime import datetime
from typing import Any

from targets.tams import answers, membership
from targets.tams.answers import Source
from targets.tams.database import Predicate, Transaction, equals
from targets.tams.endpoint import Answer, Asked, Refusal, Stores
from targets.tams.events import Event
from targets.tams.membership import Membership
from targets.tams.moments import moment_text
from targets.tams.paging import Listing, cut, page_headers
from targets.tams.schema import SourcePage
from targets.tams.tables import ROW_ID, Row, unpacked
from targets.tams.tags import has_tags, tag_conditions


def require(tx: Transaction, source_id: str) -> Row:
    """The source's row with its `$row_id`; 404 when there is none."""
    row = tx.one("sources", equals("id", source_id))
    if row is None:
        raise Refusal(404, f"there is no source {source_id}")
    return row


def shown(row: Row, members: Membership) -> Source:
    """A source as the API says it."""
    return Source(
        id=row["id"],
        format=row["format"],
        label=row.get("label"),
        description=row.get("description"),
        tags=unpacked(row.get("tags")),
        created=moment_text(row["created"]),
        updated=moment_text(row["updated"]),
        source_collection=members.collected.get(row["id"]),
        collected_by=members.collected_by.get(row["id"]),
    )


def told(row: Row) -> dict[str, Any]:
    """What events say of a source."""
    return {"source": answers.shown(shown(row, Membership()))}


def _conditions(asked: SourcePage) -> list[Predicate]:
    wanted = {"label": asked.label, "format": asked.format}
    return [equals(name, value) for name, value in wanted.items() if value is not None] + tag_conditions(asked)


def listed(stores: Stores, asked: Asked) -> Answer:
    """A page of sources in the order of their ids."""
    page: SourcePage = asked.query
    members = membership.of_sources(stores.tx)
    is_collected = membership.collected_by_any(members, page.collected_by_ids)

    def kept(row: Row) -> bool:
        return has_tags(page, row) and (is_collected is None or is_collected(row))

    listing = Listing("sources", "id", _conditions(page), kept, ("id", "tags"))
    found = cut(stores.tx, listing, page.size, page.page)
    return Answer([shown(row, members) for row in found.rows], headers=page_headers(asked.url, page.size, found.next_key))


def read(stores: Stores, asked: Asked) -> Answer:
    """One source."""
    row = require(stores.tx, asked.path["source_id"])
    return Answer(shown(row, membership.of_sources(stores.tx)))


def joined(stores: Stores, source_id: str, content_format: str, at: datetime) -> None:
    """A flow of the source is being made: the source arises, or is marked so that its deletion meets a conflict.

    Raises:
        Refusal: 400 when the source is of another format.
    """
    tx = stores.tx
    row = tx.one("sources", equals("id", source_id), ["format"])
    if row is None:
        new = {"id": source_id, "format": content_format, "created": at, "updated": at, "flows_changed": at}
        tx.insert("sources", [new])
        stores.events.append(Event("sources/created", at, source_id, tell=lambda: told(new)))
        return
    if row["format"] != content_format:
        raise Refusal(400, f"format: source {source_id} is of {row['format']}, and so are its flows")
    tx.update("sources", [{ROW_ID: row[ROW_ID], "flows_changed": at}])


def left(stores: Stores, source_id: str, flow_id: str, at: datetime) -> None:
    """A flow of the source is being deleted: the source goes when it was the last, or is marked as above.

    Without the mark, two processes that delete the last two flows would each leave the source to the other.
    """
    tx = stores.tx
    flows = tx.select("flows", equals("source_id", source_id), ["id"])
    source = tx.one("sources", equals("id", source_id), ["id"])
    if source is None:
        return
    if all(row["id"] == flow_id for row in flows):
        tx.delete("sources", [source])
        stores.events.append(Event("sources/deleted", at, source_id, tell=lambda: {"source_id": source_id}))
    else:
        tx.update("sources", [{ROW_ID: source[ROW_ID], "flows_changed": at}])
