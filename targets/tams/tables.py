"""The tables in VAST DB: their columns, and what is nested kept as JSON in utf8.

What a predicate needs stands in columns of its own. Times of the media timeline are whole nanoseconds in int64, half-open
(see `timeranges`), times of day timestamps in microseconds.
"""

import json
from typing import Any

import pyarrow as pa

_TEXT = pa.utf8()
_WHOLE = pa.int64()
_TRUTH = pa.bool_()
_MOMENT = pa.timestamp("us")

_COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "service": {"name": _TEXT, "description": _TEXT},
    "sources": {
        "id": _TEXT,
        "format": _TEXT,
        "label": _TEXT,
        "description": _TEXT,
        "tags": _TEXT,
        "created": _MOMENT,
        "updated": _MOMENT,
        "flows_changed": _MOMENT,
    },
    "flows": {
        "id": _TEXT,
        "source_id": _TEXT,
        "format": _TEXT,
        "codec": _TEXT,
        "container": _TEXT,
        "label": _TEXT,
        "frame_width": _WHOLE,
        "frame_height": _WHOLE,
        "read_only": _TRUTH,
        "tags": _TEXT,
        "flow_collection": _TEXT,
        "document": _TEXT,
        "metadata_version": _TEXT,
        "created": _MOMENT,
        "metadata_updated": _MOMENT,
        "segments_updated": _MOMENT,
    },
    "segments": {
        "flow_id": _TEXT,
        "object_id": _TEXT,
        "storage_key": _TEXT,
        "start_ns": _WHOLE,
        "end_ns": _WHOLE,
        "ts_offset": _TEXT,
        "last_duration": _TEXT,
        "object_timerange": _TEXT,
        "sample_offset": _WHOLE,
        "sample_count": _WHOLE,
        "key_frame_count": _WHOLE,
        "created": _MOMENT,
    },
    "objects": {
        "id": _TEXT,
        "flow_id": _TEXT,
        "storage_key": _TEXT,
        "first_referenced_by_flow": _TEXT,
        "segment_count": _WHOLE,
        "timerange": _TEXT,
        "key_frame_count": _WHOLE,
        "get_urls": _TEXT,
        "created": _MOMENT,
    },
    "webhooks": {
        "id": _TEXT,
        "url": _TEXT,
        "api_key_name": _TEXT,
        "api_key_value": _TEXT,
        "events": _TEXT,
        "document": _TEXT,
        "tags": _TEXT,
        "status": _TEXT,
        "error": _TEXT,
        "created": _MOMENT,
    },
    "deletion_requests": {
        "id": _TEXT,
        "flow_id": _TEXT,
        "timerange_to_delete": _TEXT,
        "timerange_remaining": _TEXT,
        "object_id": _TEXT,
        "delete_flow": _TRUTH,
        "status": _TEXT,
        "error": _TEXT,
        "created": _MOMENT,
        "updated": _MOMENT,
        "expiry": _MOMENT,
    },
}

SCHEMAS: dict[str, pa.Schema] = {name: pa.schema(list(columns.items())) for name, columns in _COLUMNS.items()}
"""Each table's columns, all nullable."""

ROW_ID = "$row_id"
"""VAST's own number of a row: what updates and deletions name it by."""

Row = dict[str, Any]
"""A row by column name; `$row_id` where it was asked for."""


def packed(value: Any) -> str | None:
    """A nested value as a column keeps it."""
    return None if value is None else json.dumps(value, separators=(",", ":"), sort_keys=True)


def unpacked(text: str | None) -> Any:
    """The nested value of a column; None where the column is null."""
    return None if text is None else json.loads(text)
