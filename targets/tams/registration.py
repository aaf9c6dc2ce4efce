"""Whether a segment may take its place on a flow's timeline: decided from facts alone, without the database."""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from targets.tams.schema import NewSegment
from targets.tams.tables import ROW_ID, Row, packed
from targets.tams.timeranges import TimeRange, parse_timerange, timestamp_text
from targets.tams.urls import LABEL


class UnfitError(Exception):
    """A segment that cannot be registered: one sentence why."""


@dataclass(slots=True)
class Timeline:
    """The timeranges that are taken; they do not overlap, so that in the order of their starts their ends are in order too."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)

    def take(self, start: int, end: int) -> None:
        """Take a timerange, half-open in nanoseconds.

        Raises:
            UnfitError: a part of it is taken.
        """
        place = bisect_right(self.starts, start)
        if (place and self.ends[place - 1] > start) or (place < len(self.starts) and self.starts[place] < end):
            taken = place - 1 if place and self.ends[place - 1] > start else place
            raise UnfitError(
                f"timerange: overlaps the segment at {TimeRange(self.starts[taken], self.ends[taken])} of the flow"
            )
        self.starts.insert(place, start)
        self.ends.insert(place, end)


@dataclass(slots=True)
class Registry:
    """What is known of a flow and of the objects that segments name; it learns of each segment that it accepts.

    Attributes:
        flow_id: whose segments they are.
        at: when they come.
        timeline: what is taken of it.
        objects: the objects that are there, by id.
        segments: rows to insert.
        made: ids of objects that are not in the database yet.
        touched: ids of objects whose rows change.
    """

    flow_id: str
    at: datetime
    timeline: Timeline
    objects: dict[str, Row]
    segments: list[Row] = field(default_factory=list)
    made: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)

    def accept(self, wish: NewSegment) -> None:
        """Register a segment.

        Raises:
            UnfitError: it cannot be; nothing has changed.
        """
        known = self.objects.get(wish.object_id)
        thing = _elsewhere(self, wish) if known is None else _checked(self.flow_id, known, wish)
        assert wish.timerange.start is not None
        assert wish.timerange.end is not None
        self.timeline.take(wish.timerange.start, wish.timerange.end)
        (self.made if known is None or wish.object_id in self.made else self.touched).add(wish.object_id)
        self.objects[wish.object_id] = {**thing, "segment_count": (thing["segment_count"] or 0) + 1}
        self.segments.append(_segment(self, wish, thing))

    def new_objects(self) -> list[Row]:
        """Rows to insert."""
        return [self.objects[object_id] for object_id in sorted(self.made)]

    def changed_objects(self) -> list[Row]:
        """Rows to update; that they are changed is also what keeps a deletion from taking them away at the same time."""
        changing = ("first_referenced_by_flow", "segment_count", "timerange", "key_frame_count", "get_urls")
        rows = (self.objects[object_id] for object_id in sorted(self.touched))
        return [{ROW_ID: row[ROW_ID], **{name: row[name] for name in changing}} for row in rows]


def _elsewhere(registry: Registry, wish: NewSegment) -> Row:
    """An object that this service does not keep; its URLs must come with it."""
    if not wish.get_urls:
        raise UnfitError(f"object_id: there is no object {wish.object_id}; ask for storage first, or give its get_urls")
    row = {"id": wish.object_id, "flow_id": registry.flow_id, "storage_key": None, "segment_count": 0, "created": registry.at}
    return _first_registered(row, registry.flow_id, wish)


def _checked(flow_id: str, row: Row, wish: NewSegment) -> Row:
    if row["first_referenced_by_flow"] is None:
        if row["flow_id"] != flow_id:
            raise UnfitError(f"object_id: object {wish.object_id} was made for another flow and is not registered there yet")
        return _first_registered(row, flow_id, wish)
    _check_reuse(row, wish)
    return row


def _first_registered(row: Row, flow_id: str, wish: NewSegment) -> Row:
    """The object as its first segment describes it."""
    place = wish.object_timerange or wish.object_place
    if not place.contains(wish.object_place):
        raise UnfitError("object_timerange: does not contain the segment's timerange less its ts_offset")
    return {
        **row,
        "first_referenced_by_flow": flow_id,
        "timerange": str(place),
        "key_frame_count": wish.key_frame_count,
        "get_urls": packed(_urls(wish)) if wish.get_urls else None,
    }


def _urls(wish: NewSegment) -> list[dict[str, Any]]:
    urls = [url.model_dump(exclude_none=True) for url in wish.get_urls or []]
    if any(url.get("label") == LABEL for url in urls):
        raise UnfitError(f"get_urls: the label {LABEL} is that of a storage backend")
    return urls


def _check_reuse(row: Row, wish: NewSegment) -> None:
    """An object that is used again stays what it is, and can only be used as far as it reaches."""
    place = parse_timerange(row["timerange"])
    if not place.contains(wish.object_place):
        raise UnfitError(f"timerange: less its ts_offset it is not within the object's, {place}")
    if wish.object_timerange is not None and wish.object_timerange != place:
        raise UnfitError(f"object_timerange: the object's is {place} already")
    if wish.key_frame_count is not None and wish.key_frame_count != row["key_frame_count"]:
        raise UnfitError("key_frame_count: the object has another already")
    if wish.get_urls:
        raise UnfitError("get_urls: the object is there already; add its other instances under /objects")


def _segment(registry: Registry, wish: NewSegment, thing: Row) -> Row:
    return {
        "flow_id": registry.flow_id,
        "object_id": wish.object_id,
        "storage_key": thing["storage_key"],
        "start_ns": wish.timerange.start,
        "end_ns": wish.timerange.end,
        "ts_offset": None if wish.ts_offset is None else timestamp_text(wish.ts_offset),
        "last_duration": None if wish.last_duration is None else timestamp_text(wish.last_duration),
        "object_timerange": thing["timerange"],
        "sample_offset": wish.sample_offset,
        "sample_count": wish.sample_count,
        "key_frame_count": thing["key_frame_count"],
        "created": registry.at,
    }
