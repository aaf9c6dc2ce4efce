"""Segments of a flow: pages of them by timerange, and their registration."""

from collections.abc import Iterable
from typing import Any

from targets.tams import flows
from targets.tams.answers import FailedSegment, FailedSegments, Segment, shown
from targets.tams.database import Predicate, Transaction, all_of, equals, is_present
from targets.tams.endpoint import Answer, Asked, Refusal, Stores
from targets.tams.events import Event
from targets.tams.failures import fault
from targets.tams.paging import Cut, Listing, cut, page_headers
from targets.tams.registration import Registry, Timeline, UnfitError
from targets.tams.schema import NewSegment, SegmentPage
from targets.tams.tables import ROW_ID, Row, unpacked
from targets.tams.timeranges import LEAST, MOST, NEVER, TimeRange, parse_timerange
from targets.tams.urls import get_urls


def _after(page: SegmentPage) -> int | None:
    """The key of a page: the start of the last segment before it."""
    if page.page is None:
        return None
    try:
        start = int(page.page)
    except ValueError:
        start = MOST + 1
    if not LEAST <= start <= MOST:
        raise Refusal(400, "page: must be a key that an answer's X-Paging-NextKey had")
    return start


def listed(stores: Stores, asked: Asked) -> Answer:
    """A page of a flow's segments in the order of the timeline; a flow that is not there has none."""
    page: SegmentPage = asked.query
    conditions = [equals("flow_id", asked.path["flow_id"]), *flows.within(page.timerange)]
    if page.object_id is not None:
        conditions.append(equals("object_id", page.object_id))
    after = _after(page)
    found = Cut([], None)
    if not page.timerange.is_empty:
        found = cut(stores.tx, Listing("segments", "start_ns", conditions, is_descending=page.reverse_order), page.size, after)
    elsewhere = _uncontrolled(stores.tx, found.rows)
    segments = [_shown(stores, row, elsewhere.get(row["object_id"], []), page) for row in found.rows]
    return Answer(
        segments, headers={**page_headers(asked.url, page.size, found.next_key), **_extent_headers(found.rows, page)}
    )


def _extent_headers(rows: list[Row], page: SegmentPage) -> dict[str, str]:
    reach = TimeRange(min(row["start_ns"] for row in rows), max(row["end_ns"] for row in rows)) if rows else NEVER
    return {
        "X-Paging-Timerange": str(reach),
        "X-Paging-Count": str(len(rows)),
        "X-Paging-Reverse-Order": str(page.reverse_order).lower(),
    }


def _uncontrolled(tx: Transaction, rows: list[Row]) -> dict[str, list[dict[str, Any]]]:
    """URLs outside this service, by object. Few objects have any, so they are asked for by a range of ids, not one by one."""
    if not rows:
        return {}
    ids = {row["object_id"] for row in rows}
    least, most = min(ids), max(ids)
    conditions: list[Predicate] = [
        is_present("get_urls"),
        lambda objects: (objects["id"] >= least) & (objects["id"] <= most),
    ]
    found = tx.select("objects", all_of(conditions), ["id", "get_urls"])
    return {row["id"]: unpacked(row["get_urls"]) for row in found if row["id"] in ids}


def _shown(stores: Stores, row: Row, elsewhere: list[dict[str, Any]], page: SegmentPage) -> Segment:
    urls = get_urls(stores.media, row["storage_key"], elsewhere, page)
    return _described(row, has_object_timerange=page.include_object_timerange).model_copy(update={"get_urls": urls})


def _described(row: Row, *, has_object_timerange: bool) -> Segment:
    """A segment without its URLs, as events have it."""
    place = TimeRange(row["start_ns"], row["end_ns"])
    whole = row["object_timerange"] if has_object_timerange else None
    return Segment(
        object_id=row["object_id"],
        timerange=str(place),
        ts_offset=row["ts_offset"],
        last_duration=row["last_duration"],
        object_timerange=whole if whole is not None and parse_timerange(whole) != place else None,
        sample_offset=row["sample_offset"],
        sample_count=row["sample_count"],
        key_frame_count=row["key_frame_count"],
    )


def _wishes(asked: Asked) -> list[NewSegment]:
    return asked.body if isinstance(asked.body, list) else [asked.body]


def objects_locked(asked: Asked) -> Iterable[str]:
    """The objects: one that lies elsewhere must arise once."""
    return (wish.object_id for wish in _wishes(asked))


def registered(stores: Stores, asked: Asked) -> Answer:
    """One segment registered, or as many of several as can be: the answer has those that could not.

    The flow's row changes too, so that of two registrations in two processes the second meets a conflict.
    """
    tx, flow_id, wishes = stores.tx, asked.path["flow_id"], _wishes(asked)
    flow = flows.require_writable(tx, flow_id, ["container", "source_id"])
    if flow["container"] is None:
        raise Refusal(400, f"flow {flow_id} has no container, so that no media belongs to it; put one first")
    registry = Registry(flow_id, asked.at, _taken(tx, flow_id, wishes), _objects(tx, wishes))
    failed = [told for wish in wishes if (told := _failure(registry, wish, asked))]
    if failed and not isinstance(asked.body, list):
        raise Refusal(400, failed[0].error.summary)
    if registry.segments:
        _write(tx, registry, flow)
        event = Event("flows/segments_added", asked.at, flow["source_id"], flow_id, lambda: _told(registry))
        stores.events.append(event)
    return Answer(FailedSegments(failed_segments=failed)) if failed else Answer(status=201)


def _told(registry: Registry) -> dict[str, Any]:
    """What an event says of new segments; their URLs are asked for when they are needed."""
    described = [_described(row, has_object_timerange=True) for row in registry.segments]
    return {"flow_id": registry.flow_id, "segments": shown(described)}


def _taken(tx: Transaction, flow_id: str, wishes: list[NewSegment]) -> Timeline:
    """What is taken of the timeline, from the first to the last moment that is wished for."""
    start = min(wish.timerange.clamped()[0] for wish in wishes)
    end = max(wish.timerange.clamped()[1] for wish in wishes)
    conditions = [equals("flow_id", flow_id), *flows.within(TimeRange(start, end))]
    rows = sorted(
        (row["start_ns"], row["end_ns"]) for row in tx.select("segments", all_of(conditions), ["start_ns", "end_ns"])
    )
    return Timeline([start for start, _ in rows], [end for _, end in rows])


def _objects(tx: Transaction, wishes: list[NewSegment]) -> dict[str, Row]:
    rows = tx.select_in("objects", "id", (wish.object_id for wish in wishes), row_ids=True)
    return {row["id"]: row for row in rows}


def _failure(registry: Registry, wish: NewSegment, asked: Asked) -> FailedSegment | None:
    try:
        registry.accept(wish)
    except UnfitError as unfit:
        error = fault(400, str(unfit), asked.at)
        return FailedSegment(object_id=wish.object_id, timerange=str(wish.timerange), error=error)
    return None


def _write(tx: Transaction, registry: Registry, flow: Row) -> None:
    tx.insert("segments", registry.segments)
    tx.insert("objects", registry.new_objects())
    tx.update("objects", registry.changed_objects())
    tx.update("flows", [{ROW_ID: flow[ROW_ID], "segments_updated": registry.at}])
