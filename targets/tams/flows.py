"""Flows: pages, one by one, made and replaced; their deletion has a module of its own (`deletions`)."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from targets.tams import membership, sources
from targets.tams.database import Predicate, Transaction, all_of, equals
from targets.tams.endpoint import Answer, Asked, Refusal, Stores
from targets.tams.essence import LARGEST_BYTES, FlowCore
from targets.tams.events import Event
from targets.tams.moments import moment_text
from targets.tams.paging import Listing, cut, page_headers
from targets.tams.schema import FlowDetail, FlowPage
from targets.tams.tables import ROW_ID, Row, packed, unpacked
from targets.tams.tags import has_tags, tag_conditions
from targets.tams.timeranges import ETERNITY, NEVER, TimeRange

SHOWN = ["id", "document", "metadata_version", "created", "metadata_updated", "segments_updated"]
"""The columns that a flow is shown by."""


def source_locked(asked: Asked) -> Iterable[str]:
    """A flow that is being made may make its source, which must arise once."""
    return (asked.body.source_id,)


def require(tx: Transaction, flow_id: str, columns: list[str] | None = None) -> Row:
    """The flow's row with its `$row_id`; 404 when there is none."""
    row = tx.one("flows", equals("id", flow_id), columns)
    if row is None:
        raise Refusal(404, f"there is no flow {flow_id}")
    return row


def require_writable(tx: Transaction, flow_id: str, columns: list[str] | None = None) -> Row:
    """The same; 403 when the flow is read-only."""
    row = require(tx, flow_id, None if columns is None else sorted({"read_only", *columns}))
    if row["read_only"]:
        raise Refusal(403, f"flow {flow_id} is read-only; set its read_only to false first")
    return row


def _columns(document: dict[str, Any], at: datetime) -> Row:
    """The columns that follow from what the client says of a flow."""
    essence = document.get("essence_parameters") or {}
    is_picture = document["format"] in {"urn:x-nmos:format:video", "urn:x-tam:format:image"}
    return {
        **{name: document.get(name) for name in ("id", "source_id", "format", "codec", "container", "label")},
        "frame_width": essence.get("frame_width") if is_picture else None,
        "frame_height": essence.get("frame_height") if is_picture else None,
        "read_only": bool(document.get("read_only")),
        "tags": packed(document.get("tags")),
        "flow_collection": packed(document.get("flow_collection")),
        "document": packed(document),
        "metadata_version": str(uuid.uuid4()),
        "metadata_updated": at,
    }


def rewrite(stores: Stores, row: Row, document: dict[str, Any], at: datetime) -> None:
    """Put another document in the place of a flow, of which `SHOWN` was read.

    Raises:
        Refusal: 400 when it is too large for one cell.
    """
    columns = _columns(document, at)
    if len(columns["document"].encode()) > LARGEST_BYTES:
        raise Refusal(400, f"the flow would be larger than {LARGEST_BYTES} bytes of JSON")
    stores.tx.update("flows", [{ROW_ID: row[ROW_ID], **columns}])
    after = {**row, **columns}
    stores.events.append(Event("flows/updated", at, document["source_id"], row["id"], lambda: {"flow": shown(after)}))


def check_collection(tx: Transaction, flow_id: str, collection: list[dict[str, Any]] | None) -> None:
    """Refuse a collection of what is not there, or of the flow itself, with 400."""
    wanted = {item["id"] for item in collection or []}
    if flow_id in wanted:
        raise Refusal(400, "flow_collection: a flow cannot collect itself")
    missing = wanted - {row["id"] for row in tx.select_in("flows", "id", wanted, ["id"])}
    if missing:
        raise Refusal(400, f"flow_collection: there is no flow {min(missing)}")


def put(stores: Stores, asked: Asked) -> Answer:
    """The flow made, or replaced by what is said now; its segments stay."""
    wish: FlowCore = asked.body
    tx, flow_id, document = stores.tx, asked.path["flow_id"], wish.document()
    if wish.id != flow_id:
        raise Refusal(400, f"id: is {wish.id}, but the path says {flow_id}")
    check_collection(tx, flow_id, document.get("flow_collection"))
    row = tx.one("flows", equals("id", flow_id), [*SHOWN, "read_only", "source_id", "format"])
    if row is None:
        sources.joined(stores, wish.source_id, document["format"], asked.at)
        made = {**_columns(document, asked.at), "created": asked.at}
        tx.insert("flows", [made])
        stores.events.append(Event("flows/created", asked.at, wish.source_id, flow_id, lambda: {"flow": shown(made)}))
        return Answer(shown(made), 201)
    _check_change(row, document)
    rewrite(stores, row, document, asked.at)
    return Answer(status=204)


def _check_change(row: Row, document: dict[str, Any]) -> None:
    if row["read_only"]:
        raise Refusal(403, f"flow {row['id']} is read-only; set its read_only to false first")
    for name in ("source_id", "format"):
        if row[name] != document[name]:
            raise Refusal(400, f"{name}: flow {row['id']} is of {row[name]}, and stays so")


def shown(row: Row, collectors: list[str] | None = None, timerange: TimeRange | None = None) -> dict[str, Any]:
    """A flow as the API says it: the client's document, and what the service says of it."""
    moments = {name: row.get(name) for name in ("created", "metadata_updated", "segments_updated")}
    return {
        **unpacked(row["document"]),
        "metadata_version": row["metadata_version"],
        **{name: moment_text(moment) for name, moment in moments.items() if moment is not None},
        **({"collected_by": collectors} if collectors else {}),
        **({"timerange": str(timerange)} if timerange is not None else {}),
    }


def within(timerange: TimeRange) -> list[Predicate]:
    """The condition that a segment overlaps a timerange that is not empty."""
    start, end = timerange.clamped()
    conditions: list[Predicate] = []
    if timerange.end is not None:
        conditions.append(lambda segments: segments["start_ns"] < end)
    if timerange.start is not None:
        conditions.append(lambda segments: segments["end_ns"] > start)
    return conditions


def extent(tx: Transaction, flow_id: str, timerange: TimeRange) -> TimeRange:
    """From the first to the last of a flow's segments that overlap a timerange."""
    if timerange.is_empty:
        return NEVER
    conditions = [equals("flow_id", flow_id), *within(timerange)]
    rows = tx.select("segments", all_of(conditions), ["start_ns", "end_ns"])
    if not rows:
        return NEVER
    return TimeRange(min(row["start_ns"] for row in rows), max(row["end_ns"] for row in rows))


def read(stores: Stores, asked: Asked) -> Answer:
    """One flow, with its timerange where that is asked for."""
    detail: FlowDetail = asked.query
    flow_id = asked.path["flow_id"]
    row = require(stores.tx, flow_id, SHOWN)
    reach = extent(stores.tx, flow_id, detail.timerange) if detail.include_timerange else None
    return Answer(shown(row, membership.collectors_of(stores.tx, flow_id), reach))


def _conditions(page: FlowPage) -> list[Predicate]:
    names = ("source_id", "format", "codec", "label", "frame_width", "frame_height")
    wanted = {name: getattr(page, name) for name in names}
    return [equals(name, value) for name, value in wanted.items() if value is not None] + tag_conditions(page)


def _in_time(tx: Transaction, timerange: TimeRange) -> Callable[[Row], bool] | None:
    """The filter `timerange`: some segment of the flow overlaps it, or the flow has none where it is empty."""
    if timerange == ETERNITY:
        return None
    wanted = ETERNITY if timerange.is_empty else timerange
    filled = {row["flow_id"] for row in tx.select("segments", all_of(within(wanted)), ["flow_id"])}
    return lambda row: (row["id"] in filled) is not timerange.is_empty


def listed(stores: Stores, asked: Asked) -> Answer:
    """A page of flows in the order of their ids."""
    page: FlowPage = asked.query
    members = membership.of_flows(stores.tx)
    filters = [membership.collected_by_any(members, page.collected_by_ids), _in_time(stores.tx, page.timerange)]

    def kept(row: Row) -> bool:
        return has_tags(page, row) and all(wanted(row) for wanted in filters if wanted is not None)

    found = cut(
        stores.tx,
        Listing("flows", "id", _conditions(page), kept, ("id", "tags"), [*SHOWN, "tags"]),
        page.size,
        page.page,
    )
    flows = [shown(row, members.collected_by.get(row["id"])) for row in found.rows]
    return Answer(flows, headers=page_headers(asked.url, page.size, found.next_key))
