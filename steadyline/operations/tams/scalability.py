"""How a TAMS's cost grows: with the segments that are registered at once, and with those that a flow shows."""

from typing import Any

from steadyline.operation import growing
from steadyline.operations.tams.client import TamsClient
from steadyline.operations.tams.flow import require_segments
from steadyline.operations.tams.recordings import (
    Recording,
    delete_recording,
    filled,
    recorded,
    recorded_bytes,
    verify_recorded,
)
from steadyline.operations.tams.segments import SEGMENT_BYTES

NUMBERS = (10, 100, 300)
OBJECTS = 10
"""Media that the segments show again and again: what grows is the timeline, not the object store."""


@growing(
    "tams.scale_segments",
    NUMBERS,
    items=lambda count: count,
    writes=True,
    bytes_moved=lambda count: recorded_bytes(count, OBJECTS),
    prepare=lambda client, count: filled(client, count, OBJECTS),
    verify=verify_recorded,
    cleanup=delete_recording,
)
def scale_segments(client: TamsClient, recording: Recording) -> None:
    """How registering 10, 100 and 300 segments by one request grows: what each costs beside the request itself."""
    client.api.register(recording.flow, *recording.segments)


def _verify_shown(_client: TamsClient, recording: Recording, shown: list[dict[str, Any]]) -> None:
    require_segments(shown, recording.segments)


@growing(
    "tams.scale_list",
    NUMBERS,
    items=lambda count: count,
    writes=True,
    bytes_moved=lambda count: recorded_bytes(count, OBJECTS) + count * SEGMENT_BYTES,  # prepare's first
    prepare=lambda client, count: recorded(client, count, OBJECTS),
    verify=_verify_shown,
    cleanup=delete_recording,
)
def scale_list(client: TamsClient, recording: Recording) -> list[dict[str, Any]]:
    """How listing a whole flow of 10, 100 and 300 segments grows, each with a signed URL: what a player waits for."""
    return client.api.segments(recording.flow.id)
