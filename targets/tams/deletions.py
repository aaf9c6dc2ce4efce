"""Deletion of flows and segments, and of the media that nothing refers to any more: in one transaction where it is short.

Rows go first and S3's objects last, just before the commit: a row that is gone in the transaction is locked, so no other
request can take up the object meanwhile; and when S3 fails, the rows are as they were.
"""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from targets.tams import flows, sources
from targets.tams.answers import DeletionRequest
from targets.tams.database import Predicate, Transaction, all_of, equals
from targets.tams.endpoint import Answer, Asked, Refusal, Stores
from targets.tams.events import Event
from targets.tams.moments import moment_text
from targets.tams.schema import MOST_AT_ONCE, SegmentDeletion
from targets.tams.tables import ROW_ID, Row
from targets.tams.timeranges import ETERNITY, NEVER, TimeRange, parse_timerange

KEPT_AFTERWARDS = timedelta(hours=1)
"""How long a finished request can be asked about."""
CREATED, STARTED, DONE = "created", "started", "done"
_FEW = 100
"""So many objects are asked for by their ids; of more, all of the flow's are read."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which segments of a flow go: those that a timerange covers wholly, of one object where that is named."""

    flow_id: str
    timerange: TimeRange = ETERNITY
    object_id: str | None = None

    def conditions(self) -> list[Predicate]:
        """What VAST looks for."""
        start, end = self.timerange.clamped()
        found = [equals("flow_id", self.flow_id)]
        if self.timerange.start is not None:
            found.append(lambda segments: segments["start_ns"] >= start)
        if self.timerange.end is not None:
            found.append(lambda segments: segments["end_ns"] <= end)
        if self.object_id is not None:
            found.append(equals("object_id", self.object_id))
        return found


def some_segments(tx: Transaction, scope: Scope, most: int) -> list[Row]:
    """At most so many of the segments in scope, no matter which."""
    if scope.timerange.is_empty:
        return []
    return tx.select("segments", all_of(scope.conditions()), ["object_id", "start_ns", "end_ns"], row_ids=True, limit=most)


@dataclass(slots=True)
class Objects:
    """What becomes of the objects of deleted segments: those without any other are gone, the others have fewer."""

    gone: list[Row] = field(default_factory=list)
    fewer: list[Row] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """Where those that are gone lie in S3."""
        return [row["storage_key"] for row in self.gone if row["storage_key"] is not None]


def settled(rows: Iterable[Row], lost: Counter[str], *, unused_too: bool) -> Objects:
    """Decide what becomes of objects that lose so many segments each; `unused_too` takes those that never had one."""
    found = Objects()
    for row in rows:
        left = (row["segment_count"] or 0) - lost[row["id"]]
        if left <= 0 and (lost[row["id"]] or (unused_too and row["first_referenced_by_flow"] is None)):
            found.gone.append(row)
        elif lost[row["id"]]:
            found.fewer.append({ROW_ID: row[ROW_ID], "segment_count": left})
    return found


def remove_segments(tx: Transaction, flow_id: str, segments: list[Row], *, unused_too: bool = False) -> list[str]:
    """Delete segments of a flow and the objects that only they referred to; answers the keys for S3 to delete last."""
    lost = Counter(row["object_id"] for row in segments)
    objects = settled(_objects(tx, flow_id, lost, unused_too=unused_too), lost, unused_too=unused_too)
    tx.delete("segments", segments)
    tx.update("objects", objects.fewer)
    tx.delete("objects", objects.gone)
    return objects.keys


def _objects(tx: Transaction, flow_id: str, lost: Counter[str], *, unused_too: bool) -> list[Row]:
    columns = ["id", "storage_key", "segment_count", "first_referenced_by_flow"]
    if not unused_too and len(lost) <= _FEW:
        return tx.select_in("objects", "id", lost, columns, row_ids=True)
    own = tx.select("objects", equals("flow_id", flow_id), columns, row_ids=True)
    elsewhere = lost.keys() - {row["id"] for row in own}
    return own + tx.select_in("objects", "id", elsewhere, columns, row_ids=True)


def others_locked(_asked: Asked | None = None) -> Iterable[str]:
    """Deletions of flows wait for each other: two of the last two flows of a source must not both leave it to the other."""
    return ("deletions of flows",)


def remove_flow(stores: Stores, flow: Row, segments: list[Row], at: datetime) -> list[str]:
    """Delete a flow, its last segments, its unused objects, and its source when it was the last; answers keys as above."""
    flow_id = flow["id"]
    keys = remove_segments(stores.tx, flow_id, segments, unused_too=True)
    stores.tx.delete("flows", [flow])
    stores.events.append(Event("flows/deleted", at, flow["source_id"], flow_id, lambda: {"flow_id": flow_id}))
    sources.left(stores, flow["source_id"], flow_id, at)
    return keys


def flow_deleted(stores: Stores, asked: Asked) -> Answer:
    """The flow and all that is only its own is gone, or will be."""
    flow_id = asked.path["flow_id"]
    flow = flows.require_writable(stores.tx, flow_id, ["id", "source_id"])
    segments = some_segments(stores.tx, Scope(flow_id), MOST_AT_ONCE + 1)
    if len(segments) > MOST_AT_ONCE:
        return _requested(stores.tx, Scope(flow_id), asked, delete_flow=True)
    stores.media.delete(remove_flow(stores, flow, segments, asked.at))
    return Answer(status=204)


def segments_deleted(stores: Stores, asked: Asked) -> Answer:
    """Those segments of a flow, and the media that only they referred to, are gone, or will be."""
    wish: SegmentDeletion = asked.query
    scope = Scope(asked.path["flow_id"], wish.timerange, wish.object_id)
    flow = flows.require_writable(stores.tx, scope.flow_id, ["id", "source_id"])
    segments = some_segments(stores.tx, scope, MOST_AT_ONCE + 1)
    if len(segments) > MOST_AT_ONCE:
        return _requested(stores.tx, scope, asked, delete_flow=False)
    if segments:
        keys = remove_segments(stores.tx, scope.flow_id, segments)
        _changed(stores, flow, segments, asked.at)
        stores.media.delete(keys)
    return Answer(status=204)


def _changed(stores: Stores, flow: Row, segments: list[Row], at: datetime) -> None:
    """Date a flow that lost segments, and say from when to when they were."""
    stores.tx.update("flows", [{ROW_ID: flow[ROW_ID], "segments_updated": at}])
    reach = TimeRange(min(row["start_ns"] for row in segments), max(row["end_ns"] for row in segments))
    told = {"flow_id": flow["id"], "timerange": str(reach)}
    stores.events.append(Event("flows/segments_deleted", at, flow["source_id"], flow["id"], lambda: told))


def _requested(tx: Transaction, scope: Scope, asked: Asked, *, delete_flow: bool) -> Answer:
    """A deletion that takes longer than a request: written down, for the janitor to do."""
    told = {
        "id": str(uuid.uuid4()),
        "flow_id": scope.flow_id,
        "timerange_to_delete": str(scope.timerange),
        "timerange_remaining": str(scope.timerange),
        "object_id": scope.object_id,
        "delete_flow": delete_flow,
        "status": CREATED,
        "created": asked.at,
        "updated": asked.at,
    }
    pending = tx.select("deletion_requests", all_of([equals("flow_id", scope.flow_id), equals("delete_flow", delete_flow)]))
    same = [row for row in pending if row["status"] != DONE and _scope(row) == scope]
    if not same:
        tx.insert("deletion_requests", [told])
    row = same[0] if same else told
    return Answer(_shown(row), 202, {"Location": f"/flow-delete-requests/{row['id']}"})


def _scope(row: Row) -> Scope:
    return Scope(row["flow_id"], parse_timerange(row["timerange_to_delete"]), row["object_id"])


def unfinished(tx: Transaction) -> list[Row]:
    """The requests that there is work left for."""
    return tx.select("deletion_requests", lambda requests: requests["status"] != DONE, row_ids=True)


def advance(stores: Stores, request: Row, at: datetime) -> bool:
    """Do a part of a request: at most a thousand segments, in the one transaction given. Answers whether it is done now."""
    tx, scope = stores.tx, _scope(request)
    flow = tx.one("flows", equals("id", scope.flow_id), ["id", "source_id", "created"])
    if flow and flow["created"] > request["created"]:  # deleted meanwhile, and another made by its id: that one is not meant
        tx.update("deletion_requests", [{ROW_ID: request[ROW_ID], **_progress(at, request, is_last=True)}])
        return True
    segments = some_segments(tx, scope, MOST_AT_ONCE + 1)
    is_last = len(segments) <= MOST_AT_ONCE
    if is_last and request["delete_flow"] and flow is not None:
        keys = remove_flow(stores, flow, segments, at)
    else:
        keys = remove_segments(tx, scope.flow_id, segments[:MOST_AT_ONCE])
        if flow and segments:
            _changed(stores, flow, segments[:MOST_AT_ONCE], at)
    tx.update("deletion_requests", [{ROW_ID: request[ROW_ID], **_progress(at, request, is_last=is_last)}])
    stores.media.delete(keys)
    return is_last


def _progress(at: datetime, request: Row, *, is_last: bool) -> Row:
    """How far a request has come."""
    if is_last:
        return {"status": DONE, "updated": at, "expiry": at + KEPT_AFTERWARDS, "timerange_remaining": str(NEVER)}
    return {"status": STARTED, "updated": at, "expiry": None, "timerange_remaining": request["timerange_remaining"]}


def _shown(row: Row) -> DeletionRequest:
    expiry = row.get("expiry")
    return DeletionRequest(
        id=row["id"],
        flow_id=row["flow_id"],
        timerange_to_delete=row["timerange_to_delete"],
        timerange_remaining=row["timerange_remaining"],
        delete_flow=row["delete_flow"],
        status=row["status"],
        created=moment_text(row["created"]),
        updated=moment_text(row["updated"]),
        expiry=None if expiry is None else moment_text(expiry),
    )


def listed(stores: Stores, _asked: Asked) -> Answer:
    """All requests; finished ones are not kept for long, so there are few."""
    return Answer([_shown(row) for row in stores.tx.select("deletion_requests")])


def read(stores: Stores, asked: Asked) -> Answer:
    """One request."""
    row = stores.tx.one("deletion_requests", equals("id", asked.path["request_id"]))
    if row is None:
        raise Refusal(404, f"there is no deletion request {asked.path['request_id']}; finished ones are kept for an hour")
    return Answer(_shown(row))
